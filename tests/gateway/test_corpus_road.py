"""A share of the corpus on its road: whoever answers or does not, each complaint is filed, and a desk that keeps one back is found out."""

from __future__ import annotations

from tests.gateway import corpus_road
from tests.gateway.corpus_road import SEED, complaints, run

EACH = 60


def test_every_complaint_is_filed_though_nobody_answers_a_question() -> None:
    found = run(complaints(EACH), None)
    assert (found.whole, found.breaks) == (True, [])
    assert set(found.paid.values()) == {1}
    assert max(found.waits["place"]) < corpus_road.DAYS_MAX * 86_400
    assert max(found.waits["nothing"]) < min(found.waits["place"])


def test_whoever_answers_pays_for_it_and_loses_nothing() -> None:
    print(f"seed={SEED}")
    found = run(complaints(EACH), SEED)
    assert (found.whole, found.breaks) == (True, [])
    assert max(found.paid.values()) <= 3, "more than two questions"
    assert min(found.waits["place"]) < 3_600, "an answer did not let the complaint go"


def test_a_keyword_alone_is_asked_for_its_matter_and_filed_without_an_answer() -> None:
    empty = [one for one in complaints() if one[1].kind == "empty"][:5]
    found = run(empty, None)
    assert (found.filed, set(found.asked.values())) == (len(empty), {"matter"})
