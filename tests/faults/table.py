"""Write docs/reliability.md: the twenty figures, each with its goal and what was measured, from docs/reliability.csv.

usage: python -m tests.faults.table [--check]

The measured column is the newest nightly run of a figure's programmes, or the newest run at all. Nobody writes it by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.faults import length
from tests.faults.record import BOOK, ROOT, Row, rows

PAGE = ROOT / "docs" / "reliability.md"
HEAD = """\
<!-- made by tests/faults/table.py: `make docs` -->
# Reliability

What we promise under failure, and what was measured of it. **Accepted** is what we said yes to; **lost** is accepted, and afterwards
neither in the core nor waiting nor held where a person sees it; **filed twice** is two records in the core for one message.

Every run of a fault test writes its figures to [reliability.csv](reliability.csv), and the column *measured* is made from it: the newest
nightly run (`make nightly`) where there is one, else the newest of `make faults`. The date, the commit (with a `+`: and changes beside it)
and the seed stand with it; `SEED=n` repeats a run as far as a machine that is shared lets it. A figure of two cores shows that something
is right, not how much it bears.

| # | property | goal | measured | command |
|--:|---|---|---|---|
"""
TAIL = """
## What the figures do not say

- kill -9 leaves what the kernel holds: only the order of sync and answer (3) and the torn logs speak of a power cut.
- The operator, X and the core are ours here (adapters/smpp/simulator.py, forwarder/core/simulator.py); real ones repeat by other schedules.
- A reply that is on its way when we die is said once more, so a citizen may hear it twice; a second death in that moment leaves it unknown,
  and it is not sent a third time. How many that are for one kill depends on how many were on their way: see 2.
- A backup holds what was there when it was made: what is accepted after it and not filed is lost with the disk (22), unless a
  mirror has it.
"""


class Source(NamedTuple):
    """One programme of a figure, and how its figures read in words."""

    programme: str
    says: str


class Figure(NamedTuple):
    """One line of the page; `missing` says why nothing is measured, while nothing is."""

    property: str
    goal: str
    sources: tuple[Source, ...] = ()
    command: str = ""
    missing: str = "no run yet, the command prints it"


CALLS = "{calls:.0f} calls, {doubled:.0f} filed twice, {stuck:.0f} stuck"
FLOOD = "{flood:.0f} beside others, {kept:.0f} of {accepted:.0f} kept; others' p99 {others_p99_ms:.0f} ms; {rss_mb_max:.0f} MB"
SYSCALLS = "{kills:.0f} at a system call: {lost:.0f} lost"
FIGURES: Mapping[int, Figure] = {
    1: Figure(
        "kill -9 at random and at the N-th system call, under load",
        "≥ 500 + 500 kills a night, 0 lost",
        (Source("kill_storm", "{kills:.0f} random kills, {accepted:.0f} accepted: {lost:.0f} lost"), Source("syscall_kills", SYSCALLS)),
        "kill_storm syscall_kills",
    ),
    2: Figure(
        "the same runs, at the core and on the phones",
        "0 filed twice; answers twice ≤ 1 per kill",
        (
            Source(
                "kill_storm",
                "{redelivered:.0f} redeliveries, {doubled:.0f} filed twice; {answered_twice:.0f} answers twice in {kills:.0f} kills, "
                "{answered_twice_most:.0f} by one kill at most, none three times",
            ),
            Source("syscall_kills", "{doubled:.0f} filed twice, {answered_twice:.0f} answers twice in {kills:.0f} kills"),
        ),
        "kill_storm syscall_kills",
    ),
    3: Figure(
        "durable, then yes",
        "≥ 10,000 acks after their sync; ≥ 10,000 torn logs, 0 rows missing",
        (
            Source("ack_order", "{acks:.0f} acks, {early:.0f} before their sync"),
            Source("torn_log", "{reopenings:.0f} torn logs, {missing:.0f} rows missing, {corrupt:.0f} corrupt"),
        ),
        "ack_order torn_log",
    ),
    4: Figure(
        "disk full, failing, read-only",
        "≥ 500 injections: 0 lost, 0 false yes; later is 0x64 or 0x14; well ≤ 5 s after, no restart",
        (
            Source(
                "sick_disk",
                "{injections:.0f} injections, {false_yes:.0f} false yes, {lost:.0f} lost, {strange_status:.0f} other statuses, "
                "well after ≤ {well_seconds_most:.1f} s",
            ),
            Source(
                "full_disk", "full {injections:.0f} times, {false_yes:.0f} false yes, {lost:.0f} lost, well ≤ {well_seconds_most:.1f} s"
            ),
        ),
        "sick_disk",
    ),
    5: Figure(
        "hostile octets over SMPP",
        "≥ 1,000,000 PDUs a night: only our errors, no stall > 1 s, growth < 10 MB",
        (
            Source("fuzz_pdus", "{pdus:.0f} PDUs, {finds:.0f} finds, slowest {slowest_ms:.0f} ms, growth {growth_mb:.1f} MB"),
            Source(
                "fuzz_live",
                "{streams:.0f} streams on living connections, {exceptions:.0f} exceptions, growth {growth_mb:.1f} MB; an honest bind's p99 "
                "{alone_p99_ms:.0f} ms before, {honest_p99_ms:.0f} ms beside them",
            ),
        ),
        "fuzz_pdus fuzz_live",
    ),
    6: Figure(
        "split invariance",
        "≥ 10,000 streams",
        (Source("split_streams", "{streams:.0f} streams in {ways:.0f} ways, {different:.0f} meant something else"),),
        "split_streams",
    ),
    7: Figure(
        "state machines; simulated days",
        "every pair of state and input (`make test`); ≥ 2,000 days a night, 0 breaks",
        (Source("simulated_days", "{days:.0f} days, {messages:.0f} messages, {kills:.0f} kills, {breaks:.0f} breaks"),),
        "simulated_days",
    ),
    8: Figure(
        "slow peers",
        "500 dripping connections: closed ≤ 15 s, honest p99 < 500 ms",
        (Source("slow_clients", "{clients:.0f} clients, each borne ≤ {borne_seconds_max:.1f} s; honest p99 {honest_p99_ms:.0f} ms"),),
        "slow_clients",
    ),
    9: Figure(
        "Redis away, killed, emptied; workers killed and frozen",
        "500 workers and 500 gateways killed, Redis emptied 100 times a night, a worker frozen at every step: 0 lost, 0 filed twice; "
        "intake within 10 %",
        (
            Source(
                "worker_storm",
                "Redis emptied {emptied:.0f} times and killed {redis_killed:.0f} times, workers killed {workers_killed:.0f}, "
                "gateways killed {gateways_killed:.0f}, {restless:.0f} storms without an end; {accepted:.0f} accepted: {lost:.0f} lost, "
                "{doubled:.0f} filed twice",
            ),
            Source(
                "worker_frozen",
                "frozen for {frozen_seconds:.0f} s at {steps:.0f} steps, {failed:.0f} failed: {lost:.0f} lost, {doubled:.0f} filed twice",
            ),
            Source(
                "intake_emptied",
                "taken in {rate:.0f}/s, while Redis was emptied {emptied:.0f} times {rate_emptied:.0f}/s",
            ),
        ),
        "worker_storm worker_frozen intake_emptied",
    ),
    10: Figure(
        "core down an hour",
        "72,000 held, 0 lost; ≤ 1 probe per 30 s; drained ≤ 60 min",
        (
            Source(
                "core_down",
                "{held:.0f} held, {lost:.0f} lost, probes ≥ {probe_gap_seconds_min:.0f} s apart, drained in {drain_seconds:.0f} s",
            ),
        ),
        "core_down",
    ),
    11: Figure(
        "core that misbehaves",
        "≥ 10,000 faulted calls in each dialect: 0 filed twice, none stuck; the same of additions, each behind the one before",
        (
            Source("core_faults", f"addstream: {CALLS}"),
            Source("core_faults_mapped", f"mapped: {CALLS}"),
            Source("core_faults_georeport", f"georeport: {CALLS}"),
            Source(
                "supplement_faults",
                "{calls:.0f} calls to add, {deaths:.0f} deaths: {doubled:.0f} added twice, {lost:.0f} lost, {stuck:.0f} stuck, "
                "{out_of_order:.0f} out of order",
            ),
        ),
        "core_faults core_faults_mapped core_faults_georeport supplement_faults",
    ),
    12: Figure(
        "the wall clock jumps",
        "±1 h, ±1 day, back by seconds, 31 Dec, 2038: 0 lost, no part given up early, at most twice the attempts",
        (
            Source(
                "clock_steps",
                "{runs:.0f} runs, {accepted:.0f} accepted, {lost:.0f} lost, {doubled:.0f} filed twice, {early:.0f} long ones torn, "
                "{stuck:.0f} stuck, {attempts_times:.2f} times the attempts",
            ),
        ),
        "clock_steps",
        "its programme has not yet run to its end; the single steps of `make test` (tests/journal/test_clock.py) hold",
    ),
    13: Figure(
        "reconnect storm",
        "1,000 drops: ≤ 1 connect/s per bind, none in step; bound again ≤ 70 s; unbind ≤ 1 s; 0 lost",
        (
            Source(
                "reconnects",
                "{drops:.0f} drops, connects ≥ {apart_seconds_min:.1f} s apart, in step {in_step_max:.0f} times at most; back after "
                "{back_seconds_after_refused:.0f}, {back_seconds_after_black_hole:.0f} and {back_seconds_after_bind_refused:.0f} s "
                "(refused, black hole, bind refused); unbind {unbind_seconds_max:.2f} s; {lost:.0f} lost; {real_drops:.0f} real drops, "
                "{real_lost:.0f} lost",
            ),
        ),
        "reconnects",
    ),
    14: Figure(
        "long messages",
        "≥ 10,000, shuffled, repeated, over two binds, with kills: 100 % exact; 256 senders with one reference: 0 mixed",
        (
            Source(
                "long_messages", "{exact:.0f} of {messages:.0f} exact in {deliveries:.0f} deliveries, {kills:.0f} kills; {mixed:.0f} mixed"
            ),
        ),
        "long_messages",
    ),
    15: Figure(
        "flood from one sender",
        "10,000 in 60 s: others' p99 < 500 ms, ≤ 300 MB, all kept",
        (
            Source("flood_one_number", FLOOD),
            Source("flood_one_text", f"one text from many: {FLOOD}"),
            Source("flood_first_parts", f"first parts alone: {FLOOD}, {{open_sets:.0f}} sets open"),
        ),
        "floods",
    ),
    16: Figure(
        "hostile text",
        "≥ 2,000 strings on every path, exact",
        (
            Source(
                "hostile_texts",
                "{lines:.0f} strings on 4 paths, {exact:.0f} exact, {changed:.0f} changed, {exceptions:.0f} exceptions; "
                "desk {desk_wrong:.0f} wrong, log {log_leaks:.0f} leaks",
            ),
        ),
        "hostile_texts",
    ),
    17: Figure(
        "leaks of secrets and persons",
        "0 canaries found in logs at DEBUG, tracebacks, output, metrics, processes, journals, backups, Redis, wheel",
        (
            Source(
                "canaries",
                "{hits:.0f} found in {places:.0f} places ({megabytes:.0f} MB), after {roads:.0f} roads and {tracebacks:.0f} tracebacks",
            ),
        ),
        "canaries",
    ),
    18: Figure("console and webhook", "every route, role and method: 0 surprises", missing="the console is not built"),
    19: Figure(
        "host and supply chain",
        "exposure ≤ 1.5; all pinned (`make check`)",
        (Source("exposure", "{services:.0f} services, the worst {worst:.1f}, {above:.0f} above"),),
        "tests.systemd",
    ),
    20: Figure(
        "soak and speed",
        "2 h at 50 msg/s with faults: memory < 1 MB/h, loop lag p99 < 50 ms, accept p99 < 100 ms, to the core p99 < 5 s, cold start ≤ 5 s",
        (
            Source(
                "soak",
                "{minutes:.0f} min, {accepted:.0f} accepted, {faults:.0f} faults, {lost:.0f} lost, {doubled:.0f} filed twice; memory "
                "{rss_slope_mb_per_hour:.0f} MB/h; lag {lag_p99_ms:.0f} ms, accept {accept_p99_ms:.0f} ms, "
                "to the core {filed_p99_s:.1f} s, cold start {cold_start_s:.1f} s",
            ),
        ),
        "soak",
    ),
    21: Figure(
        "each check can fail",
        "every planted fault is noticed",
        (Source("planted", "{noticed:.0f} of {faults:.0f} planted faults noticed"),),
        "planted",
    ),
    22: Figure(
        "the disk dies",
        "restored: 0 filed twice, 0 lost of what the backup holds; mirrored: 0 lost",
        (
            Source(
                "disk_death",
                "{deaths:.0f} deaths and a backup: {lost:.0f} lost of {before:.0f} before it, {lost_after:.0f} lost after it, "
                "{doubled:.0f} filed twice",
            ),
            Source(
                "mirror_death",
                "{kills:.0f} disks thrown away with a mirror, which was killed {servers_killed:.0f} times, too; {accepted:.0f} accepted: "
                "{lost:.0f} lost, {doubled:.0f} filed twice",
            ),
        ),
        "disk_death mirror_death",
    ),
    23: Figure(
        "X under kills; a week on X",
        "each post one complaint, answered once; the books agree",
        (
            Source(
                "x_storm",
                "{kills:.0f} kills, {posted:.0f} posts, {filed:.0f} filed, {doubled:.0f} filed twice, {answered_twice:.0f} answered twice",
            ),
            Source("x_week", "{posts:.0f} posts in a simulated week, {deaths:.0f} deaths, {wrong:.0f} entries of the books wrong"),
        ),
        "x_storm x_week",
    ),
    24: Figure(
        "machines that answer us",
        "two machines stop after 2 messages; all kept; a citizen beside them is answered every time",
        (
            Source(
                "loops",
                "{machines:.0f} machines of 5 kinds: {two_machines:.0f} of our SMS to another gateway, {answers_max:.0f} at most to any; "
                "{kept:.0f} of {accepted:.0f} kept; the citizen answered {citizen_answered:.0f} times of {citizen_written:.0f}",
            ),
        ),
        "loops",
    ),
    25: Figure(
        "the burst of June 2013: 200 SMS/s for 2 h, 30 answers/s, the core away for an hour",
        "0 lost, 0 filed twice, each citizen one receipt, the ledger adds up",
        (
            Source(
                "burst_2013",
                "{sent:.0f} SMS ({scale:.3g} of all rates): {lost:.0f} lost, {doubled:.0f} filed twice, {silent:.0f} never answered, "
                "{answered_twice:.0f} answered twice; oldest unanswered {oldest_hours_max:.1f} h, all answered after "
                "{all_answered_hours:.1f} h",
            ),
        ),
        "burst_2013",
    ),
    26: Figure(
        "10,000 citizens over months: slips, silence, shared phones, numbers with a new owner, wrong numbers and PINs",
        "0 facts of a case to somebody without the right; every word at the core once, or held with a reason; the ledger adds up",
        (
            Source(
                "citizens_10000",
                "{citizens:.0f} citizens in {days:.0f} days, {handed_over:.0f} numbers with a new owner, {texts:.0f} texts, {replies:.0f} "
                "answers read by an oracle: {shown_to_strangers:.0f} facts shown to strangers, {lost:.0f} lost, {doubled:.0f} filed "
                "twice; {words_at_core:.0f} at the core, {words_held:.0f} held",
            ),
        ),
        "citizens_10000",
    ),
}
"""Numbered as the programme numbers them; 21 is about the tests themselves, from 22 on is what it does not number."""


def newest(book: Iterable[Row]) -> dict[str, Row]:
    """The row of each programme that counts: nightly before others, then the newest."""
    found: dict[str, Row] = {}
    for row in book:
        other = found.get(row.programme)
        if other is None or row.length == length.NIGHTLY or other.length != length.NIGHTLY:
            found[row.programme] = row
    return found


def measured(figure: Figure, book: Mapping[str, Row]) -> str:
    """What was measured, run by run; honestly nothing where nothing was."""
    if not any(source.programme in book for source in figure.sources):
        return f"not yet: {figure.missing}"
    return "; ".join(_measured(source, book.get(source.programme)) for source in figure.sources)


def _measured(source: Source, row: Row | None) -> str:
    if row is None:
        return f"{source.programme}: not yet"
    run = f"{row.date[:10]}, {row.commit}, seed {row.seed}" + ("" if row.length == length.NIGHTLY else ", short")
    return f"{source.says.format_map(row.figures)} ({run})"


def command(figure: Figure) -> str:
    """What prints it: fault tests by their names, or a module that stands by itself."""
    words = figure.command.split()
    tests = " ".join(word for word in words if "." not in word)
    calls = ([f"tests.faults {tests}"] if tests else []) + [word for word in words if "." in word]
    return ", ".join(f"`python -m {call}`" for call in calls)


def page(book: Iterable[Row]) -> str:
    """The whole page."""
    chosen = newest(book)
    lines = [
        f"| {number} | {figure.property} | {figure.goal} | {measured(figure, chosen)} | {command(figure)} |\n"
        for number, figure in FIGURES.items()
    ]
    return HEAD + "".join(lines) + TAIL


def write(path: Path = PAGE) -> int:
    """Write the page; with --check only say whether it and the book agree."""
    text = page(rows(BOOK))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{path.relative_to(ROOT)} does not say what {BOOK.relative_to(ROOT)} says: make docs", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(write())
