"""Going down: what lies below the category and the district that a page is narrowed to, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards import filters
from dashboards.cards.scene import CATEGORIES
from dashboards.cards.volume import codes_of, named
from dashboards.figures.markup import Markup, joined, tag
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Language, Text

ALL = Text("全部类别", "All categories")
NO_FURTHER = Text("{name}（未再细分）", "{name}, not divided further")


def below(warehouse: Warehouse, cut: str, here: tuple[Filter, ...]) -> str:
    """The dimension that `cut` is divided by under the filters `here`.

    A category is divided by the level below the deepest one chosen, as long as there is one, a district that
    is entered by its streets; any other cut stays as it is.
    """
    if cut == "district":
        return "street" if any(one.dimension == "district" for one in here) else cut
    chosen = _path(here)
    if cut != CATEGORIES[0] or not chosen:
        return cut
    deeper = CATEGORIES[len(chosen)] if len(chosen) < len(CATEGORIES) else ""
    if deeper and (warehouse.members(deeper)["parent_id"] == chosen[-1].members[0]).any():
        return deeper
    return chosen[-1].dimension


def names_below(warehouse: Warehouse, split: str, here: tuple[Filter, ...]) -> dict[int, Text]:
    """Names of the members of `split`; a category above it may have items of its own, and is named too."""
    names, chosen = named(warehouse.members(split)), _path(here)
    if split in CATEGORIES and chosen and chosen[-1].dimension != split:
        above = int(chosen[-1].members[0])
        own = _name(warehouse, chosen[-1])
        names[above] = Text(NO_FURTHER.zh.format(name=own.zh), NO_FURTHER.en.format(name=own.en))
    return names


def codes_below(warehouse: Warehouse, split: str) -> Mapping[int, str]:
    """Codes of the members of `split` that a click narrows the page to; none where it does not."""
    return codes_of(warehouse.members(split)) if split in filters.NARROWS else {}


def crumbs(warehouse: Warehouse, here: tuple[Filter, ...], now: Language) -> Markup | None:
    """The way from all categories to the one chosen, a click on a step goes back to it; None without one."""
    chosen = _path(here)
    if not chosen:
        return None
    steps: list[Markup] = []
    texts = [ALL, *(_name(warehouse, one) for one in chosen)]
    for at, text in enumerate(texts):
        # taking back the step below leads here
        back = _narrow(warehouse, chosen[at]) if at < len(chosen) else None
        link = {"data_narrow": back, "tabindex": 0, "role": "button"} if back else {"aria_current": "page"}
        steps += [joined(" › ")] if at else []
        steps.append(tag("span", text.in_(now), **link))
    return tag("p", *steps, class_="q-note q-crumbs")


def _path(here: tuple[Filter, ...]) -> list[Filter]:
    found = {one.dimension: one for one in here}
    return [found[key] for key in CATEGORIES if key in found]


def _row(warehouse: Warehouse, one: Filter) -> Mapping[str, object]:
    members = warehouse.members(one.dimension)
    (row,) = members[members["id"] == one.members[0]].to_dict("records")
    return {str(key): value for key, value in row.items()}


def _name(warehouse: Warehouse, one: Filter) -> Text:
    row = _row(warehouse, one)
    return Text(str(row["name_zh"]), str(row["name_en"]))


def _narrow(warehouse: Warehouse, one: Filter) -> str:
    return f"{one.dimension}={_row(warehouse, one)['code']}"
