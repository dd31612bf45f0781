"""When and where a page looks: the three choices that every board begins with and that go along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dashboards import filters
from dashboards.cards import overview as words
from queries.execute import Warehouse
from queries.vocabulary import Period, Text


@dataclass(frozen=True)
class Scene:
    """`district` is a code or empty for the whole city, `entered` the key of that district or None."""

    as_of: date
    span: str
    period: Period
    district: str
    entered: int | None
    place: Text


def choose_scene(
    warehouse: Warehouse, spans: Mapping[str, Text] = words.SPANS, default: str = "4w"
) -> Scene:
    """Draws the first three controls of the filter row: as-of date, span (of `spans`), district."""
    info = warehouse.info
    rows = {str(row["code"]): row for row in warehouse.members("district").to_dict("records")}
    names = {code: Text(row["name_zh"], row["name_en"]) for code, row in rows.items()}
    as_of = filters.day("as_of", words.AS_OF, words.earliest(info.data_from, info.as_of), info.as_of)
    span = filters.select("span", words.SPAN, spans, default)
    district = filters.select("district", words.DISTRICT, {"": words.WHOLE, **names}, "")
    return Scene(
        as_of=as_of,
        span=span,
        period=words.span_period(span, as_of, info.data_from),
        district=district,
        entered=int(rows[district]["id"]) if district else None,
        place=names.get(district, Text(warehouse.city.name_zh, warehouse.city.name_en)),
    )
