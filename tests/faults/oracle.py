"""Who wrote what, who saw which PIN, and what each phone showed: an opinion of its own about 10,000 citizens, from their texts alone.

The oracle knows persons, the gateway only numbers: a number that got a new owner is another person here. It reads rendered texts and the
`isi` at the core; of the journal it asks at the end only where a text lies that the core does not have, and whether a reason stands there.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.gateway.street import Sms

NUMBER = re.compile(r"\b[A-HJKMNP-Z]A[2-9A-HJKMNP-Z]{4}\b")
TRACKING = re.compile(r"\b5\d{6}\b")
PIN = re.compile(r"\b([A-HJKMNP-Z]A[2-9A-HJKMNP-Z]{4}) PIN:? ?(\d{4})\b")
TITLE = re.compile(r"\b(?:Kab\.|Kota) [A-Z][a-z]+(?: [A-Z][a-z]+)*")
OWN = re.compile(r"\bqz[a-z]+\b")
CHOICE = re.compile(rf"\d=(?:ya, )?({TITLE.pattern})")
COPY_MS = 7 * 86_400_000  # DESIGN §3: so long an equal copy is known as one
FACTLESS = re.compile(r"\d{4,}")
SERVICE = re.compile(r"\b(?:1708|112|SP4N)\b")


@dataclass(slots=True)
class Text:
    """One SMS of a citizen: who had the phone then, and the word in it that nobody else wrote (empty: a command)."""

    household: int
    phone: str
    words: str
    token: str
    at_ms: int
    message_id: int | None = None


@dataclass(slots=True)
class Verdicts:
    """What the oracle found wrong, in sentences without a citizen's words, and how much it looked at."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def broke(self, kind: str, what: str) -> None:
        """One more."""
        self.counts[kind] += 1
        self.wrong.append(f"{kind}: {what}")


class Oracle:
    """Sees every text both ways. `titles` are the places that each household wrote of, growing while it writes."""

    def __init__(self, titles: dict[int, set[str]]) -> None:
        self.texts: list[Text] = []
        self.shown: list[tuple[int, Sms]] = []
        self._titles = titles
        self._owners: dict[str, set[int]] = defaultdict(set)
        self._pins: dict[str, set[str]] = defaultdict(set)
        self._gave: dict[tuple[int, str], set[str]] = defaultdict(set)
        self._tracking: dict[str, str] = {}

    def wrote(self, text: Text) -> None:
        """A citizen sends this; whatever number and digits stand in it, he gave."""
        self.texts.append(text)
        digits = set(re.findall(r"\b\d{4}\b", text.words))
        for number in {*NUMBER.findall(text.words), *TRACKING.findall(text.words)}:
            self._gave[text.household, number] |= digits

    def begun(self, text: Text, number: str) -> None:
        """A text became a complaint of this number: its household has it."""
        self._owners[number].add(text.household)

    def filed(self, number: str, tracking_id: str) -> None:
        """The core gave this id."""
        self._tracking[tracking_id] = number

    def saw(self, household: int, sms: Sms) -> None:
        """A phone shows a text of ours, in the hand of this household."""
        self.shown.append((household, sms))
        for number, pin in PIN.findall(sms.text):
            self._pins[number].add(pin)
        self._titles[household] |= set(CHOICE.findall(sms.text))  # what his own words may mean is no fact of a case

    def right(self, household: int, number: str) -> bool:
        """Whether he wrote it, or gave its true PIN."""
        if household in self._owners[number]:
            return True
        spelled = [number, *(one for one, of in self._tracking.items() if of == number)] if self._pins[number] else [number]
        return any(self._gave[household, one] & self._pins[number] for one in spelled)

    def judge_shown(self, found: Verdicts) -> None:
        """No fact of a case to somebody without the right."""
        owner_of = {text.token: text.household for text in self.texts if text.token}
        for household, sms in self.shown:
            found.counts["shown"] += 1
            numbers = {one for one in NUMBER.findall(sms.text) if one in self._owners}
            numbers |= {self._tracking[one] for one in TRACKING.findall(sms.text) if one in self._tracking}
            strange = [one for one in numbers if not self.right(household, one)]
            if strange:
                found.broke("number shown to a stranger", f"{strange[0]} on ...{sms.phone[-4:]} as {sms.kind} at {sms.at_ms}")
            for title in TITLE.findall(sms.text):
                if title not in self._allowed(household, numbers):
                    found.broke("place shown to a stranger", f"{title} on ...{sms.phone[-4:]} as {sms.kind} at {sms.at_ms}")
            for token in OWN.findall(sms.text):
                if owner_of.get(token) != household:
                    found.broke("words shown to a stranger", f"on ...{sms.phone[-4:]} as {sms.kind} at {sms.at_ms}")
            if not numbers and FACTLESS.search(SERVICE.sub("", sms.text)):
                found.broke("a number that nobody knows", f"on ...{sms.phone[-4:]} as {sms.kind} at {sms.at_ms}")

    def _allowed(self, household: int, numbers: Iterable[str]) -> set[str]:
        """Places that he named himself, or that belong to a case he may see."""
        owners = {one for number in numbers if self.right(household, number) for one in self._owners[number]}
        return set().union(*(self._titles.get(one, set()) for one in {household, *owners}))

    def judge_kept(self, found: Verdicts, isi: Iterable[str], lies: dict[int, tuple[str, str]]) -> None:
        """Every word at the core once, or somewhere with a reason; `lies` is (state, reason) by message."""
        at_core: Counter[str] = Counter()
        for one in isi:
            at_core.update(set(OWN.findall(one)))
        tokens: dict[str, list[Text]] = defaultdict(list)
        for text in self.texts:
            if text.token:
                tokens[text.token].append(text)
        for token, texts in tokens.items():
            if 1 <= at_core[token] <= _times(texts):
                found.counts["at the core"] += 1
            elif at_core[token] > 1:
                found.broke("filed twice", f"{at_core[token]} times, first at {texts[0].at_ms}")
            elif any(all(lies.get(text.message_id or 0, ("", ""))) for text in texts):
                found.counts["held with a reason"] += 1
            else:
                found.broke("lost", f"written at {texts[0].at_ms} on ...{texts[0].phone[-4:]}, lies {lies.get(texts[0].message_id or 0)}")


def _times(texts: list[Text]) -> int:
    """How often the same words may be at the core: a copy is one of the first for a week, later it is said anew."""
    return 1 + sum(later.at_ms - one.at_ms > COPY_MS for one, later in itertools.pairwise(texts))
