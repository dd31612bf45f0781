"""智慧信访（四可）: find an item, follow its whole life, supervise it, see how it was rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from dashboards import case_desk, data, filters, language, layout, record
from dashboards.cards import case_list as words
from dashboards.cards import overview
from dashboards.cards.case_words import Names
from dashboards.cards.scene import Scene, choose_channel, choose_scene
from dashboards.exports.workbook import workbook
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board
from queries.cases import LONGEST_NUMBER, Page, Search, cleaned, numbers_of, search, words_of
from queries.dimensions import dimension
from queries.execute import Warehouse
from queries.question import Filter
from queries.vocabulary import Language, Text

_BOARD = "case_life"


@dataclass(frozen=True)
class Choices(Scene):
    """What the reader looks for; `named` are the filters in words, `case` the case the address asks for."""

    asked: Search
    named: tuple[Text, ...]
    first: int
    case: int | None

    def said(self, now: Language) -> str:
        """The choices in words; what was typed is not among them, it may be a person's name."""
        return " · ".join((super().said(now), *(one.in_(now) for one in self.named)))


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    choices: Choices
    rows: int
    last: int
    items: Markup | None


def choose(warehouse: Warehouse) -> Choices:
    """The filter row."""
    scene = choose_scene(warehouse, listable=True)
    channel, named_channel = choose_channel(warehouse)
    found: list[tuple[tuple[Filter, ...], Text]] = [(channel, named_channel)]
    found.append(_member(warehouse, "category1", words.EVERY_CATEGORY))
    if scene.entered is not None:
        found.append(_member(warehouse, "street", words.EVERY_STREET, ("parent_id", scene.entered)))
        found.append(_member(warehouse, "unit", words.EVERY_UNIT, ("district_id", scene.entered)))
    stages = {str(key): name for key, name in dimension("stage").names}
    stage = filters.select("stage", words.STAGE, {"": words.EVERY_STAGE, **stages}, "")
    if stage:
        found.append(((Filter("stage", (int(stage),)),), stages[stage]))
    kind = filters.select("kind", words.KIND, words.KINDS, "")
    repeats = (Filter("repeat", (1,)),) if kind == words.REPEAT else ()
    number = cleaned(filters.search("no", words.NUMBER), LONGEST_NUMBER)
    typed = words_of(filters.search("q", words.WORDS))
    asked = Search(
        period=scene.period,
        as_of=scene.as_of,
        filters=(*scene.here, *(one for members, _ in found for one in members), *repeats),
        number=number,
        words=typed,
        is_overdue=kind == words.OVERDUE,
        is_dissatisfied=kind == words.DISSATISFIED,
    )
    named = [name for members, name in found if members]
    named += [words.KINDS[kind]] if kind else []
    named += [text for text, typed_in in ((words.BY_NUMBER, number), (words.BY_WORDS, typed)) if typed_in]
    first = filters.page(repr(asked)) * words.PAGE
    return Choices(**vars(scene), asked=asked, named=tuple(named), first=first, case=case_desk.wanted())


def query(warehouse: Warehouse, choices: Choices) -> Page | None:
    """The items found; while one is opened the list is not asked for."""
    return None if choices.case is not None else search(warehouse, choices.asked, choices.first, words.PAGE)


def figures(
    warehouse: Warehouse, page: Page | None, choices: Choices, now: Language, _theme: Theme
) -> Figures:
    """The list."""
    if page is None:
        return Figures(choices, 0, 0, None)
    card = words.list_card(page, Names(warehouse, now))
    return Figures(choices, page.rows, page.first + len(page.frame), card)


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """The opened case, or the list with what is supervised below it."""
    choices, now = shown.choices, language.current()
    if choices.case is not None:
        case_desk.open_case(choices.case)
        return
    if shown.items is None:
        return
    warehouse, said = data.warehouse(), choices.said(language.CHINESE)
    record.searched(_BOARD, said, warehouse.info.version, choices.as_of, shown.rows)
    names, opens = Names(warehouse, now), partial(filters.follow, case_desk.CASE)
    with tools:
        content = partial(_file, warehouse, choices.asked, names, case_desk.mark(warehouse, now))
        rows = min(shown.rows, words.MOST_IN_FILE)
        layout.download(words.FILE.in_(now), content, f"cases-{choices.as_of}.xlsx", words=said, rows=rows)
    if shown.rows:
        layout.clickable("cases", shown.items, partial(opens, "cases"))
    else:
        layout.show(shown.items)
    with layout.buttons():
        is_last = shown.last >= shown.rows
        filters.pager(repr(choices.asked), words.BEFORE, words.AFTER, is_last=is_last)
    notes = case_desk.supervised(warehouse)
    numbered = numbers_of(warehouse, [one.note.case_id for one in notes])
    layout.clickable("supervised", words.notes_card(notes, numbered, names), partial(opens, "supervised"))
    layout.show(layout.foot(overview.foot(warehouse.city, (), (), now)))


def _member(
    warehouse: Warehouse, key: str, every: Text, inside: tuple[str, int] | None = None
) -> tuple[tuple[Filter, ...], Text]:
    """Draws the choice of a member of dimension `key`, of those whose column `inside` says so."""
    rows: Sequence[dict[str, object]] = warehouse.members(key).to_dict("records")  # type: ignore[assignment]
    if inside is not None:
        rows = [row for row in rows if row[inside[0]] == inside[1]]
    codes = {str(row["code"]): row for row in rows}
    options = {code: Text(str(row["name_zh"]), str(row["name_en"])) for code, row in codes.items()}
    chosen = filters.select(key, dimension(key).name, {"": every, **options}, "")
    if not chosen:
        return (), every
    return (Filter(key, (int(str(codes[chosen]["id"])),)),), options[chosen]


def _file(warehouse: Warehouse, asked: Search, names: Names, mark: str) -> bytes:
    return workbook([words.sheet(search(warehouse, asked, 0, words.MOST_IN_FILE), names, mark)])


BOARD = Board(
    key=_BOARD,
    section=Text("基层平台", "Grassroots"),
    title=Text("智慧信访（四可）", "One case, start to end"),
    answers=Text(
        "一件诉求可查询、可跟踪、可督办、可评价",
        "Find an item, follow it, supervise it, see how it was rated",
    ),
    order=200,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
    is_shown=False,
)
