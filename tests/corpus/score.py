"""How well the routing engine does on the labelled corpus: `make score`.

Every line is a share of errors with its n and the upper end of the one-sided 95 % interval (Clopper-Pearson; with no error
the rule of three). --failures lists the texts behind the errors, but never those of the held-out third unless --open asks for it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.corpus import engine, generate, labelled
from tests.corpus.engine import Outcome
from tests.corpus.labelled import Labelled

ASKED = {"proposed", "ambiguous"}
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Case:
    """A message, its labels, and what the engine made of it."""

    label: Labelled
    got: Outcome

    @property
    def explicit(self) -> bool:
        return self.got.certainty == "explicit"

    @property
    def office_right(self) -> bool:
        """Whether the office the engine names is one that the labels allow."""
        decision, label = self.got.decision, self.label
        if decision is None or decision.region is None:
            return decision is not None and label.keyword is not None and decision.keyword == label.keyword
        if label.region is not None:
            return decision.region == label.region
        return label.candidates_include == (decision.region,) and label.decision != ("ambiguous",)

    @property
    def wrong_office(self) -> bool:
        return self.explicit and not self.office_right


@dataclass(frozen=True, slots=True)
class Measure:
    """One line: among `of`, those that are `wrong` are errors."""

    name: str
    of: Callable[[Case], bool]
    wrong: Callable[[Case], bool]
    per: int = 100


def upper_bound(errors: int, n: int) -> float:
    """The largest share of errors that `errors` of `n` still allow at 95 % (Clopper-Pearson, one-sided)."""
    if n == 0 or errors >= n:
        return 1.0
    low, high = errors / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(errors, n, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(errors: int, n: int, share: float) -> float:
    """The chance of no more than `errors` errors in `n` draws (binomial)."""
    whole = math.lgamma(n + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(share) + (n - k) * math.log1p(-share))
        for k in range(errors + 1)
    )


def _tagged(*tags: str) -> Callable[[Case], bool]:
    return lambda case: case.label.kind == "complaint" and any(tag.startswith(tags) for tag in case.label.tags)


def _complaint(case: Case) -> bool:
    return case.label.kind != "command"


def _written(case: Case) -> bool:
    """A complaint that the engine took for one."""
    return case.label.kind == "complaint" and case.got.hints is not None


def _asked_in_vain(case: Case) -> bool:
    return case.got.certainty in ASKED


def _is_typo(case: Case) -> bool:
    return _tagged("typo")(case) and set(case.label.decision) <= ASKED and bool(case.label.candidates_include)


def _is_twin(case: Case) -> bool:
    return _tagged("twin")(case) and case.label.decision == ("ambiguous",)


def _undecided_wrongly(case: Case) -> bool:
    return case.got.certainty not in case.label.decision


def _candidate_missing(case: Case) -> bool:
    return not set(case.label.candidates_include) & case.got.candidates


def _twin_missing(case: Case) -> bool:
    return not set(case.label.candidates_include) <= case.got.candidates or case.got.certainty != "ambiguous"


def _topic(case: Case) -> str | None:
    return case.got.hints.topic if case.got.hints else None


def _wishes_missed(case: Case) -> bool:
    return case.got.hints is None or not case.got.hints.wants_rahasia


def _anonim_missed(case: Case) -> bool:
    return case.got.hints is None or not case.got.hints.wants_anonim


def _unlike(case: Case, name: str) -> bool:
    return case.got.hints is None or set(getattr(case.got.hints, name)) != set(getattr(case.label, name) or ())


MEASURES = (
    Measure("wrong office per 10,000 texts", lambda _: True, lambda c: c.wrong_office, 10_000),
    Measure("citizens asked who need not have been", lambda c: _complaint(c) and not ASKED & set(c.label.decision), _asked_in_vain),
    Measure("explicit: wrong office among the explicit (1 - precision)", lambda c: c.explicit, lambda c: c.wrong_office),
    Measure(
        "explicit: missed (1 - recall)",
        lambda c: _complaint(c) and c.label.decision == ("explicit",),
        lambda c: not (c.explicit and c.office_right),
    ),
    Measure("twins: wrong office", _tagged("twin"), lambda c: c.wrong_office),
    Measure("twins: not asked with all their offices", _is_twin, _twin_missing),
    Measure("near pairs: wrong office", _tagged("near-pair"), lambda c: c.wrong_office),
    Measure("near pairs: another decision", _tagged("near-pair"), _undecided_wrongly),
    Measure("prefix pairs: wrong office", _tagged("prefix-pair"), lambda c: c.wrong_office),
    Measure("prefix pairs: another decision", _tagged("prefix-pair"), _undecided_wrongly),
    Measure("near misses and everyday words: explicit", _tagged("near-miss", "ordinary"), lambda c: c.wrong_office),
    Measure("typos: the right region is no candidate", _is_typo, _candidate_missing),
    Measure("typos: decided without asking", _is_typo, lambda c: c.explicit),
    Measure("no place named, but not national", _tagged("no-place"), lambda c: c.got.certainty != "national"),
    Measure(
        "a place named inside, but not among the hints",
        lambda c: _tagged("hint")(c) and c.label.decision == ("hinted",) and c.label.region is not None,
        lambda c: c.got.hints is None or c.label.region not in c.got.hints.regions,
    ),
    Measure("commands not recognised", lambda c: c.label.kind == "command", lambda c: c.got.kind != "command"),
    Measure("commands taken for another", lambda c: c.label.kind == c.got.kind == "command", lambda c: c.got.command != c.label.command),
    Measure("complaints read as commands", lambda c: c.label.kind == "complaint", lambda c: c.got.kind == "command"),
    Measure("  of them: begin with a command word or a digit", _tagged("command-word", "digit"), lambda c: c.got.kind == "command"),
    Measure("empty texts not seen as empty", lambda c: c.label.kind == "empty", lambda c: c.got.kind != "empty"),
    Measure(
        "topic: wrong (1 - precision)", lambda c: bool(c.label.topic) and _topic(c) is not None, lambda c: _topic(c) not in c.label.topic
    ),
    Measure("topic: none found", lambda c: bool(c.label.topic) and _written(c), lambda c: _topic(c) is None),
    Measure("rahasia: wish missed (1 - recall)", lambda c: c.label.rahasia, _wishes_missed),
    Measure(
        "rahasia: set without a wish",
        lambda c: _written(c) and not c.label.rahasia and c.label.anonim is False,
        lambda c: not _wishes_missed(c),
    ),
    Measure("anonim: wish missed", lambda c: c.label.anonim is True, _anonim_missed),
    Measure("anonim: set without a wish", lambda c: _written(c) and c.label.anonim is False, lambda c: not _anonim_missed(c)),
    Measure(
        "pengawasan: abuse of office missed", lambda c: c.label.oversight is True, lambda c: not (c.got.hints and c.got.hints.oversight)
    ),
    Measure("danger: missed", lambda c: c.label.danger is True, lambda c: not (c.got.hints and c.got.hints.danger)),
    Measure("identifiers: other kinds than written", lambda c: c.label.identifiers is not None, lambda c: _unlike(c, "identifiers")),
    Measure(
        "classification: another",
        lambda c: _written(c) and bool(c.label.classification),
        lambda c: c.got.hints is None or str(c.got.hints.classification) not in c.label.classification,
    ),
    Measure("unit: missed", lambda c: c.label.unit is not None, lambda c: c.got.decision is None or c.got.decision.unit != c.label.unit),
    Measure(
        "body: not exact",
        lambda c: c.label.body is not None and c.got.decision is not None and c.got.certainty in c.label.decision,
        lambda c: c.got.body.strip() != (c.label.body or "").strip(),
    ),
    Measure("late keywords: another decision", _tagged("late", "early-late"), _undecided_wrongly),
    Measure("X: another decision", lambda c: c.label.channel == "x" and c.label.kind == "complaint", _undecided_wrongly),
)


def cases(messages: Iterable[Labelled]) -> list[Case]:
    """Every message run through the engine."""
    return [Case(message, engine.run(message)) for message in messages]


def failures(measure: Measure, judged: Sequence[Case]) -> tuple[int, list[Case]]:
    """How many the measure speaks of, and those of them that are errors."""
    among = [case for case in judged if measure.of(case)]
    return len(among), [case for case in among if measure.wrong(case)]


def report(title: str, judged: Sequence[Case], *, listed: int) -> None:
    """Print every measure that has an n; `listed` failures with each."""
    print(f"\n{title}: {len(judged):,} messages")
    for measure in MEASURES:
        n, wrong = failures(measure, judged)
        if n == 0:
            continue
        share, bound = (measure.per * value for value in (len(wrong) / n, upper_bound(len(wrong), n)))
        unit = " %" if measure.per == 100 else ""
        print(f"  {measure.name:<58} {share:8.2f}{unit:<2}  {len(wrong):>5,} of {n:>6,}   at most {bound:.2f}{unit}")
        for case in wrong[:listed]:
            print(f"      {_described(case)}")


def _described(case: Case) -> str:
    label, got = case.label, case.got
    wanted = f"{label.command or '/'.join(label.decision)} {label.region or label.keyword or '+'.join(label.candidates_include) or '-'}"
    if got.decision is None or got.hints is None:
        found = f"command {got.command}"
    else:
        decision, hints = got.decision, got.hints
        candidates = "+".join(sorted(got.candidates))
        where = decision.region or decision.keyword or "-"
        found = f"{decision.certainty} {where} [{candidates}] {hints.topic} {hints.classification} body={got.body[:40]!r}"
    return f"{label.id} {label.text[:90]!r}: wanted {wanted}, got {found}"


def main() -> int:
    """Score the parts; 0 always, the figures speak."""
    reader = argparse.ArgumentParser(prog="make score", description="Score the routing engine on the labelled corpus.")
    reader.add_argument("--generated", type=int, default=20_000, metavar="N", help="how many texts to generate (default 20000)")
    reader.add_argument("--seed", type=int, default=1708, help="of the generated texts (default 1708)")
    reader.add_argument(
        "--failures", type=int, nargs="?", const=20, default=0, metavar="N", help="list up to N failures with each line (default 20)"
    )
    reader.add_argument("--open", action="store_true", help="list those of the held-out third, too: do not tune on them")
    options = reader.parse_args()
    print("share of errors, errors of n, and what 95 % confidence still allows")
    generated = cases(generate.messages(options.seed, options.generated))
    tuning, held_out = cases(labelled.read(labelled.TUNING)), cases(labelled.read(labelled.HELD_OUT))
    report("All", [*tuning, *held_out, *generated], listed=0)
    report("Hand-written, tuning", tuning, listed=options.failures)
    opened = [case for case in held_out if case.label.id.startswith(labelled.OPENED_IDS)]
    closed = [case for case in held_out if not case.label.id.startswith(labelled.OPENED_IDS)]
    report("Hand-written, held out and opened", opened, listed=options.failures)
    report("Hand-written, held out", closed, listed=options.failures if options.open else 0)
    report(f"Generated, seed {options.seed}", generated, listed=options.failures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
