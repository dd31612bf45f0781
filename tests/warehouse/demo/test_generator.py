"""The demo city is the same for the same seed, whole, and like the real one in its magnitudes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import h3
import pandas as pd
import pytest
import shapely
from scipy.stats import poisson, spearmanr
from sqlalchemy import Connection, DateTime

from warehouse import demo, matters
from warehouse.cities import read_city
from warehouse.demo.story import BACKLOG_ITEMS, MAJOR_ISSUES
from warehouse.engines import duckdb
from warehouse.errors import BadCity, WarehouseError
from warehouse.schema import METADATA, region

UNTIL = date(2026, 10, 31)
TIMES_OF_BUILDING = {"warehouse_info": "built_at", "batch": "loaded_at"}
# Which dimension a column points into, wherever it stands.
KEYS = {
    "district_id": "region",
    "street_id": "region",
    "village_id": "region",
    "category_id": "category",
    "category1_id": "category",
    "category2_id": "category",
    "category3_id": "category",
    "category4_id": "category",
    "channel_id": "channel",
    "source_id": "source",
    "purpose_id": "purpose",
    "unit_id": "unit",
    "batch_id": "batch",
    "major_issue_id": "major_issue",
}


def value(city: Connection, sql: str) -> Any:
    """The one number a query gives."""
    return city.exec_driver_sql(sql).scalar_one()


def frame(city: Connection, sql: str) -> pd.DataFrame:
    """The rows a query gives."""
    rows = city.exec_driver_sql(sql)
    return pd.DataFrame(rows.fetchall(), columns=list(rows.keys()))


# --- the same for the same seed ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checksums(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Builds a small city and gives a checksum of every table, free of the order of rows."""

    def build(seed: int, threads: int) -> dict[str, Any]:
        path: Path = tmp_path_factory.mktemp("seeds") / "city.duckdb"
        engine = duckdb.engine(path, read_only=False, threads=threads)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            demo.build(connection, cases=4_000, seed=seed, say=lambda _: None)
            found = {}
            for name in METADATA.tables:
                kept = f"* EXCLUDE ({TIMES_OF_BUILDING[name]})" if name in TIMES_OF_BUILDING else "*"
                sums = f"SELECT count(*), bit_xor(hash(rows)) FROM (SELECT {kept} FROM {name}) AS rows"
                found[name] = tuple(connection.exec_driver_sql(sums).one())
        engine.dispose()
        return found

    return build


def test_the_seed_alone_decides(checksums: Callable[..., dict[str, Any]]) -> None:
    first = checksums(seed=7, threads=2)
    assert checksums(seed=7, threads=1) == first
    other = checksums(seed=8, threads=2)
    assert first["cases"][0] == other["cases"][0] == 4_000
    same = {name for name in first if first[name] == other[name]}
    fixed = {
        "annotation",
        "calendar",
        "category",
        "channel",
        "event_window",
        "key_ring",
        "purpose",
        "region",
        "source",
        "unit",
    }
    assert same == fixed | {"batch_reason", "case_history"}


# --- whole ---------------------------------------------------------------------------------------------


def test_tables_are_those_of_the_schema_and_no_others(city: Connection) -> None:
    built = frame(
        city,
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY table_name, column_index",
    )
    types = {
        "SMALLINT": "SMALLINT",
        "DOUBLE": "DOUBLE",
        "DOUBLE PRECISION": "DOUBLE",
        "DATETIME": "TIMESTAMP",
    }
    expected = [
        (name, column.name, types.get(str(column.type), str(column.type)), bool(column.nullable))
        for name, table in sorted(METADATA.tables.items())
        for column in table.columns
    ]
    assert list(built.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("name", sorted(set(METADATA.tables) - {"batch_reason", "case_history", "key_ring"}))
def test_every_table_holds_rows(city: Connection, name: str) -> None:
    assert value(city, f"SELECT count(*) FROM {name}") > 0


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (name, key)
        for name, table in METADATA.tables.items()
        for key in KEYS
        if key in table.columns and KEYS[key] != name
    ],
)
def test_every_key_leads_somewhere(city: Connection, table: str, column: str) -> None:
    there = KEYS[column]
    lost = f"SELECT count(*) FROM {table} ANTI JOIN {there} ON {there}.{there}_id = {table}.{column}"
    assert value(city, lost) == 0


@pytest.mark.parametrize("table", ["region", "unit", "category"])
def test_parents_and_the_member_not_stated(city: Connection, table: str) -> None:
    key = f"{table}_id"
    assert value(city, f"SELECT count(*) FROM {table} c ANTI JOIN {table} p ON p.{key} = c.parent_id") == 0
    assert value(city, f"SELECT name_zh FROM {table} WHERE {key} = 0") == "未明确"


def test_ancestors_of_a_case_are_those_of_its_category_and_place(city: Connection) -> None:
    wrong = "SELECT count(*) FROM cases JOIN category USING (category_id) WHERE {}"
    assert value(city, wrong.format("cases.category1_id <> category.category1_id")) == 0
    assert value(city, wrong.format("cases.category2_id <> category.category2_id")) == 0
    upwards = "SELECT count(*) FROM cases JOIN region ON region_id = {} WHERE {} > 0 AND parent_id <> {}"
    assert value(city, upwards.format("street_id", "street_id", "district_id")) == 0
    assert value(city, upwards.format("village_id", "village_id", "street_id")) == 0


def test_the_asked_number_of_cases_in_the_order_they_came(city: Connection) -> None:
    assert value(city, "SELECT count(*) FROM cases") == 60_000
    before = "SELECT registered_at, lag(registered_at) OVER (ORDER BY case_id) AS before FROM cases"
    assert value(city, f"SELECT count(*) FROM ({before}) WHERE registered_at < before") == 0


def test_the_warehouse_says_it_is_a_demo(city: Connection) -> None:
    info = city.exec_driver_sql("SELECT * FROM warehouse_info").mappings().one()
    assert info["is_demo"] is True
    assert (info["city"], info["seed"], info["as_of_on"]) == ("hangzhou", 1, UNTIL)
    assert info["data_from_on"] == date(2023, 11, 1)
    assert info["full_scale"] == pytest.approx(60_000 / 33_000_000)


# --- in time -------------------------------------------------------------------------------------------


def test_stages_follow_each_other(city: Connection) -> None:
    stages = ("registered_at", "transferred_at", "accepted_at", "replied_at", "closed_at", "evaluated_at")
    for earlier, later in pairwise(stages):
        assert value(city, f"SELECT count(*) FROM cases WHERE {earlier} > {later}") == 0
        assert value(city, f"SELECT count(*) FROM cases WHERE {earlier} IS NULL AND {later} IS NOT NULL") == 0
    assert (
        value(city, "SELECT count(*) FROM cases WHERE notified_at NOT BETWEEN accepted_at AND replied_at")
        == 0
    )


def test_nothing_happens_after_the_end(city: Connection) -> None:
    planned = {"accept_due", "notify_due", "reply_due", "planned"}
    for name in ("cases", "backlog_item", "major_issue", "major_issue_week", "review"):
        for column in METADATA.tables[name].columns:
            happened = column.name.rpartition("_")[0] not in planned
            if happened and column.name.endswith(("_at", "_on")):
                ends = (
                    "TIMESTAMP '2026-10-31 23:59:59'"
                    if isinstance(column.type, DateTime)
                    else "DATE '2026-10-31'"
                )
                assert value(city, f"SELECT count(*) FROM {name} WHERE {column.name} > {ends}") == 0, column


def test_days_are_the_days_of_their_times(city: Connection) -> None:
    for clock in (
        "registered",
        "transferred",
        "closed",
        "evaluated",
        "accept_due",
        "notify_due",
        "reply_due",
    ):
        wrong = f"SELECT count(*) FROM cases WHERE {clock}_on IS DISTINCT FROM CAST({clock}_at AS DATE)"
        assert value(city, wrong) == 0


def test_some_are_still_open_and_some_overdue(city: Connection) -> None:
    still = "SELECT count(*) FROM cases WHERE replied_at IS NULL"
    assert 100 < value(city, still) < 1_500
    assert value(city, still + " AND reply_due_at < TIMESTAMP '2026-10-31'") > 0


def test_links_are_those_of_the_rule(city: Connection) -> None:
    linked = frame(city, matters.linked("cases") + " ORDER BY item.case_id")
    stored = frame(city, f"SELECT case_id, {', '.join(matters.LINKED)} FROM cases ORDER BY case_id")
    pd.testing.assert_frame_equal(linked, stored)


def test_the_backlog_is_consistent_in_time(city: Connection) -> None:
    steps = (
        "first_registered_on",
        "assigned_on",
        "resolved_on",
        "verified_on",
        "struck_off_on",
        "returned_on",
    )
    for earlier, later in pairwise(steps):
        assert value(city, f"SELECT count(*) FROM backlog_item WHERE {earlier} > {later}") == 0
    assert value(city, "SELECT count(*) FROM backlog_item WHERE planned_on <= assigned_on") == 0


def test_nothing_is_struck_off_before_it_is_signed_off(city: Connection) -> None:
    for earlier, later in pairwise(("opened_on", "signed_off_on", "struck_off_on", "returned_on")):
        wrong = f"{earlier} >= {later} OR {earlier} IS NULL AND {later} IS NOT NULL"
        assert value(city, f"SELECT count(*) FROM major_issue WHERE {wrong}") == 0
    unlike = "issue.district_id <> week.district_id OR issue.list_level <> week.list_level"
    pairs = "major_issue AS issue JOIN major_issue_week AS week USING (major_issue_id)"
    assert value(city, f"SELECT count(*) FROM {pairs} WHERE {unlike}") == 0
    before_acceptance = "week_on BETWEEN signed_off_on AND coalesce(struck_off_on, week_on) AND stage < 5"
    assert value(city, f"SELECT count(*) FROM {pairs} WHERE {before_acceptance}") == 0


def test_major_issues_move_forward_week_by_week(city: Connection) -> None:
    back = """
        SELECT count(*) FROM (
            SELECT *, lag(stage) OVER (PARTITION BY major_issue_id ORDER BY week_on) AS before
            FROM major_issue_week
        ) JOIN major_issue USING (major_issue_id)
        WHERE stage < before AND (returned_on IS NULL OR week_on < returned_on OR before <> 6)
    """
    assert value(city, back) == 0
    assert value(city, "SELECT count(*) FROM major_issue_week WHERE isodow(week_on) <> 1") == 0
    clears = [f"is_{name}_clear" for name in ("people", "demand", "duty", "work", "plan")]
    every = " AND ".join(clears)
    assert value(city, f"SELECT count(*) FROM major_issue_week WHERE stage = 6 AND NOT ({every})") == 0
    assert value(city, f"SELECT count(*) FROM major_issue_week WHERE stage < 6 AND ({every})") > 0
    for one in clears:
        before = f"lag({one}) OVER (PARTITION BY major_issue_id ORDER BY week_on) AS before"
        lost = f"SELECT *, {before} FROM major_issue_week JOIN major_issue USING (major_issue_id)"
        lost = f"SELECT count(*) FROM ({lost}) WHERE before AND NOT {one} AND returned_on IS NULL"
        assert value(city, lost) == 0
    assert 3 <= value(city, "SELECT count(returned_on) FROM major_issue") <= 40


# --- in space ------------------------------------------------------------------------------------------


def test_points_lie_in_their_district_and_cell(city: Connection) -> None:
    boundary = read_city("hangzhou").boundary
    assert boundary is not None
    shapes = shapely.from_geojson(boundary.read_text(encoding="utf-8"))
    codes = pd.read_json(boundary)["features"].map(lambda one: str(one["properties"]["code"]))
    polygon = dict(zip(codes, shapes.geoms, strict=True))
    rows = frame(
        city,
        "SELECT code, cases.lon, cases.lat, h3 FROM cases JOIN region ON region_id = district_id "
        "WHERE cases.lon IS NOT NULL AND case_id % 40 = 0",
    )
    assert len(rows) > 1_000
    for row in rows.itertuples():
        assert polygon[str(row.code)].covers(shapely.Point(row.lon, row.lat))
        assert h3.str_to_int(h3.latlng_to_cell(row.lat, row.lon, 8)) == row.h3


def test_some_places_are_not_known(city: Connection) -> None:
    shares = city.exec_driver_sql(
        "SELECT avg(CAST(lon IS NULL AS INT)), avg(CAST(street_id = 0 AS INT)), "
        "avg(CAST(district_id = 0 AS INT)) FROM cases"
    ).one()
    assert [round(float(share), 2) for share in shares] == [0.12, 0.02, 0.0]
    assert (
        value(city, "SELECT count(*) FROM cases WHERE district_id = 0 AND (street_id > 0 OR lon IS NOT NULL)")
        == 0
    )


def test_districts_follow_their_population(city: Connection) -> None:
    rows = frame(
        city,
        f"SELECT count(*) AS items, any_value(population) AS people FROM cases JOIN {region.name} "
        "ON region_id = district_id WHERE region_id > 0 GROUP BY region_id",
    )
    assert len(rows) == 13
    assert spearmanr(rows["items"], rows["people"]).statistic > 0.9
    per_head = rows["items"] / rows["people"]
    assert per_head.max() / per_head.min() < 2
    assert per_head.std() / per_head.mean() > 0.05


# --- magnitudes ----------------------------------------------------------------------------------------

RECENT = "BETWEEN DATE '2025-11-01' AND DATE '2026-10-31'"
SHARES = {
    "online share of petitions": ("avg(CAST(is_online AS INT))", "is_petition", 0.79, 0.83),
    "petitions": ("avg(CAST(is_petition AS INT))", "true", 0.22, 0.28),
    "repeats": ("avg(CAST(repeat_no > 0 AS INT))", "NOT is_litigation", 0.08, 0.15),
    "counted": ("avg(CAST(is_counted AS INT))", "true", 0.95, 0.99),
    "accepted on time": (
        "avg(CAST(coalesce(accepted_at <= accept_due_at, false) AS INT))",
        f"is_counted AND repeat_no = 0 AND accept_due_on {RECENT}",
        0.97,
        0.99,
    ),
    "replied on time": (
        "avg(CAST(coalesce(replied_at <= reply_due_at, false) AS INT))",
        f"is_counted AND reply_due_on {RECENT}",
        0.95,
        0.975,
    ),
    "days to reply to a petition since the pilot": (
        "avg(epoch(replied_at - registered_at)) / 86400",
        "is_petition AND closed_on > DATE '2026-08-31'",
        9.0,
        13.0,
    ),
    "days to reply to a hotline item": (
        "avg(epoch(replied_at - registered_at)) / 86400",
        "NOT is_petition AND closed_on IS NOT NULL",
        1.0,
        5.0,
    ),
    "resolved at first": (
        "avg(CAST(is_resolved AND returned_on IS NULL AS INT))",
        f"repeat_no = 0 AND closed_on {RECENT}",
        0.93,
        0.96,
    ),
    "satisfied": ("avg(CAST(satisfaction <= 2 AS INT))", "satisfaction <= 3", 0.88, 0.95),
    "participation": (
        "avg(CAST(satisfaction <= 3 AS INT))",
        "satisfaction <= 3 OR satisfaction = 5",
        0.88,
        0.92,
    ),
    "published": ("avg(CAST(is_published AS INT))", "is_publishable", 0.80, 0.90),
}


@pytest.mark.parametrize("name", SHARES)
def test_magnitudes_come_near_the_published_ones(city: Connection, name: str) -> None:
    measure, where, low, high = SHARES[name]
    assert low < float(value(city, f"SELECT {measure} FROM cases WHERE {where}")) < high


def test_districts_differ_in_timeliness(city: Connection) -> None:
    rows = frame(
        city,
        "SELECT avg(CAST(coalesce(replied_at <= reply_due_at, false) AS INT)) AS rate FROM cases "
        f"WHERE is_counted AND district_id > 0 AND reply_due_on {RECENT} GROUP BY district_id",
    )
    rates = rows["rate"].astype(float)
    assert 0.89 < rates.min() < 0.95
    assert 0.98 < rates.max() <= 1.0


def test_lists_have_their_absolute_size(city: Connection) -> None:
    assert value(city, "SELECT count(*) FROM backlog_item") == BACKLOG_ITEMS
    assert value(city, "SELECT count(*) FROM major_issue") == MAJOR_ISSUES
    assert 0.34 < float(value(city, "SELECT count(resolved_on) / count(*) FROM backlog_item")) < 0.60


def test_the_story_can_be_told(city: Connection) -> None:
    years = frame(
        city,
        "SELECT code, count(*) FILTER (registered_on >= DATE '2025-11-01') "
        "/ count(*) FILTER (registered_on BETWEEN DATE '2023-11-01' AND DATE '2024-10-31') AS growth "
        "FROM cases JOIN region ON region_id = district_id GROUP BY code",
    ).set_index("code")["growth"]
    assert years["330113"] > 1.05  # 临平
    assert years["330114"] > 1.15  # 钱塘
    assert years.drop(["330113", "330114", "not_stated"]).median() < 0.95
    repeats = "SELECT avg(CAST(repeat_no > 0 AS INT)) FROM cases WHERE registered_on > DATE '2026-10-31' - {}"
    assert value(city, repeats.format(14)) < 0.75 * value(city, repeats.format(365))
    accepted = (
        "SELECT median(epoch(accepted_at - registered_at)) FROM cases WHERE is_petition AND registered_on {}"
    )
    assert value(city, accepted.format(">= DATE '2026-03-01'")) < 0.5 * value(
        city, accepted.format("< DATE '2026-03-01'")
    )


def test_the_week_the_day_and_the_festival_have_their_rhythm(city: Connection) -> None:
    days = frame(
        city, "SELECT isodow(registered_on) AS day, count(*) AS items FROM cases GROUP BY 1"
    ).set_index("day")
    assert days["items"][7] < 0.75 * days["items"][1]
    hours = frame(
        city, "SELECT hour(registered_at) AS hour, count(*) AS items FROM cases GROUP BY 1"
    ).set_index("hour")
    assert hours["items"][9] > 10 * hours["items"][3]
    festival = """
        SELECT count(case_id) / count(DISTINCT day_on) FROM calendar LEFT JOIN cases ON registered_on = day_on
        WHERE {}
    """
    ordinary = value(
        city, festival.format("year(day_on) = 2026 AND day_on <= DATE '2026-10-31' AND is_workday")
    )
    assert value(city, festival.format("year(day_on) = 2026 AND is_spring_festival")) < 0.5 * ordinary
    assert value(city, festival.format("day_on BETWEEN DATE '2026-02-24' AND DATE '2026-02-27'")) > ordinary


def test_a_few_come_very_often(city: Connection) -> None:
    people = frame(
        city, "SELECT count(*) AS items FROM cases WHERE person_key IS NOT NULL GROUP BY person_key"
    )["items"]
    top = people.nlargest(len(people) // 100).sum() / people.sum()
    assert 0.04 < top < 0.2
    assert people.max() > 30


def test_visits_past_the_competent_level(city: Connection) -> None:
    assert (
        value(city, "SELECT count(*) FROM cases WHERE is_skip_level AND visited_level > competent_level - 2")
        == 0
    )
    assert (
        value(city, "SELECT count(*) FROM cases WHERE (is_skip_level OR is_collective) AND channel_id <> 5")
        == 0
    )
    assert value(city, "SELECT min(people) FROM cases WHERE is_collective") == 5


def test_exclusions_have_a_reason(city: Connection) -> None:
    assert value(city, "SELECT count(*) FROM cases WHERE is_counted <> (exclusion IS NULL)") == 0
    assert value(city, "SELECT count(*) FROM cases WHERE is_litigation AND exclusion <> 'litigation'") == 0


def test_texts_name_nobody(city: Connection) -> None:
    for column in ("title", "detail"):
        assert (
            value(
                city, f"SELECT count(*) FROM cases WHERE regexp_matches({column}, '[0-9]{{3}}|[A-Za-z{{}}]')"
            )
            == 0
        )
    assert value(city, "SELECT count(DISTINCT title) FROM cases") > 1_000


# --- what was planted ----------------------------------------------------------------------------------


def test_three_surges_two_hot_spots_two_policies(city: Connection) -> None:
    kinds = (
        frame(city, "SELECT kind, count(*) AS n FROM demo_truth GROUP BY kind")
        .set_index("kind")["n"]
        .to_dict()
    )
    assert kinds == {"surge": 3, "hot_spot": 2, "policy": 2}
    assert (
        value(city, "SELECT count(*) FROM demo_truth WHERE kind = 'surge' AND ends_on > DATE '2026-10-10'")
        == 1
    )
    lengths = (
        "SELECT count(*) FROM demo_truth WHERE kind = 'surge' AND ends_on - starts_on NOT BETWEEN 6 AND 20"
    )
    assert value(city, lengths) == 0


@pytest.mark.parametrize("truth_id", [1, 2, 3])
def test_planted_surges_stand_out(city: Connection, truth_id: int) -> None:
    items = """
        SELECT count(*) FROM cases JOIN demo_truth truth USING (street_id, category2_id)
        WHERE truth_id = {} AND registered_on {} BETWEEN starts_on AND ends_on
    """
    inside, outside = value(city, items.format(truth_id, "")), value(city, items.format(truth_id, "NOT"))
    days = value(city, f"SELECT ends_on - starts_on + 1 FROM demo_truth WHERE truth_id = {truth_id}")
    expected = outside * days / (1_096 - days)
    assert poisson.sf(inside - 1, expected) < 0.01


@pytest.mark.parametrize("truth_id", [4, 5])
def test_planted_hot_spots_stand_out(city: Connection, truth_id: int) -> None:
    items = """
        SELECT count(*) FROM cases JOIN demo_truth truth USING (category1_id)
        WHERE truth_id = {} AND registered_on {} BETWEEN starts_on AND ends_on
        AND 111.2 * sqrt((cases.lat - truth.lat) ** 2
            + ((cases.lon - truth.lon) * cos(radians(truth.lat))) ** 2) <= radius_km
    """
    inside, outside = value(city, items.format(truth_id, "")), value(city, items.format(truth_id, "NOT"))
    days = value(city, f"SELECT ends_on - starts_on + 1 FROM demo_truth WHERE truth_id = {truth_id}")
    assert inside > 2 * outside * days / (1_096 - days)


# --- refusals ------------------------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Any:
    engine = duckdb.engine(tmp_path / "empty.duckdb", read_only=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


def test_a_city_without_boundary_is_refused(empty: Connection) -> None:
    with pytest.raises(BadCity, match="The city 'boston' has no boundary file"):
        demo.build(empty, city="boston", say=lambda _: None)


def test_too_few_cases_are_refused(empty: Connection) -> None:
    with pytest.raises(WarehouseError, match=r"at least 1,000 cases, not 10"):
        demo.build(empty, cases=10, say=lambda _: None)


def test_another_end_and_the_smallest_size(empty: Connection) -> None:
    said: list[str] = []
    demo.build(empty, cases=1_000, seed=3, until=date(2024, 2, 29), say=said.append)
    assert value(empty, "SELECT count(*) FROM cases") == 1_000
    assert value(
        empty,
        "SELECT min(registered_on) >= DATE '2021-03-01' AND max(registered_on) <= DATE '2024-02-29' "
        "FROM cases",
    )
    assert [line.partition(":")[0] for line in said] == [
        "dimensions",
        "first items",
        "planted",
        "returns",
        "cases",
        "lists",
        "roll-ups",
    ]
