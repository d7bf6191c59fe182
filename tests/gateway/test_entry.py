"""Walk-ins, letters and calls typed in at a running gateway: the same road, the same guards, the number at once, and nothing twice."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pwd
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Sealer
from forwarder.journal.documents import reporter_tag
from forwarder.journal.jobs import Work
from forwarder.journal.pins import void_seen
from gateway import cli, control, entry_command, entry_form
from gateway.app import Gateway
from gateway.control import ControlError
from gateway.entry_command import Conversation
from parsers.errors import GatewayError
from tests.gateway.road import SECRETS, Road
from tests.tables import REGIONS

SARI, BUDI = "6281266010001", "6281266010002"
LOGIN = pwd.getpwuid(os.getuid()).pw_name
WORDS = "AGAM jalan rusak di Lubuk Basung"


class Counter:
    """An officer at a running gateway."""

    def __init__(self, road: Road, gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
        self.road, self.gateway, self._capsys = road, gateway, capsys

    async def enter(self, **fields: str) -> dict[str, Any]:
        [said] = await self.rows({"channel": "loket", "text": WORDS, "key": "k1", **fields})
        return said

    async def rows(self, *rows: dict[str, str], **args: Any) -> list[dict[str, Any]]:
        found: Any = await control.call(self.gateway.site.socket_path, "enter", rows=list(rows), who="Bu Ani", **args)
        entered: list[dict[str, Any]] = found["entered"]
        return entered

    async def call(self, *arguments: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = await asyncio.to_thread(cli.main, ("enter", *arguments))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    async def show(self, number: str) -> dict[str, Any]:
        found: Any = await control.call(self.gateway.site.socket_path, "desk show", number=number)
        return dict(found)

    async def until(self, number: str, state: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while (shown := await self.show(number))["state"] != state:
                await asyncio.sleep(0.02)
        return shown

    def sms(self, number: str) -> list[str]:
        return [bubble.text for bubble in self.road.operator.phone(number).received]

    def messages(self) -> int:
        connection = apsw.Connection(str(self.gateway.site.journal_path), flags=apsw.SQLITE_OPEN_READONLY)
        return int(connection.execute("SELECT count(*) FROM message").get)


Story = Callable[[Counter], Awaitable[None]]
At = Callable[[Story], Road]


@pytest.fixture(name="at_the_counter")
def _at_the_counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Road]:
    def play(story: Story, operator: str = "satu", journal: str = "") -> Road:
        road = Road(tmp_path, wait=0.5)
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))

        async def main() -> None:
            async with road.peers():
                settings = tmp_path / "gateway.toml"
                settings.write_text(settings.read_text().replace("[journal]", f'[entry]\noperator = "{operator}"\n[journal]{journal}'))
                async with road.running() as gateway:
                    await story(Counter(road, gateway, capsys))

        asyncio.run(main())
        return road

    return play


def test_a_walk_in_has_its_number_at_once_and_the_core_the_citizens_words(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(number="0812 6601 0001")
        assert said["paper"].startswith(f"LAPOR! Laporan Anda kami simpan, No. {said['number']} PIN {said['pin']}.")
        assert said["sms"] == "an SMS goes to +62812***001 by satu"
        shown = await counter.until(said["number"], "filed")
        assert (shown["entered_by"], shown["operator"], shown["instansi"]) == (f"Bu Ani ({LOGIN})", "satu", "Kab. Agam")
        [entry] = counter.road.core.stored[said["number"]]
        assert entry.header is not None
        assert (entry.header.channel, entry.header.destination, entry.header.region) == ("Loket", "Loket", "13.06")
        await counter.road.until(lambda: len(counter.sms(SARI)) == 1)
        assert f"PIN {said['pin']}" in counter.sms(SARI)[0]

    at_the_counter(story)


def test_who_entered_asks_by_sms_from_the_own_phone_and_from_another_with_the_pin(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        named = await counter.enter(number=SARI)
        unnamed = await counter.enter(key="k2", text="AGAM lampu mati")
        await counter.until(named["number"], "filed")
        await counter.until(unnamed["number"], "filed")
        await counter.road.operator.send_mo(SARI, f"STATUS {named['number']}")
        await counter.road.operator.send_mo(BUDI, f"STATUS {unnamed['number']} {unnamed['pin']}")
        await counter.road.until(lambda: any("menunggu tindak lanjut" in text for text in counter.sms(SARI)))
        await counter.road.until(lambda: any("menunggu tindak lanjut" in text for text in counter.sms(BUDI)))

    at_the_counter(story)


def test_without_a_number_there_is_no_sms_to_anybody(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(channel="surat")
        assert said["sms"] == "no SMS: there is no number"
        shown = await counter.until(said["number"], "filed")
        assert shown["replies"] == []

    assert not at_the_counter(story).operator.phones


def test_a_fixed_line_is_the_citizens_number_and_gets_no_sms(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(channel="telepon", number="(0751) 7051234")
        assert said["sms"] == "no SMS: a fixed line takes none"
        assert (await counter.until(said["number"], "filed"))["reporter"] == "+62751***234"

    assert not at_the_counter(story).operator.phones


def test_without_an_operator_there_is_none_either(at_the_counter: Callable[..., Road]) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(number=SARI)
        assert said["sms"] == "no SMS: [entry] operator is not set"
        assert (await counter.until(said["number"], "filed"))["replies"] == []

    assert not at_the_counter(story, operator="").operator.phones


def test_the_citizens_wishes_and_destination_count(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(channel="telepon", destination="32.73", rahasia="ya", number=SARI)
        shown = await counter.until(said["number"], "filed")
        assert (shown["region"], shown["rule"], shown["rahasia"]) == ("32.73", "entry", True)
        [entry] = counter.road.core.stored[said["number"]]
        assert entry.rahasia is True
        await counter.road.until(lambda: len(counter.sms(SARI)) == 1)
        assert "Bandung" not in counter.sms(SARI)[0]

    at_the_counter(story)


@pytest.mark.parametrize("text", ["STOP", "STATUS G7K2QP", "BATAL", "RAHASIA", "1"])
def test_what_an_officer_types_is_never_a_command(at_the_counter: At, text: str) -> None:
    async def story(counter: Counter) -> None:
        said = await counter.enter(text=text, number=SARI)
        assert said["number"]
        assert (await counter.show(said["number"]))["text"] == text

    at_the_counter(story)


def test_the_same_key_is_the_same_entry_and_other_words_under_it_are_not_taken(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        first = await counter.enter(number=SARI)
        again = await counter.enter(number=SARI)
        assert (again["number"], again["pin"], again["known"], again["changed"]) == (first["number"], first["pin"], True, False)
        other = await counter.enter(number=SARI, text="AGAM jembatan putus")
        assert (other["number"], other["pin"], other["paper"], other["changed"]) == (first["number"], None, None, True)
        assert counter.messages() == 1

    at_the_counter(story)


def test_the_same_citizen_saying_it_again_is_tied_to_the_first(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        first = await counter.enter(number=SARI)
        again = await counter.enter(number="+" + SARI, key="k2")
        assert (again["number"], again["duplicate"], again["pin"]) == (first["number"], True, None)
        await counter.road.until(lambda: any("sudah kami terima" in text for text in counter.sms(SARI)))
        assert len(counter.road.core.stored) == 1

    at_the_counter(story)


def test_a_flood_of_one_citizen_waits_for_a_person_and_is_not_answered(at_the_counter: Callable[..., Road]) -> None:
    async def story(counter: Counter) -> None:
        said = [await counter.enter(number=SARI, key=f"k{number}", text=f"AGAM jalan {number} rusak") for number in range(4)]
        assert [one["state"] == "held" for one in said] == [False, False, True, True]
        assert said[3]["sms"] == "no SMS: held (flood)"

    at_the_counter(story, journal="\nposts_per_author_hour_max = 2")


def test_who_asked_for_silence_hears_nothing(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        connection = apsw.Connection(str(counter.gateway.site.journal_path))
        connection.set_busy_timeout(10_000)
        tag = reporter_tag(Sealer(bytes(range(32))), f"+{SARI}")
        connection.execute("INSERT INTO silence VALUES (?, 1)", (tag,))
        connection.close()
        said = await counter.enter(number=SARI)
        shown = await counter.until(said["number"], "filed")
        async with asyncio.timeout(10):
            while {reply["state"] for reply in shown["replies"]} != {"none"}:
                await asyncio.sleep(0.05)
                shown = await counter.show(said["number"])

    assert not at_the_counter(story).operator.phones


def test_rows_of_a_file_older_than_a_restore_wait_for_a_person(at_the_counter: At) -> None:
    """The lost journal may have filed them under numbers that nobody knows."""

    async def story(counter: Counter) -> None:
        counter.gateway.journal._books.restored_ms = counter.gateway.now_ms()
        [old] = await counter.rows({"channel": "surat", "text": WORDS, "number": SARI, "key": "k1"}, written_ms=1_000)
        assert (old["state"], old["reason"], old["sms"]) == ("held", "restored", "no SMS: held (restored)")
        assert (await counter.show(old["number"]))["replies"] == []
        assert (await counter.enter(key="k2", text="AGAM lampu mati"))["state"] != "held"

    at_the_counter(story)


def test_a_pin_that_was_seen_in_public_is_void_and_who_has_a_number_gets_a_new_one(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        named = await counter.enter(number=SARI)
        unnamed = await counter.enter(key="k2", text="AGAM lampu mati")
        seen = Work("seen", lambda books, items: [void_seen(books, text) for text in items])
        for said in (named, unnamed):
            assert await counter.gateway.journal._writer.do(seen, [f"{said['number']} {said['pin']}"]) == [1]
        await counter.road.until(lambda: any("PIN baru" in text for text in counter.sms(SARI)))
        assert (await counter.show(unnamed["number"]))["replies"] == []
        again = await counter.enter(key="k2", text="AGAM lampu mati")
        assert again["pin"] != unnamed["pin"]

    at_the_counter(story)


def test_a_long_letter_goes_whole(at_the_counter: At) -> None:
    letter = "AGAM " + "jalan rusak, lampu mati. " * 900

    async def story(counter: Counter) -> None:
        said = await counter.enter(channel="surat", text=letter)
        await counter.until(said["number"], "filed")
        [entry] = counter.road.core.stored[said["number"]]
        assert entry.text == letter.strip()

    at_the_counter(story)


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"rows": []},
        {"rows": "x"},
        {"rows": [{}] * 26},
        {"rows": [{"text": 5}]},
        {"rows": [["loket"]]},
    ],
)
def test_requests_that_are_none(at_the_counter: At, args: dict[str, Any]) -> None:
    async def story(counter: Counter) -> None:
        with pytest.raises(ControlError, match="row"):
            await control.call(counter.gateway.site.socket_path, "enter", **args)
        assert counter.messages() == 0

    at_the_counter(story)


def test_one_wrong_row_does_not_hold_up_its_neighbours(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        row = {"channel": "loket", "text": WORDS}
        said = await counter.rows(
            {**row, "key": "a"}, {**row, "key": "b", "channel": "fax"}, {**row, "key": "c", "number": "1708"}, {**row, "key": "d"}
        )
        assert ["number" in one for one in said] == [True, False, False, True]
        assert said[1]["error"] == "channel: must be one of loket, surat, telepon"
        assert counter.messages() == 2

    at_the_counter(story)


def test_while_the_journal_cannot_store_nothing_is_lost(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        writer = counter.gateway.journal._writer  # a full disk
        free, writer._free_octets = writer._free_octets, lambda: -1
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(20):
                while "number" in (said := await counter.enter(key="full")):
                    await asyncio.sleep(0.1)
        finally:
            writer._free_octets = free
        assert said["later"]
        async with asyncio.timeout(20):
            while "number" not in (said := await counter.enter(key="k9", text="AGAM lampu mati")):
                await asyncio.sleep(0.1)

    at_the_counter(story)


# The command


def test_from_the_command_line(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        code, out, _ = await counter.call(
            "--channel", "loket", "--number", "081266010001", "--text", WORDS, "--key", "k1", "--who", "Bu Ani"
        )
        assert code == 0
        number = out.split()[0]
        assert "for the citizen: LAPOR! Laporan Anda kami simpan" in out
        assert "081266010001" not in out
        assert (await counter.show(number))["entered_by"] == f"Bu Ani ({LOGIN})"
        code, out, _ = await counter.call("--channel", "loket", "--text", "AGAM lain", "--key", "k1", "--json")
        assert (code, json.loads(out)["changed"]) == (1, True)
        code, out, _ = await counter.call("--channel", "loket", "--text", "x\x07y")
        assert (code, out) == (1, "text: character 2 is the control character U+0007; take it out, or save the file as UTF-8\n")

    at_the_counter(story)


def test_a_spreadsheet_twice_enters_each_row_once(at_the_counter: At, tmp_path: Path) -> None:
    file = tmp_path / "surat.csv"
    rows = [
        "kanal;nomor;isi;tujuan",
        "surat;0812 6601 0001;AGAM jalan rusak;",
        "fax;;x;",
        "surat;;air mati, café;13.06",
        "surat;;air mati, café;13.06",
    ]
    file.write_bytes("\r\n".join(rows).encode("cp1252"))

    async def story(counter: Counter) -> None:
        code, out, _ = await counter.call("--csv", str(file))
        lines = out.splitlines()
        assert code == 1
        assert lines[0].endswith("surat.csv: read as Windows-1252, cells parted by ;")
        assert [line.split()[1] for line in lines[1:-1] if "PIN" in line] == [line.split()[1] for line in lines if "PIN" in line]
        assert lines[2] == "line 3: channel: must be one of loket, surat, telepon"
        assert lines[-1] == "3 entered, 0 known already, 1 not taken"
        file.write_bytes(file.read_bytes() + b"\r\nloket;;jembatan putus;")
        code, again, _ = await counter.call("--csv", str(file))
        assert again.splitlines()[-1] == "1 entered, 3 known already, 1 not taken"
        assert [line.split()[2] for line in again.splitlines()[1:5]] == [line.split()[2] for line in lines[1:5]]
        assert counter.messages() == 4

    at_the_counter(story)


def test_a_large_spreadsheet_goes_in_by_some_at_once(at_the_counter: At, tmp_path: Path) -> None:
    file = tmp_path / "banyak.csv"
    file.write_text("kanal,isi\n" + "".join(f"surat,AGAM surat nomor {number} {'x' * 20_000}\n" for number in range(60)))

    async def story(counter: Counter) -> None:
        code, out, _ = await counter.call("--csv", str(file))
        assert (code, out.splitlines()[-1]) == (0, "60 entered, 0 known already, 0 not taken")

    at_the_counter(story)


def test_where_no_gateway_runs_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gateway.toml").write_text("")
    monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))
    assert cli.main(("enter", "--channel", "loket", "--text", WORDS)) == 1
    assert "no gateway is running" in (said := capsys.readouterr()).err
    assert "nothing was entered" in said.err
    file = tmp_path / "a.csv"
    file.write_text("kanal,isi\nloket,satu\n")
    assert cli.main(("enter", "--csv", str(file))) == 1
    assert "stopped, 1 rows left: no gateway is running" in capsys.readouterr().err
    assert cli.main(("enter", "--csv", str(tmp_path / "none.csv"))) == 1
    assert "none.csv: No such file" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(("enter",)) == 1
    assert "nothing to enter: give --channel and --text" in capsys.readouterr().err


def test_an_operator_of_entry_that_is_none_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gateway.toml").write_text('[entry]\noperator = "xl"\n')
    monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    assert cli.main(("check",)) == 78
    assert "entry.operator: xl is no operator; operators.toml has none" in capsys.readouterr().err


# In a conversation


def talk(*answers: str) -> tuple[dict[str, str], list[str]]:
    """The fields of one entry by these answers, and the questions."""
    asked: list[str] = []
    waiting = list(answers)

    def ask(question: str) -> str:
        asked.append(question)
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    return Conversation(entry_form.Form(REGIONS, frozenset(("1708",))), ask).fields(), asked


def test_each_answer_is_checked_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    found, asked = talk(
        *("fax", "Loket"), *("1708", "0812"), "", *(".", "jalan rusak", "di Agam", "."), *("13.6", "13.06"), *("mungkin", "ya"), "", "ya"
    )
    assert found["channel"] == "Loket"
    assert found["text"] == "jalan rusak\ndi Agam"
    assert (found["number"], found["destination"], found["rahasia"], found["anonim"]) == ("", "13.06", "ya", "")
    said = capsys.readouterr().out
    assert "must be one of loket, surat, telepon" in said
    assert "is our own" in said
    assert "text: is empty" in said
    assert "meant 13.06?" in said
    assert "it will go to Kab. Agam" in said
    assert len(asked) == 15


def test_who_says_no_begins_again_and_who_goes_enters_nothing() -> None:
    round_ = ("loket", "", "jalan rusak", ".", "", "", "")
    found, _ = talk(*round_, "tidak", "surat", "", "lampu mati", ".", "", "", "", "")
    assert (found["channel"], found["text"]) == ("surat", "lampu mati")
    with pytest.raises(EOFError):
        talk(*round_[:3])


def test_what_was_typed_is_not_lost_when_the_gateway_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    tried: list[str] = []

    class Away(entry_command.Typist):
        def one(self, fields: entry_command.Fields) -> int:
            tried.append(fields["text"])
            if len(tried) == 1:
                raise GatewayError("away")
            return 1 if len(tried) == 2 else 0

    answers = ["", "ya"]
    talking = Conversation(entry_form.Form(REGIONS, frozenset()), lambda _: answers.pop(0))
    entry_command._until_taken(Away(Path("none"), "ani"), talking, {"text": "jalan rusak", "key": "k"})
    assert tried == ["jalan rusak"] * 3
    assert not answers
    assert "away" in capsys.readouterr().out


def test_at_a_terminal_nothing_is_asked_while_no_gateway_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (tmp_path / "gateway.toml").write_text("")
    monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))
    monkeypatch.setattr("sys.stdin", Terminal("loket\n"))
    assert cli.main(("enter",)) == 1
    said = capsys.readouterr()
    assert "no gateway is running" in said.err
    assert not said.out


def test_the_socket_is_ours_alone(at_the_counter: At) -> None:
    async def story(counter: Counter) -> None:
        assert stat.S_IMODE(counter.gateway.site.socket_path.stat().st_mode) == 0o600

    at_the_counter(story)


def test_who_did_not_hear_the_answer_is_told_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def cut(*_: object, **__: object) -> None:
        raise ControlError("the gateway ended before it had answered")

    (tmp_path / "gateway.toml").write_text("")
    monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))
    monkeypatch.setattr(entry_command.control, "call", cut)
    assert cli.main(("enter", "--channel", "loket", "--text", WORDS, "--key", "k7")) == 1
    assert "if it was stored, the same with --key k7 enters nothing twice" in capsys.readouterr().err
