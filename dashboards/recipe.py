"""How every board is made: filters → query → figures → layout, and what is shown when that fails."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import access, data, deck_desk, filters, language, layout, numbers, reader_bar, record
from dashboards.cards import decks, downloads, saved_views
from dashboards.drill_down import open_items
from dashboards.exports import deck as content
from dashboards.exports.frozen import pack
from dashboards.figures.markup import Markup
from dashboards.figures.theme import LIGHT, Theme
from queries.errors import QueryError
from queries.execute import Warehouse
from queries.metrics import metric
from queries.policies import in_force, read_index, read_major_issues
from queries.vocabulary import Language, Text
from warehouse.errors import (
    RecordsUnavailable,
    WarehouseBusy,
    WarehouseError,
    WarehouseMissing,
    WarehouseUnavailable,
)
from warehouse.records.decks import View
from warehouse.records.frozen import Frozen

LOG = logging.getLogger("qingyu.dashboards")

_NO_WAREHOUSE = Text("还没有数据", "No data yet")
_CANNOT = Text("暂时无法显示", "This board cannot be shown now")
_UNKNOWN = Text(
    "系统出错，页面没有画完。请把下面的编号告知管理员，以便在日志中查找。",
    "Something failed and the page was not finished. Give the number below to the administrator.",
)
_AWAY = Text(
    "数据仓库暂时没有应答，请稍后再试；如持续出现，请告知管理员。",
    "The warehouse does not answer now. Try again in a moment; tell the administrator if it goes on.",
)
_LAST = Text(
    "最近一次读到的数据截至 {day}，入库 {built}。", "The data last read was as of {day}, loaded {built}."
)
_CLOSED = Text("无权查看", "Not open to you")
_CLOSED_HINT = Text(
    "您的角色不能打开此看板，本次访问已记录。如工作需要，请向管理员申请。",
    "Your role does not open this board, and the attempt is on record. Ask the administrator if you need it.",
)
_NOTHING = Text("没有符合条件的数据", "Nothing matches these filters")
_NOTHING_HINT = Text(
    "所选范围内没有登记、到期或办结的事项，请放宽筛选条件。",
    "Nothing was registered, due or closed in this range; widen the filters.",
)
_HUSHED_HINT = Text(
    "所选范围内没有事项，或件数过小，不向当前角色显示。请放宽筛选条件。",
    "There is nothing in this range, or so little that it is not shown to your role; widen the filters.",
)

_AS_OF = Text("数据截至 {day} · 入库 {built}", "As of {day} · loaded {built}")
MARK = Text("晴雨", "Qingyu")
DEMO = Text("演示数据", "Demo data")
_HIDDEN = Text(
    "细分数随机取整到 {base}，少于 {k} 件不显示（自定义口径）",
    "Fine counts rounded at random to {base}, below {k} hidden (our own definition)",
)
_SAMPLED = Text("演示数据 · 按实际规模约 1/{n} 抽样", "Demo data, 1/{n} of real scale")


_FOUND: dict[str, Board] = {}


class Empty(Exception):
    """The filters leave nothing to draw."""


class Closed(Exception):
    """The reader's role does not open this board."""


@dataclass(frozen=True)
class Board:
    """One board: where it stands in the menu, the question it answers, and its four steps.

    `filters(warehouse)` draws the filter row and returns the frozen choices; `query(warehouse, choices)`
    asks and raises Empty when there is nothing; `figures(warehouse, answers, choices, language, theme)`
    returns frozen figures, kept for all readers of the same choices; `layout(figures, tools)` puts them on
    the page, its buttons into `tools`. Choices name their `as_of` and say themselves: `said(language)`.
    """

    key: str
    section: Text
    title: Text
    answers: Text
    order: int
    filters: Callable[[Warehouse], Any]
    query: Callable[[Warehouse, Any], Any]
    figures: Callable[[Warehouse, Any, Any, Language, Theme], Any]
    layout: Callable[[Any, DeltaGenerator], None]
    # How fresh what it shows is, where that is not the warehouse.
    fresh: Callable[[Any, Language], str] | None = None
    # Whether its views may be put into a deck: not where it shows items, people, definitions or decks.
    is_shown: bool = True

    def __post_init__(self) -> None:
        _FOUND[self.key] = self

    def run(self, paths: Sequence[str]) -> None:
        """Draws the board; whatever goes wrong is said on the page in one sentence, without a traceback.

        `paths` are the addresses of all boards, for the theme switch.
        """
        now, theme = language.current(), layout.theme()
        header = begin(self.title.in_(now), paths)
        try:
            self._draw(header, now, theme)
        except Empty:
            layout.show(_state(_NOTHING, _nothing(now)))
        except Closed:
            layout.show(_state(_CLOSED, _CLOSED_HINT.in_(now)))
        except RecordsUnavailable as wrong:
            LOG.error("%s: %s", self.key, wrong)
            layout.show(_state(_CANNOT, record.REFUSED.in_(now)))
        except WarehouseMissing as missing:
            layout.show(_state(_NO_WAREHOUSE, str(missing)))
        except (WarehouseUnavailable, WarehouseBusy) as wrong:
            LOG.warning("%s: %s", self.key, wrong)
            layout.show(_state(_CANNOT, _away(now), str(wrong)))
        except (QueryError, WarehouseError) as wrong:
            LOG.warning("%s: %s", self.key, wrong)
            layout.show(_state(_CANNOT, str(wrong)))
        except Exception:
            number = secrets.token_hex(4)
            LOG.exception("%s: error %s", self.key, number)
            layout.show(_state(_CANNOT, _UNKNOWN.in_(now), number))

    def _draw(self, header: DeltaGenerator, now: Language, theme: Theme) -> None:
        # The menu leaves out what is not open; an address may name it all the same.
        if not access.may_open(self.key):
            record.denied(self.key)
            raise Closed
        warehouse = data.warehouse()
        with layout.toolbar():
            choices = self.filters(warehouse)
            tools = st.container(horizontal=True, width="content", gap="small")
        record.viewed(
            record.Question(self.key, choices.said(language.CHINESE), choices.as_of, warehouse.info.version)
        )
        said = choices.said(now)
        name, (fresh, badges) = self.title.in_(now), _freshness(warehouse, choices.as_of, now)
        if self.fresh is not None:
            fresh, badges = self.fresh(choices, now), _demo(warehouse, now)
        layout.show(layout.header(name, said, fresh, badges), header)
        layout.pictures(
            f"{self.key}-{choices.as_of}", f"{name} · {said}", " · ".join((MARK.in_(now), fresh, *badges))
        )
        waiting = st.empty()
        if filters.first_sight():
            layout.show(layout.skeleton(), waiting)
        try:
            figures = self._drawn(warehouse, choices, now, theme)
        finally:
            waiting.empty()
        self.layout(figures, tools)
        if self.is_shown:
            with tools:
                freeze = partial(self.freeze, warehouse, rights=access.rights())
                deck_desk.offer(self.key, choices, warehouse.info.version, freeze)
        open_items(warehouse)

    def freeze(self, warehouse: Warehouse, view: View, rights: str) -> Frozen:
        """What a view of this board shows, in every language, to who has the `rights` (see access.rights).

        `warehouse` is bound to what such a reader may see.
        Raises as `filters`, `query` and `figures` do, and TypeError for a figure that cannot be kept.
        """
        mark = bool(_demo(warehouse, language.CHINESE))
        pages = {
            now: pack(self.frozen(warehouse, view, now), DEMO.in_(now) if mark else "")
            for now in filters.LANGUAGES
        }
        return Frozen(rights, pages)

    def frozen(self, warehouse: Warehouse, view: View, now: Language) -> content.View:
        """A saved view as a slide shows it in one language, the same numbers as on the page."""
        with filters.saved(view.address, now), data.metrics_asked() as asked:
            choices = self.filters(warehouse)
            try:
                figures = self.figures(warehouse, self.query(warehouse, choices), choices, now, LIGHT)
            except Empty:
                figures = None
        index, issues = in_force(read_index(), view.as_of), in_force(read_major_issues(), view.as_of)
        return content.View(
            title=self.title.in_(now),
            words=choices.said(now),
            line=decks.line(view.as_of, warehouse.info.version, (index.version, issues.version), now),
            note="",
            remarks=saved_views.remarks(figures),
            panels=saved_views.panels(figures) or (decks.nothing(now),),
            definitions=downloads.definition_rows(map(metric, asked), now),
        )

    def _drawn(self, warehouse: Warehouse, choices: Any, now: Language, theme: Theme) -> Any:
        return data.drawn(
            warehouse,
            (self.key, choices, now, theme.name),
            lambda: self.figures(warehouse, self.query(warehouse, choices), choices, now, theme),
        )


def titles() -> Mapping[str, Text]:
    """The titles of all boards that have been found, by key."""
    return {key: board.title for key, board in _FOUND.items()}


def board_of(key: str) -> Board | None:
    """The board of this key among all that have been found; None where there is none."""
    return _FOUND.get(key)


def begin(title: str, paths: Sequence[str]) -> DeltaGenerator:
    """The page's first row: its title, beside it the reader and the switches; returns the title's place.

    `paths` as in Board.run.
    """
    head, corner = layout.row(70, 30)
    with corner, layout.corner():
        try:
            reader_bar.draw()
        except QueryError as wrong:
            LOG.warning("No reader: %s", wrong)  # the page below says so
        layout.switches(paths, layout.theme())
    header = head.empty()
    layout.show(layout.header(title), header)
    return header


def _freshness(warehouse: Warehouse, as_of: date, now: Language) -> tuple[str, tuple[str, ...]]:
    """The line that says how fresh the data is, and the badges it needs."""
    info = warehouse.info
    line = _AS_OF.in_(now).format(day=numbers.day_text(as_of, now), built=f"{info.built_at:%Y-%m-%d %H:%M}")
    badges = list(_demo(warehouse, now))
    if warehouse.hiding is not None:
        base, least = warehouse.hiding.policy.base, warehouse.scope.smallest
        badges.append(_HIDDEN.in_(now).format(k=least, base=base))
    return line, tuple(badges)


def _nothing(now: Language) -> str:
    """The sentence of a page without numbers: for some there are none, for others they may be hidden."""
    return (_NOTHING_HINT if data.warehouse().hiding is None else _HUSHED_HINT).in_(now)


def _away(now: Language) -> str:
    """The sentence of a warehouse that does not answer, and how old what it last told is."""
    info = data.last_read()
    if info is None:
        return _AWAY.in_(now)
    day, built = numbers.day_text(info.as_of, now), f"{info.built_at:%Y-%m-%d %H:%M}"
    return f"{_AWAY.in_(now)} {_LAST.in_(now).format(day=day, built=built)}"


def _demo(warehouse: Warehouse, now: Language) -> tuple[str, ...]:
    """The badge of generated data."""
    info = warehouse.info
    if not info.is_demo:
        return ()
    sampled = _SAMPLED.in_(now).format(n=numbers.plain(1 / info.full_scale)) if info.full_scale < 1 else ""
    return (sampled or DEMO.in_(now),)


def _state(title: Text, sentence: str, detail: str = "") -> Markup:
    return layout.state(title.in_(language.current()), sentence, detail)
