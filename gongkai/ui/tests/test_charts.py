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
    listed = charts.Figure("教育局", 0, url="/?unit=3")
    longest, half, none = charts.bars([("住建局", 64), ("水务局", 32, True), listed])

    assert (longest.share, half.share, none.share) == (100, 50, 0)
    assert (longest.figure.is_late, half.figure.is_late) == (False, True)
    assert none.figure == listed


def test_bars_of_nothing_have_no_length():
    assert [bar.share for bar in charts.bars([("住建局", 0)])] == [0]


SQUARES = st.lists(
    st.builds(
        charts.Square, st.text("县城关街道镇乡", min_size=1, max_size=16), st.integers(0, 10**6), st.just(""),
        st.integers(1, 20), st.integers(1, 20),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@given(SQUARES)
def test_every_placed_square_is_drawn_inside_the_map_and_its_shade_is_in_the_key(squares):
    drawn = charts.tiles(squares)
    shades = dict(drawn.key)

    assert sorted(tile.square for tile in drawn.tiles) == sorted(squares)
    assert (min(tile.x for tile in drawn.tiles), min(tile.y for tile in drawn.tiles)) == (0, 0)
    for tile in drawn.tiles:
        assert tile.x + charts.PITCH <= drawn.width
        assert tile.y + charts.PITCH <= drawn.height
        low, _, high = shades[tile.shade].partition("—")
        assert int(low) <= tile.square.value <= int(high or low)
        assert 1 <= len(tile.lines) <= 2
        assert tile.square.name.startswith("".join(tile.lines))


def test_squares_stand_as_they_lie_and_the_rest_is_left_out():
    drawn = charts.tiles(
        [
            charts.Square("南桥镇", 9, "", 4, 3),
            charts.Square("茶园乡", 3),
            charts.Square("北山乡", 0, "", 3, 4),
        ]
    )

    assert [(tile.square.name, tile.x, tile.y) for tile in drawn.tiles] == [
        ("北山乡", 100, 0),
        ("南桥镇", 0, 100),
    ]
    assert drawn.key == ((0, "0"), (1, "1—3"), (2, "4—6"), (3, "7—9"), (4, "10—12"))


def test_the_steps_of_a_map_are_round_numbers():
    assert charts.tiles([charts.Square("城关镇", 81, "", 1, 1)]).key[1:] == (
        (1, "1—30"), (2, "31—60"), (3, "61—90"), (4, "91—120"),
    )  # fmt: skip
    assert charts.tiles([charts.Square("城关镇", 2, "", 1, 1)]).key[1] == (1, "1")


def test_without_squares_there_is_no_map():
    assert charts.tiles([charts.Square("南桥镇", 9)]).tiles == ()


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
