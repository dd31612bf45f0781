"""One spelling per engine, one meaning: every construct gives the same on all three."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Date,
    DateTime,
    Engine,
    Integer,
    SmallInteger,
    cast,
    create_engine,
    func,
    literal,
    literal_column,
    make_url,
    select,
    union_all,
    values,
)
from sqlalchemy import column as named

from tests.services.engines import ENGINES
from warehouse import dialects as d
from warehouse.engines import clickhouse, duckdb


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "duckdb":
        path: Path = tmp_path_factory.mktemp("dialects") / "words.duckdb"
        opened = duckdb.engine(path, read_only=False)
    elif request.param == "postgresql":
        opened = create_engine(request.getfixturevalue("postgresql_url"))
    else:
        url = request.getfixturevalue("clickhouse").url("default")
        opened = clickhouse.engine(clickhouse.cluster(make_url(url)), "default", read_only=True)
    yield opened
    opened.dispose()


def asked(engine: Engine, expression: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(expression.label("found"))).scalar_one()


def day(text: str) -> Any:
    return cast(literal(date.fromisoformat(text), Date), Date)


def moment(text: str) -> Any:
    return cast(literal(datetime.fromisoformat(text), DateTime), DateTime)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (d.days_between(day("2024-02-28"), day("2024-03-01")), 2),
        (d.days_between(day("2026-03-01"), day("2026-02-28")), -1),
        (d.days_before(day("2026-03-01"), literal_column("1")), date(2026, 2, 28)),
        (d.days_before(day("2026-03-01"), literal_column("-6")), date(2026, 3, 7)),
        (d.week_start(day("2026-03-01")), date(2026, 2, 23)),  # a Sunday
        (d.week_start(day("2026-03-02")), date(2026, 3, 2)),  # a Monday
        (d.month_start(day("2026-03-31")), date(2026, 3, 1)),
        (d.quarter_start(day("2026-03-31")), date(2026, 1, 1)),
        (d.year_start(day("2026-12-31")), date(2026, 1, 1)),
        (d.seconds_between(moment("2026-03-01T00:00:00"), moment("2026-03-02T01:00:01")), 90_001),
        (d.seconds_between(moment("2026-03-02T00:00:00"), moment("2026-03-01T23:59:59")), -1),
        # the seconds that the two clocks show, whatever their fractions
        (d.seconds_between(moment("2026-03-01T00:00:00.9"), moment("2026-03-01T00:00:01.1")), 1),
        (d.seconds_between(moment("2026-03-01T00:00:00.1"), moment("2026-03-01T00:00:00.9")), 0),
    ],
)
def test_days_and_seconds(expression: Any, expected: object, engine: Engine) -> None:
    found = asked(engine, expression)
    assert found == expected
    assert type(found) is type(expected)


NUMBERS = values(named("n", Integer), name="numbers").data([(1,), (2,), (4,), (10,)])
NOBODY = select(NUMBERS.c.n).where(NUMBERS.c.n > 99).subquery("nobody")


@pytest.mark.parametrize(("level", "expected"), [("0.5", 3.0), ("0.9", 8.2), ("0.0", 1.0), ("1.0", 10.0)])
def test_quantiles_interpolate(level: str, expected: float, engine: Engine) -> None:
    assert asked(engine, d.quantile(NUMBERS.c.n, literal_column(level))) == pytest.approx(expected)


def test_the_quantile_of_nothing_is_nothing(engine: Engine) -> None:
    assert asked(engine, d.quantile(NOBODY.c.n, literal_column("0.5"))) is None


def test_totals_are_whole_numbers_and_zero_of_nothing(engine: Engine) -> None:
    assert asked(engine, d.total(NUMBERS.c.n)) == 17
    assert asked(engine, d.total(NOBODY.c.n)) == 0
    assert type(asked(engine, d.total(NUMBERS.c.n))) is int


def test_totals_of_small_integers_do_not_overflow(engine: Engine) -> None:
    heads = [select(cast(literal_column("32767"), SmallInteger).label("n")) for _ in range(3)]
    assert asked(engine, d.total(union_all(*heads).subquery("heads").c.n)) == 98_301


# What every engine is told to mean, whichever is asked. ----------------------------------------------


def test_a_label_does_not_hide_the_column_of_its_name(engine: Engine) -> None:
    query = select(d.total(NUMBERS.c.n).label("n"), func.max(NUMBERS.c.n).label("greatest"))
    with engine.connect() as connection:
        assert tuple(connection.execute(query).one()) == (17, 10)


def test_what_an_outer_join_does_not_find_is_null(engine: Engine) -> None:
    few = values(named("m", Integer), name="few").data([(1,), (2,)])
    query = select(NUMBERS.c.n, few.c.m).select_from(NUMBERS.outerjoin(few, NUMBERS.c.n == few.c.m))
    with engine.connect() as connection:
        found = connection.execute(query.order_by(NUMBERS.c.n)).all()
    assert [tuple(row) for row in found] == [(1, 1), (2, 2), (4, None), (10, None)]


@pytest.mark.parametrize(
    ("text", "part", "place"),
    [
        ("反映停车费", "停车", 3),
        ("反映停车费", "物业", 0),
        ("100%", "%", 4),
        ("abc", "_", 0),
        ("a'b", "'", 2),
    ],
)
def test_place_of_counts_signs_and_knows_no_wildcard(
    engine: Engine, text: str, part: str, place: int
) -> None:
    assert asked(engine, d.place_of(literal(text), literal(part))) == place
