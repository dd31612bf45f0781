"""What a reader without case rights is told: what bulletins print, and nothing that two answers give away."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import select

from queries import hiding
from queries.compiler import SPECIAL
from queries.dimensions import DIMENSIONS
from queries.errors import NotAllowed
from queries.execute import Warehouse, open_warehouse
from queries.hiding import Hiding
from queries.insights import suppression
from queries.insights.suppression import FARTHEST, PrivacyPolicy
from queries.metric import Ratio
from queries.metrics import CATALOG
from queries.question import Filter, Question
from queries.scope import Scope
from queries.vocabulary import Compare, Measurement, Period
from tests.queries import attacker, dozen
from tests.queries.attacker import CATEGORIES, DAYS, DISTRICTS, MEMBERS, STREETS, Asked, Rules
from tests.queries.offers import offered
from tests.services.engines import SERVERS, copied
from tests.services.postgresql import new_database
from warehouse.schema import cases
from warehouse.store import Store

POLICY = PrivacyPolicy(attacker.BASE, frozenset({"district", "peer_group", "list_level"}))
HIDING = Hiding(POLICY, b"a secret of thirty-two bytes, so")
PRESENTER = Scope(cases=(), smallest=attacker.K)
OFFICE = Scope(cases=(DISTRICTS[0],), smallest=attacker.K)
(HERE, THERE), (LEAF, OTHER, _) = DISTRICTS, CATEGORIES
S1 = STREETS[HERE][0]
TOWN = STREETS[THERE][0]
BY_CATEGORY = Asked(("category1",), (("district", (THERE,)),), 0, 3, by_day=False)
FEW = 12  # cities that are asked of every engine
ATTACKED = ("category1", "street", "repeat", "channel")
# Handmade cities, each at the edge of one rule.
STEP, SHORT, BESIDE = 0, 1, 2
HANDMADE = [
    # 47 items in one category, one more on the last day, and nothing else that day
    {(THERE, TOWN, LEAF, 0, 0): 47, (THERE, TOWN, OTHER, 0, 0): 30, (THERE, TOWN, LEAF, 0, 4): 1},
    # the published total of five days is five, all in one category, four of them in four days
    {(THERE, TOWN, LEAF, 0, 0): 4, (THERE, TOWN, LEAF, 0, 4): 1},
    # an office that knows its own three knows what the others have in the same category
    {(HERE, S1, LEAF, 0, 0): 3, (HERE, S1, OTHER, 0, 0): 1, (THERE, TOWN, LEAF, 0, 0): 2},
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny cities in one warehouse: the handmade ones, then random ones."""
    draw = random.Random(7)
    cities: list[dict[Any, int]] = [*HANDMADE]
    cities += [attacker.random_city(draw) for _ in range(attacker.CITIES - len(cities))]
    folder: Path = tmp_path_factory.mktemp("tiny")
    with Store(folder).build() as connection:
        dozen.fill(connection, attacker.city_rows(cities))
    return folder


@pytest.fixture(scope="module")
def whole(tiny: Path) -> Iterator[Warehouse]:
    """The tiny cities, opened as the suite opens them."""
    opened = open_warehouse(tiny)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=SERVERS)
def elsewhere(request: pytest.FixtureRequest, tiny: Path) -> Iterator[Warehouse]:
    """The tiny cities on every engine but DuckDB."""
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgresql_url"), "tiny")
    else:
        url = request.getfixturevalue("clickhouse").url("tiny")
    with copied(tiny, url) as opened:
        # a copy has a version of its own, and steps are drawn by version
        with closing(open_warehouse(tiny)) as here:
            opened.info = replace(opened.info, version=here.info.version)
        yield opened


def rules(whole: Warehouse, farthest: int = FARTHEST, **others: bool) -> Rules:
    """The rules as they are, or as they would be."""
    members = {key: len(whole.members(key)) + 1 for key in ("street", "category1")} | {"repeat": 3}
    return Rules(members, farthest, **others)


# Every street of a district, which is the district: published.
ALL_STREETS = Asked((), (("street", tuple(sorted(attacker.STREETS[DISTRICTS[1]]))),), 0, 4, by_day=False)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Any question the attacker may ask: cuts, filters on some members, days next to each other."""
    split = draw(st.lists(st.sampled_from([*MEMBERS]), unique=True, max_size=2))
    filters = draw(
        st.dictionaries(
            st.sampled_from([*MEMBERS]), st.sets(st.integers(0, 3), min_size=1, max_size=2), max_size=2
        )
    )
    kept = tuple(
        sorted(
            (key, tuple(sorted({MEMBERS[key][one % len(MEMBERS[key])] for one in places})))
            for key, places in filters.items()
        )
    )
    first = draw(st.integers(0, DAYS - 1))
    return Asked(tuple(split), kept, first, draw(st.integers(first, DAYS - 1)), draw(st.booleans()))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Asked, Asked]:
    """Two questions, mostly near to each other: the same but for the days, or but for a filter."""
    one = draw(asked())
    kind = draw(st.sampled_from(("days", "filter", "split", "any")))
    other = draw(asked())
    if kind == "days":
        return one, replace(one, first=other.first, last=other.last, by_day=other.by_day)
    if kind == "filter":
        return one, replace(one, filters=other.filters)
    if kind == "split":
        return one, replace(one, split=other.split)
    return one, other


@pytest.mark.parametrize("scope", [PRESENTER, OFFICE], ids=["presenter", "office"])
@given(city=st.integers(0, attacker.CITIES - 1), both=pairs())
@example(city=STEP, both=(BY_CATEGORY, replace(BY_CATEGORY, last=4)))
@example(city=SHORT, both=(BY_CATEGORY, replace(BY_CATEGORY, last=4)))
@example(city=BESIDE, both=(replace(BY_CATEGORY, filters=()), BY_CATEGORY))
@example(city=0, both=(ALL_STREETS, replace(ALL_STREETS, last=0)))
@settings(max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_two_answers_give_a_small_count_away(
    scope: Scope, city: int, both: tuple[Asked, Asked], whole: Warehouse
) -> None:
    seen = whole.seen_by(scope, HIDING)
    assert attacker.given_away(whole, seen, city, both, rules(whole)) == []


def leaks(seen: Warehouse, whole: Warehouse, city: int, changed: Rules) -> bool:
    """Whether the attacker finds something in a handmade city by the same question of four days and five."""
    lines = (BY_CATEGORY, replace(BY_CATEGORY, filters=()))
    pairs = [(one, replace(one, last=4)) for one in lines]
    return any(attacker.given_away(whole, seen, city, both, changed) for both in pairs)


@pytest.mark.parametrize("scope", [PRESENTER, OFFICE], ids=["presenter", "office"])
@pytest.mark.parametrize("city", [STEP, SHORT, BESIDE])
def test_by_the_rules_the_handmade_cities_keep_their_secrets(
    city: int, scope: Scope, whole: Warehouse
) -> None:
    assert not leaks(whole.seen_by(scope, HIDING), whole, city, rules(whole))


def test_plain_rounding_gives_away_what_one_day_adds(
    whole: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "step", lambda *_: 0)
    assert leaks(whole.seen_by(PRESENTER, HIDING), whole, STEP, rules(whole, farthest=0))


def test_a_zero_that_is_told_gives_its_neighbour_away(
    whole: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "_told", lambda count, *_: 0.0 if count == 0 else math.nan)
    monkeypatch.setattr(hiding, "untold", lambda _asked, frame, _columns: frame)
    assert leaks(whole.seen_by(PRESENTER, HIDING), whole, SHORT, rules(whole, zero=True))


def test_a_short_line_that_is_told_gives_its_parts_away(
    whole: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = suppression.told
    monkeypatch.setattr(hiding, "told", lambda count, _line, *rest, **how: told(count, 1, *rest, **how))
    assert leaks(whole.seen_by(PRESENTER, HIDING), whole, SHORT, rules(whole, bare=False))


def test_own_items_told_together_with_others_give_the_others_away(
    whole: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = hiding.plan

    def together(*asked: Any) -> Any:
        found = plan(*asked)
        return None if found is None else replace(found, sent=found.question, totals=None)

    monkeypatch.setattr("queries.execute.plan", together)
    assert leaks(whole.seen_by(OFFICE, HIDING), whole, BESIDE, rules(whole, apart=False))


EVER = Period(date(2025, 1, 1), dozen.AS_OF)
MANY = tuple(CATALOG)


def counted(warehouse: Warehouse, *split: str, **filters: Any) -> pd.DataFrame:
    """Items by `split` under `filters`, of all days."""
    only = tuple(Filter(key, tuple(members)) for key, members in filters.items())
    return warehouse.ask(Question((attacker.VOLUME,), EVER, dozen.AS_OF, split=split, filters=only)).frame


@pytest.mark.parametrize("split", [(), ("district",), ("peer_group",), ("district", "peer_group")])
def test_what_bulletins_print_is_the_same_for_everyone(split: tuple[str, ...], whole: Warehouse) -> None:
    question = Question(MANY, EVER, dozen.AS_OF, split=split, compare=tuple(Compare))
    leader = whole.ask(question).frame
    for scope in (PRESENTER, OFFICE):
        assert_frame_equal(whole.seen_by(scope, HIDING).ask(question).frame, leader)


def test_own_rows_are_exact_and_others_are_multiples_of_the_base(whole: Warehouse) -> None:
    office, cuts = whole.seen_by(OFFICE, HIDING), ("district", "category1")
    exact, told = counted(whole, *cuts), counted(office, *cuts)
    own = told["district"] == HERE
    assert_frame_equal(
        told[own].reset_index(drop=True), exact[exact["district"] == HERE].reset_index(drop=True)
    )
    others = told.loc[~own, attacker.VOLUME]
    assert len(others)
    assert (others % attacker.BASE == 0).all()
    assert (others >= attacker.K).all()
    assert_frame_equal(
        counted(office, "category1", district=(HERE,)), counted(whole, "category1", district=(HERE,))
    )


def test_own_and_others_together_are_their_sum(whole: Warehouse) -> None:
    office = whole.seen_by(OFFICE, HIDING)
    together = counted(office, "category1").set_index("category1")[attacker.VOLUME]
    own = counted(whole, "category1", district=(HERE,)).set_index("category1")[attacker.VOLUME]
    others = (together - own) % attacker.BASE
    assert len(others)
    assert (others == 0).all()


def test_a_cell_is_told_the_same_by_split_and_by_filter(whole: Warehouse) -> None:
    presenter = whole.seen_by(PRESENTER, HIDING)
    for row in counted(presenter, "district", "category1").to_dict("records"):
        alone = counted(presenter, district=(row["district"],), category1=(row["category1"],))
        assert alone[attacker.VOLUME].tolist() == [row[attacker.VOLUME]]


def test_who_may_list_everything_is_told_everything(whole: Warehouse) -> None:
    assert_frame_equal(counted(whole.seen_by(Scope(), HIDING), "street"), counted(whole, "street"))


def test_without_a_policy_nothing_fine_is_answered(whole: Warehouse) -> None:
    with pytest.raises(NotAllowed, match="no policy"):
        counted(whole.seen_by(PRESENTER), "street")


def test_what_is_no_count_of_items_is_not_told_in_fine_cells(many: Warehouse) -> None:
    presenter, office = many.seen_by(PRESENTER, HIDING), many.seen_by(OFFICE, HIDING)
    special = tuple(key for key, one in CATALOG.items() if isinstance(one.formula, SPECIAL))
    fine = Question((attacker.VOLUME, "people_registered", *special), EVER, dozen.AS_OF, split=("category1",))
    for seen in (presenter, office):
        frame = seen.ask(fine).frame
        assert frame[attacker.VOLUME].notna().any()
        assert frame[["people_registered", *special]].isna().all(axis=None)
        assert seen.ask(replace(fine, metrics=special)).frame.empty
    only = replace(fine, filters=(Filter("district", (HERE,)),))
    assert_frame_equal(office.ask(only).frame, many.ask(only).frame)
    by_district = replace(fine, split=("district", "category1"))
    own, exact = office.ask(by_district).frame, many.ask(by_district).frame
    assert_frame_equal(own[own["district"] == HERE], exact[exact["district"] == HERE], check_like=True)


@pytest.mark.parametrize("scope", [PRESENTER, OFFICE], ids=["presenter", "office"])
@pytest.mark.parametrize("cut", [key for key in DIMENSIONS if key not in POLICY.published])
def test_every_cut_of_every_metric_is_told(cut: str, scope: Scope, many: Warehouse) -> None:
    """Rates are made of what is told: none above one, and nothing told of what is hidden."""
    question = Question(offered(cut), EVER, dozen.AS_OF, split=(cut,), compare=tuple(Compare))
    exact, frame = many.ask(question).frame, many.seen_by(scope, HIDING).ask(question).frame
    assert list(frame.columns) == list(exact.columns)
    assert set(frame[cut]) <= set(exact[cut])
    for key in offered(cut):
        if CATALOG[key].measurement is Measurement.SHARE and key != "closed_share":
            assert not (frame[key] > 1).any(), key
    if scope is PRESENTER:
        counts = frame[[f"{key}_numerator" for key in offered(cut) if _counts(key)]].stack().dropna()
        assert (counts % attacker.BASE == 0).all()
        assert (counts >= attacker.K).all()


@pytest.mark.parametrize("scope", [PRESENTER, OFFICE], ids=["presenter", "office"])
def test_every_engine_tells_the_same(whole: Warehouse, elsewhere: Warehouse, scope: Scope) -> None:
    """Counts that were drawn, hidden ones and own ones; so what holds of one engine holds of all."""
    questions = [Question(offered(cut), EVER, dozen.AS_OF, split=(cut,)) for cut in ATTACKED]
    questions += [
        replace(one, filters=(Filter("category1", MEMBERS["category1"][:2]),), compare=tuple(Compare))
        for one in questions
    ]
    questions += [BY_CATEGORY.question(attacker.FIRST + timedelta(days=city * DAYS)) for city in range(FEW)]
    told = 0
    for one in questions:
        here, there = (each.seen_by(scope, HIDING).ask(one).frame for each in (whole, elsewhere))
        assert_frame_equal(there, here, check_dtype=False)
        told += int(here.notna().to_numpy().sum())
    assert told > 300
    mine = select(cases.c.case_id, cases.c.district_id).order_by(cases.c.case_id)
    here, there = (each.seen_by(scope, HIDING).own_cases(mine) for each in (whole, elsewhere))
    assert_frame_equal(there, here, check_dtype=False)
    assert set(here["district_id"]) == set(scope.cases or ())


RATES = PrivacyPolicy(attacker.BASE, POLICY.published, 20)


def test_a_rate_is_told_of_enough_items_and_where_enough_is_left(many: Warehouse) -> None:
    """Of few items the steps would move it by whole points; one of 0 or 100 % says it of every item."""
    asked = Question(("repeat_share",), EVER, dozen.AS_OF, split=("category1",))
    rows = many.seen_by(PRESENTER, Hiding(RATES, HIDING.secret)).ask(asked).frame
    part, whole = rows["repeat_share_numerator"], rows["repeat_share_denominator"]
    told = rows["repeat_share"].notna()
    assert told.any()
    assert (whole[told] >= RATES.least_whole).all()
    assert ((whole - part)[part.notna()] >= attacker.K).all()
    assert (whole - part)[part.notna()].min() < 3 * attacker.K  # no more is kept back than must be


def test_marks_are_full_at_most(many: Warehouse) -> None:
    """Stepped counts would give a composite of more than a hundred points."""
    for cut in ("category1", "street", "channel"):
        rows = many.seen_by(PRESENTER, HIDING).ask(
            Question(("three_rates_composite",), EVER, dozen.AS_OF, split=(cut,))
        )
        assert not (rows.frame["three_rates_composite"] > 100).any()


def _counts(key: str) -> bool:
    formula = CATALOG[key].formula
    return isinstance(formula, Ratio) and all(term.weight == 1 for term in formula.numerator)
