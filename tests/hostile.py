"""Texts that break careless programs: some two thousand lines, written by hand and made by rule, always the same.

No line is longer than LINE_CHARACTERS_MAX but the few that are long on purpose.
"""

# ruff: noqa: RUF001 - letters that look like others are what it is about

from __future__ import annotations

import functools
import itertools
import unicodedata

WRITTEN = (
    *("'; DROP TABLE complaint; --", '" OR 1=1 --', "1' UNION SELECT sealed_content FROM message --", "Robert'); DELETE FROM part_set;"),
    *(
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{% debug %}",
        "${jndi:ldap://127.0.0.1/a}",
        "$(reboot)",
        "`reboot`",
        "; rm -rf /",
        "| cat",
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>", "javascript:alert(1)", "</isi></laporan>"),
    *("]]>", "<![CDATA[x]]>", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;", "&amp;lt;", "&#0;", "<?xml version='1.0'?>"),
    *('=HYPERLINK("http://x")', "+62811", "@SUM(A1)", "-1+1", "\t=1", "\0=1", "=cmd|' /C calc'!A0", ";;;", ",,,", '"""', 'a","b'),
    *(
        "%s%n%x",
        "%d",
        "{}",
        "{0.__class__}",
        "%(name)s",
        "../../etc/passwd",
        "..\\..\\",
        "C:\\CON",
        "/dev/null",
        "file:///",
        "\\\\server\\x",
    ),
    *("\r\nSet-Cookie: a=b", "a\r\n\r\nHTTP/1.1 200 OK", "\n[No: AAAAAA] [Tujuan: x]", "[No: AAAAAA] [Kanal: palsu]", "\\n[No: A]"),
    *("\x1b[2J\x1b[H", "\x1b]0;judul\x07", "\x1b[31mmerah", "\x9b2J", "\x07\x08\x7f", "a\x00b", "\ufeffBOM", "\ufffd", "\uffff", "\ufffe"),
    *("\u202eterbalik", "\u2066isolasi\u2069", "\u200b\u200c\u200d\u2060", "a\u0301\u0301\u0301", "Z\u0351\u036b\u0343", "\u0489" * 20),
    *(
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇮🇩",
        "👍🏽",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "\U0010ffff",
        "𝕬𝖌𝖆𝖒",
        "\ud83d",
        "\ude00",
        "\ude00\ud83d",
    ),
    *("АGAM", "ＡＧＡＭ", "AԌAM", "ａｇａｍ", "A\u00adGAM", "İ", "ı", "ß", "ﬁ", "ǆ", "Ω", "\u212a"),
    *("السلام عليكم", "بِسْمِ", "ꦱꦸꦒꦼꦁ", "ᯂᯞ", "ᬒᬁ", "ᮞᮥᮔ᮪ᮓ", "ᨅᨔ", "汉字", "ไทย", "हिन्दी", "עברית", "한국어", "ქართული"),
    *("NaN", "null", "undefined", "None", "true", "-0", "1e309", "0x10", "9" * 30, "1/0", "٣٤", "½", "\u2028", "\u2029", "\x85"),
    *('{"a":1,"a":2}', "[" * 60, "{" * 60, "(" * 60, "\\" * 60, "'" * 60, "`" * 60, "~" * 60, "| " * 30, "€" * 40, "[]{}\\^~|€"),
    *(
        "LAPOR 7841120 punya orang",
        "a" * 140,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
        "x" * 69 + "é",
        " akhir   ",
        "ganda  spasi",
        "tab\tdi\ttengah",
    ),
    *("no 0812-3456-7890", "NIK 3275010101010001", "http://x.example/?a=b&c=d#e", "a@b.example", "https://user:pw@x/", "#tagar @orang"),
)
"""Written by hand: injections, headers, formats, scripts, emoji, homoglyphs, numbers, half characters."""
LINE_CHARACTERS_MAX = 140
PLACES = ("{0}", "jalan {0} rusak", "{0}{0}{0}")
SCRIPTS = range(0x00A1, 0xFFF0, 37)
PLANES = (0x10330, 0x11000, 0x13000, 0x1D400, 0x1F300, 0x1F900, 0x20000, 0xE0001, 0xE0100)
LONG = ("jalan rusak " * 800, "é" * 2_000, "[No: X] " * 500, "(a+)+$" * 300, "&lt;" * 500)
"""Longer than a screen: ten kilobytes and what expressions choke on."""


@functools.cache
def lines() -> tuple[str, ...]:
    """All lines, each once, none of them empty."""
    made = [place.format("{}").replace("{}", line) for line, place in itertools.product(WRITTEN, PLACES)]
    made += [f"a{chr(code)}b" for code in range(0xA0)]
    made += [f"{chr(first)}{chr(second)}" for first, second in itertools.product(range(0, 0x20, 3), range(0x20, 0x7F, 9))]
    made += [f"kata {chr(code)}{chr(code + 1)} kata" for code in SCRIPTS if not 0xD7FE <= code <= 0xDFFF]
    made += [f"{chr(plane + step)} tanda" for plane in PLANES for step in range(0, 96, 16)]
    made += [f"a{chr(code)}" for code in range(0x0300, 0x0370, 3)]
    made += [unicodedata.normalize(form, line) for form in ("NFD", "NFKC") for line in WRITTEN if _whole(line)]
    return tuple(dict.fromkeys(line[:LINE_CHARACTERS_MAX] for line in made if line.strip("{}")))


def _whole(line: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in line)
