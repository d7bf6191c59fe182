"""The truth beside the gateway: who sent what, what was accepted, what the core stored, what citizens were told. Four sets, compared."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from forwarder.core import header
from tests.sim.world import World

TOKEN = re.compile(r"\bq[0-9]{4}x\b")
OUR_NUMBER = re.compile(r"\bNo\.(?: kami)? ([A-Z0-9]{6})\b")
TRACKING = re.compile(r"\bID (\d{4,12})\b")
SET_SECONDS = 1790.0  # a long message may be filed in part when its parts came so far apart (segment_timeout_seconds is 1800)


@dataclass(slots=True)
class Letter:
    """What one citizen wrote once. `parts` are its pieces as cut; `token` stands in its text and in no other."""

    token: str
    channel: str  # an SMSC's name, or the X account
    sender: str
    text: str
    parts: tuple[str, ...]
    kind: str  # plain, long, status, command, repeat, flood, post
    complaint: bool = True  # whether it should reach the core or the desk
    earlier: tuple[str, ...] = ()  # what it said before it was edited
    accepted: dict[int, float] = field(default_factory=dict)  # part → when we said yes first
    numbers: set[str] = field(default_factory=set)  # our numbers of what the core has of it
    tried: float | None = None  # when a part of it was handed to us first

    @property
    def whole(self) -> bool:
        """Whether every part of it was accepted."""
        return len(self.accepted) == len(self.parts)


@dataclass(frozen=True, slots=True)
class Record:
    """What the core stored: the truth, whatever it said."""

    number: str
    tracking_id: str
    token: str
    at: float


class Ledger:
    """Hears of everything at the moment it happens, and says at once what must never be."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.letters: dict[str, Letter] = {}
        self.records: dict[str, list[Record]] = {}  # our number → what the core has under it
        self.by_tracking: dict[str, Record] = {}
        self.resent: Counter[str] = Counter()  # our number → how often a person said: send it again
        self.kills = 0
        self.ends = 0  # kills, and stops in which what was known could not be written down
        self.doubled = 0  # answers that a citizen got twice
        self.accepted_count = 0
        self.steps_while_down = 0  # how often the clock stepped by a day, unseen, before a boot of the host
        self._times: Counter[tuple[str, str, str]] = Counter()  # how often a citizen got a text
        self._keys: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)  # its replies, and the ends before each was handed over

    def write(self, letter: Letter) -> None:
        """A citizen writes."""
        self.letters.setdefault(letter.token, letter)

    def accept(self, letter: Letter, part: int) -> None:
        """We said yes to a part."""
        if part not in letter.accepted:
            letter.accepted[part] = self.world.now()
            self.accepted_count += letter.whole

    def store(self, number: str, tracking_id: str, text: str, telpon: str) -> Record:
        """The core stored a complaint."""
        found = TOKEN.findall(text)
        token = found[0] if found else ""
        record = Record(number, tracking_id, token, self.world.now())
        under = self.records.setdefault(number, [])
        under.append(record)
        self.by_tracking[tracking_id] = record
        letter = self.letters.get(token)
        if letter is None or len(set(found)) != 1:
            self.world.broke(f"the core has a text that nobody sent, or two in one: {number} {found}")
            return record
        letter.numbers.add(number)
        if len(letter.numbers) > 1 and not (self.steps_while_down and letter.kind == "long"):
            self.world.broke(f"{token} has two complaints: {sorted(letter.numbers)}")
        if len(under) > 1 + self.resent[number]:
            self.world.broke(
                f"{number} ({token}) is {len(under)} times in the core, and a person sent it again {self.resent[number]} times"
            )
        self._compare(letter, text, telpon)
        return record

    def _compare(self, letter: Letter, text: str, telpon: str) -> None:
        if letter.tried is None and letter.kind != "post":
            self.world.broke(f"{letter.token} is in the core and was never handed to us")
        if telpon and telpon.lstrip("+") != letter.sender:
            self.world.broke(f"{letter.token} of {letter.sender} stands in the core under another's number")
        if text == letter.text or text in letter.earlier:
            return
        if self._apart(letter) and _some_of(letter.parts, text):
            return
        self.world.broke(f"{letter.token} reached the core as another text: {len(text)} of {len(letter.text)} characters")

    def _apart(self, letter: Letter) -> bool:
        """Whether its parts came so far apart, as far as the journal can know, that it may be filed as it was, or in two.

        A clock that steps by a day while the host boots cannot be told from a day's absence.
        """
        if letter.kind != "long":
            return False
        return bool(self.steps_while_down) or not letter.whole or max(letter.accepted.values()) - (letter.tried or 0.0) > SET_SECONDS

    def handed(self, key: str, who: tuple[str, str, str]) -> None:
        """The outbox gave a reply to a channel; `who` is channel, citizen and text."""
        self._keys[who].setdefault(key, self.ends)

    def answered(self, channel: str, citizen: str, text: str, filed: Collection[str]) -> None:
        """A citizen got an answer. `filed` are the tracking ids that the journal has as filed."""
        who = (channel, citizen, text)
        self._times[who] += 1
        keys = self._keys[who]
        again = self._times[who] - len(keys)
        if again > 0:
            self.doubled += 1
            killed = sum(ends < self.ends for ends in keys.values())
            if again > killed:  # a reply that was on its way at a kill is sent once more, and never twice
                self.world.broke(
                    f"{citizen} got one answer {self._times[who]} times; {killed} of its {len(keys)} replies lived through a kill"
                )
        for tracking_id in TRACKING.findall(text):
            record = self.by_tracking.get(tracking_id)
            if record is None:
                self.world.broke(f"{citizen} was told tracking id {tracking_id}, which the core never gave")
            elif tracking_id not in filed:
                self.world.broke(f"{citizen} was told tracking id {tracking_id} before it was filed in the journal")
            elif self.letters[record.token].sender != citizen:
                self.world.broke(f"{citizen} was told the tracking id of another: {tracking_id}")

    def lost(self, on_desk: Sequence[str]) -> list[str]:
        """Accepted, and neither in the core nor before a person. `on_desk` are the texts that wait for a person or were settled by one."""
        seen = {token for text in on_desk for token in TOKEN.findall(text)}
        return [
            letter.token
            for letter in self.letters.values()
            if letter.complaint and letter.accepted and not letter.numbers and letter.token not in seen
        ]

    def open(self) -> list[str]:
        """What was sent and not accepted."""
        return [letter.token for letter in self.letters.values() if not letter.whole]


def _some_of(parts: Sequence[str], text: str) -> bool:
    """Whether a text is some of the parts, in their order."""
    if not text:
        return True
    return any(text.startswith(part) and _some_of(parts[at + 1 :], text[len(part) :]) for at, part in enumerate(parts))


def read(isi: str) -> tuple[str, str]:
    """Our number and the citizen's text."""
    head, text = header.parse(isi)
    return head.number, text
