"""Posts of X: a JSON object of its API as a Post, or the reason why it is none of ours.

Both dialects of field names are read (`referenced_tweets` and `referenced_posts`, and so on: X renamed them in August 2026). The key of a
post is the first id of its edit history. Only an *explicit* mention calls us: the names that a reply inherits stand before
`display_text_range` (X API v2).
"""

from __future__ import annotations

import datetime as dt
import enum
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parsers.model import Address, Answering, Post, Reporter, ReporterKind, Trigger
from parsers.publicity import is_publicity
from parsers.tags import HASHTAG
from parsers.text import fold, words
from parsers.vocabulary import CUES, Cue

Json = Mapping[str, Any]
NEEDED = ("author_id", "created_at")
LINKS_MAX = 4  # X carries four pictures
CHARACTERS_MAX = 25_000  # the longest long post
ID_DIGITS_MAX = 19  # of 63 bits
ADDRESS_MAX = 500  # Ours: no picture of X has a longer address.
UNREADABLE = "unreadable"
PUBLICITY = "publicity"

MENTION = re.compile(r"[@\uff20](?<!\w.)\w+")
_TAG = re.compile(r"[#\uff03](?<!\w.)(?!\d+(?!\w))\w+")
_NUMBER = re.compile(r"\d{6}")
_ASKED = re.compile(
    r"(?<!\w)(?:(?:tracking ?id|id|laporan|aduan|pengaduan|tiket|cek|status)(?: saya| sy)?[ .:=#]*(?:(?:id|no|nomor|nomer)[ .:#]*)?|#)"
    r"(\d{6,9})(?!\w)"
)
NO_TRACKING_ID = re.compile(r"0\d*|20[0-3]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])20[0-3]\d")
"""A phone number, or a day written as one number."""

ASKING_WORDS_MAX = 12  # Ours: beside its number a question needs few words.
STILL = frozenset({Cue.DATE, Cue.SPAN, Cue.WHEN, Cue.ASK, Cue.WISH, Cue.AT, Cue.KNOW})
WAITING = frozenset(
    """
    belum blm tidak tdk gak ga nggak tak lama lambat selesai respon laporan lapor aduan pengaduan keluhan no nomor id
    """.split()  # noqa: SIM905 - words are read as words
)
"""Words that are cues in a complaint, and beside a tracking id only say that somebody waits."""

_COMPACT = json.JSONEncoder(separators=(",", ":"))
_DIALECTS = {
    "references": ("referenced_tweets", "referenced_posts"),
    "note": ("note_tweet", "note_post"),
    "history": ("edit_history_tweet_ids", "edit_history_post_ids"),
    "tweets": ("tweets", "posts"),
}


class Skip(enum.StrEnum):
    """Why a post is none of ours."""

    OWN = "own"
    REPOST = "repost"
    NOT_CALLED = "not_called"  # neither an explicit mention nor a tag of ours


class FieldsMissing(ValueError):
    """A page lacks a field that was asked for: another dialect is spoken, and nothing of it may be stored."""


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are on X: the account by its id, for handles may be renamed; and which tags (lower case, without mark) are ours.

    `agencies` are the ids and handles (lower case) of offices whose posts are publicity.
    """

    user_id: str
    handle: str
    tags: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()

    @property
    def account(self) -> str:
        """Which of our accounts it is, as the house names it."""
        return f"@{self.handle}"


@dataclass(frozen=True, slots=True)
class Includes:
    """What came beside the posts of a page, by id."""

    users: Mapping[str, Json] = field(default_factory=dict)
    media: Mapping[str, Json] = field(default_factory=dict)
    places: Mapping[str, Json] = field(default_factory=dict)


def includes_of(page: Json) -> Includes:
    """Index the `includes` of a page; what is malformed is left out."""
    found = _object(page.get("includes"))
    return Includes(_by(found.get("users"), "id"), _by(found.get("media"), "media_key"), _by(found.get("places"), "id"))


def ids_of(page: Json) -> list[str]:
    """The ids of the posts of a page, whatever else it lacks: what is billed."""
    return [item["id"] for item in _list(page.get("data")) if isinstance(item, dict) and _digits(item.get("id"))]


def more_of(page: Json) -> bool:
    """Whether there is another page behind this one."""
    return bool(_object(page.get("meta")).get("next_token"))


def items_of(page: Json) -> list[Json]:
    """The posts of a page, newest first; raises FieldsMissing when one lacks its author or its time."""
    items: list[Json] = [item for item in _list(page.get("data")) if isinstance(item, dict) and _digits(item.get("id"))]
    lost = sorted({name for item in items for name in NEEDED if not isinstance(item.get(name), str)})
    if lost:
        raise FieldsMissing(f"a page without {' and '.join(lost)}")
    return items


def read(item: Json, includes: Includes, us: Us, *, source: str, received_ms: int) -> Post | Skip:
    """Read one post of a page that `items_of` gave; `source` is what it was found by. Never raises for its content."""
    author = str(item["author_id"])
    references = {str(one.get("type")): str(one.get("id")) for one in _list(_either(item, "references")) if isinstance(one, dict)}
    text = _text(item)
    if author == us.user_id:
        return Skip.OWN
    if "retweeted" in references or text.startswith("RT @"):
        return Skip.REPOST
    history = [one for one in map(str, _list(_either(item, "history"))) if one.isdigit()] or [str(item["id"])]
    trigger = _trigger(item, text, us) or (Trigger.REPLY if len(history) > 1 else None)  # the version before may have called us
    if trigger is None:
        return Skip.NOT_CALLED
    posted_ms, readable = _milliseconds(item["created_at"], received_ms)
    handle = str(_object(includes.users.get(author)).get("username", ""))
    return Post(
        channel=f"X {us.account}",
        account=us.account,
        source=source,
        id=str(item["id"]),
        key=history[0],
        author=Reporter(ReporterKind.ACCOUNT, f"x:{author}", Address(0, 0, str(item["id"]))),
        text=text,
        raw=_COMPACT.encode(item).encode(),
        posted_ms=posted_ms,
        received_ms=received_ms,
        version=history.index(str(item["id"])) + 1 if str(item["id"]) in history else len(history),
        trigger=trigger,
        answering=Answering.ONCE if trigger is Trigger.MENTION else Answering.NEVER,
        thread=str(item["conversation_id"]) if _digits(item.get("conversation_id")) else None,
        parent=references.get("replied_to"),
        to_us=item.get("in_reply_to_user_id") == us.user_id,
        quoted=f"https://x.com/i/status/{references['quoted']}" if _digits(references.get("quoted")) else None,
        links=_pictures(item, includes),
        place=_place(item, includes),
        suspicion=_suspicion(text, author, handle, us, readable=readable),
    )


def words_of(text: str) -> str:
    """A post without the names and tags in it: what may be a command. Numbers behind a `#` stay."""
    return _TAG.sub(" ", MENTION.sub(" ", text))


def tracking_id(text: str) -> str | None:
    """The tracking id that a post asks about, and says nothing else (*tracking ID #5943588 belum ada kabar*, DOMAIN §4); else None.

    A post that tells of a trouble, or at length, is a complaint whatever numbers it names; a phone number or a date is no tracking id.
    """
    found = _ASKED.search(fold(text)) if _NUMBER.search(text) else None  # nearly no post has a number of six digits
    if found is None or NO_TRACKING_ID.fullmatch(found[1]):
        return None
    rest = words(words_of(text[: found.start()] + " " + text[found.end() :]))
    told = any(word in CUES and CUES[word] not in STILL and word not in WAITING for word in rest)
    return None if told or len(rest) > ASKING_WORDS_MAX else found[1]


def tags_of(aliases: Iterable[str]) -> frozenset[str]:
    """Tags as `Us` compares them."""
    return frozenset(alias.lstrip("#\uff03").lower() for alias in aliases)


def _suspicion(text: str, author: str, handle: str, us: Us, *, readable: bool) -> str | None:
    if not text.strip() or not readable:
        return UNREADABLE
    if author in us.agencies or handle.lower() in us.agencies or is_publicity(text):
        return PUBLICITY
    return None


def _text(item: Json) -> str:
    """The whole text: of a long post its note; shortened links written out, those of its own pictures dropped, `&amp;` undone."""
    note = _object(_either(item, "note"))
    text = note.get("text") if isinstance(note.get("text"), str) else item.get("text")
    if not isinstance(text, str):
        return ""
    text = html.unescape(text)  # before the links are written out: an address with `&copy=` keeps it
    for link in (*_entities(note, "urls"), *_entities(item, "urls")):
        short, full = link.get("url"), link.get("expanded_url")
        if isinstance(short, str) and short and isinstance(full, str):
            text = text.replace(short, "" if "media_key" in link else full)
    return text[:CHARACTERS_MAX]


def _trigger(item: Json, text: str, us: Us) -> Trigger | None:
    """Why it concerns us: called by name, tagged, or perhaps a part of a conversation that we know; None: not at all."""
    first = _first_shown(item)
    ours = [one for one in (*_entities(item, "mentions"), *_entities(_object(_either(item, "note")), "mentions")) if _is_us(one, us)]
    if any(isinstance(one.get("start"), int) and one["start"] >= first for one in ours):
        return Trigger.MENTION
    if us.tags and any(tag.lower() in us.tags for tag in HASHTAG.findall(text)):
        return Trigger.HASHTAG
    return Trigger.REPLY if ours or item.get("in_reply_to_user_id") == us.user_id else None


def _first_shown(item: Json) -> int:
    """Where the author's own words begin: what stands before is inherited from the post replied to."""
    shown = _list(item.get("display_text_range"))
    return shown[0] if shown and isinstance(shown[0], int) else 0


def _is_us(mention: Json, us: Us) -> bool:
    return mention.get("id") == us.user_id or str(mention.get("username", "")).lower() == us.handle.lower()


def _pictures(item: Json, includes: Includes) -> tuple[str, ...]:
    keys = _list(_object(item.get("attachments")).get("media_keys"))
    found = [_object(includes.media.get(str(key))) for key in keys[:LINKS_MAX]]
    addresses = [one.get("url") or one.get("preview_image_url") for one in found]
    return tuple(one for one in addresses if isinstance(one, str) and one.startswith("https://") and len(one) <= ADDRESS_MAX)


def _place(item: Json, includes: Includes) -> str | None:
    place = includes.places.get(str(_object(item.get("geo")).get("place_id")))
    name = _object(place).get("full_name")
    return name[:ADDRESS_MAX] if isinstance(name, str) and name else None


def _milliseconds(written: str, received_ms: int) -> tuple[int, bool]:
    """The time of a post, and whether it could be read."""
    try:
        return int(dt.datetime.fromisoformat(written).timestamp() * 1000), True
    except (ValueError, OverflowError):
        return received_ms, False


def _either(item: Json, name: str) -> object:
    """A field by its name in either dialect."""
    return next((item[one] for one in _DIALECTS[name] if one in item), None)


def _entities(item: Json, name: str) -> list[Json]:
    return [one for one in _list(_object(item.get("entities")).get(name)) if isinstance(one, dict)]


def _by(values: object, name: str) -> dict[str, Json]:
    return {str(one[name]): one for one in _list(values) if isinstance(one, dict) and name in one}


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _digits(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= ID_DIGITS_MAX
