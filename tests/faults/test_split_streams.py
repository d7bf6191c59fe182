"""A few streams in three ways; and that a session which minds where it is cut would be noticed."""

from __future__ import annotations

from adapters.smpp.session import Session
from tests.faults.split_streams import differing
from tests.property.test_smpp_session import told


def test_streams_mean_the_same_however_they_are_cut() -> None:
    assert differing(300)[0] == 0


def test_a_reader_that_forgets_what_came_before_a_cut_is_found_out() -> None:
    def forgetful(session: Session, stream: bytes, cuts: list[int]) -> object:
        kept = stream[: cuts[1]] if len(cuts) > 1 else stream
        return told(session, kept, [])

    assert differing(50, tell=forgetful)[0] > 0
