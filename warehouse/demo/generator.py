"""Builds the demo city: lays the tables the scripts in sql/ draw from, runs them in order, says each step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from warehouse import calendars, cities, frames, matters, reference, schema
from warehouse.cities import City
from warehouse.demo import chances, dimensions, planted
from warehouse.demo.dimensions import Dimensions
from warehouse.demo.places import POINTS_A_PLACE, Places, read_places
from warehouse.demo.story import (
    BACKLOG_ITEMS,
    LETTER_SHARE,
    MAJOR_ISSUES,
    OFFLINE_SHARE,
    OPINION_SHARE,
    Story,
)
from warehouse.demo.tables import districts, table
from warehouse.errors import WarehouseError
from warehouse.schema import RegionLevel

SCRIPTS = Path(__file__).parent / "sql"
MAPPING = "demo"
GENERATIONS = 12  # an item returns at most this often
FREQUENT_PEOPLE = 0.004  # of all matters: the few who come again and again
PEOPLE = 0.55  # of all matters: everybody else
LEAST_CASES = 1_000
MEMORY = "4GB"  # for 33 million cases; with less the scratch file is read again and again
STRETCH = 3_000_000  # cases numbered and written at a time
POSTS = (
    "{head}",
    "常务副{head}",
    "副{head}(甲)",
    "副{head}(乙)",
    "副{head}(丙)",
    "委书记",
    "委副书记",
    "委政法委书记",
)
ISSUE_THEMES = 24


def build(
    connection: Connection,
    *,
    city: str = "hangzhou",
    cases: int = 300_000,
    seed: int = 1,
    until: date = date(2026, 10, 31),
    say: Callable[[str], None] = print,
) -> None:
    """Fill every table of the schema with the demo city: `cases` items over the three years up to `until`.

    `connection` is an autocommit connection to an empty DuckDB file. The same arguments give the same rows,
    for any number of threads; only `warehouse_info.built_at` and `batch.loaded_at` tell when it was built.
    Raises BadCity when the city is unknown or has no boundary file, WarehouseError for too few cases.
    """
    # The roll-ups import every measure; only the last step needs them.
    from warehouse import rollups  # noqa: PLC0415

    if cases < LEAST_CASES:
        raise WarehouseError(
            f"The demo city needs at least {LEAST_CASES:,} cases, not {cases:,}; ask for more."
        )
    connection.exec_driver_sql(f"SET memory_limit = '{MEMORY}'")
    story = Story(cases=cases, seed=seed, until=until)
    where = cities.read_city(city)
    schema.METADATA.create_all(connection)
    made = dimensions.make(where, story)
    places = read_places(where, districts(), seed)
    _load_dimensions(connection, where, made, story)
    say(
        f"dimensions: {len(where.regions):,} regions, {len(made.unit):,} units, "
        f"{len(made.category):,} categories"
    )
    _set_variables(connection, story)
    _stage(connection, where, made, places, story)
    with _scratch(connection):
        _run(connection, "macros", "item")
        _draw_roots(connection, 0, story.roots)
        say(f"first items: {_count(connection, 'scratch.item'):,} matters opened")
        truth = planted.plant(connection, story)
        _run(connection, "planted", "stages")
        say(f"planted: {truth['planted_cases'].sum():,} cases in 3 surges and 2 hot spots")
        _draw_returns(connection)
        say(f"returns: {_count(connection, 'scratch.item'):,} items with those who came back")
        _fit(connection, story)
        _write_cases(connection, story)
        say(f"cases: {_count(connection, 'cases'):,} rows")
    _run(connection, "backlog", "major_issues", "reviews")
    frames.replace(connection, schema.demo_truth, truth)
    _sign(connection, where, story)
    say(
        f"lists: {_count(connection, 'backlog_item'):,} backlog items, {_count(connection, 'major_issue'):,} "
        f"major issues, {_count(connection, 'review'):,} reviews"
    )
    rollups.rebuild(connection)
    say("roll-ups: written")


def _load_dimensions(connection: Connection, city: City, made: Dimensions, story: Story) -> None:
    cities.load_regions(connection, city)
    reference.load_reference(connection)
    # Deadlines and plans reach past the last day of the data.
    calendars.load_calendar(
        connection, story.first.replace(month=1, day=1), date(story.until.year + 1, 12, 31)
    )
    for name in ("category", "unit", "source", "event_window", "annotation"):
        frames.replace(connection, schema.METADATA.tables[name], getattr(made, name))


def _set_variables(connection: Connection, story: Story) -> None:
    """What the scripts read with getvariable()."""
    variables: dict[str, object] = {
        "seed": story.seed,
        "first": story.first,
        "until": story.until,
        "ends_at": story.end,
        "pilot_at": datetime.combine(story.pilot, datetime.min.time()),
        "drive": story.drive,
        "petition_share": story.petition_share,
        "opinion_share": OPINION_SHARE,
        "visit_share": story.visit_share,
        "letter_share": LETTER_SHARE,
        "offline_share": OFFLINE_SHARE,
        "place_slots": chances.PLACE_SLOTS,
        "leaf_slots": chances.LEAF_SLOTS,
        "day_slots": chances.DAY_SLOTS,
        "hour_slots": chances.HOUR_SLOTS,
        "source_slots": chances.SOURCE_SLOTS,
        "purpose_slots": chances.PURPOSE_SLOTS,
        "seasons": len(chances.SEASONS),
        "points_a_place": POINTS_A_PLACE,
        "backlog_items": BACKLOG_ITEMS,
        "major_issues": MAJOR_ISSUES,
        "posts": len(POSTS),
        "issue_themes": ISSUE_THEMES,
    }
    for name, value in variables.items():
        _set(connection, name, value)


def _set(connection: Connection, name: str, value: object) -> None:
    connection.exec_driver_sql(f"SET VARIABLE {name} = ?", (value,))


def _stage(connection: Connection, city: City, made: Dimensions, places: Places, story: Story) -> None:
    """The temporary tables the scripts join: what is drawn from, the traits of places, themes and units."""
    tales = districts()
    trends = sorted(set(tales["trend"]))
    here = city.regions[city.regions["level"] == RegionLevel.DISTRICT].merge(tales, on="code")
    weight = here["region_id"].map(places.places.groupby("district_id")["weight"].sum())
    district = here[["region_id", "late", "returns", "published"]].rename(
        columns={"region_id": "district_id"}
    )
    district = district.assign(
        trend=[trends.index(trend) for trend in here["trend"]],
        frequent_people=np.maximum(3, np.floor(FREQUENT_PEOPLE * story.roots * weight)),
        people=np.floor(PEOPLE * story.roots * weight) + 10,
    )
    days = calendars.calendar_rows(story.first, story.until)
    bureaus = made.desks.drop_duplicates("bureau").set_index("bureau")["bureau_id"]
    leaf = made.leaves.assign(
        bureau_id=made.leaves["bureau"].map(bureaus),
        season=[chances.SEASONS.index(season) for season in made.leaves["season"]],
        is_court_matter=made.leaves["bureau"] == "legal",
        returns=made.leaves["returns"] / np.average(made.leaves["returns"], weights=made.leaves["weight"]),
    )
    wording = _wording(made.leaves)
    channels = reference.channels()
    tables = {
        "place": places.places.drop(columns="weight"),
        "point": places.points,
        "district": district,
        "leaf": leaf.drop(columns=["bureau", "place", "theme", "weight", "rural"]),
        "desk": made.desks.drop(columns="bureau"),
        "unit_trait": _unit_traits(made.unit, story.seed),
        "place_slots": chances.place_slots(places.places),
        "leaf_slots": chances.leaf_slots(made.leaves),
        "day_slots": chances.day_slots(story, trends, days, made.event_window),
        "hour_slots": chances.hour_slots(),
        "purpose_slots": chances.purpose_slots(),
        "source_slots": chances.source_slots(
            made.source_weights,
            [int(one) for one in district["district_id"]],
            channels["channel_id"].tolist(),
        ),
        "wording": wording,
        "post": _posts(here),
        "issue_theme": _issue_themes(made),
    }
    for name, frame in tables.items():
        frames.stage(connection, name, frame)
    _set(connection, "trends", len(trends))
    _set(connection, "bureaus", len(bureaus))
    _set(connection, "variants", int(wording["variant"].max()) + 1)


def _unit_traits(unit: pd.DataFrame, seed: int) -> pd.DataFrame:
    """How each unit works, in factors that are 1 on average; below 1 is better."""
    rng = np.random.default_rng(seed + 2)
    spread = {
        "pace": 0.2,
        "accept_late": 0.5,
        "reply_late": 0.55,
        "unresolved": 0.4,
        "refusals": 0.5,
        "displeasing": 0.3,
    }
    factors = {name: rng.lognormal(-(sigma**2) / 2, sigma, len(unit)) for name, sigma in spread.items()}
    return unit[["unit_id", "level"]].assign(**factors)


def _wording(leaves: pd.DataFrame) -> pd.DataFrame:
    """category_id, purpose_id, variant, title, detail: every theme in the words of every template."""
    purposes = reference.purposes().set_index("code")["purpose_id"]
    templates = table("templates.csv")
    most = int(templates.groupby("purpose").size().max())
    rows = []
    for purpose, mine in templates.groupby("purpose", sort=False):
        for variant in range(most):
            template = mine.iloc[variant % len(mine)]
            for leaf in frames.rows(leaves):
                fill = {"place": leaf.place, "theme": leaf.theme}
                title, detail = template["title"].format(**fill), template["detail"].format(**fill)
                rows.append((leaf.category_id, purposes[purpose], variant, title, detail))
    return pd.DataFrame(rows, columns=["category_id", "purpose_id", "variant", "title", "detail"])


def _posts(here: pd.DataFrame) -> pd.DataFrame:
    """district_id, number, leader: posts that can be in charge of an item; posts, never persons."""
    rows = []
    for place in frames.rows(here):
        head = dimensions.HEADS.get(place.kind, "区长")
        for number, post in enumerate(POSTS):
            title = post.format(head=head)
            rows.append((place.region_id, number, f"{place.name_zh}{title}"))
    return pd.DataFrame(rows, columns=["district_id", "number", "leader"])


def _issue_themes(made: Dimensions) -> pd.DataFrame:
    """is_rural, number, name_zh, name_en, category1_id: what most often returns in town and country."""
    stubborn = made.leaves.sort_values(["returns", "weight"], ascending=False)
    english = made.category.set_index("category_id")["name_en"]
    rows = []
    for is_rural, fits in ((False, stubborn["rural"] <= 1.1), (True, stubborn["rural"] >= 0.9)):
        for number, leaf in enumerate(frames.rows(stubborn[fits].head(ISSUE_THEMES))):
            theme = leaf.theme.removeprefix(leaf.place).removesuffix("问题")
            name_zh, name_en = f"某{leaf.place}{theme}问题", english[leaf.category_id]
            rows.append((is_rural, number, name_zh, name_en, leaf.category1_id))
    return pd.DataFrame(rows, columns=["is_rural", "number", "name_zh", "name_en", "category1_id"])


def _draw_roots(connection: Connection, first: int, end: int) -> None:
    """Draw the first items of the matters numbered from `first` to before `end`."""
    _set(connection, "root_from", first)
    _set(connection, "root_to", end)
    _run(connection, "roots", "stages")


def _draw_returns(connection: Connection) -> None:
    for generation in range(GENERATIONS):
        _set(connection, "generation", generation)
        _run(connection, "returns", "stages")
        if not _count(connection, "scratch.fresh"):
            return


def _fit(connection: Connection, story: Story) -> None:
    """Add or take away first items until there are exactly as many items as asked.

    Only nameless ones are taken: nobody can have come back to them.
    """
    surplus = _count(connection, "scratch.item") - story.cases
    if surplus < 0:
        _draw_roots(connection, story.roots, story.roots - surplus)
    connection.exec_driver_sql(
        """
        DELETE FROM scratch.item WHERE key IN (
            SELECT key FROM scratch.item WHERE person_key IS NULL AND NOT is_planted
            ORDER BY chance(key, 'fit'), key LIMIT ?
        )
        """,
        (max(surplus, 0),),
    )


def _write_cases(connection: Connection, story: Story) -> None:
    """Number the items in the order they came in, link the returns, and dress them as cases.

    Numbering and dressing go stretch by stretch of days, so that memory holds no more than one stretch.
    """
    connection.exec_driver_sql(
        "CREATE OR REPLACE TABLE scratch.numbered AS "
        "SELECT *, CAST(0 AS BIGINT) AS case_id FROM scratch.item LIMIT 0"
    )
    stretches = -(-story.cases // STRETCH)
    days = [story.first + timedelta(story.days * one // stretches) for one in range(stretches + 1)]
    cuts = [0]
    for first, end in pairwise(days):
        connection.exec_driver_sql(
            """
            INSERT INTO scratch.numbered
            SELECT *, ? + row_number() OVER (ORDER BY registered_at, key) AS case_id FROM scratch.item
            WHERE registered_at >= CAST(? AS DATE) AND registered_at < CAST(? AS DATE)
            """,
            (cuts[-1], first, end),
        )
        cuts.append(_count(connection, "scratch.numbered"))
    connection.exec_driver_sql("DROP TABLE scratch.item")
    connection.exec_driver_sql(
        f"CREATE OR REPLACE TABLE scratch.link AS {matters.linked('scratch.numbered')}"
    )
    for after, last in pairwise(cuts):
        _set(connection, "after_case", after)
        _set(connection, "last_case", last)
        _run(connection, "cases")


def _sign(connection: Connection, city: City, story: Story) -> None:
    """Write what the warehouse is: demo data, of which city, scale and seed."""
    now = datetime.now(ZoneInfo(city.time_zone)).replace(tzinfo=None, microsecond=0)
    rows = _count(connection, "cases")
    recipe = f"{city.key} {story.cases} {story.seed} {story.until}"
    counted = {
        "rows_read": rows,
        "rows_loaded": rows,
        **dict.fromkeys(("rows_superseded", "rows_duplicate", "rows_rejected"), 0),
    }
    batch = {
        "batch_id": 1,
        "file_name": f"演示数据 {recipe}",
        "file_sha256": hashlib.sha256(recipe.encode()).hexdigest(),
        "mapping": MAPPING,
        "loaded_at": now,
        **counted,
    }
    info = {
        "version": MAPPING,
        "city": city.key,
        "built_at": now,
        "data_from_on": story.first,
        "as_of_on": story.until,
        "is_demo": True,
        "full_scale": story.full_scale,
        "seed": story.seed,
    }
    frames.replace(connection, schema.batch, pd.DataFrame([batch]))
    frames.replace(connection, schema.warehouse_info, pd.DataFrame([info]))


@contextmanager
def _scratch(connection: Connection) -> Iterator[None]:
    """A second file beside the warehouse, attached as `scratch`, for the items on their way to `cases`.

    Temporary tables larger than the memory limit are written out again at each reading; a file is not.
    """
    home = connection.exec_driver_sql(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).scalar_one()
    path = Path(f"{home}.scratch") if home else None
    spelled = str(path or ":memory:").replace("'", "''")
    connection.exec_driver_sql(f"ATTACH '{spelled}' AS scratch")
    try:
        yield
    finally:
        connection.exec_driver_sql("DETACH scratch")
        if path:
            path.unlink()


def _run(connection: Connection, *scripts: str) -> None:
    for script in scripts:
        connection.exec_driver_sql((SCRIPTS / f"{script}.sql").read_text(encoding="utf-8"))


def _count(connection: Connection, name: str) -> int:
    rows = connection.exec_driver_sql(f"SELECT count(*) FROM {name}")  # noqa: S608 (own identifier)
    return int(rows.scalar_one())
