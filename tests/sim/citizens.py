"""Who writes on this day, what, and when: plain SMS and long ones, questions, the same again, a flood, and posts. Drawn once."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from adapters.smpp.pdu import Outgoing
from parsers import segments
from parsers.model import Address, Concat
from tests.sim.ledger import Letter

SMSCS = ("utara", "selatan")
ACCOUNT = "x:lapor1708"
HEADS = ("AGAM", "SLEMAN", "LAPOR", "", "", "BANDUNG", "agam.", "Yth,")
WORDS = (
    "lampu jalan mati di depan pasar",
    "jalan rusak parah sejak hujan kemarin",
    "sampah menumpuk di sungai dekat sekolah",
    "air tidak mengalir sudah tiga hari",
    "petugas meminta uang untuk surat pindah",
    "jembatan kayu patah dan anak sekolah memutar jauh",
    "pohon tumbang menutup jalan desa",
    "puskesmas tutup padahal hari kerja",
    "got tersumbat dan rumah warga kena banjir",
    "pupuk bersubsidi tidak ada di kios",
)
CITIZEN, POST = "62812{:07d}", "x:9{:05d}"
CITIZENS = 150
PLAIN, LONG, QUESTIONS, POSTS, REPEATS = 175, 24, 8, 14, 4
FLOOD = (30, 60)
SMS_CHARACTERS, PART_CHARACTERS = 160, 152


@dataclass(slots=True)
class Parcel:
    """One PDU that an SMSC has to deliver."""

    letter: Letter
    part: int
    message: Outgoing
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """A citizen's message, `at` seconds of active time into the day; a delay for each part."""

    at: float
    letter: Letter
    parcels: tuple[Parcel, ...]
    delays: tuple[float, ...] = ()


@dataclass(slots=True)
class Writers:
    """Draws the messages of a day."""

    random: Random
    active: float  # seconds of the day in which people write
    sendings: list[Sending] = field(default_factory=list)
    _count: int = 0
    _references: dict[str, int] = field(default_factory=dict)

    def draw(self) -> list[Sending]:
        """All of them, in the order of time."""
        random = self.random
        for _ in range(PLAIN):
            self._sms("plain", self._text(random.randrange(1, 3)), citizen=self._citizen())
        for _ in range(LONG):
            self._long(self._citizen())
        for at, number in enumerate(random.sample(range(CITIZENS), 9)):  # one reference for all: only the sender tells their parts apart
            self._long(CITIZEN.format(number), at=self.active * (at // 3 + random.uniform(0.5, 0.52)) / 3, reference=77)
        known = [one for one in self.sendings if one.letter.kind == "plain"]
        for one in random.sample(known, QUESTIONS):
            self._say("status", random.choice(("STATUS", "status", "INFO")), one)
        for one in random.sample(known, REPEATS):
            self._again(one)
        if random.random() < 0.4:
            citizen, at = self._citizen(), random.uniform(0, self.active)
            for _ in range(random.randrange(*FLOOD)):
                self._sms("flood", self._text(1), citizen=citizen, at=at + random.uniform(0, 15))
        for _ in range(POSTS):
            self._post()
        return sorted(self.sendings, key=lambda one: (one.at, one.letter.token))

    def _citizen(self) -> str:
        return CITIZEN.format(self.random.randrange(CITIZENS))

    def _text(self, sentences: int) -> tuple[str, str]:
        """A token of its own, and a text that has it in every part, however it is cut."""
        self._count += 1
        token = f"q{self._count:04d}x"
        words = ", ".join(f"{self.random.choice(WORDS)} {token}" for _ in range(sentences))
        return token, f"{self.random.choice(HEADS)} {words}".strip()

    def _sms(self, kind: str, said: tuple[str, str], *, citizen: str, at: float | None = None) -> None:
        token, text = said
        self._send(Letter(token, self._smsc(citizen), citizen, text, (text,), kind), at)

    def _long(self, citizen: str, *, at: float | None = None, reference: int | None = None) -> None:
        token, text = self._text(self.random.randrange(6, 16))
        first = self._references.get(citizen, self.random.randrange(8))
        self._references[citizen] = (first + 1) & 0xFF
        letter = Letter(token, self._smsc(citizen), citizen, text, (), "long")
        self._send(letter, at, first if reference is None else reference)

    def _say(self, kind: str, text: str, about: Sending) -> None:
        """A question of somebody who wrote before."""
        self._count += 1
        letter = Letter(f"q{self._count:04d}x", about.letter.channel, about.letter.sender, text, (text,), kind, complaint=False)
        self._send(letter, about.at + self.random.uniform(5, 600))

    def _again(self, one: Sending) -> None:
        """The same words once more, of the same citizen: no second complaint."""
        parcel = Parcel(one.letter, 0, one.parcels[0].message)
        self.sendings.append(Sending(one.at + self.random.uniform(90, 900), one.letter, (parcel,), (0.0,)))

    def _send(self, letter: Letter, at: float | None, reference: int = 0) -> None:
        random = self.random
        if len(letter.text) <= SMS_CHARACTERS:
            letter.parts = (letter.text,)
        else:
            letter.parts = tuple(letter.text[at : at + PART_CHARACTERS] for at in range(0, len(letter.text), PART_CHARACTERS))
            letter.kind = "long"
        wide, sar = random.random() < 0.3, random.random() < 0.3
        parcels = [
            self._parcel(letter, number, Concat(reference, len(letter.parts), number + 1, wide), sar) for number in range(len(letter.parts))
        ]
        order = list(range(len(parcels)))
        random.shuffle(order)
        delays = [random.expovariate(1 / 4) for _ in parcels]
        if len(parcels) > 1 and random.random() < 0.15:
            delays[0] = random.choice((90.0, 600.0, 1500.0, 2500.0))  # one part is late, or too late
        at = random.uniform(0, self.active) if at is None else at
        self.sendings.append(Sending(at, letter, tuple(parcels[one] for one in order), tuple(delays)))

    @staticmethod
    def _parcel(letter: Letter, number: int, place: Concat, sar: bool) -> Parcel:  # noqa: FBT001 - drawn, like the rest
        """One part as its PDU: with a header in the octets, or with SAR parameters beside them. These texts are ASCII, in GSM-7 too."""
        to, of, octets = Address(0, 1, "1708"), Address(1, 1, letter.sender), letter.parts[number].encode("ascii")
        if place.total == 1:
            return Parcel(letter, number, Outgoing(of, to, octets))
        if sar:
            return Parcel(letter, number, Outgoing(of, to, octets, sar=place))
        return Parcel(letter, number, Outgoing(of, to, segments.header(place) + octets, segments.UDH_INDICATOR))

    def _post(self) -> None:
        author = POST.format(self.random.randrange(40))
        token, text = self._text(1)
        text = f"@lapor1708 {text}"
        letter = Letter(token, ACCOUNT, author, text, (text,), "post")
        self.sendings.append(Sending(self.random.uniform(0, self.active), letter, (), ()))

    @staticmethod
    def _smsc(citizen: str) -> str:
        return SMSCS[int(citizen[-1]) % 2]
