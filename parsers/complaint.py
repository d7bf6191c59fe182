"""Makes the complaint record, safe before it is filed: what of the citizen leaves us is decided here, before anything is stored.

An SMS is filed anonim; it is rahasia as well where the text asks for it in any form, reports an abuse of office, or carries a
personal number. No name and no e-mail is ever invented.
"""

from __future__ import annotations

import enum
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from parsers.model import Certainty, Complaint, Decision, Hints, Message, ReporterKind
from parsers.text import Shadow, shadow_of

FINGERPRINT_WORDS_MAX = 200  # Ours: eight SMS; what comes later does not make two reports different.
SKETCH = 4  # Hashes kept of a text: two of four in common means about half of the word pairs.
SIMILAR = 2
MARK_WORDS_MAX = 3  # Dangers named in the marks.


class Identity(enum.StrEnum):
    """What of the reporter the core is given."""

    NOTHING = "nothing"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What identity leaves us, by flag. The strictest flag of a complaint counts; an operator's token never leaves.

    `anonim_default` files complaints of every channel with anonim=1 unless a person decides otherwise.
    """

    anonim_default: bool = True
    open: Identity = Identity.NUMBER
    anonim: Identity = Identity.NOTHING
    rahasia: Identity = Identity.NOTHING

    def describe(self) -> str:
        """Say in one sentence what leaves us; `check` prints it."""
        parts = [f"{label}: {said[level]}" for label, level in (("open", self.open), ("anonim", self.anonim), ("rahasia", self.rahasia))]
        default = "anonim" if self.anonim_default else "open"
        return f"Complaints are filed {default} unless the text asks for more; of the citizen the core is given: {', '.join(parts)}."

    def identity(self, complaint: Complaint) -> str | None:
        """The citizen's number in E.164 where every flag of the complaint allows it, else None."""
        levels = [self.open, *([self.anonim] * complaint.anonim), *([self.rahasia] * complaint.rahasia)]
        reporter = complaint.message.reporter
        return reporter.value if reporter.kind is ReporterKind.MSISDN and Identity.NOTHING not in levels else None


said = {Identity.NOTHING: "nothing", Identity.NUMBER: "the phone number"}


def build(  # noqa: PLR0913 - the four parts of a complaint and the three things only the caller knows
    message: Message, decision: Decision, hints: Hints, *, number: str, instansi_name: str, policy: Disclosure, shadow: Shadow | None = None
) -> Complaint:
    """Put message, decision and hints together and set the flags; the text stays as it came. `shadow` is the text's, where it is known."""
    return Complaint(
        number,
        message,
        decision,
        hints,
        instansi_name,
        policy.anonim_default or hints.wants_anonim,
        hints.wants_rahasia or hints.oversight or bool(hints.identifiers),
        _marks(message, decision, hints),
        fingerprint(shadow or message.text),
    )


def fingerprint(text: str | Shadow) -> bytes:
    """Sketch of a text for finding similar ones: the four smallest hashes of its word pairs, 16 octets; empty without words.

    Case, marks and a keyword more or less do not change much of it. It never proves that two texts are the same, and since short
    texts could be guessed from it, it is stored sealed like the text.
    """
    words = shadow_of(text).words[:FINGERPRINT_WORDS_MAX]
    if not words:
        return b""
    found = " ".join(words if len(words) > 1 else words * 2).encode("utf-8", "replace").split(b" ")
    hashes = sorted(set(map(zlib.crc32, map(b" ".join, pairwise(found)))))[:SKETCH]
    return struct.pack(f">{len(hashes)}I", *hashes)


def similar(one: bytes, other: bytes) -> bool:
    """Whether two fingerprints are of texts that probably say the same."""
    if not one or not other:
        return False
    sketches = [{sketch[at : at + 4] for at in range(0, len(sketch), 4)} for sketch in (one, other)]
    return len(sketches[0] & sketches[1]) >= min(SIMILAR, *map(len, sketches))


def _marks(message: Message, decision: Decision, hints: Hints) -> tuple[str, ...]:
    """Words for the core's header, in Indonesian because officers read them."""
    marks = []
    start, end = decision.body
    if message.incomplete:
        marks.append("tidak lengkap")
    if message.damaged:
        marks.append("rusak sebagian")
    if not message.text[start:end].strip():
        marks.append("isi kosong")
    if hints.oversight:
        marks.append("berkadar pengawasan")
    if hints.identifiers:
        marks.append("memuat nomor pribadi")
    if hints.danger:
        marks.append("bahaya: " + " ".join(hints.danger[:MARK_WORDS_MAX]))
    if decision.certainty is Certainty.EXPLICIT and decision.candidates:
        marks.append("menyebut daerah lain")
    return tuple(marks)
