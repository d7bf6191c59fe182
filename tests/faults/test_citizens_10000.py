"""A few hundred citizens, and proof that the oracle sees what it is there for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forwarder.records import Composed, ReplyJob
from forwarder.replies import Texts
from forwarder.talk import Join, Talk
from gateway.composer import Composer
from tests.faults import citizens_10000
from tests.faults.citizens_10000 import access_for_ever
from tests.gateway.street import Street

SEED = 2_611_281_946
CITIZENS = 200


def broken(**planted: object) -> set[str]:
    """What the oracle calls broken, by kind."""
    print(f"seed={SEED}")
    one = citizens_10000.run(SEED, CITIZENS, **planted)  # type: ignore[arg-type]
    return {line.partition(":")[0] for line in one.found.wrong}


def test_each_citizen_keeps_his_case_and_nobody_another_s() -> None:
    print(f"seed={SEED}")
    one = citizens_10000.run(SEED, CITIZENS)
    assert not one.found.wrong, "\n".join(one.found.wrong[:10])
    done = one.town.counts + one.found.counts
    tried = ("numbers handed over", "by a new owner", "friend", "stranger", "wrong number", "questions answered", "report long", "again")
    assert all(done[kind] for kind in tried), f"not even tried: {done}"
    assert done["at the core"] > CITIZENS


class Forgets(Composer):
    """What is added to a case goes nowhere."""

    def converse(self, composed: Composed, talk: Talk) -> Composed:
        decided = super().converse(composed, talk)
        return replace(decided, moves=tuple(move for move in decided.moves if not isinstance(move, Join)))


class Babbles(Texts):
    """Tells whoever asks about something that is not his what it told the last one."""

    last = ""

    def render(self, job: ReplyJob) -> str:
        text = super().render(job)
        if job.kind == "status_unknown":
            return text + self.last
        self.last = text
        return text


def forgets(it: Street) -> None:
    it.house.composer.__class__ = Forgets  # type: ignore[assignment]


def babbles(it: Street) -> None:
    it.texts.__class__ = Babbles


def doubles(it: Street) -> None:
    """A core that keeps everything twice."""
    it.kept = 2


def test_a_number_that_sees_its_case_for_ever_is_found_out() -> None:
    assert "number shown to a stranger" in broken(desk=access_for_ever)


@pytest.mark.parametrize(
    ("made", "kind"),
    [(forgets, "lost"), (babbles, "number shown to a stranger"), (doubles, "filed twice")],
    ids=["forgets", "babbles", "doubles"],
)
def test_what_is_forgotten_told_around_or_filed_twice_is_found_out(made: object, kind: str) -> None:
    assert kind in broken(made=made)
