"""The command line as a person meets it, in processes of their own: sentences, exit codes, and an orderly end under load."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import TOKEN, CoreSimulator
from gateway import simulate
from parsers.errors import GatewayError
from tests.faults.gateway_process import GatewayProcess
from tests.gateway.road import clocks
from tests.signals import HEEDS_CTRL_C

ROOT = Path(__file__).parents[2]
SECRETS = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": TOKEN}
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")} | {"PYTHONPATH": str(ROOT)}
SECONDS = 60


def lapor(*words: str, secrets: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    environment = PLAIN | (SECRETS if secrets is None else secrets)
    command = [sys.executable, "-m", "gateway.cli", *words]
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False)


async def alapor(*words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(lapor, *words)


def house(folder: Path, **files: str) -> str:
    """A folder with settings; returns gateway.toml's path."""
    for name, text in ({"gateway_toml": "", "operators_toml": ""} | files).items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem.replace('_', '.')}.{ending}").write_text(text, encoding="utf-8")
    return str(folder / "gateway.toml")


@pytest.mark.parametrize("verb", [["run"], ["check"], ["status"], ["watch"], ["desk", "list"], ["bind", "satu", "--once"]], ids=" ".join)
def test_missing_settings_are_a_sentence_and_78(tmp_path: Path, verb: list[str]) -> None:
    done = lapor(verb[0], "--config", str(tmp_path / "none.toml"), *verb[1:])
    assert done.returncode == 78
    assert "none.toml: no such file" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "verb",
    [
        ["status"],
        ["watch"],
        ["desk", "list"],
        ["desk", "show", "G7K2QP"],
        ["desk", "settle", "G7K2QP", "--close", "--reason", "x"],
        ["journal", "salvage", "x"],
    ],
    ids=" ".join,
)
def test_without_a_gateway_a_command_says_so(tmp_path: Path, verb: list[str]) -> None:
    done = lapor(verb[0], "--config", house(tmp_path), *verb[1:])
    assert done.returncode == 1
    assert "no gateway is running" in done.stderr
    assert "Traceback" not in done.stderr


WRONG_USE = [
    ["desk", "settle", "A", "--close"],
    ["desk", "settle", "A", "--reason", "x"],
    ["desk", "settle", "A", "--close", "--resend", "--reason", "x"],
    ["bind", "satu"],
    ["simulate", "core", "--port", "99999"],
    ["simulate", "moon"],
    ["simulate", "core", "--retry", "1"],
    ["simulate", "smsc", "--retry", "1,0"],
    ["simulate", "smsc", "--retry", "nan"],
    ["simulate", "ask", "socket"],
    ["dance"],
]


@pytest.mark.parametrize("words", WRONG_USE, ids=" ".join)
def test_wrong_use_is_2_with_the_usage(words: list[str]) -> None:
    done = lapor(*words)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_a_taken_port_and_a_state_that_is_a_file_are_sentences(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        tries = [
            lapor("run", "--config", house(tmp_path, gateway_toml=f'[house]\nstate = "s"\n[http]\nport = {port}\n')),
            lapor("simulate", "core", "--port", str(port)),
            lapor("simulate", "smsc", "--port", str(port)),
        ]
    (tmp_path / "file").touch()
    tries.append(lapor("run", "--config", house(tmp_path, gateway_toml='[house]\nstate = "file"\n')))
    for done in tries:
        assert done.returncode in (1, 78)
        assert "Traceback" not in done.stderr
        assert "lapor-gateway: " in done.stderr


def test_check_says_the_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    path = house(
        tmp_path,
        gateway_toml="[jornal]\n[http]\nport = -1\n",
        operators_toml='[[operator]]\nname = "a"\n',
        routes_csv="no,such,header\n",
        replies_id_toml='language = "id"\n[texts]\nreceipt = "{x}"\n',
    )
    done = lapor("check", "--config", path, secrets={})
    assert done.returncode == 78
    for words in (
        "gateway.toml:1: jornal",
        "gateway.toml:3: http.port",
        "operators.toml:1: operator[1]",
        "routes.csv:1:",
        "replies.id.toml: texts.receipt",
        "secret master_key is missing",
        "secret core_token is missing",
    ):
        assert words in done.stderr, words
    assert re.search(r"\d+ to mend", done.stdout)


def test_check_of_what_is_right_says_so_and_what_identity_leaves(tmp_path: Path) -> None:
    done = lapor("check", "--config", house(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "anonim: nothing" in done.stdout
    assert done.stdout.endswith("ok\n")


@pytest.mark.parametrize(
    ("toml", "words"), [('[house]\nstate = "file"\n', "is a file"), (f'[house]\nstate = "{"x" * 120}"\n', "longer than 107 octets")]
)
def test_check_finds_what_would_stop_run(tmp_path: Path, toml: str, words: str) -> None:
    (tmp_path / "file").touch()
    done = lapor("check", "--config", house(tmp_path, gateway_toml=toml))
    assert done.returncode == 78
    assert words in done.stderr


def test_a_new_key_is_one_that_run_takes(tmp_path: Path) -> None:
    one, two = lapor("key").stdout.strip(), lapor("key").stdout.strip()
    assert one != two
    assert lapor("check", "--config", house(tmp_path), secrets=SECRETS | {"LAPOR_MASTER_KEY": one}).returncode == 0


@pytest.mark.parametrize("what", ["core", "smsc", "x"])
def test_the_simulators_list_their_faults_and_know_no_others(what: str) -> None:
    told = lapor("simulate", what, "--faults", "help")
    assert (told.returncode, told.stdout.startswith("faults: ")) == (0, True)
    wrong = lapor("simulate", what, "--faults", "nope")
    assert wrong.returncode == 1
    assert "nope" in wrong.stderr


def test_a_simulated_smsc_without_a_keyboard_goes_on_until_it_is_ended() -> None:
    with subprocess.Popen(
        [*HEEDS_CTRL_C, sys.executable, "-m", "gateway.cli", "simulate", "smsc"],
        env=PLAIN,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert "listens on 127.0.0.1:" in lines[0]
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130


@pytest.mark.parametrize("what", ["smsc", "core", "x"])
def test_a_simulator_is_asked_from_outside_and_ends_in_order(tmp_path: Path, what: str) -> None:
    path = tmp_path / "s"
    command = [sys.executable, "-m", "gateway.cli", "simulate", what, "--control", str(path)]
    with subprocess.Popen(command, env=PLAIN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert next(line for line in process.stdout if "hears commands at" in line)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        told = lapor("simulate", "ask", str(path), "status")
        assert (told.returncode, "127.0.0.1:" in json.loads(told.stdout)["address"]) == (0, True)
        wrong = lapor("simulate", "ask", str(path), "fault", "name=moon")
        assert (wrong.returncode, "no fault 'moon'" in wrong.stderr) == (1, True)
        second = lapor("simulate", what, "--control", str(path))
        assert (second.returncode, "another simulator answers here" in second.stderr) == (1, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    assert not path.exists()
    gone = lapor("simulate", "ask", str(path), "status")
    assert (gone.returncode, f"no simulator answers at {path}" in gone.stderr) == (1, True)


def test_a_file_in_the_place_of_the_control_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("names", encoding="utf-8")
    done = lapor("simulate", "smsc", "--control", str(tmp_path / "list"))
    assert (done.returncode, "is no socket; choose another --control" in done.stderr) == (1, True)
    assert (tmp_path / "list").read_text(encoding="utf-8") == "names"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["number=62", "text=a = b"], {"number": "62", "text": "a = b"}),
        (["order:=[2,1]", "seconds:=0.5", "text="], {"order": [2, 1], "seconds": 0.5, "text": ""}),
        (["path=x", "verb=y"], {"path": "x", "verb": "y"}),
        (["text"], "neither NAME=WORDS nor NAME:=JSON"),
        (["order::=1"], "neither NAME=WORDS nor NAME:=JSON"),
        (["=a"], "neither NAME=WORDS nor NAME:=JSON"),
        (["order:=[2,"], "what stands after order:= is no JSON"),
        (["order:=" + "[" * 100_000], "what stands after order:= is no JSON"),
    ],
)
def test_what_is_typed_after_a_verb(typed: list[str], found: dict[str, object] | str) -> None:
    if isinstance(found, dict):
        assert simulate.arguments(typed) == found
        return
    with pytest.raises(GatewayError, match=found):
        simulate.arguments(typed)


def smsc(**changes: object) -> Simulator:
    return Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0, **changes), clocks(), Random(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("passwords", "code", "words"), [({}, 0, "OK: this operator can be bound"), ({"lapor1708": "secret12"}, 1, "ESME_RINVPASWD")]
)
def test_bind_once_says_in_plain_words_what_the_smsc_answers(tmp_path: Path, passwords: dict[str, str], code: int, words: str) -> None:
    async def main() -> None:
        simulator = smsc(passwords=passwords, system_id="SM\x1b[2JSC")
        await simulator.start()
        try:
            operators = f'[[operator]]\nname = "satu"\nhosts = ["{simulator.address}"]\nsystem_id = "lapor1708"\n'
            done = await alapor("bind", "satu", "--once", "--trace", "--config", house(tmp_path, operators_toml=operators))
        finally:
            await simulator.stop()
        assert words in done.stdout
        assert done.returncode == code
        assert "\x1b" not in done.stdout
        assert "secret12" not in done.stdout + done.stderr

    asyncio.run(main())


def test_a_second_run_says_who_holds_the_journal(tmp_path: Path) -> None:
    async def main() -> None:
        simulator, core = smsc(), CoreSimulator()
        await simulator.start()
        gateway = GatewayProcess(tmp_path, simulator)
        gateway.write(await core.start())
        try:
            await gateway.start()
            assert gateway.process is not None
            second = await alapor("run", "--config", str(tmp_path / "gateway.toml"))
            assert second.returncode == 1
            assert f"pid {gateway.process.pid}" in second.stderr
            told = await alapor("status", "--config", str(tmp_path / "gateway.toml"))
            assert told.returncode == 0
            assert "faults/trx1" in told.stdout
            listed = await alapor("desk", "list", "--config", str(tmp_path / "gateway.toml"))
            assert listed.stdout.startswith("Nothing waits for a person.")
            assert len(simulator.bound) == 2
        finally:
            await gateway.end()
            await simulator.stop()
            await core.stop()

    asyncio.run(main())


def test_sigterm_under_load_ends_in_order_and_loses_nothing(tmp_path: Path) -> None:
    count = 400

    async def main() -> None:
        simulator, core = smsc(), CoreSimulator(delay=lambda: 0.01)
        await simulator.start()
        gateway = GatewayProcess(tmp_path, simulator)
        gateway.write(await core.start())
        try:
            await gateway.start()
            mos = [simulator.post_mo(f"62812660{number:05}", f"AGAM jalan rusak nomor {number}")[0] for number in range(count)]
            async with asyncio.timeout(SECONDS):
                while len(core.stored) < 20:
                    await asyncio.sleep(0.005)
            await gateway.end(signal.SIGTERM)
            assert gateway.process is not None
            assert gateway.process.returncode == 0
            await gateway.start()
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*(mo.done for mo in mos))
                while len(core.stored) < count:
                    await asyncio.sleep(0.02)
            assert not core.doubled
            assert sorted(entry.text for [entry] in core.stored.values()) == sorted(
                f"AGAM jalan rusak nomor {number}" for number in range(count)
            )
        finally:
            await gateway.end()
            await simulator.stop()
            await core.stop()

    asyncio.run(main())


def test_a_second_sigterm_ends_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        simulator, core = smsc(), CoreSimulator(delay=lambda: 20.0)
        await simulator.start()
        gateway = GatewayProcess(tmp_path, simulator)
        gateway.write(await core.start())
        try:
            await gateway.start()
            assert gateway.process is not None
            await simulator.send_mo("6281266010001", "AGAM jalan rusak")
            async with asyncio.timeout(SECONDS):
                while not core.stored:
                    await asyncio.sleep(0.01)
            async with asyncio.timeout(15):  # less than the core takes: an orderly end would wait for it
                while gateway.process.returncode is None:  # signals that come too close together count as one
                    gateway.process.send_signal(signal.SIGTERM)
                    await asyncio.sleep(0.2)
            assert gateway.process.returncode == 1
        finally:
            await gateway.end()
            await simulator.stop()
            await core.stop()

    asyncio.run(main())
