"""A view as it is kept in a deck: everything a slide shows, as compressed JSON that no later load changes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from dashboards.exports.deck import Area, Body, Chart, Grid, Label, Lines, Map, Panel, View

_KINDS: Mapping[str, type[Lines | Grid | Chart | Map]] = {
    "lines": Lines,
    "grid": Grid,
    "chart": Chart,
    "map": Map,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_MOST = 20_000_000  # bytes of JSON; a view with every panel has 300 KB


class Unreadable(ValueError):
    """What was kept is no view: it was damaged, or a later suite has written it."""


def pack(view: View, mark: str) -> bytes:
    """The view and the `mark` of its data (演示数据, empty for real data); raises TypeError for a figure that
    holds what JSON cannot say.

    The note is the deck's own and is not kept: it is written before and after.
    """
    told = {
        "mark": mark,
        **{name: getattr(view, name) for name in ("title", "words", "line", "remarks", "definitions")},
        "panels": [
            {"title": one.title, "subtitle": one.subtitle, "kind": _NAMES[type(one.body)], **_said(one.body)}
            for one in view.panels
        ],
    }
    return zlib.compress(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS), 6)


def unpack(content: bytes) -> tuple[View, str]:
    """What `pack` was given, without a note; raises Unreadable."""
    try:
        unpacked = zlib.decompressobj()
        told = orjson.loads(unpacked.decompress(content, _MOST))
        panels = tuple(_panel(one) for one in told["panels"])
        words = {name: str(told[name]) for name in ("title", "words", "line")}
        remarks, definitions = (tuple(told[name]) for name in ("remarks", "definitions"))
        view = View(
            **words, note="", remarks=remarks, panels=panels, definitions=tuple(map(tuple, definitions))
        )
        return view, str(told["mark"])
    except (zlib.error, ValueError, KeyError, TypeError) as wrong:
        raise Unreadable(
            f"a kept view cannot be read ({type(wrong).__name__}); freeze its deck anew"
        ) from wrong


def _said(body: Body) -> dict[str, Any]:
    return {"figure": body.figure} if isinstance(body, Chart) else asdict(body)


def _panel(told: dict[str, Any]) -> Panel:
    title, subtitle, kind = (told.pop(name) for name in ("title", "subtitle", "kind"))
    return Panel(title, subtitle, _body(_KINDS[kind], told))


def _body(kind: type[Body], told: dict[str, Any]) -> Body:
    if kind is Chart:
        return Chart(told["figure"])
    parts = {name: _tuples(value) for name, value in told.items()}
    if kind is Map:
        areas = tuple(replace(Area(**one), rings=_tuples(one["rings"])) for one in told["areas"])
        parts |= {"areas": areas, "labels": tuple(Label(**one) for one in told["labels"])}
    return kind(**parts)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
