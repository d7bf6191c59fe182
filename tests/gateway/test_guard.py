"""What the guard holds, what it leaves unanswered, and what it lets pass; by hand-made times, as messages bring them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed
from gateway import guard as guarding
from gateway import settings, tables
from gateway.app import desk_of
from gateway.composer import Desk
from gateway.guard import SAME_WORDS, Guard, GuardedComposer
from gateway.guard_settings import GuardSettings
from gateway.secrets import Secrets
from parsers import notice
from parsers.model import Address, Segment
from tests.gateway.test_composer import GIVEN

NOW_MS = 1_795_000_000_000
SARI, BUDI = "6281266010001", "6281266010002"
READY, HELD = ComplaintState.READY, ComplaintState.HELD
HOUR = 3_600.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder: Path = tmp_path_factory.mktemp("site")
    (folder / "gateway.toml").touch()
    (folder / "operators.toml").touch()
    site = settings.load(folder / "gateway.toml", Secrets(GIVEN), {})
    return desk_of(site, tables.load(site))


class Door:
    """A guarded composer whose citizens write at the times given."""

    def __init__(self, desk: Desk, **limits: float) -> None:
        own = notice.ours(["LAPOR! Laporan utk {instansi} kami simpan, No. {number}."])
        self.guard = Guard(dataclasses.replace(GuardSettings(), **limits), bytes(16), own)  # type: ignore[arg-type]
        self._composer = GuardedComposer(desk, lambda complaint_id: f"G{complaint_id:05}", self.guard, lambda: True)
        self._ids = itertools.count(1)
        self.seconds = 0.0

    @property
    def now_ms(self) -> int:
        return NOW_MS + round(self.seconds * 1000)

    def write(self, text: str, source: str = SARI, *, after: float = 0.0) -> Composed:
        """An SMS, so many seconds after the one before."""
        self.seconds += after
        octets = text.encode("utf-16-be", "surrogatepass")
        addresses = (Address(1, 1, source), Address(0, 1, "1708"))
        segment = Segment("satu", "a", 1, "deliver_sm", *addresses, 0, 8, octets, b"raw", self.now_ms)
        number = next(self._ids)
        return self._composer.whole(number, number, segment)

    def told(self, source: str = SARI, *, after: float = 0.0) -> None:
        """An SMS of ours leaves."""
        self.seconds += after
        self.guard.told(f"+{source}", self.now_ms)


def seen(composed: Composed) -> tuple[ComplaintState, HeldReason | None, bool]:
    return composed.state, composed.reason, answered(composed)


def answered(composed: Composed) -> bool:
    """Whether it gets an answer: the one that is made already, or whatever the dialogue decides when it is stored."""
    return composed.reply is not None or (composed.said is not None and not composed.said.mute)


PASSES = (READY, None, True)
SILENT = (READY, None, False)


def held(reason: HeldReason, *, answered: bool = False) -> tuple[ComplaintState, HeldReason | None, bool]:
    return HELD, reason, answered


CASES = [
    ("AGAM jalan rusak di lawang", SARI, PASSES),
    ("jalan rusak di depan pasar", SARI, PASSES),
    ("Sisa pulsa Anda Rp350. Isi ulang sekarang", SARI, held(HeldReason.NOTICE)),
    ("Balasan otomatis: kantor tutup", SARI, held(HeldReason.NOTICE)),
    ("LAPOR! Laporan utk Kab. Agam kami simpan, No. G7K2QP.", SARI, held(HeldReason.NOTICE)),
    ("AGAM#Balasan otomatis: kantor tutup", SARI, PASSES),
    ("tolol lu semua", SARI, held(HeldReason.ABUSE, answered=True)),
    ("AGAM tolol lu semua", SARI, held(HeldReason.ABUSE, answered=True)),
    ("AGAM tolol! jalan rusak", SARI, PASSES),
    ("jalan rusak", "1708", held(HeldReason.OPERATOR)),
    ("Sisa pulsa Anda Rp350", "TELKOMSEL", held(HeldReason.OPERATOR)),
    ("", SARI, held(HeldReason.REVIEW, answered=True)),
]


@pytest.mark.parametrize("case", CASES, ids=[repr(case[:2]) for case in CASES])
def test_what_becomes_of_a_first_text(desk: Desk, case: tuple[str, str, tuple[ComplaintState, HeldReason | None, bool]]) -> None:
    text, source, expected = case
    assert seen(Door(desk).write(text, source)) == expected


def test_a_flood_of_one_number_is_held_and_answered_once_and_another_number_is_not_touched(desk: Desk) -> None:
    door = Door(desk, sms_per_sender_hour_max=3)
    found = [
        seen(door.write(f"AGAM jalan rusak di jorong {name}", after=20.0)) for name in ["satu", "dua", "tiga", "empat", "lima", "enam"]
    ]
    flood = HeldReason.FLOOD
    assert found == [PASSES] * 3 + [held(flood, answered=True), held(flood), held(flood)]
    assert seen(door.write("AGAM jalan rusak di jorong tujuh", BUDI)) == PASSES
    assert seen(door.write("AGAM jalan rusak di jorong delapan", after=HOUR)) == PASSES


def test_commands_are_no_flood_and_file_nothing(desk: Desk) -> None:
    door = Door(desk, sms_per_sender_hour_max=2)
    found = [seen(door.write(f"STATUS G7K2Q{letter}", after=20.0)) for letter in "ABCDEFGH"]
    assert found == [PASSES] * 8
    assert seen(door.write("AGAM jalan rusak", after=20.0)) == PASSES


def test_the_same_words_again_and_again_are_answered_five_times_in_an_hour(desk: Desk) -> None:
    door = Door(desk)
    found = [seen(door.write("AGAM jalan rusak", after=30.0)) for _ in range(8)]
    assert found == [PASSES] * 5 + [SILENT] * 3
    assert seen(door.write("  agam   JALAN rusak", after=30.0)) == SILENT
    assert seen(door.write("AGAM lampu mati", after=30.0)) == PASSES
    assert seen(door.write("AGAM jalan rusak", after=HOUR)) == PASSES


def test_the_same_question_again_and_again_is_answered_five_times(desk: Desk) -> None:
    door = Door(desk)
    assert [answered(door.write("STATUS G7K2QP", after=30.0)) for _ in range(8)] == [True] * 5 + [False] * 3


def machine(door: Door, texts: list[str], *, after: float = 1.0) -> list[tuple[ComplaintState, HeldReason | None, bool]]:
    """Who answers each of our SMS so many seconds later."""
    found = []
    for text in texts:
        composed = door.write(text, after=after)
        found.append(seen(composed))
        if answered(composed):
            door.told(after=2.0)
    return found


def test_a_machine_that_says_the_same_is_held_at_its_second_quick_text(desk: Desk) -> None:
    texts = [f"Tiket {number} dibuka, petugas segera datang" for number in (11, 12, 13, 14)]
    stops = held(HeldReason.MACHINE)
    assert machine(Door(desk), texts) == [PASSES, PASSES, stops, stops]


def test_a_machine_that_says_something_else_each_time_is_held_at_its_third(desk: Desk) -> None:
    texts = ["selamat pagi dunia", "cuaca cerah hari begini", "lampu taman kota indah", "resep nasi goreng enak", "bola malam nanti"]
    stops = held(HeldReason.MACHINE)
    assert machine(Door(desk), texts) == [PASSES, PASSES, PASSES, stops, stops]


def test_a_citizen_who_answers_slowly_or_sends_pieces_of_his_story_is_no_machine(desk: Desk) -> None:
    slow = machine(Door(desk), [f"lampu jalan nomor {number} mati" for number in range(4)], after=9.0)
    assert slow == [PASSES] * 4
    pieces = ["AGAM jalan rusak di lawang", "sudah tiga bulan tidak ada perbaikan", "anak sekolah jatuh setiap hujan"]
    assert machine(Door(desk), pieces) == [PASSES] * 3


def test_a_command_or_a_slow_text_makes_a_person_of_a_machine(desk: Desk) -> None:
    texts = [f"Tiket {number} dibuka, petugas segera datang" for number in (11, 12, 13)]
    for ends, after in (("STATUS G7K2QP", 0.5), ("AGAM jalan rusak", 60.0)):
        door = Door(desk)
        assert machine(door, texts)[-1] == held(HeldReason.MACHINE)
        assert seen(door.write(ends, after=after)) == PASSES
        assert door.write("AGAM lampu mati", after=0.5).state is READY


def test_a_clock_that_is_set_back_makes_no_machine(desk: Desk) -> None:
    door = Door(desk)
    door.told(after=100.0)
    assert seen(door.write("AGAM jalan rusak", after=-50.0)) == PASSES
    assert seen(door.write("AGAM jalan rusak parah", after=-50.0)) == PASSES


def test_the_loop_guard_can_be_turned_off(desk: Desk) -> None:
    texts = [f"Tiket {number} dibuka, petugas segera datang" for number in range(5)]
    assert machine(Door(desk, machine_seconds=0.0), texts) == [PASSES] * 5


def numbers(first: int) -> Iterator[str]:
    return (f"62813{number:07d}" for number in itertools.count(first))


PETITION = "AGAM tolak tambang di nagari kami"


def test_a_petition_is_filed_and_marked_from_the_fifty_first_number_on(desk: Desk) -> None:
    door = Door(desk)
    found = [door.write(PETITION, source, after=5.0) for source in itertools.islice(numbers(0), 60)]
    assert {seen(one) for one in found} == {PASSES}
    marked = [one.complaint is not None and SAME_WORDS in one.complaint.marks for one in found]
    assert marked == [False] * 50 + [True] * 10
    assert door.guard.counts["same_words"] == 10


def test_a_sim_farm_is_held_from_its_thirty_first_number_on_and_who_wrote_before_is_not(desk: Desk) -> None:
    door = Door(desk)
    assert seen(door.write("AGAM lampu mati di lawang")) == PASSES
    found = [seen(door.write(PETITION, source, after=0.1)) for source in itertools.islice(numbers(0), 60)]
    assert found == [PASSES] * 30 + [held(HeldReason.FLOOD)] * 30
    assert seen(door.write(PETITION)) == PASSES
    assert seen(door.write(PETITION, next(numbers(900)), after=11.0)) == PASSES


def test_a_campaigns_bare_keyword_is_everybodys(desk: Desk) -> None:
    """In June 2013 240 million numbers were told to text BBM to 1708: each of them is asked what happened."""
    door = Door(desk)
    found = {seen(door.write("BBM", source, after=0.01)) for source in itertools.islice(numbers(0), 200)}
    assert HeldReason.FLOOD not in {reason for _, reason, _ in found}
    assert {heard for _, _, heard in found} == {True}


def test_the_same_message_judged_twice_counts_once(desk: Desk) -> None:
    """The journal composes a long SMS anew where a transaction did not go through."""
    door = Door(desk, sms_per_sender_hour_max=1)
    door.told()
    door.seconds = 1.0
    assert [seen(door.write("Tiket 11 dibuka, petugas segera datang")) for _ in range(4)] == [PASSES] * 4


def test_what_the_journal_cannot_take_does_not_count_however_often_the_operator_brings_it(desk: Desk) -> None:
    door = Door(desk, sms_per_sender_hour_max=2)
    for _ in range(50):
        composed = door.write("AGAM jalan rusak", after=5.0)
        assert seen(composed) == PASSES
        door.guard.undo(composed)
    assert [seen(door.write(text, after=5.0)) for text in ("AGAM jalan rusak", "AGAM lampu mati")] == [PASSES] * 2
    assert seen(door.write("AGAM air mati", after=5.0)) == held(HeldReason.FLOOD, answered=True)


def test_memory_is_bounded_and_holds_neither_numbers_nor_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "SENDERS_MAX", 100)
    monkeypatch.setattr(guarding, "TEXTS_MAX", 100)
    door = Door(desk)
    for number, source in enumerate(itertools.islice(numbers(0), 500)):
        door.write(f"AGAM jalan rusak nomor {number}", source)
    assert len(door.guard) == 100
    kept = repr([vars(door.guard)["_senders"], vars(door.guard)["_texts"]])
    assert "62813" not in kept
    assert "jalan" not in kept
    assert len(vars(door.guard)["_texts"]) == 100


def test_another_process_knows_the_same_number_by_another_hash() -> None:
    one, two = Guard(GuardSettings(), bytes(16)), Guard(GuardSettings(), bytes(range(16)))
    for each in (one, two):
        each.told("+6281266010001", NOW_MS)
    assert set(vars(one)["_senders"]) != set(vars(two)["_senders"])


def test_nothing_is_ever_dropped_whatever_comes(desk: Desk) -> None:
    """Whoever writes what and when: each text is a complaint in some state, or a command; none without its record."""
    seed = 20261128
    print(f"seed={seed}")
    random, door = Random(seed), Door(desk)
    texts = ["AGAM jalan rusak", "tolol", "STATUS G7K2QP", "1", "", "Sisa pulsa Anda Rp350", PETITION, "\U0001f600", "BBM", "x" * 500]
    for _ in range(3_000):
        source = random.choice([SARI, BUDI, "1708", "TELKOMSEL", *itertools.islice(numbers(0), 5)])
        composed = door.write(random.choice(texts), source, after=random.choice([0.0, 0.1, 3.0, 60.0, 4_000.0, -5.0]))
        assert composed.message.text in texts
        assert composed.complaint is not None or composed.state is READY
        assert (composed.reason is None) == (composed.state is READY)
        if random.random() < 0.3:
            door.told(after=0.0)
