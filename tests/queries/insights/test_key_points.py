"""The five sentences on numbers worked by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest

from queries.insights.key_points import Facts, Member, Share, Tone, Unit, key_points, run_length, tone
from queries.vocabulary import Direction, Text

NAN = math.nan
EAST, WEST = Text("东区", "East"), Text("西区", "West")
CALM, SAFE = Text("诉求总量降", "Volume down"), Text("重大活动安", "Safe events")

FACTS = Facts(
    place=Text("杭州市", "Hangzhou"),
    index=71.8,
    index_before=70.6,
    index_weeks=4,
    index_parts=((CALM, 1.5), (SAFE, -0.3)),
    volume=1100.0,
    volume_change=0.10,
    volume_members=(Member(EAST, 700, 580), Member(WEST, 400, 420)),
    repeat=Share(0.08, 88, 1100, -0.004),
    weekly_repeat=(0.09, 0.085, 0.088, 0.082, 0.08),
    on_time=Share(0.96, 480, 500, 0.01, (Member(EAST, 0.99), Member(WEST, 0.91))),
    cleared=Share(0.5, 950, 1900, 0.06),
    stock=950.0,
    overdue_share=0.2,
)


def said(subject: str, **changes: Any) -> Any:
    return next(point for point in key_points(replace(FACTS, **changes)) if point.subject == subject)


def test_index_comes_first_then_what_got_worse() -> None:
    assert [point.subject for point in key_points(FACTS)] == [
        "index",
        "volume",
        "repeat",
        "on_time",
        "backlog",
    ]
    subjects = [point.subject for point in key_points(replace(FACTS, volume_change=-0.1))]
    assert subjects == ["index", "volume", "repeat", "on_time", "backlog"]
    late = replace(FACTS, volume_change=-0.1, on_time=Share(0.9, 450, 500, -0.02))
    assert [point.subject for point in key_points(late)][:2] == ["index", "on_time"]


def test_index_names_the_aim_that_moved_it_most_in_its_direction() -> None:
    rise = said("index")
    assert rise.numbers["aim"].value == CALM
    assert rise.numbers["change"].value == pytest.approx(1.2)
    assert rise.tone is Tone.BETTER
    fall = said("index", index=70.0)
    assert fall.numbers["aim"].value == SAFE
    assert fall.numbers["part"].value == pytest.approx(0.3)
    assert fall.tone is Tone.WORSE
    assert said("index", index=70.6).tone is Tone.UNCHANGED


def test_rise_of_volume_names_the_district_that_added_most() -> None:
    point = said("volume")
    assert point.tone is Tone.WORSE
    assert point.numbers["district"].value == EAST
    assert point.numbers["amount"].value == 120
    fall = said("volume", volume_change=-0.02)
    assert fall.numbers["district"].value == WEST
    assert fall.numbers["amount"].value == 20


def test_volume_without_last_year_says_so() -> None:
    point = said("volume", volume_change=NAN)
    assert "上年同期无数据" in point.sentence.zh
    assert set(point.numbers) == {"count"}


def test_run_of_weeks_outweighs_the_comparison_with_last_year() -> None:
    assert "change" in said("repeat").numbers
    run = said("repeat", weekly_repeat=(0.05, 0.06, 0.07, 0.08))
    assert run.numbers["weeks"].value == 3
    assert run.tone is Tone.WORSE
    assert "上升" in run.sentence.zh


def test_late_replies_are_due_less_on_time_and_the_lowest_is_named() -> None:
    point = said("on_time")
    assert point.numbers["late"].value == 20
    assert point.numbers["district"].value == WEST
    assert (point.numerator, point.denominator) == (480, 500)
    nobody = said("on_time", on_time=Share(1.0, 500, 500, 0.0, (Member(EAST, 1.0),)))
    assert "district" not in nobody.numbers


def test_what_is_not_known_is_not_said() -> None:
    nothing = Share(NAN, 0, 0, NAN)
    silent = replace(FACTS, index=NAN, volume=NAN, repeat=nothing, on_time=nothing, cleared=nothing)
    assert key_points(silent) == ()
    assert "overdue" not in said("backlog", overdue_share=NAN).numbers


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"index": 70.0, "volume_change": -0.1, "repeat": Share(0.08, 88, 1100, 0.01)},
        {"index_before": 71.8, "volume_change": 0.001, "repeat": Share(0.08, 88, 1100, 0.0)},
        {"index_parts": (), "volume_members": (), "overdue_share": NAN, "weekly_repeat": (4, 3, 2, 1)},
        {"index": 70.0, "index_parts": (), "volume_members": (), "volume_change": -0.1},
    ],
)
def test_every_place_of_a_sentence_has_its_number_in_both_languages(changes: dict[str, Any]) -> None:
    for point in key_points(replace(FACTS, **changes)):
        values = dict.fromkeys(point.numbers, "#")
        for sentence in (point.sentence.zh, point.sentence.en):
            assert "{" not in sentence.format(**values)
            for name in values:
                if name != "weeks":
                    assert f"{{{name}}}" in sentence, (sentence, name)


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ((), 0),
        ((1,), 0),
        ((1, 2, 3), 2),
        ((3, 2, 1), -2),
        ((1, 2, 2), 0),
        ((5, 1, 2, 3), 2),
        ((1, NAN, 2), 0),
    ],
)
def test_run_counts_the_steps_one_way_up_to_the_end(values: tuple[float, ...], length: int) -> None:
    assert run_length(values) == length


def test_tone_follows_the_direction() -> None:
    assert tone(0.1, Direction.DOWN, 0.01) is Tone.WORSE
    assert tone(0.005, Direction.DOWN, 0.01) is Tone.UNCHANGED
    assert tone(NAN, Direction.UP, 0.01) is Tone.UNCHANGED
    assert tone(0.1, Direction.NEITHER, 0.01) is Tone.UNCHANGED


def test_units_of_the_numbers() -> None:
    assert said("repeat").numbers["change"].unit is Unit.POINTS
    assert said("volume").numbers["change"].unit is Unit.RELATIVE
