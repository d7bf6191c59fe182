"""How far a source was read: nothing that X shows within the overlap is missed, wherever a reading is cut off."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x.snowflake import EPOCH_MS, first_of, time_of
from adapters.x.window import DAY_MS, MENTIONS_MAX, REACH_MS, Ask, Reach, Window, after, ask, begin, missed

NOW_MS = 1_795_000_000_000
MINUTE_MS = 60_000
OVERLAP_MS = 15 * MINUTE_MS
MENTIONS = Reach(OVERLAP_MS, DAY_MS, by_time=False)
SEARCH = replace(MENTIONS, by_time=True)


def test_an_id_is_its_time() -> None:
    assert time_of(first_of(NOW_MS)) == NOW_MS
    assert time_of(first_of(NOW_MS) - 1) == NOW_MS - 1
    assert first_of(0) == first_of(EPOCH_MS) == 0
    assert first_of(NOW_MS) - first_of(NOW_MS - OVERLAP_MS) == 3_774_873_600_000  # X-CHANNEL section 2


def test_the_first_reading_goes_back_its_hours_and_the_next_an_overlap() -> None:
    first = begin(Window(), NOW_MS, MENTIONS)
    assert ask(first, NOW_MS, MENTIONS) == Ask(first_of(NOW_MS - DAY_MS), None)
    high = first_of(NOW_MS)
    done = after(first, [high, high - 5], more=False)
    assert done == Window(high=high)
    assert ask(begin(done, NOW_MS, MENTIONS), NOW_MS, MENTIONS) == Ask(first_of(NOW_MS - OVERLAP_MS), None)


def test_a_reading_that_was_cut_off_goes_on_below_its_last_page_and_high_waits_for_the_end() -> None:
    old, high = first_of(NOW_MS - DAY_MS), first_of(NOW_MS)
    page = after(begin(Window(old), NOW_MS, MENTIONS), [high, high - 9], more=True)
    assert (page.high, page.top, page.until, page.seen, page.under_way) == (old, high, high - 9, 2, True)
    later = begin(Window.read(page.value()), NOW_MS + DAY_MS, MENTIONS)
    assert later == page
    assert ask(later, NOW_MS + DAY_MS, MENTIONS) == Ask(first_of(NOW_MS - DAY_MS - OVERLAP_MS), high - 9)
    assert after(later, [old + 3], more=False) == Window(high=high)


@pytest.mark.parametrize("more", [True, False])
def test_an_empty_page_ends_a_reading_and_forgets_nothing(*, more: bool) -> None:
    window = begin(Window(high=7), NOW_MS, MENTIONS)
    assert after(window, [], more=more) == Window(high=7)
    assert after(replace(window, until=3, top=9), [], more=more) == Window(high=9)


def test_late_posts_never_push_high_back() -> None:
    assert after(begin(Window(high=900), NOW_MS, MENTIONS), [5, 3], more=False) == Window(high=900)


LOST = [None, "", "{", "null", "[]", "7", '"x"', '{"high":"x"}', '{"high":null}', '{"high":Infinity}', '{"high":[]}', "\0"]


@pytest.mark.parametrize("value", LOST, ids=repr)
def test_a_cursor_that_nobody_can_read_is_none(value: str | None) -> None:
    assert Window.read(value) == Window()


def test_a_cursor_of_a_newer_version_is_read_for_what_we_know() -> None:
    assert Window.read(json.dumps({"high": 5, "colour": "red"})) == Window(high=5)


@given(st.builds(Window, *[st.integers(0, 2**64)] * 5))
def test_a_window_comes_back_as_it_was_stored(window: Window) -> None:
    assert Window.read(window.value()) == window


# ── what cannot be had any more ──


def test_search_beyond_seven_days_begins_where_x_still_gives_and_names_the_gap() -> None:
    high = first_of(NOW_MS - 9 * DAY_MS)
    wanted = ask(begin(Window(high), NOW_MS, SEARCH), NOW_MS, SEARCH)
    assert wanted == Ask(first_of(NOW_MS - REACH_MS), None, 9 * DAY_MS - REACH_MS)
    assert REACH_MS < 7 * DAY_MS


def test_only_the_overlap_beyond_seven_days_is_no_gap() -> None:
    high = first_of(NOW_MS - REACH_MS + MINUTE_MS)
    wanted = ask(begin(Window(high), NOW_MS, SEARCH), NOW_MS, SEARCH)
    assert wanted == Ask(first_of(NOW_MS - REACH_MS), None, 0)


def test_mentions_have_no_limit_of_days_and_a_first_reading_no_gap() -> None:
    assert ask(begin(Window(first_of(NOW_MS - 30 * DAY_MS)), NOW_MS, MENTIONS), NOW_MS, MENTIONS).gap_ms == 0
    wanted = ask(begin(Window(), NOW_MS, replace(SEARCH, first_ms=8 * DAY_MS)), NOW_MS, SEARCH)
    assert wanted == Ask(first_of(NOW_MS - REACH_MS), None, 0)


def test_a_reading_cut_off_longer_ago_than_x_reaches_is_over_and_its_rest_a_gap() -> None:
    old, top, until = first_of(NOW_MS - 9 * DAY_MS), first_of(NOW_MS - 3 * DAY_MS), first_of(NOW_MS - 8 * DAY_MS)
    cut = Window(old, low=old - 5, top=top, until=until, seen=700)
    fresh = begin(cut, NOW_MS, SEARCH)
    assert ask(fresh, NOW_MS, SEARCH) == Ask(first_of(NOW_MS - 3 * DAY_MS - OVERLAP_MS), None, 9 * DAY_MS - REACH_MS)
    assert after(fresh, [], more=False) == Window(high=top)
    assert begin(cut, NOW_MS, MENTIONS) == cut, "mentions have no limit of days"


HIGH = first_of(NOW_MS - DAY_MS)
MISSED = [
    ("800 and the last is newer than what we knew", Window(HIGH, seen=700), [HIGH + 200 + n for n in range(100)], MENTIONS, True),
    ("800 and the last is what we knew", Window(HIGH, seen=700), [HIGH + n for n in range(100)], MENTIONS, False),
    ("fewer than 800", Window(HIGH, seen=600), [HIGH + 200 + n for n in range(100)], MENTIONS, False),
    ("the very first reading", Window(0, seen=700), [HIGH + 200 + n for n in range(100)], MENTIONS, False),
    ("search has no such limit", Window(HIGH, seen=700), [HIGH + 200 + n for n in range(100)], SEARCH, False),
    ("an empty last page", Window(HIGH, seen=MENTIONS_MAX), [], MENTIONS, False),
]


@pytest.mark.parametrize(("label", "window", "ids", "reach", "gap"), MISSED, ids=[row[0] for row in MISSED])
def test_when_x_gives_no_more_though_there_was_more(label: str, window: Window, ids: list[int], reach: Reach, *, gap: bool) -> None:
    assert missed(window, ids, reach) is gap, label


# ── against a model of X ──


@dataclass
class Model:
    """X, which shows posts late, and a reader that crashes; what was handed over is stored with the cursor, or not at all."""

    reach: Reach
    now_ms: int = NOW_MS
    ids: list[int] = field(default_factory=list)
    shown_ms: dict[int, int] = field(default_factory=dict)
    stored: str | None = None
    kept: set[int] = field(default_factory=set)
    window: Window | None = None
    gathered: list[int] = field(default_factory=list)
    begun_with: set[int] = field(default_factory=set)

    def post(self, ago_ms: int, late_ms: int) -> None:
        """One is written; it shows `late_ms` after that, perhaps in the future."""
        created = self.now_ms - ago_ms
        one = first_of(created) + len(self.ids)
        self.ids.insert(bisect_left(self.ids, one), one)
        self.shown_ms[one] = max(self.now_ms, created + late_ms)

    def page(self, size: int, *, keep: bool) -> bool:
        """One page is read, and stored with those before it where `keep`; whether the reading is over."""
        if self.window is None:
            self.window = begin(Window.read(self.stored), self.now_ms, self.reach)
            self.gathered = []
            if not self.window.under_way:
                self.begun_with = {one for one in self.ids if self.shown_ms[one] <= self.now_ms}
        wanted = ask(self.window, self.now_ms, self.reach)
        least = wanted.since_id or 0
        assert not self.reach.by_time or time_of(least) > self.now_ms - 7 * DAY_MS, "X refuses an older one"
        found = [
            one for one in reversed(self.ids) if self.shown_ms[one] <= self.now_ms and one > least and one < (wanted.until_id or 1 << 70)
        ]
        ids, more = found[:size], len(found) > size
        self.window = after(self.window, ids, more=more)
        self.gathered += ids
        over = not self.window.under_way
        if keep or over:
            self.kept |= set(self.gathered)
            self.stored = self.window.value()
            self.gathered = []
        if over:
            self.check(self.window.high)
            self.window = None
        return over

    def crash(self) -> None:
        self.window, self.gathered = None, []

    def check(self, high: int) -> None:
        """What was shown when the reading began, and lies below its end, has been handed over."""
        assert {one for one in self.begun_with if one <= high} <= self.kept


STEPS = st.one_of(
    st.tuples(st.just("post"), st.integers(0, 5 * MINUTE_MS), st.integers(0, OVERLAP_MS)),
    st.tuples(st.just("page"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 40 * MINUTE_MS)),
    st.tuples(st.just("crash")),
)


@settings(max_examples=300)
@given(steps=st.lists(STEPS, max_size=60), by_time=st.booleans())
def test_every_post_that_shows_within_the_overlap_is_handed_over(*, steps: list[tuple[object, ...]], by_time: bool) -> None:
    x = Model(replace(MENTIONS, by_time=by_time))
    for step in steps:
        match step:
            case ("post", int(ago), int(late)):
                x.post(min(ago, late), late)
            case ("page", int(size), bool(keep)):
                x.page(size, keep=keep)
            case ("wait", int(ms)):
                x.now_ms += ms
            case _:
                x.crash()
    x.now_ms += OVERLAP_MS
    for _ in range(2):
        while not x.page(3, keep=True):
            pass
    if x.now_ms - NOW_MS < DAY_MS:
        assert x.kept == set(x.ids)
