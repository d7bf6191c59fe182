"""Loggers that write less for a while."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def quiet(levels: Mapping[str, int]) -> Iterator[None]:
    """Inside, each named logger ("": the root) has this level; afterwards its own, so that a test that reads the log still finds it."""
    before = {name: logging.getLogger(name or None).level for name in levels}
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name or None).setLevel(level)
