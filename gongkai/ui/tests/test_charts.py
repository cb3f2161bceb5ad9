"""The geometry of the small charts: nothing is lost, nothing is drawn outside its box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.ui import charts

COUNTS = st.integers(0, 400)


@given(COUNTS, COUNTS)
def test_every_duty_is_a_dot_or_a_share_of_the_bar(kept, missed):
    drawn = charts.dots(kept, missed)

    if kept + missed <= charts.MOST_DOTS:
        assert [dot.kept for dot in drawn.dots] == [True] * kept + [False] * missed
        assert all(dot.x < drawn.width and dot.y < drawn.height for dot in drawn.dots)
    else:
        assert drawn.kept_width + drawn.missed_width == pytest.approx(drawn.width)
        assert drawn.kept_width / drawn.width == pytest.approx(kept / (kept + missed), abs=0.001)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.none() | st.floats(0, 1e6))
def test_a_trend_stays_in_its_box(values, aim):
    drawn = charts.spark(values, aim)
    points = [tuple(map(float, point.split())) for point in drawn.path.removeprefix("M").split("L")]

    assert len(points) == len(values)
    assert all(2 <= x <= 92.1 and 2 <= y <= 23 for x, y in points)


def test_a_higher_value_stands_higher():
    assert charts.spark([90, 95]).end_y < charts.spark([95, 90]).end_y


def test_a_trend_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="至少要有一个数"):
        charts.spark([])


def test_bars_are_scaled_to_the_longest():
    longest, half, none = charts.bars([("住建局", 64), ("水务局", 32, True), ("教育局", 0)])

    assert (longest.share, half.share, none.share) == (100, 50, 0)
    assert (longest.is_late, half.is_late) == (False, True)


def test_bars_of_nothing_have_no_length():
    assert [bar.share for bar in charts.bars([("住建局", 0)])] == [0]


def test_the_heat_of_an_event_ends_now_and_knows_its_peak():
    drawn = charts.heat([3, 58, 31], hours=48)

    assert (drawn.peak, drawn.now) == (58, 31)
    assert [tick.label for tick in drawn.hours] == ["12 小时", "24 小时", "36 小时"]
    assert drawn.volumes[-1].label == "80"
    assert (drawn.is_early, drawn.is_late) == (True, False)


def test_labels_of_the_heat_stay_in_the_picture():
    assert charts.heat([1] * 40 + [9], hours=48).is_late
    assert not charts.heat([1] * 40 + [9], hours=48).is_early


def test_more_hours_than_the_axis_holds_are_an_error():
    with pytest.raises(ValueError, match="1 到 3 个"):
        charts.heat([1, 2, 3, 4], hours=2)
