"""Kannel 1.4.5 on the same road, for comparison: SMPP in, one HTTP request per message, without a store and with its spool.

Needs Debian's package `kannel` (apt-get install kannel); without it this says so and measures nothing. Kannel never syncs its spool and
acknowledges before the application has the message; what that costs is not part of these figures (tests/faults/kill_storm.py is ours).
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
from pathlib import Path
from random import Random

import psutil
import uvloop

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.barecore import HEAD, BareCore

COUNT = 20_000
WINDOW = 100
WAIT_SECONDS = 90.0
PORTS = {"admin": 23401, "box": 23402, "send": 23403}
CONFIGURATION = """\
group = core
admin-port = {admin}
admin-password = bench
admin-allow-ip = "127.0.0.1"
smsbox-port = {box}
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 4
{store}
group = smsc
smsc = smpp
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = "bench"
smsc-password = "bench"
system-type = ""
max-pending-submits = 100

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
log-file = "{folder}/smsbox.log"
log-level = 4
http-request-retry = 3
max-pending-requests = 512

group = sms-service
keyword = default
get-url = "{sink}/?from=%p&text=%a"
max-messages = 0
"""
STORES = {"no store": "", "spool": 'store-type = spool\nstore-location = "{folder}/spool"\n'}


class Sink(BareCore):
    """The application behind Kannel: counts requests and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0

    def answer(self, body: bytes) -> bytes:  # noqa: ARG002 - a GET has none
        """One request."""
        self.requests += 1
        return HEAD % 0


async def measure(store: str) -> str:
    """One run with one store."""
    with tempfile.TemporaryDirectory(prefix="lapor-kannel-") as name:
        folder = Path(name)
        (folder / "spool").mkdir()
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        smsc, sink = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(1)), Sink()
        await smsc.start()
        base = await sink.start()
        text = CONFIGURATION.format(folder=folder, store=STORES[store].format(folder=folder), smsc=smsc.port, sink=base, **PORTS)
        (folder / "kannel.conf").write_text(text, encoding="utf-8")
        boxes = [await _box(program, folder) for program in ("bearerbox", "smsbox")]
        try:
            await smsc.expect_binds(1, 20)
            await asyncio.sleep(2)
            return await _measured(store, smsc, sink, [psutil.Process(box.pid) for box in boxes])
        finally:
            for box in reversed(boxes):
                box.send_signal(signal.SIGKILL)
                await box.wait()
            await smsc.stop()
            await sink.stop()


async def _box(program: str, folder: Path) -> asyncio.subprocess.Process:
    found = shutil.which(program) or f"/usr/sbin/{program}"
    quiet = asyncio.subprocess.DEVNULL
    box = await asyncio.create_subprocess_exec(found, str(folder / "kannel.conf"), stdout=quiet, stderr=quiet)
    await asyncio.sleep(1)
    return box


async def _measured(store: str, smsc: Simulator, sink: Sink, boxes: list[psutil.Process]) -> str:
    used = sum(sum(box.cpu_times()[:2]) for box in boxes)
    began = time.monotonic()
    report = await Load(smsc, LoadSettings(COUNT, window=WINDOW)).run()
    while sink.requests < COUNT and time.monotonic() < began + WAIT_SECONDS:  # noqa: ASYNC110 - another process brings it about
        await asyncio.sleep(0.005)
    seconds = time.monotonic() - began
    cpu = (sum(sum(box.cpu_times()[:2]) for box in boxes) - used) * 1000 / COUNT
    p99 = report.percentile(0.99) * 1000
    missing = f", {COUNT - sink.requests} never came" if sink.requests < COUNT else ""
    rates = f"acks {report.per_second:6.0f}/s  end to end {sink.requests / seconds:6.0f}/s"
    return f"Kannel, {store:<10} {rates}  p99 {p99:5.1f} ms  CPU {cpu:.3f} ms{missing}"


def main() -> None:
    """Both stores, or one line that says what is missing."""
    if not (shutil.which("bearerbox") or Path("/usr/sbin/bearerbox").exists()):
        print("Kannel is not installed, so nothing is compared: apt-get install kannel")
        return
    for store in STORES:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(runner.run(measure(store)), flush=True)


if __name__ == "__main__":
    main()
