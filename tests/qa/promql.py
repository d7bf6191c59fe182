"""Enough of PromQL to find which metrics a query asks for, with which labels, and against which numbers it compares.

Written without a look at what writes our rules, so that a mistake there is seen here. SyntaxError for what it cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<span>\[[0-9]+[smhdw](?::[0-9]*[smhdw]?)?\])|(?P<number>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"""
    r"""|(?P<word>[A-Za-z_:][A-Za-z0-9_:]*)|(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%^(){},=<>]))"""
)
AGGREGATIONS = {"sum", "min", "max", "avg", "count", "topk", "bottomk"}
FUNCTIONS = {"rate", "increase", "absent", "label_values"}
GROUPINGS = {"by", "without", "on", "ignoring"}
KEYWORDS = {"and", "or", "unless", "group_left", "group_right", "bool"}
COMPARISONS = {">", ">=", "<", "<=", "==", "!="}


@dataclass
class Query:
    """What a query asks. `metrics` come with the labels they are chosen by, `compared` are comparisons with a number."""

    metrics: list[tuple[str, set[str]]] = field(default_factory=list)
    groups: set[str] = field(default_factory=set)
    compared: list[tuple[str, float]] = field(default_factory=list)
    growing: set[str] = field(default_factory=set)
    """Metrics under rate or increase."""

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.metrics}


def tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text) of each."""
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise SyntaxError(f"cannot be read from here: {text[at:]!r}")
        found.append((str(match.lastgroup), match[0].strip()))
        at = match.end()
    return found


def read(text: str) -> Query:
    """Read one query."""
    return _Reader(tokens(text)).read()


class _Reader:
    def __init__(self, found: list[tuple[str, str]]) -> None:
        self.query = Query()
        self.left = found
        self.depth = 0
        self.growing: list[int] = []

    def read(self) -> Query:
        while self.left:
            kind, word = self.left.pop(0)
            if kind == "word":
                self.word(word)
            elif word in COMPARISONS:
                kind, number = self.take("a number")
                if kind != "number":
                    raise SyntaxError("compared with no number")
                self.query.compared.append((word, float(number)))
            elif word in "()":
                self.parenthesis(word)
        if self.depth:
            raise SyntaxError("something stays open")
        return self.query

    def take(self, what: str) -> tuple[str, str]:
        if not self.left:
            raise SyntaxError(f"{what} is missing")
        return self.left.pop(0)

    @property
    def after(self) -> str:
        return self.left[0][1] if self.left else ""

    def word(self, word: str) -> None:
        if word in GROUPINGS:
            self.query.groups |= self.names()
        elif word in AGGREGATIONS | FUNCTIONS and self.after in ("(", "by", "without"):
            if word in ("rate", "increase"):
                self.growing.append(self.depth)
        elif word not in KEYWORDS:
            self.metric(word)

    def metric(self, name: str) -> None:
        if self.after == "(":
            raise SyntaxError(f"{name} is no function known here")
        self.query.metrics.append((name, self.matchers() if self.after == "{" else set()))
        if self.growing:
            self.query.growing.add(name)
            if self.take("a span")[0] != "span":
                raise SyntaxError(f"{name} grows over no span")

    def names(self) -> set[str]:
        if self.take("a list of labels")[1] != "(":
            raise SyntaxError("labels stand in parentheses")
        found = set()
        while (word := self.take(")")[1]) != ")":
            found |= {word} - {","}
        return found

    def matchers(self) -> set[str]:
        found = set()
        self.take("{")
        while self.after != "}":
            (kind, name), (_, sign), (value, _) = self.take("a label"), self.take("a comparison"), self.take("a text")
            if kind != "word" or sign not in ("=", "!=", "=~", "!~") or value != "string":
                raise SyntaxError(f"{name} is compared with no text")
            found.add(name)
            if self.after == ",":
                self.take(",")
        self.take("}")
        return found

    def parenthesis(self, word: str) -> None:
        self.depth += 1 if word == "(" else -1
        if self.depth < 0:
            raise SyntaxError("closed what was not open")
        if word == ")" and self.growing and self.growing[-1] == self.depth:
            self.growing.pop()
