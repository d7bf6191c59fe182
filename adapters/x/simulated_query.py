"""The query language of recent search, as much of it as a complaint desk needs: words, phrases, # @ from: to: lang: is: has: ( ) OR -.

What is unknown, ambiguous or too broad is refused with X's own sentences (X: operators, build a query; wordings seen in public issues).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adapters.x.simulated_index import ALL
from adapters.x.simulated_post import Post
from adapters.x.world import World

QUERY_CHARACTERS_MAX = 512
DEPTH_MAX = 20  # Ours: of parentheses
_TOKEN = re.compile(r'\s*(?:(?P<open>-?\()|(?P<close>\))|(?P<phrase>-?"[^"]*")|(?P<word>[^\s()"]+))')
_WORD = re.compile(r"\w+")


class QueryRefused(ValueError):
    """X would answer 400 to this query; the text says why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query ready to use. `keys`: what a match must be found under (see Index), None where that is not known."""

    matches: Callable[[Post], bool]
    keys: frozenset[str] | None
    alone: bool = True
    """False: too broad to stand without something narrower."""
    negative: bool = False


def compile_query(text: str, world: World) -> Query:
    """Read a query. QueryRefused as X refuses it."""
    if len(text) > QUERY_CHARACTERS_MAX:
        raise QueryRefused(f"Query string length exceeded maximum limit of {QUERY_CHARACTERS_MAX}. Current length is {len(text)}.")
    query = _Parser(text, world).whole()
    if query.negative:
        raise QueryRefused(_wrong("Rules must contain at least one positive, non-stopword clause", 0))
    if not query.alone:
        raise QueryRefused(_wrong("is/has/lang cannot be used as a standalone operator", 0))
    return query


def _wrong(why: str, place: int) -> str:
    return f"There were errors processing your request: {why} (at position {place + 1})"


class _Parser:
    """A recursive descent over the tokens; AND binds closer than OR."""

    def __init__(self, text: str, world: World) -> None:
        self._terms = _Terms(world)
        self._tokens: list[tuple[str, str, int]] = []
        self._next = 0
        self._depth = 0
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if match is None:
                raise QueryRefused(_wrong(f"no viable alternative at character '{text[place:].strip()[0]}'", place))
            kind = str(match.lastgroup)
            self._tokens.append((kind, match.group(kind), match.start(kind)))
            place = match.end()

    def whole(self) -> Query:
        """The whole text is one query."""
        query = self._either()
        if self._next < len(self._tokens):
            kind, _, place = self._tokens[self._next]
            raise QueryRefused(_wrong("missing EOF at ')'" if kind == "close" else "missing EOF", place))
        return query

    def _either(self) -> Query:
        branches = [self._both()]
        while self._peek() == "OR":
            self._next += 1
            branches.append(self._both())
        return branches[0] if len(branches) == 1 else _any(branches)

    def _both(self) -> Query:
        parts: list[Query] = []
        while self._next < len(self._tokens) and self._peek() != "OR" and self._tokens[self._next][0] != "close":
            parts.append(self._one())
        if not parts:
            place = self._tokens[self._next][2] if self._next < len(self._tokens) else 0
            raise QueryRefused(_wrong("no viable alternative at input '<EOF>'", place))
        return parts[0] if len(parts) == 1 else _all(parts)

    def _one(self) -> Query:
        kind, token, place = self._tokens[self._next]
        self._next += 1
        if kind == "open":
            return self._group(place, negated=token.startswith("-"))
        negated = token.startswith("-") and len(token) > 1
        term = self._terms.read(token[negated:], place)
        return Query(lambda post: not term.matches(post), None, negative=True) if negated else term

    def _group(self, place: int, *, negated: bool) -> Query:
        self._depth += 1
        if negated or self._depth > DEPTH_MAX:
            raise QueryRefused(_wrong("Negated or too deep groups are not supported", place))
        inner = self._either()
        if self._next >= len(self._tokens):
            raise QueryRefused(_wrong("missing ')' at '<EOF>'", place))
        self._next += 1
        self._depth -= 1
        return inner

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""


def _any(branches: Iterable[Query]) -> Query:
    queries = tuple(branches)
    keys: frozenset[str] | None = frozenset()
    for query in queries:
        keys = keys | query.keys if keys is not None and query.keys is not None else None
    return Query(
        lambda post: any(query.matches(post) for query in queries),
        keys,
        all(query.alone for query in queries),
        any(query.negative for query in queries),
    )


def _all(parts: Iterable[Query]) -> Query:
    queries = tuple(parts)
    known = [query.keys for query in queries if query.keys is not None]
    positive = [query for query in queries if not query.negative]
    return Query(
        lambda post: all(query.matches(post) for query in queries),
        min(known, key=len) if known else None,
        any(query.alone for query in positive),
        not positive,
    )


class _Terms:
    """One operator or word at a time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, token: str, place: int) -> Query:
        """A term. QueryRefused for an operator that X does not know here."""
        if token.startswith('"'):
            return _words(token.strip('"'))
        if token.lower() in ("and", "or"):
            why = f'Ambiguous use of {token} as a keyword. Use a space to logically join two clauses, or "{token}" to find it in text'
            raise QueryRefused(_wrong(why, place))
        if token[0] in "#\uff03":
            tag = token[1:].lower()
            return Query(lambda post: any(found.tag.lower() == tag for found in post.whole.tags), frozenset({f"#{tag}"}))
        if token[0] in "@\uff20":
            return self._person("@", token[1:])
        operator, colon, value = token.partition(":")
        if not colon:
            return _words(token)
        term = self._operator(operator.lower(), value.strip('"'))
        if term is None:
            raise QueryRefused(
                _wrong(
                    f"Reference to invalid operator '{operator}'. Operator is not available in current product or product packaging. "
                    "Please refer to complete available operator list at http://t.co/operators.",
                    place,
                )
            )
        return term

    def _operator(self, operator: str, value: str) -> Query | None:
        if operator in ("is", "has"):
            flag = FLAGS.get(f"{operator}:{value.lower()}")
            return Query(flag, None, alone=False) if flag is not None else None
        if operator == "lang":
            return Query(lambda post: post.lang == value.lower(), None, alone=False)
        if operator == "from":
            return self._person("from:", value)
        if operator == "to":
            user = self._world.find_user(value)
            return Query(lambda post: user is not None and post.in_reply_to == user.id, None)
        field = NUMBERED.get(operator)
        return Query(lambda post: str(field(post)) == value, None) if field is not None else None

    def _person(self, kind: str, username: str) -> Query:
        user = self._world.find_user(username)
        if user is None:
            return Query(lambda _: False, frozenset())
        if kind == "@":
            return Query(lambda post: post.mentions(user), frozenset({f"@{user.id}"}))
        return Query(lambda post: post.author is user, frozenset({f"from:{user.id}"}))


NUMBERED: dict[str, Callable[[Post], int | None]] = {
    "conversation_id": lambda post: post.conversation_id,
    "in_reply_to_tweet_id": lambda post: post.reply_to,
    "quotes_of_tweet_id": lambda post: post.quoted,
}
FLAGS: dict[str, Callable[[Post], bool]] = {
    "is:retweet": lambda post: post.reposted is not None,
    "is:reply": lambda post: post.reply_to is not None,
    "is:quote": lambda post: post.quoted is not None,
    "is:verified": lambda post: post.author.verified,
    "has:hashtags": lambda post: bool(post.whole.tags),
    "has:mentions": lambda post: bool(post.whole.mentions),
    "has:links": lambda post: bool(post.whole.links),
    "has:media": lambda post: bool(post.media),
    "has:images": lambda post: any(media.kind == "photo" for media in post.media),
    "has:video_link": lambda post: any(media.kind == "video" for media in post.media),
    "has:geo": lambda post: post.place is not None,
}


def _folded(text: str) -> str:
    """Without case and accents, as X searches."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _words(text: str) -> Query:
    wanted = _WORD.findall(_folded(text))

    def found(post: Post) -> bool:
        words = _WORD.findall(_folded(post.body or post.text))
        return any(words[place : place + len(wanted)] == wanted for place in range(len(words) - len(wanted) + 1))

    return Query(found, None if wanted else frozenset({ALL}))
