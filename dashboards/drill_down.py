"""The list of items behind a number that was clicked: a window over the board, kept in the address."""

from __future__ import annotations

import logging
from functools import partial

import streamlit as st

from dashboards import access, data, filters, language, layout, record
from dashboards.cards import items
from dashboards.exports.workbook import workbook
from queries.drill import Drill, Side, decoded, encoded, table_of
from queries.errors import QueryError
from queries.execute import Warehouse
from queries.vocabulary import Language
from warehouse.errors import RecordsUnavailable, WarehouseError
from warehouse.schema import cases

LOG = logging.getLogger("qingyu.dashboards")
_KEY = cases.c.case_id.name


def open_items(warehouse: Warehouse) -> None:
    """Opens the list that the address asks for, if it asks for one; an address that is wrong says so."""
    word = filters.word(filters.ITEMS)
    if not word:
        return
    now = language.current()
    try:
        drill = decoded(word)
        columns = tuple(items.COLUMNS[table_of(drill).name])
    except QueryError as wrong:
        LOG.warning("items: %s", wrong)
        heading, body = items.LABEL.in_(now), partial(layout.show, layout.small(str(wrong)))
    else:
        heading, body = items.title(drill, now), partial(_window, warehouse, drill, columns, now)
    closed = partial(filters.choose, filters.ITEMS, None)
    st.dialog(heading, width="large", on_dismiss=closed)(body)()


def _window(warehouse: Warehouse, drill: Drill, columns: tuple[str, ...], now: Language) -> None:
    """The list, or one sentence: the window is drawn anew by itself, where the board says nothing for it."""
    try:
        _list(warehouse, drill, columns, now)
    except RecordsUnavailable as wrong:
        LOG.error("items: %s", wrong)
        layout.show(layout.small(record.REFUSED.in_(now)))
    except (QueryError, WarehouseError) as wrong:
        LOG.warning("items: %s", wrong)
        layout.show(layout.small(str(wrong)))


def _list(warehouse: Warehouse, drill: Drill, columns: tuple[str, ...], now: Language) -> None:
    layout.show(layout.small(items.said(warehouse, drill, now)))
    offered = items.offered(drill)
    own = encoded(drill)
    if len(offered) > 1:
        drill = drill.of(Side(filters.inside(own, items.SIDE, offered, drill.side.value)))
    page = f"{own}-{drill.side}"
    first = filters.page(page) * items.PAGE
    opens = table_of(drill) is cases and access.may_open(items.CASE_BOARD)
    found = data.listed(warehouse, drill, (*columns, *([_KEY] if opens else [])), first, items.PAGE)
    words = f"{items.said(warehouse, drill, language.CHINESE)} · {items.SIDES[drill.side].zh}"
    asked = record.Question(drill.metric.key, words, drill.question.as_of, warehouse.info.version)
    record.listed(asked, first + 1, found.rows)
    layout.show(items.summary(found, drill, first, now))
    listed, links = items.listing(warehouse, found, drill, now), items.OPEN.in_(now) if opens else ""
    if opens:
        listed.insert(1, links, items.addresses(found.frame[_KEY], now))
    layout.table("items", listed, (), items.LABEL.in_(now), height=352, links=links)
    with layout.buttons():
        filters.pager(page, items.BEFORE, items.AFTER, is_last=first + items.PAGE >= found.rows)
        name = f"items-{drill.metric.key}-{drill.question.as_of}.xlsx"
        content = partial(_file, warehouse, drill, columns, now)
        rows = min(found.rows, items.MOST_IN_FILE)
        layout.download(items.FILE.in_(now), content, name, "download-items", rows=rows)


def _file(warehouse: Warehouse, drill: Drill, columns: tuple[str, ...], now: Language) -> bytes:
    found = data.listed(warehouse, drill, columns, 0, items.MOST_IN_FILE)
    return workbook([items.items_sheet(items.listing(warehouse, found, drill, now), found, now)])
