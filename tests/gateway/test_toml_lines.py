"""A problem is said with the line that it stands on."""

import pytest

from parsers.toml_lines import line_of, lines_of

TOML = """\
# a comment
title = "x"

[core]
url = "http://a"   # not [this]
"quoted key" = 1
inline = { a = 1, b = 2 }

[[operator]]
name = "one"
[operator.mt]
window = 5

[[operator]]
name = "two"
  [[operator.binds]]
  name = "trx"
  [[operator.binds]]
  name = "rx"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("core",), 4),
        (("core", "url"), 5),
        (("core", "quoted key"), 6),
        (("core", "inline", "b"), 7),
        (("operator", 0, "name"), 10),
        (("operator", 0, "mt", "window"), 12),
        (("operator", 1, "name"), 15),
        (("operator", 1, "binds", 1, "name"), 19),
        (("operator", 1, "nothing"), 14),
        (("nowhere",), None),
    ],
)
def test_a_key_is_found_where_it_stands(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(lines_of(TOML), path) == line
