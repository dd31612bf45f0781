"""What the calendar lets expect: known effects are found again, bands cover, outbursts do not deceive."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from queries.insights.control_chart import Signal
from queries.insights.expectation import Day, Expectation, expect
from queries.vocabulary import Period

FIRST = date(2023, 1, 2)  # a Monday
YEARS = 1092  # 156 weeks
AHEAD = 56


def calendar(days: int) -> list[Day]:
    """Days from FIRST: weekends free but for late September, a holiday in October, a festival in February."""
    found = []
    for on in (FIRST + timedelta(offset) for offset in range(days)):
        holiday = "national" if on.month == 10 and on.day <= 7 else None
        festival = on.month == 2 and 5 <= on.day <= 11
        made_up = on.weekday() == 5 and on.month == 9 and on.day >= 20
        worked = (on.weekday() < 5 or made_up) and holiday is None and not festival
        found.append(Day(on, worked, "spring_festival" if festival else holiday, festival))
    return found


def truth(day: Day) -> float:
    """The mean of the made-up city: 200 a working day, six tenths at weekends, a third in holidays."""
    yearly = 1 + 0.1 * math.sin(day.on.toordinal() / 365.25 * 2 * math.pi)
    return 200 * yearly * (0.33 if day.holiday else 1.0 if day.is_workday else 0.6)


def made_up(days: int, seed: int = 1) -> dict[date, int]:
    """Poisson counts of the made-up city."""
    draw = np.random.default_rng(seed)
    return {day.on: int(draw.poisson(truth(day))) for day in calendar(days)}


def week(number: int) -> Period:
    """The week `number` from FIRST."""
    return Period(FIRST + timedelta(weeks=number), FIRST + timedelta(weeks=number, days=6))


def learnt(counts: dict[date, int], ahead: int = AHEAD) -> Expectation:
    """The expectation from `counts`, which must be enough."""
    found = expect(counts, calendar(len(counts) + ahead))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def city() -> Expectation:
    """Three made-up years."""
    return learnt(made_up(YEARS))


def test_weekdays_holidays_and_the_time_of_year_are_found_again(city: Expectation) -> None:
    days = calendar(YEARS + AHEAD)
    # the days beside the made-up festival are ordinary ones: what is learnt there is noise of fourteen days
    off = [abs(city.mean[at] / truth(day) - 1) for at, day in enumerate(days)]
    assert np.median(off) < 0.01
    assert max(off) < 0.06


def test_bands_hold_about_ninety_five_of_a_hundred(city: Expectation) -> None:
    inside = [bucket.low <= (bucket.counted or 0) <= bucket.high for bucket in city.over(weeks(0, 156))]
    assert 0.90 <= sum(inside) / len(inside) <= 1.0
    held = total = 0
    for seed in range(2, 12):
        counts = made_up(YEARS, seed)
        cut = {day: count for day, count in counts.items() if day < FIRST + timedelta(weeks=148)}
        ahead = learnt(cut).over(weeks(148, 156))
        real = [sum(counts[one.period.start + timedelta(day)] for day in range(7)) for one in ahead]
        held += sum(one.low <= value <= one.high for one, value in zip(ahead, real, strict=True))
        total += len(ahead)
    assert 0.88 <= held / total <= 1.0


def weeks(first: int, end: int) -> list[Period]:
    """The weeks `first` to `end`, the last one not included."""
    return [week(number) for number in range(first, end)]


def test_band_of_poisson_counts_is_that_of_the_tables() -> None:
    # close to a hundred every day for years, so that nothing but the counts' own spread is left
    counts = {day.on: 99 + at % 3 for at, day in enumerate(calendar(YEARS))}
    flat = learnt(counts)
    (bucket,) = flat.over([Period(FIRST, FIRST)])
    # 2.5 and 97.5 per cent of Poisson(100): 81 and 120
    assert (bucket.low, bucket.high) == pytest.approx((81, 120), abs=1)
    assert bucket.expected == pytest.approx(100, abs=0.5)


def test_outburst_stands_out_and_does_not_lift_what_is_expected(city: Expectation) -> None:
    counts = made_up(YEARS)
    for day in range(7):
        counts[FIRST + timedelta(weeks=120, days=day)] *= 3
    hit = learnt(counts)
    around = weeks(100, 140)
    marked = [
        number for number, one in enumerate(hit.over(around), start=100) if Signal.OUTSIDE in one.signals
    ]
    assert marked == [120]
    assert hit.over(around)[20].expected == pytest.approx(city.over(around)[20].expected, rel=0.02)
    assert hit.over(weeks(156, 157))[0].expected == pytest.approx(
        city.over(weeks(156, 157))[0].expected, rel=0.03
    )


def test_rest_of_a_week_is_what_is_known_and_what_is_expected() -> None:
    counts = made_up(YEARS + 4)
    known = sum(count for day, count in counts.items() if day >= FIRST + timedelta(weeks=156))
    (bucket,) = [one for one in learnt(counts).over(weeks(150, 157)) if one.period == week(156)]
    assert bucket.counted is None
    assert bucket.low > known
    open_days = [truth(day) for day in calendar(YEARS + 7)[-3:]]
    assert bucket.expected - known == pytest.approx(sum(open_days), rel=0.05)
    assert bucket.high - bucket.low < 6 * math.sqrt(sum(open_days)), "known days are not uncertain"


def test_last_weeks_level_is_carried_ahead_and_fades() -> None:
    draw, level = np.random.default_rng(3), 0.0
    counts = {}
    for at, day in enumerate(calendar(YEARS)):
        if at % 7 == 0:
            level = 0.8 * level + draw.normal(0, 0.06)
        counts[day.on] = int(draw.poisson(truth(day) * math.exp(0.3 if at >= YEARS - 28 else level)))
    hit = learnt(counts)
    plain = [float(hit.mean[YEARS + 7 * step : YEARS + 7 * step + 7].sum()) for step in range(4)]
    lifts = [one.expected / mean - 1 for one, mean in zip(hit.over(weeks(156, 160)), plain, strict=True)]
    assert lifts[0] > 0.03
    assert lifts == sorted(lifts, reverse=True)


def test_too_little_is_not_learnt_from() -> None:
    assert expect({}, calendar(10)) is None
    assert expect(made_up(55), calendar(80)) is None
    assert expect(dict.fromkeys((day.on for day in calendar(200)), 0), calendar(220)) is None


def test_short_history_knows_the_week_and_not_the_year() -> None:
    short = learnt(made_up(120))
    assert short.slow == 1
    (ahead,) = short.over([Period(FIRST + timedelta(days=120), FIRST + timedelta(days=126))])
    assert ahead.low < ahead.expected < ahead.high


def test_days_outside_are_refused(city: Expectation) -> None:
    with pytest.raises(ValueError, match="Nothing is expected of 2022-12-26"):
        city.over([Period(FIRST - timedelta(days=7), FIRST - timedelta(days=1))])


def test_long_runs_of_small_differences_are_no_signal() -> None:
    counts = made_up(YEARS)
    for day in calendar(YEARS)[-70:]:
        counts[day.on] = round(truth(day) * 1.01)
    found = learnt(counts).over(weeks(146, 156))
    assert not any(one.signals for one in found)
