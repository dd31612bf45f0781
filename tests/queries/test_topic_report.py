"""A report on a topic, worked by hand from the dozen cases; who is told what; the same bytes every time."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from queries.errors import BadQuestion
from queries.execute import Warehouse, open_warehouse
from queries.hiding import Hiding
from queries.policies import read_privacy
from queries.question import Question
from queries.scope import Scope
from queries.topic_cases import Shown
from queries.topic_content import Basis, Places, TopicReport, canonical
from queries.topic_report import topic_report
from queries.topics import Topic, categories, category
from queries.vocabulary import Grain, Period, bucket_end, months_later
from tests.queries.dozen import district, only_row
from tests.services.versions import older, two_versions
from warehouse.store import Store

ROOT = Path(__file__).resolve().parents[2]
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
CODE = "1"
_SAME = """
import sys
from queries.execute import open_warehouse
from queries.topic_content import canonical
from tests.queries.test_topic_report import made
sys.stdout.buffer.write(canonical(made(open_warehouse(sys.argv[1], sys.argv[2]))))
"""


def months(first: date, last: date) -> tuple[Period, ...]:
    starts = [months_later(first, n) for n in range(60)]
    return tuple(Period(one, bucket_end(one, Grain.MONTH)) for one in starts if one <= last)


def code_of(warehouse: Warehouse, name: str) -> str:
    return next(code for code, one in categories(warehouse).items() if one.name.zh == name)


def made(
    warehouse: Warehouse,
    name: str = "城乡建设",
    districts: tuple[int, ...] = (),
    period: Period = MARCH,
    *,
    with_cases: bool = True,
) -> TopicReport:
    buckets = months(warehouse.info.data_from, period.end)
    found = category(warehouse, code_of(warehouse, name))
    topic = Topic(found, districts, period, Grain.MONTH, buckets)
    return topic_report(warehouse, topic, period.end, with_cases=with_cases)


def hidden(warehouse: Warehouse, *own: int) -> Warehouse:
    """The same warehouse as somebody sees it who may list the items of `own` districts alone."""
    return warehouse.seen_by(Scope(cases=own, smallest=5), Hiding(read_privacy(), b"0" * 32))


def counted(report: TopicReport, split: str) -> dict[str, float]:
    (division,) = [one for one in report.structure if one.split == split]
    return {part.name.zh: part.value for part in division.parts if part.value}


def placed(report: TopicReport, split: str) -> Places:
    (places,) = [one for one in report.places if one.split == split]
    return places


def test_it_is_worked_by_hand(warehouse: Warehouse, any_number: None) -> None:
    """Cases 7, 8, 11, 12, 13 and 14 are of 城乡建设 and of March 2026; ten items came in all."""
    report = made(warehouse)
    assert [one.zh for one in report.path] == ["城乡建设"]
    lines = {one.topic.metric: one for one in (*report.scale, *report.handling)}
    volume = lines["cases_registered"]
    # March 2025 has case 1 of it and 2 of another, February 2026 case 5
    assert (volume.topic.value, volume.topic.yoy_base, volume.topic.mom_base) == (6, 1, 1)
    assert (volume.topic.yoy, volume.every.value, volume.every.yoy_base) == (5, 10, 2)
    assert (report.share, report.share_before) == (0.6, 0.5)
    assert (report.rank, report.among) == (1, 2)  # 劳动 has 6, 9 and 15; 10 is not stated
    assert lines["first_time_cases"].topic.value == 2  # 11, 12
    assert lines["people_registered"].topic.value == 16  # 1 + 3 + 2 + 8 + 1 + 1
    repeat = lines["repeat_share"].topic
    assert (repeat.numerator, repeat.denominator) == (3, 5)  # 7, 8, 14 of all but 13, in litigation
    # 12 and 13 are told no further than 城乡建设 itself
    assert counted(report, "category2") == {"物业": 4, "城乡建设（未再细分）": 2}
    assert sorted(counted(report, "channel").values()) == [1, 1, 2, 2]
    assert [(one.part.name.zh, one.part.value, one.every) for one in placed(report, "district").rows] == [
        ("上城区", 3, 3),
        ("西湖区", 2, 3),
        ("萧山区", 1, 2),
    ]
    assert placed(report, "district").rows[1].within == 2 / 3
    assert {one.part.name.zh: one.part.value for one in placed(report, "street").rows} == {
        "湖滨街道": 2,
        "三墩镇": 2,
        "清波街道": 1,
        "城厢街道": 1,
    }
    assert [(one.name.zh, one.value) for one in report.units] == [
        ("上城住建局", 3),
        ("西湖人社局", 2),
        ("萧山住建局", 1),
    ]
    assert not any(one.stands_out for places in report.places for one in places.rows)


def test_its_trend_has_the_limits_of_its_own_months(warehouse: Warehouse) -> None:
    """Months from January 2025: 0 0 1 0 0 0 0 0 0 0 2 0 0 1 6; too few to expect anything of the calendar."""
    report = made(warehouse)
    assert [step.count for step in report.trend] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 6]
    assert math.isnan(report.trend[0].before)
    assert report.trend[-1].before == 1
    assert report.basis is Basis.CONTROL
    last = report.trend[-1]
    # mean 10 ÷ 15; mean moving range 12 ÷ 14
    assert last.expected == pytest.approx(2 / 3)
    assert last.high == pytest.approx(2 / 3 + 3 * 12 / 14 / 1.128)
    assert (last.low, last.signals[0]) == (0, "outside")
    assert report.trend[-2].signals == ()


def test_cases_in_point_are_those_most_repeated_then_with_most_heads(warehouse: Warehouse) -> None:
    report = made(warehouse)
    assert [one.number for one in report.cases] == ["no-8", "no-14", "no-13", "no-7", "no-12", "no-11"]
    assert report.cases_of is Shown.ALL
    first = report.cases[0]
    assert (first.title, first.registered_on, first.street.zh) == (
        "物业收费不公开",
        date(2026, 3, 6),
        "城厢街道",
    )
    assert (first.unit.zh, first.repeat_no, first.people) == ("萧山住建局", 1, 3)
    without = made(warehouse, with_cases=False)
    assert (without.cases, without.cases_of) == ((), Shown.LEFT_OUT)


def test_one_district_is_told_by_its_streets_and_a_deep_category_by_itself(
    warehouse: Warehouse, any_number: None
) -> None:
    report = made(warehouse, districts=(district("上城"),))
    assert [one.split for one in report.places] == ["street"]
    assert (report.count, report.share, report.place[0].zh) == (3, 1, "上城区")
    deep = made(warehouse, "停车费")
    assert [one.zh for one in deep.path] == ["城乡建设", "物业", "收费", "涨价", "停车费"]
    assert deep.count == 1  # case 7
    assert [one.split for one in deep.structure] == ["channel", "purpose"]  # nothing below


def test_an_office_is_named_its_own_units_and_cases_alone(warehouse: Warehouse, any_number: None) -> None:
    office = hidden(warehouse, district("上城"))
    report = made(office)
    assert not report.is_exact
    assert (report.units_of, [one.name.zh for one in report.units]) == (Shown.OWN, ["上城住建局"])
    assert (report.cases_of, [one.number for one in report.cases]) == (Shown.OWN, ["no-14", "no-7", "no-11"])
    assert report.rank is None
    assert report.basis is Basis.NONE
    # its own district exactly, no other: fewer than five
    assert {one.part.name.zh: one.part.value for one in placed(report, "district").rows} == {"上城区": 3}
    own = made(office, districts=(district("上城"),))
    assert own.is_exact
    assert (own.units_of, own.cases_of, own.rank) == (Shown.ALL, Shown.ALL, 1)
    assert own.count == 3


def test_who_may_list_nothing_is_named_nothing(warehouse: Warehouse, any_number: None) -> None:
    report = made(hidden(warehouse))
    assert (report.units_of, report.units, report.cases_of, report.cases) == (Shown.NONE, (), Shown.NONE, ())
    told = canonical(report).decode()
    assert "no-" not in told
    assert "住建局" not in told
    # six items are few: what is hidden is never a zero
    assert report.count in (5, 10) or math.isnan(report.count)
    # and nothing is judged or compared
    assert [one.subject for one in report.points] in ([], ["scale"])
    parts = [part for one in report.structure for part in one.parts]
    assert all(math.isnan(one.value) or one.value >= 5 for one in parts)
    assert all(math.isnan(step.count) or step.count >= 5 for step in report.trend)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 900 random cases, and a later version of 1 000 that is live."""
    return two_versions(tmp_path_factory.mktemp("topics"), 900, 1000)


@pytest.fixture
def first(place: Path) -> Iterator[Warehouse]:
    """The older version, by its name."""
    with older(place) as opened:
        yield opened


def test_two_processes_give_the_same_bytes_and_a_later_load_changes_nothing(
    place: Path, first: Warehouse
) -> None:
    here, version = canonical(made(first)), Store(place).versions()[0]
    for seed in ("1", "2"):
        command = [sys.executable, "-c", _SAME, str(place), version]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout
        assert told == here
    live = open_warehouse(place)
    try:
        assert canonical(made(live)) != here
    finally:
        live.close()


def test_its_json_has_no_gaps_and_says_what_it_follows(first: Warehouse) -> None:
    report = made(first)
    told = json.loads(canonical(report), parse_constant=pytest.fail)
    assert told["fingerprint"] == report.fingerprint
    assert told["policy"]["topic.standing_out.deviations"] == "3.0"
    assert told["policy"]["metric[repeat_share]"].startswith("同人同事此前已登记过的件")


def test_its_numbers_are_those_of_the_questions_and_its_parts_make_the_whole(first: Warehouse) -> None:
    report = made(first)
    found = category(first, code_of(first, "城乡建设"))
    asked = only_row(first.ask(Question(("cases_registered",), MARCH, MARCH.end, filters=(found.filter,))))
    assert report.count == asked["cases_registered"] > 20
    for one in report.structure:
        assert sum(part.value for part in one.parts) == report.count
    districts = placed(report, "district").rows
    assert sum(one.part.value for one in districts) == report.count
    assert [one.part.value for one in districts] == sorted(
        (one.part.value for one in districts), reverse=True
    )
    assert report.basis is Basis.CALENDAR
    assert report.trend[-1].count == report.count


@pytest.mark.parametrize(
    ("period", "as_of"),
    [
        (Period(date(2024, 12, 1), date(2025, 1, 31)), date(2025, 1, 31)),
        (MARCH, date(2026, 3, 30)),
        (MARCH, date(2026, 5, 1)),
    ],
)
def test_a_period_that_the_data_do_not_hold(first: Warehouse, period: Period, as_of: date) -> None:
    found = category(first, code_of(first, "劳动"))
    with pytest.raises(BadQuestion, match="choose days from 2025-01-01 to 2026-04-30"):
        topic_report(first, Topic(found, (), period, Grain.MONTH, ()), as_of, with_cases=False)


def test_a_category_that_is_none_is_named_with_its_neighbours(first: Warehouse) -> None:
    with pytest.raises(BadQuestion, match="No category has the code 'nowhere'; did you mean"):
        category(first, "nowhere")
