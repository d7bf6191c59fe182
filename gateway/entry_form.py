"""One walk-in, letter or call as an officer types it: each field checked by itself, so that a terminal can ask again at once.

What is wrong is said with its remedy and never with the value, which is a citizen's. Nothing is guessed and no number is invented.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from parsers import sender
from parsers.model import Address, Answering, Assisted, Post, Reporter, ReporterKind, Trigger
from parsers.regions import Regions

ACCOUNT = "entry"
"""Under which all entries lie in the journal, whoever carries their SMS: the same row is the same row after that setting changed."""
CHANNELS: Mapping[str, str] = {"loket": "Loket", "surat": "Surat", "telepon": "Telepon"}
"""What an officer types, and the channel as people and the core read it."""
FIELDS = ("channel", "number", "text", "destination", "rahasia", "anonim", "key")
TEXT_CHARACTERS_MAX = 25_000  # Ours, as for posts: ten typed pages; a longer letter is an attachment.
NUMBER_CHARACTERS_MAX = 32  # E.164 has 15 digits; the rest is blanks and brackets
KEY_CHARACTERS_MAX = 128
INTERNATIONAL = 1  # SMPP 3.4 §5.2.5: the form in which operators hand us senders
YES = frozenset(("ya", "y", "yes", "1", "true", "benar", "x"))
NO = frozenset(("", "tidak", "t", "n", "no", "0", "false", "salah", "-"))
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_UNTYPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ROUNDED = re.compile(r"[0-9.,]+E\+?[0-9]+", re.IGNORECASE)


class FieldWrong(ValueError):
    """One field cannot be taken as it is: its name and the remedy."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")
        self.field = field


@dataclass(frozen=True, slots=True, repr=False)
class Slip:
    """One entry whose fields are all right. `number` is E.164 or None, `destination` a region code or None."""

    channel: str
    number: str | None
    text: str
    destination: str | None
    rahasia: bool
    anonim: bool
    key: str

    def __repr__(self) -> str:
        return f"Slip({self.channel} {len(self.text)} characters)"

    @property
    def takes_sms(self) -> bool:
        """Whether there is a number that an SMS can reach: who calls from a fixed line hears from us by voice alone."""
        return self.number is not None and not sender.is_fixed_line(self.number)

    def post(self, who: str, operator: str, *, now_ms: int, written_ms: int) -> Post:
        """As the front desk takes it. `operator` carries the SMS, empty for none; `written_ms` is when the file was saved, else now."""
        return Post(
            channel=self.channel,
            account=ACCOUNT,
            source=ACCOUNT,
            id=self.key,
            key=self.key,
            author=self._reporter(),
            text=self.text,
            raw=json.dumps([self.channel, self.number, self.text, self.destination, self.rahasia, self.anonim, self.key]).encode(),
            posted_ms=max(0, min(written_ms, now_ms)),
            received_ms=now_ms,
            trigger=Trigger.DIRECT,
            answering=Answering.ALWAYS if operator and self.takes_sms else Answering.NEVER,
            assisted=Assisted(who, operator, self.destination, self.rahasia, self.anonim),
        )

    def _reporter(self) -> Reporter:
        """By the number, so that it is the same citizen as by SMS; without one nobody else's, and nobody to answer."""
        if self.number is None:
            return Reporter(ReporterKind.UNNAMED, f"{ACCOUNT}:{self.key}", Address(0, 0, ""))
        return Reporter(ReporterKind.MSISDN, self.number, Address(INTERNATIONAL, 1, self.number.lstrip("+")))


class Form:
    """Reads fields with the regions and the numbers of one site."""

    def __init__(self, regions: Regions, ours: frozenset[str]) -> None:
        self._regions = regions
        self._ours = ours
        self.readers: Mapping[str, Callable[[str], object]] = {
            "channel": channel,
            "number": self.number,
            "text": text,
            "destination": self.destination,
            "rahasia": lambda value: flag("rahasia", value),
            "anonim": lambda value: flag("anonim", value),
            "key": key,
        }
        """What reads each field; FieldWrong when it cannot."""

    def read(self, fields: Mapping[str, str]) -> Slip:
        """One entry; FieldWrong for the first field that is not right. Fields that are left out are empty."""
        found = {name: reader(fields.get(name, "")) for name, reader in self.readers.items()}
        return Slip(**found)  # type: ignore[arg-type]

    def number(self, value: str) -> str | None:
        """The citizen's own telephone number in E.164, of any country and in any spelling; None for an empty field."""
        plain = value.strip().lstrip("'").strip()
        if not plain or plain == "-":
            return None
        if _ROUNDED.fullmatch(plain):
            raise FieldWrong("number", "the spreadsheet has rounded it; make the column a text column and type it again")
        found = sender.read(Address(0, 0, plain), ours=self._ours) if len(plain) <= NUMBER_CHARACTERS_MAX else None
        if found is not None and found.kind is ReporterKind.OURS:
            raise FieldWrong("number", "is our own; give the citizen's, or leave it empty")
        if found is None or found.kind is not ReporterKind.MSISDN:
            raise FieldWrong("number", "is no telephone number of a person; write 0812… or +62…, or leave it empty")
        return found.value

    def destination(self, value: str) -> str | None:
        """The region code that the citizen named; None for an empty field."""
        code = value.strip().lstrip("'").strip()
        if not code:
            return None
        if code not in self._regions:
            near = self._regions.meant(code[:20])
            remedy = f"meant {' or '.join(near)}?" if near else "give one of regions.csv, such as 13.06, or leave it empty"
            raise FieldWrong("destination", f"is no region code; {remedy}")
        return code

    def title(self, code: str) -> str:
        """What people call a region: `Kab. Agam`."""
        return self._regions[code].title


def channel(value: str) -> str:
    """How the citizen came, as the core reads it."""
    typed = value.strip().lower()
    if typed not in CHANNELS:
        raise FieldWrong("channel", f"must be one of {', '.join(CHANNELS)}")
    return CHANNELS[typed]


def text(value: str) -> str:
    """The citizen's words, untouched but for line ends and the blanks around them."""
    words = _LINE_ENDS.sub("\n", value).strip()
    if len(words) > TEXT_CHARACTERS_MAX:
        raise FieldWrong("text", f"has {len(words)} characters and may have {TEXT_CHARACTERS_MAX}; type what matters, and keep the letter")
    if found := _UNTYPED.search(words):
        what = "half a character" if "\ud800" <= found[0] <= "\udfff" else f"the control character U+{ord(found[0]):04X}"
        raise FieldWrong("text", f"character {found.start() + 1} is {what}; take it out, or save the file as UTF-8")
    if not any(unicodedata.category(one)[0] in "LN" for one in words):
        raise FieldWrong("text", "is empty; what does the citizen say?")
    return words


def flag(field: str, value: str) -> bool:
    """A wish of the citizen."""
    typed = value.strip().lower()
    if typed not in YES and typed not in NO:
        raise FieldWrong(field, "must be ya or tidak")
    return typed in YES


def key(value: str) -> str:
    """What makes an entry the same entry when it comes again."""
    typed = value.strip()
    if not typed or len(typed) > KEY_CHARACTERS_MAX or _UNTYPED.search(typed):
        raise FieldWrong("key", f"must have 1 to {KEY_CHARACTERS_MAX} characters, none of them a control character")
    return typed


def digest(fields: Mapping[str, str], nth: int) -> str:
    """A key for a row that has none: of all it says, and the how manieth of its like in the file it is."""
    said = json.dumps([fields.get(name, "").strip() for name in FIELDS], ensure_ascii=True)
    return f"row:{hashlib.sha256(said.encode()).hexdigest()[:40]}:{nth}"
