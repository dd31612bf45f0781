"""The only file that caches: the open warehouse, answers by question and version, finished figures.

What a reader may see is part of every key: the scope that the warehouse is bound to stands in it beside the
version, so that what was kept for one reader is never found by another who may see something else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar, cast

import streamlit as st

from dashboards import access
from dashboards.figures.boundaries import Boundaries, hexagons, polygons
from queries.answer import Answer
from queries.cell_map import Basis, CellMap, ask_cells
from queries.city_index import CityIndex, ask_index
from queries.drill import Drill, Items
from queries.execute import Info, Warehouse, open_warehouse
from queries.hiding import Hiding
from queries.issue_list import IssueList, ask_issues
from queries.policies import read_hot_spots, read_index, read_major_issues, read_privacy
from queries.question import Filter, Question
from queries.scope import CITY, Scope
from queries.statutes import Statute, ask_statutes
from warehouse.errors import BadCity, WarehouseError
from warehouse.people import read_secrets
from warehouse.places import versions_at
from warehouse.store import DEFAULT_DIRECTORY, DIRECTORY_VARIABLE, Store

Drawn = TypeVar("Drawn")
# Entries, not bytes: an answer of the overview is a few KB, a drawn board 150 KB.
ANSWERS_KEPT = 4000
BOARDS_KEPT = 200
INDEXES_KEPT = 60
MAPS_KEPT = 40  # of 11 000 cells and 26 weeks, 3 MB each
LISTS_KEPT = 60
# A sparkline of 26 weeks has 27 ends.
INDEX_WEEKS = 27
# What the random steps of small numbers are drawn with; the same on every host that serves the suite.
ROUNDING_SECRET = Path("var/rounding.key")
ROUNDING_VARIABLE = "QINGYU_ROUNDING_KEY"
# Seconds: a server warehouse changes its version in place, a directory by its pointer file.
SERVER_CHECKED_EVERY = 30
_ASKED: ContextVar[dict[str, None] | None] = ContextVar("asked", default=None)
_LAST_READ: dict[str, Info] = {}  # by place; what stands when its warehouse is away


def warehouse() -> Warehouse:
    """The live version of the warehouse, bound to what the reader of this page may see.

    A newly published version is opened by itself. Raises WarehouseMissing, WarehouseBusy,
    WarehouseUnavailable and BadCity, and, where no reader is known, what `access.scope` raises.
    """
    whole = city_warehouse()
    members = whole.members("district")
    codes = dict(zip(members["code"].astype(str), members["id"].astype(int), strict=True))
    scope = access.scope(codes)
    return whole.seen_by(scope, None if scope.cases is None else _hiding(str(ROUNDING_SECRET)))


def city_warehouse() -> Warehouse:
    """The live version, bound to nobody: for the server's own start, never for a page."""
    place = _place()
    opened = _opened_server(place) if "://" in place else _opened(place, Store(Path(place)).version())
    _LAST_READ[place] = opened.info
    return opened


def other_versions(warehouse: Warehouse) -> tuple[str, ...]:
    """The versions that are kept beside that of `warehouse`, latest first; raises WarehouseUnavailable."""
    return _other_versions(_place(), warehouse.info.version)


@contextmanager
def other_version(warehouse: Warehouse, version: str) -> Iterator[Warehouse]:
    """A kept version, open for a while and bound as `warehouse` is: to the districts of the same codes.

    Raises what `open_warehouse` raises.
    """
    with closing(open_warehouse(_place(), version)) as opened:
        scope = warehouse.scope
        if scope.cases is not None:
            named, there = (one.members("district").set_index("code")["id"] for one in (warehouse, opened))
            codes = named.index[named.isin(scope.cases)].intersection(there.index)
            scope = replace(scope, cases=tuple(sorted(map(int, there[codes]))))
        yield opened.seen_by(scope, warehouse.hiding)


def last_read() -> Info | None:
    """What the warehouse said of itself when it last answered this process; None when it never did."""
    return _LAST_READ.get(_place())


def _place() -> str:
    return os.environ.get(DIRECTORY_VARIABLE) or str(DEFAULT_DIRECTORY)


@contextmanager
def metrics_asked() -> Iterator[dict[str, None]]:
    """Inside the block the keys of the metrics that are asked for are added to what is yielded, in order."""
    asked: dict[str, None] = {}
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def _note(metrics: Iterable[str]) -> None:
    asked = _ASKED.get()
    if asked is not None:
        asked.update(dict.fromkeys(metrics))


def ask(warehouse: Warehouse, question: Question) -> Answer:
    """The answer to `question`, shared: do not change it."""
    _note(question.metrics)
    return _answer(warehouse, *_key(warehouse, question), question)


def listed(warehouse: Warehouse, drill: Drill, columns: tuple[str, ...], offset: int, limit: int) -> Items:
    """The `columns` of items `offset` to `offset + limit` behind a number, shared: do not change them."""
    return _listed(warehouse, *_key(warehouse, drill), columns, offset, limit, drill)


def statutes(warehouse: Warehouse, question: Question) -> tuple[Statute, ...] | None:
    """The petitions of `question` under every statutory profile (see queries.statutes), shared."""
    _note(question.metrics)
    return _statutes(warehouse, *_key(warehouse, question), question)


def city_index(warehouse: Warehouse, as_of: date, scope: Scope = CITY) -> CityIndex:
    """The index of the city and its districts on `as_of` and the weeks before it, shared."""
    found = _index(warehouse, *_key(warehouse, (as_of, scope)), as_of, scope)
    if _ASKED.get() is not None:
        _note(one.metric for one in found.policy.indicators)
    return found


def issues(
    warehouse: Warehouse, as_of: date, filters: tuple[Filter, ...] = (), scope: Scope = CITY
) -> IssueList:
    """The major-issue list as known on `as_of` and the weeks before it, shared."""
    return _issues(warehouse, *_key(warehouse, (as_of, filters, scope)), as_of, filters, scope)


def cell_map(warehouse: Warehouse, question: Question, basis: Basis) -> CellMap | None:
    """The cells of `question` week by week (see queries.cell_map), shared: do not change its arrays."""
    _note(question.metrics)
    return _cell_map(warehouse, *_key(warehouse, question), basis, question)


def boundaries(warehouse: Warehouse) -> Boundaries:
    """The districts' shapes: their polygons, or hexagons where the city has no boundary file.

    Raises BadCity when the boundary file cannot be read.
    """
    return _boundaries(warehouse, warehouse.info.city)


def drawn(warehouse: Warehouse, key: tuple[object, ...], draw: Callable[[], Drawn]) -> Drawn:
    """What `draw` makes of `warehouse`, kept for all who may see the same; shared: do not change it.

    `key` names whatever else it depends on.
    """
    return cast(Drawn, _drawn(*_key(warehouse, key), draw))


def _key(warehouse: Warehouse, asked: object) -> tuple[str, str]:
    """What every entry is kept under: the version, and what was asked by whom as one word.

    Of a reader only the scope is named: two who may see the same share what was made for the first.
    """
    return warehouse.info.version, repr((warehouse.info.city, warehouse.scope, asked))


def forget() -> None:
    """Empties every cache."""
    for kept in (
        _opened,
        _opened_server,
        _other_versions,
        _hiding,
        _answer,
        _listed,
        _statutes,
        _index,
        _issues,
        _cell_map,
        _boundaries,
        _drawn,
    ):
        kept.clear()


@st.cache_resource(show_spinner=False, max_entries=2, on_release=Warehouse.close)
def _opened(place: str, version: str) -> Warehouse:  # noqa: ARG001 - a new version is a new entry
    return open_warehouse(place)


@st.cache_resource(show_spinner=False, ttl=SERVER_CHECKED_EVERY, on_release=Warehouse.close)
def _opened_server(place: str) -> Warehouse:
    return open_warehouse(place)


@st.cache_resource(show_spinner=False, max_entries=2, ttl=SERVER_CHECKED_EVERY)
def _other_versions(place: str, version: str) -> tuple[str, ...]:
    return tuple(one for one in reversed(versions_at(place).versions()) if one != version)


@st.cache_resource(show_spinner=False)
def _hiding(secret: str) -> Hiding:
    try:
        return Hiding(read_privacy(), read_secrets(Path(secret), ROUNDING_VARIABLE)[0])
    except OSError as wrong:
        raise WarehouseError(
            f"{secret}: {wrong.strerror}; make its folder writable, or set {ROUNDING_VARIABLE} to 64"
            " hexadecimal digits."
        ) from wrong


@st.cache_resource(show_spinner=False, max_entries=ANSWERS_KEPT)
def _answer(_warehouse: Warehouse, version: str, key: str, _question: Question) -> Answer:  # noqa: ARG001
    return _warehouse.ask(_question)


@st.cache_resource(show_spinner=False, max_entries=LISTS_KEPT)
def _listed(
    _warehouse: Warehouse,
    version: str,  # noqa: ARG001 - a new version is a new entry
    key: str,  # noqa: ARG001 - stands for the drill
    columns: tuple[str, ...],
    offset: int,
    limit: int,
    _drill: Drill,
) -> Items:
    return _warehouse.listed(_drill, columns, offset, limit)


@st.cache_resource(show_spinner=False, max_entries=ANSWERS_KEPT)
def _statutes(
    _warehouse: Warehouse,
    version: str,  # noqa: ARG001 - a new version is a new entry
    key: str,  # noqa: ARG001 - stands for the question
    _question: Question,
) -> tuple[Statute, ...] | None:
    return ask_statutes(_warehouse, _question)


@st.cache_resource(show_spinner=False, max_entries=INDEXES_KEPT)
def _index(
    _warehouse: Warehouse,
    version: str,  # noqa: ARG001 - a new version is a new entry
    key: str,  # noqa: ARG001 - stands for what follows
    _as_of: date,
    _scope: Scope,
) -> CityIndex:
    return ask_index(_warehouse, read_index(), as_of=_as_of, weeks=INDEX_WEEKS, scope=_scope)


@st.cache_resource(show_spinner=False, max_entries=INDEXES_KEPT)
def _issues(
    _warehouse: Warehouse,
    version: str,  # noqa: ARG001 - a new version is a new entry
    key: str,  # noqa: ARG001 - stands for what follows
    _as_of: date,
    _filters: tuple[Filter, ...],
    _scope: Scope,
) -> IssueList:
    policy = read_major_issues()
    return ask_issues(_warehouse, policy, as_of=_as_of, weeks=INDEX_WEEKS, filters=_filters, scope=_scope)


@st.cache_resource(show_spinner=False, max_entries=MAPS_KEPT)
def _cell_map(
    _warehouse: Warehouse,
    version: str,  # noqa: ARG001 - a new version is a new entry
    key: str,  # noqa: ARG001 - stands for the question
    basis: Basis,
    _question: Question,
) -> CellMap | None:
    return ask_cells(_warehouse, _question, basis, read_hot_spots())


@st.cache_resource(show_spinner=False)
def _boundaries(_warehouse: Warehouse, city: str) -> Boundaries:
    boundary = _warehouse.city.boundary
    if boundary is not None:
        try:
            return polygons(boundary.read_bytes())
        except (OSError, ValueError) as wrong:
            raise BadCity(
                f"{boundary}: {wrong}; put the city's boundary file back,"
                " or take `boundaries` out of city.toml."
            ) from wrong
    members = _warehouse.members("district").dropna(subset=["lon", "lat"])
    points = {str(row["code"]): (float(row["lon"]), float(row["lat"])) for row in members.to_dict("records")}
    if not points:
        raise BadCity(
            f"City '{city}' has neither a boundary file nor coordinates of its districts; add one of them."
        )
    return hexagons(points)


@st.cache_resource(show_spinner=False, max_entries=BOARDS_KEPT)
def _drawn(version: str, key: str, _draw: Callable[[], object]) -> object:  # noqa: ARG001
    return _draw()
