"""Every metric of the catalogue has a number worked out by hand, met on every engine, and says what it is."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from queries.answer import figure
from queries.errors import UnknownMetric
from queries.execute import Warehouse
from queries.metric import Metric, Ratio
from queries.metrics import CATALOG, metric, metrics
from queries.question import Question
from queries.vocabulary import Measurement, Period, Text
from tests.queries.dozen import AS_OF, only_row

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))
YEAR_2025 = Period(date(2025, 1, 1), date(2025, 12, 31))
SINCE_FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 31))
NONE = None  # a plain sum has no denominator
CITY = 11_936_010  # residents, census of 2020

# metric: period, numerator, denominator, printed; numerators of days are days. By hand from the tables of
# dozen.py; the numbers after # are the cases (items, reviews) that count.
Worked = tuple[Period, int | str, int | str | None, str]
WORKED: dict[str, Worked] = {
    # registered in March: 6–15
    "cases_registered": (MARCH, 10, NONE, "10"),
    "first_time_cases": (MARCH, 6, NONE, "6"),  # 6 9 10 11 12 15
    "people_registered": (MARCH, 25, NONE, "25"),  # 1 + 1 + 3 + 6 + 1 + 2 + 8 + 1 + 1 + 1
    "cases_per_10k": (MARCH, 10, f"{CITY}/10000", "0.01"),
    "first_time_per_10k": (MARCH, 6, f"{CITY}/10000", "0.01"),
    "online_share": (MARCH, 2, 6, "33.33"),  # 11 14 of 8 9 11 12 14 15
    "skip_level_visits": (MARCH, 2, NONE, "2"),  # 8 12
    "skip_level_heads": (MARCH, 11, NONE, "11"),  # 3 + 8
    "skip_level_heads_per_100k": (MARCH, 11, f"{CITY}/100000", "0.09"),
    "collective_visits": (MARCH, 2, NONE, "2"),  # 9 12
    "collective_heads": (MARCH, 14, NONE, "14"),  # 6 + 8
    "sensitive_visits": (MARCH, 3, NONE, "3"),  # 8 9 12
    # 7 8 14 of ten without 9 and 13, which are in litigation
    "repeat_share": (MARCH, 3, 8, "37.50"),
    # first-time items closed in March: 5 (back after 20 days), 6 (after 39), 10, 11;
    # closed in 2025: 1, 2, 3 (back after 106 days), 4 (after 90, the last that counts)
    "return_rate_30": (MARCH, 1, 4, "25.00"),
    "return_rate_60": (MARCH, 2, 4, "50.00"),
    "return_rate_90": (YEAR_2025, 1, 4, "25.00"),
    "return_rate_180": (YEAR_2025, 2, 4, "50.00"),
    "repeat_petitioners": (SINCE_FEBRUARY, 2, NONE, "2"),  # B with 6 12 13, D with 5 11 14
    "repeat_concentration": (MARCH, 3, 9, "33.33"),  # B, the one person in 1 % of six; 10 names nobody
    # 4 at risk, one back on day 20: 3/4; 11 is seen for 31 days; 2 at risk, one back on day 39: 3/8 stay away
    "time_to_return": (MARCH, "5/2", 4, "62.50"),
    # due in March, met first
    "accepted_on_time": (MARCH, 3, 5, "60.00"),  # 5 6 11, late 9, open 12
    "accepted_on_time_all": (MARCH, 6, 8, "75.00"),  # and 7 8 10
    "notified_on_time": (MARCH, 3, 4, "75.00"),  # 5 6 11, never 9
    "notified_on_time_all": (MARCH, 5, 7, "71.43"),  # and 7 10, late 8
    "replied_on_time": (MARCH, 3, 7, "42.86"),  # 5 6 8, late 7, never 9 12 13
    "replied_on_time_all": (MARCH, 4, 8, "50.00"),  # and 10
    "closed_share": (MARCH, 7, 11, "63.64"),  # 5 6 7 8 10 11 13 of ten registered and 5 carried over
    # days from registration to reply: 10 ½, 11 4, 6 6, 7 10½, 8 12, 5 14½; 13 was closed without one
    "median_days": (MARCH, "33/4", 6, "8.3"),  # between 6 and 10½
    "p90_days": (MARCH, "53/4", 6, "13.3"),  # halfway between the fifth and the sixth
    "mean_days": (MARCH, "95/2", 6, "7.9"),
    "same_day_loop": (MARCH, 3, 10, "30.00"),  # 6 10 14
    "returned_share": (MARCH, 2, 9, "22.22"),  # 7 12 of 6–14; 15 was dispatched in April
    "redispatched_share": (MARCH, 3, 9, "33.33"),  # 7 9 12
    "stage_days_transfer": (MARCH, "1/4", 7, "0.3"),  # hours 0, 1, 3, 6, 24, 24, 144
    "stage_days_accept": (MARCH, "9/8", 6, "1.1"),  # hours 2, 5, 24, 30, 30, 36
    "stage_days_reply": (MARCH, "53/8", 6, "6.6"),  # days 0.42, 1.75, 5.75, 7.5, 8, 10.63
    "stage_days_evaluate": (MARCH, "25/4", 6, "6.3"),  # days 3, 3.5, 5.5, 7, 10, 16
    "first_time_resolution": (MARCH, 1, 4, "25.00"),  # 10; 5 and 6 came back, 11 was not resolved
    # the list on 31 March: 1 2 3 4 6 assigned; 1 and 3 struck off
    "backlog_stock": (MARCH, 3, NONE, "3"),
    "backlog_assigned": (MARCH, 5, NONE, "5"),
    "backlog_clearance": (MARCH, 2, 5, "40.00"),  # 1 6; 3 came back
    "backlog_overdue_share": (MARCH, 1, 3, "33.33"),  # 2
    "backlog_five_clears": (MARCH, 2, 3, "66.67"),  # 2 6
    "backlog_opening": (MARCH, 5, NONE, "5"),  # 5 + 0 assigned − 2 struck off = 3 on 31 March
    "backlog_added": (YEAR_2025, 4, NONE, "4"),  # 1 2 3 6
    "backlog_struck_off": (MARCH, 2, NONE, "2"),  # 1 3
    "backlog_returned": (MARCH, 1, NONE, "1"),  # 3
    "backlog_planned": (MARCH, 1, NONE, "1"),  # 4, due in April
    "backlog_unresolved": (MARCH, 2, NONE, "2"),  # 2 4
    "backlog_on_plan": (MARCH, 2, 4, "50.00"),  # 1 3 of these, 2 never, 6 three days late
    "dynamic_zero": (MARCH, 1, 3, "33.33"),  # 3 in its week; 2 never; 6 on the Monday after
    "open_cases": (MARCH, 4, NONE, "4"),  # 9 12 14 15
    "high_risk_issues": (MARCH, 2, NONE, "2"),  # 1 4
    "high_risk_issues_per_million": (MARCH, 2, f"{CITY}/1000000", "0.17"),
    # the major-issue list on 31 March: 1 to 6, 2 and 5 struck off; 2 came back after 10 days, 5 after 262
    "major_issues_listed": (MARCH, 6, NONE, "6"),
    "major_issues_open": (MARCH, 5, NONE, "5"),  # 1 2 3 4 6
    "major_issues_overdue": (APRIL, 2, NONE, "2"),  # 6, and 2, whose planned day came after it was back
    "major_issues_struck_off": (MARCH, 1, NONE, "1"),  # 2
    "major_issues_returned": (MARCH, 1, NONE, "1"),  # 2
    "major_issues_consulted": (MARCH, 3, 5, "60.00"),  # of five, not the second of 1 and not that of 6
    "major_issues_clear": (MARCH, 2, 5, "40.00"),  # 2 before it was struck off, 6
    # evaluated in March: satisfied 5 10, mostly 6 11, dissatisfied 7, other 13, not in time 8;
    # called back: 5 6 7 13
    "satisfaction": (MARCH, 4, 5, "80.00"),
    "satisfaction_beijing": (MARCH, "19/10", 4, "47.50"),
    "satisfaction_product": (MARCH, "25/6", 6, "69.44"),  # 5/6 × 5/6
    "satisfaction_not_dissatisfied": (MARCH, 3, 4, "75.00"),
    "participation": (MARCH, 5, 6, "83.33"),
    "contact_rate": (MARCH, 1, 4, "25.00"),  # 5
    "resolve_rate": (MARCH, 2, 4, "50.00"),  # 5 6
    "satisfy_rate": (MARCH, 2, 4, "50.00"),  # 5 6
    "three_rates_composite": (MARCH, 190, 4, "47.5"),  # 0.1 × 25 + 0.4 × 50 + 0.5 × 50
    "public_reply_share": (MARCH, 4, 6, "66.67"),  # 5 6 7 10 of these, 8 and 13; 11 was not to be published
    "review_public_mean": (MARCH, 255, 3, "85.0"),
    "review_expert_mean": (MARCH, 145, 2, "72.5"),
    "review_third_party_mean": (MARCH, 88, 1, "88.0"),
    "review_self_mean": (MARCH, 379, 4, "94.8"),  # 94.75
    "review_comment_mean": (MARCH, 60, 1, "60.0"),
    "review_public_coverage": (MARCH, 3, 7, "42.86"),
    "review_expert_coverage": (MARCH, 2, 7, "28.57"),
    "review_third_party_coverage": (MARCH, 1, 7, "14.29"),
    "review_self_coverage": (MARCH, 4, 7, "57.14"),
    "review_comment_coverage": (MARCH, 1, 7, "14.29"),
}


def test_every_metric_has_a_worked_number_and_every_worked_number_a_metric() -> None:
    missing, stale = sorted(CATALOG.keys() - WORKED.keys()), sorted(WORKED.keys() - CATALOG.keys())
    assert not missing, f"work a number out by hand from dozen.py and add it to WORKED for: {missing}"
    assert not stale, f"no such metric any more; take out of WORKED: {stale}"


@pytest.mark.parametrize("key", WORKED)
def test_a_metric_meets_its_worked_number(key: str, warehouse: Warehouse, any_number: None) -> None:
    period, part, whole, printed = WORKED[key]
    row = only_row(warehouse.ask(Question((key,), period, AS_OF)))
    assert row[f"{key}_numerator"] == pytest.approx(float(Fraction(part)), rel=1e-12)
    if whole is None:
        assert math.isnan(row[f"{key}_denominator"])
    else:
        assert row[f"{key}_denominator"] == pytest.approx(float(Fraction(whole)), rel=1e-12)
    assert figure(CATALOG[key], row) == Decimal(printed)
    assert str(figure(CATALOG[key], row)) == printed  # and at this many places


@pytest.mark.parametrize("key", WORKED)
def test_the_worked_numbers_hold_together(key: str) -> None:
    """Guards the table above: what is printed follows from its own numerator and denominator."""
    one, (_, part, whole, printed) = CATALOG[key], WORKED[key]
    value = (
        Fraction(part)
        if key.startswith(("median", "p90", "stage")) or whole is None
        else (Fraction(part) / Fraction(whole))
    )
    exact = value * (100 if one.measurement is Measurement.SHARE else 1)
    assert abs(exact - Fraction(printed)) <= Fraction(1, 2 * 10**one.decimals)


def _is_chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def _texts(one: Metric) -> dict[str, Text | None]:
    return {f.name: getattr(one, f.name) for f in fields(one) if isinstance(getattr(one, f.name), Text)}


@pytest.mark.parametrize("key", CATALOG)
def test_every_metric_says_what_it_is(key: str) -> None:
    one = CATALOG[key]
    spoken = _texts(one)
    assert {"name", "formula_text", "clock", "population", "why", "unit"} <= spoken.keys()
    for name, text in spoken.items():
        assert text is not None
        if name != "unit":
            assert _is_chinese(text.zh), f"{key}.{name} has no Chinese"
        assert not _is_chinese(text.en), f"{key}.{name} has Chinese in its English"
    assert one.reference.strip(), f"{key} names no source"
    assert one.decimals in range(3)
    assert one.min_n >= 1


def test_full_names_tell_variants_apart() -> None:
    for language in ("zh", "en"):
        names = [one.full_name.in_(language) for one in CATALOG.values()]
        twice = sorted({name for name in names if names.count(name) > 1})
        assert not twice, f"variants need names of their own: {twice}"


def test_counts_have_no_decimals_and_shares_are_parts_of_their_denominator() -> None:
    for one in CATALOG.values():
        if one.measurement is Measurement.COUNT:
            assert one.decimals == 0, one.key
        if one.measurement is Measurement.SHARE:
            assert one.unit.zh == "%", one.key
            assert not isinstance(one.formula, Ratio) or one.formula.denominator, one.key


def test_own_definitions_say_so() -> None:
    own = {key for key, one in CATALOG.items() if one.source == "O"}
    assert {"return_rate_90", "time_to_return", "dynamic_zero", "collective_visits"} <= own


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(UnknownMetric, match="replied_on_time"):
        metric("replied_ontime")
    assert [one.key for one in metrics(("open_cases", "satisfaction"))] == ["open_cases", "satisfaction"]
