"""Every yes comes after the sync of its row: one system-call trace of a gateway under load, read call by call.

For each deliver_sm_resp there must be a write to the journal's log that began after the deliver_sm was read, and a sync of the log that
began after that write and was over before the answer was written. A gateway with the opposite order planted must be caught.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.barecore import BareCore
from tests.faults.gateway_process import GatewayProcess
from tests.faults.plants import ACK_FIRST, NO_SYNC
from tests.faults.record import record

BUDGET_SECONDS = 80
SEED = 1
MESSAGES = 10_000
PLANTED_MESSAGES = 300
STRACE = ("strace", "-D", "-f", "-y", "-xx", "-ttt", "-T", "-s", "1000000")
CALLS = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fdatasync,fsync"
LINE = re.compile(r"^(?:\[pid +)?(\d+)\]? *([\d.]+) (?:<\.\.\. )?(\w+)(?:\((\d+)<(.*?)>)?(.*)$")
HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")
DELIVER_SM, DELIVER_SM_RESP = 0x05, 0x80000005
PDU_OCTETS_MAX = 70_000


def sequences(octets: bytes, command: int) -> Iterator[int]:
    """Sequence numbers of the PDUs of one command in a run of whole PDUs; a cut first or last one is passed over."""
    at = 0
    while at + 16 <= len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        if not 16 <= length <= PDU_OCTETS_MAX:
            return
        if int.from_bytes(octets[at + 4 : at + 8], "big") == command:
            yield int.from_bytes(octets[at + 12 : at + 16], "big")
        at += length


class Order:
    """What the trace shows, in the order of its lines: a call's line stands where it ended, its start is in the line."""

    def __init__(self) -> None:
        self.acks = 0
        self.early: list[int] = []
        self._read_at: dict[int, float] = {}
        self._writes: list[float] = []
        self._synced_writes_until = 0.0
        self._carry: dict[str, bytes] = {}

    def take(self, name: str, target: str, octets: bytes, span: tuple[float, float]) -> None:
        """One finished call on one file or socket."""
        began, ended = span
        if target.endswith("-wal"):
            if name == "pwrite64":
                self._writes.append(began)
            elif name in ("fdatasync", "fsync"):
                self._synced_writes_until = max((write for write in self._writes if write <= began), default=0.0)
        elif target.startswith(("TCP", "socket")):
            if name in ("read", "readv", "recvfrom", "recvmsg"):
                self._arrived(target, octets, ended)
            else:
                self._answered(octets)

    def _arrived(self, target: str, octets: bytes, at: float) -> None:
        stream = self._carry.get(target, b"") + octets
        while len(stream) >= 16 and len(stream) >= (length := int.from_bytes(stream[:4], "big")) >= 16:
            for sequence in sequences(stream[:length], DELIVER_SM):
                self._read_at.setdefault(sequence, at)
            stream = stream[length:]
        self._carry[target] = stream if int.from_bytes(stream[:4], "big") <= PDU_OCTETS_MAX else b""  # else it is HTTP

    def _answered(self, octets: bytes) -> None:
        for sequence in sequences(octets, DELIVER_SM_RESP):
            read_at = self._read_at.get(sequence)
            if read_at is None:
                continue
            self.acks += 1
            if self._synced_writes_until <= read_at:
                self.early.append(sequence)


def read(lines: Iterable[str]) -> Order:
    """Read a trace of strace -f -y -xx -ttt -T; unfinished calls are put together with their ends."""
    order = Order()
    open_calls: dict[str, tuple[str, str, float, str]] = {}
    for line in lines:
        if (found := LINE.match(line)) is None:
            continue
        pid, at, name, _, target, rest = found.groups()
        if "<unfinished ...>" in rest:
            open_calls[pid] = (name, target or "", float(at), rest)
            continue
        began, before = float(at), ""
        if target is None and pid in open_calls:
            name, target, began, before = open_calls.pop(pid)
        took = re.search(r"<([\d.]+)>$", rest)
        ended = began + float(took[1]) if took else float(at)
        octets = b"".join(bytes.fromhex(part.replace("\\x", "")) for part in HEX.findall(before + rest))
        order.take(name, _plain(target or ""), octets, (began, max(ended, float(at))))
    return order


def _plain(target: str) -> str:
    """The name of a file or socket, which -xx writes in hexadecimal too."""
    return bytes.fromhex(target.replace("\\x", "")).decode("utf-8", "replace") if target.startswith("\\x") else target


async def trace(folder: Path, messages: int, planted: str = "") -> Order:
    """Run a gateway under strace with so many messages, and read the trace."""
    clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc = Simulator(SimulatorSettings(receipts=False), clocks, Random(SEED))
    core = BareCore()
    await smsc.start()
    gateway = GatewayProcess(folder, smsc, binds=1)
    gateway.write(await core.start())
    file = folder / "trace"
    try:
        await gateway.start(*STRACE, "-e", CALLS, "-o", str(file), planted=planted)
        await Load(smsc, LoadSettings(messages, rate=1_000.0, window=50)).run()
    finally:
        await gateway.end()
        await smsc.stop()
        await core.stop()
    with file.open(encoding="ascii", errors="replace") as lines:
        return read(lines)


def main() -> bool:
    """10,000 acks in order; the opposite order and a sync left out are noticed."""
    if shutil.which("strace") is None:
        print("ack_order needs strace: apt-get install strace")
        return False
    found = _traced(MESSAGES)
    print(f"{found.acks} acks, {len(found.early)} of them before the sync of their row", flush=True)
    noticed = {}
    for name, planted in (("ack_first", ACK_FIRST), ("no_sync", NO_SYNC)):
        wrong = _traced(PLANTED_MESSAGES, planted)
        print(f"planted {name}: {len(wrong.early)} of {wrong.acks} were noticed", flush=True)
        noticed[f"noticed_{name}"] = len(wrong.early)
    record("ack_order", seed=SEED, acks=found.acks, early=len(found.early), planted=PLANTED_MESSAGES, **noticed)
    return found.acks >= MESSAGES and not found.early and all(noticed.values())


def _traced(messages: int, planted: str = "") -> Order:
    with tempfile.TemporaryDirectory(prefix="lapor-order-") as folder:
        return asyncio.run(trace(Path(folder), messages, planted))


if __name__ == "__main__":
    sys.exit(not main())
