"""When and where a page looks: the three choices that every board begins with and that go along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dashboards import filters
from dashboards.cards import overview as words
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Language, Period, Text

# The levels of the category tree, each inside the one before it.
CATEGORIES = tuple(f"category{level}" for level in range(1, 6))
_MINE = Text("有权查看的区县", "Districts open to you")
_EVERY_CHANNEL = Text("全部渠道", "All channels")


@dataclass(frozen=True)
class Scene:
    """What every board's choices begin with; a board's own `Choices` add to it.

    `district` is a code or empty for the whole city, `entered` the key of that district or None; `region`
    names that district, or the city. `here` filters by it and by whatever else the page is narrowed to;
    `place` names all of that.
    """

    as_of: date
    span: str
    period: Period
    district: str
    entered: int | None
    region: Text
    place: Text
    here: tuple[Filter, ...]

    def said(self, now: Language) -> str:
        """The choices in words."""
        return words.said(self.span, self.period, self.place, now)

    def under(self, *more: Filter) -> Scene:
        """The same scene narrowed by further filters."""
        return replace(self, here=(*self.here, *more))


def choose_scene(
    warehouse: Warehouse,
    spans: Mapping[str, Text] = words.SPANS,
    default: str = "4w",
    narrowed_by: Sequence[str] = (),
    *,
    listable: bool = False,
) -> Scene:
    """Draws the first three controls of the filter row: as-of date, span (of `spans`), district.

    `narrowed_by` names the dimensions that a click in a table or chart of this board narrows the page by;
    each that is in force has a button that takes it back. `listable` offers only the districts whose items
    the reader may list.
    """
    info, mine = warehouse.info, warehouse.scope.listable if listable else None
    members = warehouse.members("district").to_dict("records")
    rows = {str(row["code"]): row for row in members if mine is None or int(row["id"]) in mine}
    names = {code: Text(row["name_zh"], row["name_en"]) for code, row in rows.items()}
    as_of = filters.day("as_of", words.AS_OF, words.earliest(info.data_from, info.as_of), info.as_of)
    span = filters.select("span", words.SPAN, spans, default)
    everywhere = words.WHOLE if mine is None else _MINE
    district = filters.select("district", words.DISTRICT, {"": everywhere, **names}, "")
    entered = (Filter("district", (int(rows[district]["id"]),)),) if district else ()
    narrowed = _narrowed(warehouse, narrowed_by)
    city = Text(warehouse.city.name_zh, warehouse.city.name_en)
    region = names.get(district, city if mine is None else _MINE)
    return Scene(
        as_of=as_of,
        span=span,
        period=words.span_period(span, as_of, info.data_from),
        district=district,
        entered=int(rows[district]["id"]) if district else None,
        region=region,
        place=Text(
            " · ".join((region.zh, *(name.zh for name in narrowed.values()))),
            " · ".join((region.en, *(name.en for name in narrowed.values()))),
        ),
        here=(*entered, *narrowed),
    )


def choose_channel(warehouse: Warehouse) -> tuple[tuple[Filter, ...], Text]:
    """Draws the choice of a channel; returns its filter, none for all channels, and its name."""
    rows = {str(row["code"]): row for row in warehouse.members("channel").to_dict("records")}
    names = {code: Text(row["name_zh"], row["name_en"]) for code, row in rows.items()}
    options = {"": _EVERY_CHANNEL, **names}
    chosen = filters.select("channel", dimension("channel").name, options, "")
    return ((Filter("channel", (int(rows[chosen]["id"]),)),) if chosen else (), options[chosen])


def _narrowed(warehouse: Warehouse, keys: Sequence[str]) -> dict[Filter, Text]:
    """The members that the page is narrowed to, with their names; a level of categories inside the one above.

    A level that is no longer inside it is taken out of the address, lest it come back by itself.
    """
    found: dict[Filter, Text] = {}
    chosen: dict[str, int] = {}
    for key in keys:
        rows = {str(row["code"]): row for row in warehouse.members(key).to_dict("records")}
        if key in CATEGORIES[1:]:
            above = chosen.get(CATEGORIES[CATEGORIES.index(key) - 1])
            rows = {code: row for code, row in rows.items() if int(row["parent_id"]) == above}
        code = filters.chosen(key, tuple(rows), "")
        if not code and key in CATEGORIES[1:] and filters.word(key):
            filters.choose(key, None)
        if code:
            chosen[key] = int(rows[code]["id"])
            row = rows[code]
            name = Text(str(row["name_zh"]), str(row["name_en"]))
            found[Filter(key, (int(row["id"]),))] = name
            filters.chip(key, dimension(key).name, name)
    return found
