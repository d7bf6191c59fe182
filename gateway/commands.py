"""What each verb of the command line does; cli.py says how it is called. Each takes the parsed options and returns the exit code."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

from gateway import settings
from gateway.clock import wall_ms
from gateway.privacy import on_screen, one_line
from gateway.secrets import Secrets
from gateway.termination import until_terminated
from parsers.errors import GatewayError, SettingsError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_CONFIGURATION = 0, 1, 2, 78
REPORT_LOOK_SECONDS = 0.3  # Ours: so long may an ack wait for a reader, where the log is at its limit.
REPORT_REST_SECONDS = 0.15  # SQLite's busy handler asks every 0.1 s at last (sqliteDefaultBusyCallback).


def say(line: str = "") -> None:
    """One line for the person who gave the command."""
    print(on_screen(line), flush=True)  # noqa: T201 - this is what a command is for


def run(options: argparse.Namespace) -> int:
    """Run the gateway until SIGTERM or SIGINT; a second one ends it at once, and the journal knows what was in flight."""
    from gateway import logs, tables  # noqa: PLC0415 - a verb loads what it needs: `--help` answers at once
    from gateway.app import Gateway  # noqa: PLC0415
    from gateway.notify import Notifier  # noqa: PLC0415

    secrets = Secrets.of_process()
    site = settings.load(settings.find(options.config), secrets)
    if problems := settings.disagreements(site):
        raise SettingsError(problems)
    loaded = tables.load(site)
    brake = logs.configure(site.settings.log.style, site.settings.log.level, secrets=secrets.known)
    logs.catch_uncaught()

    async def main() -> None:
        gateway = Gateway(site, loaded, Notifier(os.environ), brake)
        loop = asyncio.get_running_loop()

        def asked() -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
                signal.signal(number, lambda *_: os._exit(EXIT_FAILED))
            gateway.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked)
        tables.freeze()
        await gateway.run()

    return _loop(main())


def worker(options: argparse.Namespace) -> int:
    """Forward for the gateways of a site until SIGTERM: the pool, or with a slot one of its processes."""
    from gateway import logs, work  # noqa: PLC0415
    from gateway.notify import Notifier  # noqa: PLC0415

    secrets = Secrets.of_process()
    place = settings.workplace(settings.find(options.config), secrets)
    if problems := work.problems(place):
        raise SettingsError(problems)
    logs.configure(place.settings.log.style, place.settings.log.level, secrets=secrets.known)
    logs.catch_uncaught()
    if options.slot is not None:
        work.work(place, options.slot)
        return EXIT_OK

    async def main() -> None:
        pool = work.Pool(place, Notifier(os.environ))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, pool.stop)
        await pool.run()

    try:
        return _loop(main())
    except* SettingsError as group:
        raise group.exceptions[0] from None


def check(options: argparse.Namespace) -> int:
    """Say every mistake at once; 78 when there is one."""
    from gateway import check as checks  # noqa: PLC0415

    problems, notes = checks.check(options.config, wall_ms())
    for line in notes:
        say(line)
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201
    if problems:
        say(f"{len(problems)} to mend" if len(problems) > 1 else "1 to mend")
        return EXIT_CONFIGURATION
    say("ok")
    return _trial(options) if options.core else EXIT_OK


def _trial(options: argparse.Namespace) -> int:
    """File one marked test complaint, when a person wants it."""
    from gateway.trial import Trial  # noqa: PLC0415

    site = settings.load(settings.find(options.config), Secrets.of_process())
    core = site.settings.core
    say(f"one complaint, marked UJI COBA, will be filed at {core.url}")
    if not options.yes:
        if not sys.stdin.isatty():
            raise GatewayError("check --core files a real complaint: say --yes where nobody can be asked")
        if input("really? [y/N] ").strip().lower() not in ("y", "yes", "ya"):
            return EXIT_FAILED
    trial = Trial(core, lambda line: say(one_line(line)))
    return EXIT_OK if asyncio.run(trial.run(site.settings.identity, site.path.parent, add=options.supplement)) else EXIT_FAILED


def key(_: argparse.Namespace) -> int:
    """A new master key, in base64."""
    say(base64.b64encode(os.urandom(32)).decode())
    return EXIT_OK


def status(options: argparse.Namespace) -> int:
    """What a running gateway does and holds."""
    from gateway import status as page  # noqa: PLC0415

    found = ask(options, "status")
    say(json.dumps(found, indent=2) if options.json else page.render(found))
    return EXIT_OK


def alarms(options: argparse.Namespace) -> int:
    """Which alarms stand; 1 when one of them is critical. Or what one means, out of the run-book."""
    from gateway.alarms import page  # noqa: PLC0415

    if options.explain is not None:
        say(page.explained(options.explain))
        return EXIT_OK
    if options.rules:
        from gateway.alarms import rules  # noqa: PLC0415

        say(rules.rules(settings.without_secrets(settings.find(options.config)).settings).rstrip())
        return EXIT_OK
    found = ask(options, "alarms")
    say(json.dumps(found, indent=2) if options.json else page.render(found))
    return EXIT_FAILED if any(one["severity"] == "critical" for one in found["active"]) else EXIT_OK


def watch(options: argparse.Namespace) -> int:
    """Follow the events until Ctrl-C."""
    from gateway import control  # noqa: PLC0415

    async def follow() -> None:
        async for event in control.stream(_socket(options), "watch"):
            if options.json or not isinstance(event, dict):
                say(json.dumps(event))
            else:
                say(one_line("  ".join(f"{name}={value}" for name, value in event.items() if value is not None)))

    asyncio.run(follow())
    return EXIT_OK


def cluster(options: argparse.Namespace) -> int:
    """See the other gateways and the workers; forget one."""
    from gateway import cluster as page  # noqa: PLC0415

    if options.task == "status":
        found = ask(options, "cluster status")
        say(json.dumps(found, indent=2) if options.json else page.render(found))
        return EXIT_OK
    if not options.yes:
        say(page.RISK.format(name=options.name))
        return EXIT_FAILED
    say(page.forgotten(ask(options, "cluster forget", name=options.name)))
    return EXIT_OK


def journal(options: argparse.Namespace) -> int:
    """Look after the journal: backups, and the ways back."""
    from gateway import keeping  # noqa: PLC0415

    return keeping.TASKS[options.task](options)


def desk(options: argparse.Namespace) -> int:
    """What waits for a person, and settling it."""
    from gateway import desk_command  # noqa: PLC0415

    return desk_command.desk(options)


def ledger(options: argparse.Namespace) -> int:
    """What came of every message of a day, an operator's list beside ours, and the closed days."""
    from gateway import ledger as tasks  # noqa: PLC0415

    return tasks.ledger(options)


def enter(options: argparse.Namespace) -> int:
    """Type in what a citizen said at the counter, wrote in a letter or told on the telephone."""
    from gateway import entry_command  # noqa: PLC0415

    return entry_command.enter(options)


def report(options: argparse.Namespace) -> int:
    """The governor's table, read from the journal's file beside the gateway or without one."""
    from forwarder.journal import reporting  # noqa: PLC0415
    from gateway import report as reports  # noqa: PLC0415
    from gateway import report_page, tables  # noqa: PLC0415

    site, now_ms = settings.without_secrets(settings.find(options.config)), wall_ms()
    known, clocks = tables.measures(site)
    wish = reports.Wish(options.first, options.last, options.by, options.region or "")
    found = reporting.count(site.journal_path, reports.question(wish, known, clocks, now_ms), breather())
    made = reports.report(wish, found, known, clocks.workdays, now_ms)
    if options.csv:
        sys.stdout.write(report_page.sheet(made))
    else:
        say(json.dumps(report_page.document(made), indent=2, ensure_ascii=False) if options.json else report_page.page(made))
    return EXIT_OK


def late(options: argparse.Namespace) -> int:
    """What is late by rule, and with whom."""
    from gateway import late as tasks  # noqa: PLC0415

    return tasks.command(options)


def breather() -> Callable[[], None]:
    """Waits after each `REPORT_LOOK_SECONDS` of reading, so that a checkpoint of the gateway's finds nobody who reads."""
    began = time.monotonic()

    def rest() -> None:
        nonlocal began
        if time.monotonic() - began >= REPORT_LOOK_SECONDS:
            time.sleep(REPORT_REST_SECONDS)
            began = time.monotonic()

    return rest


def subject(options: argparse.Namespace) -> int:
    """One person's rights."""
    from gateway import subject as tasks  # noqa: PLC0415

    return tasks.subject(options)


def hold(options: argparse.Namespace) -> int:
    """Legal holds."""
    from gateway import subject as tasks  # noqa: PLC0415

    return tasks.hold(options)


def block(options: argparse.Namespace) -> int:
    """The block list."""
    from gateway import block as tasks  # noqa: PLC0415

    return tasks.block(options)


def keys(options: argparse.Namespace) -> int:
    """Master keys."""
    from gateway import subject as tasks  # noqa: PLC0415

    return tasks.keys(options)


def route(options: argparse.Namespace) -> int:
    """See, try and install routing tables."""
    from gateway import route as tasks  # noqa: PLC0415

    return tasks.route(options)


def audit(options: argparse.Namespace) -> int:
    """Who saw and did what, and whether that list is whole."""
    from gateway import audit_desk  # noqa: PLC0415

    return audit_desk.command(options)


def breach(options: argparse.Namespace) -> int:
    """Who is affected when what we held has leaked."""
    from gateway import breach as leak  # noqa: PLC0415

    return leak.command(options)


def bind(options: argparse.Namespace) -> int:
    """Bind once and explain what the operator's SMSC answers."""
    from adapters.smpp import probe  # noqa: PLC0415
    from adapters.smpp.dial import TcpDialler  # noqa: PLC0415
    from adapters.smpp.link import Surroundings  # noqa: PLC0415
    from adapters.smpp.reception import Clocks  # noqa: PLC0415

    site = settings.load(settings.find(options.config), Secrets.of_process())
    operators = {operator.name: operator for operator in site.smpp.operator}
    operator = operators.get(options.operator)
    if operator is None:
        raise SettingsError([f"{options.operator}: no such operator; operators.toml has {', '.join(operators) or 'none'}"])
    clocks = Clocks(wall_ms, time.monotonic)
    world = Surroundings(TcpDialler(operator), clocks, Random())  # noqa: S311 - spreads waits
    probing = probe.probe(operator, world, lambda line: say(one_line(line)), trace=options.trace)
    return EXIT_OK if asyncio.run(probing) else EXIT_FAILED


def simulate(options: argparse.Namespace) -> int:
    """Run a simulated operator, core or X alone, until Ctrl-C or SIGTERM; or ask one that runs."""
    from gateway import simulate as simulators  # noqa: PLC0415
    from gateway import simulate_x  # noqa: PLC0415

    if options.what == "ask":
        return asyncio.run(simulators.ask(options, say))
    play = {"smsc": simulators.smsc, "core": simulators.core, "x": simulate_x.x}[options.what]
    return _loop(until_terminated(play(options, say), code=EXIT_OK))


def demo(options: argparse.Namespace) -> int:
    """The whole road on one machine."""
    from gateway.demo import demo as play  # noqa: PLC0415

    if options.cluster:
        from gateway.demo.cluster_play import cluster  # noqa: PLC0415

        return asyncio.run(until_terminated(cluster(once=options.once), code=EXIT_FAILED))
    return asyncio.run(until_terminated(play(once=options.once), code=EXIT_FAILED))


def ask(options: argparse.Namespace, verb: str, **args: Any) -> Any:  # noqa: ANN401 - JSON from the socket
    """What the running gateway says to a verb of its socket."""
    from gateway import control  # noqa: PLC0415

    return asyncio.run(control.call(_socket(options), verb, **args))


def _socket(options: argparse.Namespace) -> Path:
    return settings.socket_of(settings.find(options.config))


def _loop(main: Coroutine[Any, Any, int | None]) -> int:
    """Run on uvloop where there is one: half the cost of every socket."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.run(main) or EXIT_OK
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main) or EXIT_OK
