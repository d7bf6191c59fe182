"""A bind to a simulated operator: kept up, pushed back, cut, refused, silenced."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import ipaddress
import socket
import ssl
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.channel import Answer
from adapters.smpp import codec
from adapters.smpp.backoff import Backoff, Setback, setback_of
from adapters.smpp.bearer import LinkState
from adapters.smpp.dial import server_context
from adapters.smpp.maintenance import Maintenance, Zone
from adapters.smpp.operator import Operator
from adapters.smpp.pdu import Command, Outgoing
from adapters.smpp.profile import BindMode, LaterStatus, ReconnectSettings, TlsSettings
from adapters.smpp.reception import Clocks
from parsers.errors import JournalError
from parsers.model import Address
from tests.smpp.peers import (
    CLOCKS,
    QUICK,
    SEED,
    SHORT,
    KeepingInbox,
    binds,
    operator_settings,
    play,
    running,
    scene,
    simulator,
    until,
    world,
)

SARI = "6281234567890"
Key = ec.EllipticCurvePrivateKey


def test_a_text_is_answered_after_it_is_kept_and_not_before() -> None:
    async def story() -> None:
        async with scene() as at:
            at.inbox.gate = asyncio.Event()
            [mo] = at.smsc.post_mo(SARI, "AGAM lampu jalan mati")
            await until(lambda: at.inbox.at_desk == 1)
            assert mo.answers == []
            at.inbox.gate.set()
            await mo.done
            [segment] = at.inbox.segments
            assert (segment.operator, segment.bind, segment.session) == ("satu", "trx", 1)
            assert segment.octets == b"AGAM lampu jalan mati"

    play(story())


def test_the_messages_of_one_read_are_one_batch() -> None:
    async def story() -> None:
        async with scene() as at:
            [bind] = at.smsc.bound
            text = Outgoing(Address(1, 1, SARI), Address(0, 1, "1708"), b"x")
            frames = [codec.message(Command.DELIVER_SM, text, number) for number in range(9, 19)]
            bind.wire.write_raw(b"".join(frames))
            await until(lambda: len(at.inbox.segments) == 10)
            assert len(at.inbox.batches) == 1

    play(story())


@pytest.mark.parametrize(
    ("later", "status"),
    [(LaterStatus.TEMPORARY, 0x64), (LaterStatus.THROTTLED, 0x58), (LaterStatus.QUEUE_FULL, 0x14), (LaterStatus.SYSTEM_ERROR, 0x08)],
)
def test_what_cannot_be_kept_is_put_off_in_the_operators_own_way_and_comes_again(later: LaterStatus, status: int) -> None:
    async def story() -> None:
        async with scene(later_status=later) as at:
            at.inbox.error = JournalError("no space")
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await until(lambda: len(mo.answers) >= 2)
            at.inbox.error = None
            await mo.done
            assert set(mo.answers) == {status, 0}
            assert {refusal.status for refusal in at.inbox.refusals} == {status}
            assert len(at.inbox.segments) == 1

    play(story())


def test_an_operator_who_repeats_only_what_got_no_answer_gets_none_and_an_unbind() -> None:
    async def story() -> None:
        async with scene(later_status=LaterStatus.UNBIND) as at:
            at.inbox.answer = Answer.LATER
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await until(lambda: bool(mo.answers))
            assert mo.answers[0] is None
            at.inbox.answer = Answer.KEPT
            await mo.done
            assert at.inbox.refusals[0].status == -1
            assert len(at.inbox.segments) == 1

    play(story())


def test_a_slow_front_desk_pushes_the_operator_back() -> None:
    async def story() -> None:
        async with scene(smsc_settings={"window": 500}, unacknowledged_max=20) as at:
            at.inbox.gate = asyncio.Event()
            for number in range(3000):
                at.smsc.post_mo(SARI, f"AGAM {number} " + "x" * 140)
            await until(lambda: at.inbox.at_desk >= 20)
            await asyncio.sleep(0.05)
            held = at.inbox.at_desk
            await asyncio.sleep(0.05)
            assert at.inbox.at_desk == held < 3000
            at.inbox.gate.set()
            await until(lambda: len(at.smsc.accepted) == 3000, 20)

    play(story())


def test_an_answer_that_took_longer_than_the_peer_waits_is_told() -> None:
    async def story() -> None:
        async with scene(smsc_settings={"timers": SHORT}, timers=SHORT) as at:
            at.inbox.gate = asyncio.Event()
            at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await until(lambda: at.inbox.at_desk == 1)
            await asyncio.sleep(0.5)
            at.inbox.gate.set()
            await until(lambda: bool(at.inbox.late))

    play(story())


def test_an_answer_that_could_not_be_written_is_told_and_the_copy_comes_on_the_sibling() -> None:
    async def story() -> None:
        async with scene(binds=binds(count=2)) as at:
            at.inbox.gate = asyncio.Event()
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await until(lambda: at.inbox.at_desk == 1)
            first = mo.last_bind
            next(bind for bind in at.smsc.bound if bind.name == first).drop()
            await until(lambda: mo.deliveries == 2)
            at.inbox.gate.set()
            await mo.done
            await until(lambda: len(at.inbox.late) == 1)
            assert {segment.bind for segment in at.inbox.segments} == {"trx1", "trx2"}

    play(story())


def test_parts_may_come_in_any_order_over_two_binds() -> None:
    async def story() -> None:
        async with scene(binds=binds(BindMode.RECEIVER, 2, "rx")) as at:
            text = "AGAM " + "lampu jalan mati di Lubuk Basung " * 8
            await at.smsc.send_long(SARI, text, order=(2, 1), binds=("b", "a"))
            assert {segment.bind for segment in at.inbox.segments} == {"rx1", "rx2"}
            assert [segment.octets[5] for segment in at.inbox.segments] == [2, 1]

    play(story())


def test_a_dead_peer_is_noticed_and_the_bind_comes_back() -> None:
    async def story() -> None:
        async with scene(timers=SHORT) as at:
            at.smsc.faults.silent = False
            [bind] = at.smsc.bound
            bind.wire.deaf = True
            await until(lambda: at.smsc.bind_requests >= 2)
            await until(lambda: at.operator.status()[0].state is LinkState.BOUND)
            assert at.operator.status()[0].connects >= 2

    play(story())


def test_half_a_pdu_drops_the_link_and_nothing_is_lost() -> None:
    async def story() -> None:
        async with scene(timers=SHORT, smsc_settings={"timers": SHORT}) as at:
            at.smsc.faults.stall_next = True
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await mo.done
            assert at.smsc.bind_requests >= 2
            assert len(at.inbox.segments) == 1

    play(story())


def test_a_reconnect_storm_loses_nothing_and_keeps_its_distance() -> None:
    async def story() -> None:
        async with scene(binds=binds(count=2)) as at:
            random = Random(SEED)
            for number in range(60):
                at.smsc.post_mo(SARI, f"AGAM {number}")
                if at.smsc.bound and random.random() < 0.4:
                    random.choice(at.smsc.bound).drop()
                await asyncio.sleep(0.01)
            await until(lambda: len(at.smsc.accepted) == 60, 20)
            kept = {segment.octets for segment in at.inbox.segments}
            assert kept == {f"AGAM {number}".encode() for number in range(60)}
            assert len(at.inbox.began) == len(at.inbox.ended) + 2 or await _ends(at.inbox)

    async def _ends(inbox: KeepingInbox) -> bool:
        await until(lambda: len(inbox.began) <= len(inbox.ended) + 2)
        return True

    play(story(), 60)


def test_the_waits_grow_are_drawn_and_stay_below_their_cap() -> None:
    now = 0.0
    settings = ReconnectSettings(first_seconds=1, most_seconds=60, apart_seconds=1)
    bounds: list[float] = []
    for seed in range(200):
        backoff = Backoff(settings, lambda: now, Random(seed))
        backoff.connecting()
        waits = [backoff.wait(Setback.FAILED) for _ in range(12)]
        assert all(1.0 <= wait <= 60.0 for wait in waits)
        bounds.append(waits[-1])
    assert len({round(wait, 3) for wait in bounds}) > 150
    assert max(bounds) > 50
    assert min(bounds) < 10


@pytest.mark.parametrize(("status", "low", "high"), [(0x05, 15, 16), (0x0E, 1, 60), (0x08, 1, 1)])
def test_each_refusal_has_its_own_wait(status: int, low: float, high: float) -> None:
    backoff = Backoff(ReconnectSettings(), lambda: 0.0, Random(SEED))
    backoff.connecting()
    assert low <= backoff.wait(setback_of(status)) <= high


def test_an_already_bound_answer_is_waited_out() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            smsc.faults.refuse_bind, smsc.faults.refuse_binds_next = 0x05, 1
            waits: list[float] = []

            async def sleep(seconds: float) -> None:
                waits.append(seconds)
                await asyncio.sleep(min(seconds, 0.01))

            settings = operator_settings(smsc.address)
            operator = Operator(settings, KeepingInbox(), world(settings, Clocks(CLOCKS.wall, CLOCKS.monotonic, sleep)))
            async with running(operator):
                await smsc.expect_binds(1)
            assert max(waits) >= settings.reconnect.already_bound_seconds

    play(story())


def test_the_next_host_is_taken_when_one_is_down() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            with socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))
                dead = f"127.0.0.1:{closed.getsockname()[1]}"
                settings = operator_settings(dead, smsc.address)
                operator = Operator(settings, KeepingInbox(), world(settings))
                async with running(operator):
                    await smsc.expect_binds(1)
                    assert operator.status()[0].peer == smsc.address

    play(story())


def test_a_stop_unbinds_first_and_finishes_what_is_at_the_front_desk() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            settings = operator_settings(smsc.address)
            inbox = KeepingInbox(gate=asyncio.Event())
            operator = Operator(settings, inbox, world(settings))
            async with running(operator) as task:
                await smsc.expect_binds(1)
                session = smsc.bound[0].wire.session
                [mo] = smsc.post_mo(SARI, "AGAM jalan rusak")
                await until(lambda: inbox.at_desk == 1)
                task.cancel()
                await asyncio.sleep(0.05)
                assert inbox.gate is not None
                inbox.gate.set()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            assert mo.answers == [0]
            assert session.counts[("in", "unbind", 0)] == 1
            assert inbox.ended == [1]

    play(story())


def test_in_maintenance_hours_nobody_knocks() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            always = Maintenance(dt.time(0), dt.time(0), zone=Zone.WIT)
            settings = operator_settings(smsc.address, maintenance=(always,))
            operator = Operator(settings, KeepingInbox(), world(settings))
            async with running(operator):
                await until(lambda: operator.status()[0].state is LinkState.MAINTENANCE)
                assert smsc.bind_requests == 0

    play(story())


RUDE: list[tuple[str, bytes]] = [
    ("a response to nothing", codec.message_answer(Command.SUBMIT_SM_RESP, 77, 0, "ab")),
    ("an unknown command", codec.bare(0x00000777, 5)),
    ("a generic_nack for nothing", codec.bare(Command.GENERIC_NACK, 0, 3)),
    ("an enquire_link flood", codec.bare(Command.ENQUIRE_LINK, 9) * 5000),
    ("a second bind response", codec.bare(Command.BIND_TRANSCEIVER_RESP, 1)),
    ("a request with a status", codec.bare(Command.ENQUIRE_LINK, 9, 0x45)),
    ("an empty deliver_sm", codec.bare(Command.DELIVER_SM, 4)),
    ("a cut deliver_sm", codec.bare(Command.DELIVER_SM, 4)[:3] + b"\x14" + codec.bare(Command.DELIVER_SM, 4)[4:] + b"abcd"),
]


@pytest.mark.parametrize(("label", "octets"), RUDE, ids=[label for label, _ in RUDE])
def test_a_rude_pdu_does_not_close_the_link(label: str, octets: bytes) -> None:
    async def story() -> None:
        async with scene() as at:
            [bind] = at.smsc.bound
            bind.wire.write_raw(octets)
            await at.smsc.send_mo(SARI, "AGAM jalan rusak")
            assert at.smsc.bind_requests == 1, label
            assert len(at.inbox.segments) == 1

    play(story())


@pytest.mark.parametrize("length", [0, 2, 15, 8193, 0xFFFFFFFF])
def test_a_lying_length_closes_the_link_and_the_message_comes_again(length: int) -> None:
    async def story() -> None:
        async with scene() as at:
            [bind] = at.smsc.bound
            bind.wire.write_raw(length.to_bytes(4, "big") + bytes(12))
            await at.smsc.send_mo(SARI, "AGAM jalan rusak")
            assert at.smsc.bind_requests == 2

    play(story())


def test_a_tlv_that_lies_is_kept_raw_and_answered() -> None:
    async def story() -> None:
        async with scene() as at:
            at.smsc.faults.broken_tlv_next = True
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            await mo.done
            assert len(at.inbox.unreadable) == 1
            assert at.smsc.bind_requests == 1

    play(story())


@pytest.mark.parametrize("fault", ["bind_answer_seconds", "bind_answer_twice", "bind_answer_sequence", "refuse_bind"])
def test_a_strange_answer_to_the_bind_ends_in_a_bind(fault: str) -> None:
    async def story() -> None:
        async with simulator() as smsc:
            values: dict[str, Any] = {"bind_answer_seconds": 0.1, "bind_answer_twice": True, "bind_answer_sequence": 7, "refuse_bind": 0x08}
            setattr(smsc.faults, fault, values[fault])
            settings = operator_settings(smsc.address, timers=SHORT)
            operator = Operator(settings, KeepingInbox(), world(settings))
            async with running(operator):
                await until(lambda: smsc.bind_requests == 1)
                smsc.faults.bind_answer_sequence = smsc.faults.refuse_bind = 0
                await smsc.expect_binds(1)
                await smsc.send_mo(SARI, "AGAM jalan rusak")

    play(story())


def test_an_unbind_of_the_smsc_is_answered_and_the_bind_comes_back() -> None:
    async def story() -> None:
        async with scene() as at:
            [bind] = at.smsc.bound
            bind.unbind()
            await until(lambda: bind.wire.session.counts.get(("in", "unbind_resp", 0), 0) == 1, 1)
            await until(lambda: at.smsc.bind_requests == 2)

    play(story())


@dataclasses.dataclass(frozen=True)
class Authority:
    """A throw-away certificate authority and one certificate each for a server and a client."""

    ca: Path
    server: tuple[Path, Path]
    client: tuple[Path, Path]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("tls")
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("throw-away CA", root_key, root_key, "throw-away CA", ca=True)
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def issue(name: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(name, key, root_key, "throw-away CA", ca=False)
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        paths[0].write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return paths

    return Authority(folder / "ca.pem", issue("smsc.example"), issue("gateway.example"))


def _certificate(name: str, key: Key, signer: Key, issuer: str, *, ca: bool) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


@pytest.mark.parametrize(
    ("label", "client", "binds_expected"),
    [
        ("right name, authority and client certificate", {"server_name": "smsc.example", "own": True, "known": True}, 1),
        ("another name", {"server_name": "other.example", "own": True, "known": True}, 0),
        ("the host we connect to is not in the certificate", {"server_name": None, "own": True, "known": True}, 0),
        ("an authority we do not know", {"server_name": "smsc.example", "own": True, "known": False}, 0),
        ("no client certificate", {"server_name": "smsc.example", "own": False, "known": True}, 0),
        ("anything goes", {"server_name": "other.example", "own": True, "known": False, "verify": False}, 1),
    ],
)
def test_tls_checks_the_host_and_shows_our_certificate(
    authority: Authority, label: str, client: dict[str, Any], binds_expected: int
) -> None:
    async def story() -> None:
        server = TlsSettings(ca=authority.ca, certificate=authority.server[0], key=authority.server[1])
        context: ssl.SSLContext = server_context(server)
        async with simulator() as smsc:
            await smsc.stop_listening()
            await smsc.start(context)
            tls = TlsSettings(
                ca=authority.ca if client["known"] else None,
                certificate=authority.client[0] if client["own"] else None,
                key=authority.client[1] if client["own"] else None,
                server_name=client["server_name"],
                verify=client.get("verify", True),
            )
            settings = operator_settings(smsc.address, tls=tls, reconnect=QUICK)
            operator = Operator(settings, KeepingInbox(), world(settings))
            async with running(operator):
                if binds_expected:
                    await smsc.expect_binds(1)
                    await smsc.send_mo(SARI, "AGAM jalan rusak")
                else:
                    await until(lambda: operator.status()[0].connects >= 2)
                    assert operator.status()[0].last_error, label
                assert len(smsc.bound) == binds_expected

    play(story())
