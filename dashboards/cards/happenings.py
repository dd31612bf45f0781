"""What happened, on every time axis: policy changes and events of the tables, and public holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards.cards.backlog import Card
from dashboards.cards.overview import TrendCard, flags
from dashboards.cards.volume import HOLIDAYS
from dashboards.figures.happenings import Stretch, happenings
from dashboards.figures.markup import Markup, escaped, joined, tag
from dashboards.figures.theme import Theme
from queries.execute import Warehouse
from queries.vocabulary import Language, Period, Text

_DAY = timedelta(days=1)
LEGEND = Text(
    "竖带为重大活动，底部短横为法定节假日", "Vertical bands: major events; bars at the foot: public holidays"
)
_EVENT = Text("重大活动：{name}（{start} 至 {end}）", "Major event: {name} ({start} to {end})")
_HOLIDAY = Text("法定节假日：{name}（{start} 至 {end}）", "Public holiday: {name} ({start} to {end})")


def marked(
    card: TrendCard,
    warehouse: Warehouse,
    district: int | None,
    now: Language,
    theme: Theme,
    *,
    flagged: bool = False,
) -> TrendCard:
    """A chart over days with what happened on its axis; `flagged` when its remarks stand on it already."""
    figure = marked_figure(card.figure, warehouse, district, now, theme, flagged=flagged)
    legend = tag("p", LEGEND.in_(now), class_="q-note")
    return replace(card, title=joined(card.title, legend), figure=figure)


def marked_figure(
    figure: Mapping[str, Any],
    warehouse: Warehouse,
    district: int | None,
    now: Language,
    theme: Theme,
    *,
    flagged: bool = False,
) -> dict[str, Any]:
    """As `marked`, of a plotly figure whose x-axis has its range."""
    if "range" not in figure["layout"]["xaxis"]:  # nothing is drawn on it
        return dict(figure)
    period = Period(*(date.fromisoformat(day[:10]) for day in figure["layout"]["xaxis"]["range"]))
    remarks = () if flagged else flags(warehouse.annotations(), period, district, now)
    events = event_stretches(warehouse.event_windows(), period, now)
    return happenings(figure, remarks, events, holiday_stretches(warehouse.calendar(period), now), theme)


def marked_card(
    card: Card,
    warehouse: Warehouse,
    district: int | None,
    now: Language,
    theme: Theme,
    *,
    flagged: bool = False,
) -> Card:
    """As `marked`, of a card whose body is a chart."""
    if isinstance(card.body, Markup | pd.DataFrame):
        raise TypeError(f"{card.title} holds a table; only a chart has a time axis")
    figure = marked_figure(card.body, warehouse, district, now, theme, flagged=flagged)
    return replace(card, subtitle=f"{card.subtitle} · {LEGEND.in_(now)}", body=figure)


def event_stretches(windows: pd.DataFrame, period: Period, now: Language) -> tuple[Stretch, ...]:
    """The major-event windows that reach into `period`, cut to it."""
    found = []
    for row in windows.to_dict("records"):
        start, end = (pd.Timestamp(row[name]).date() for name in ("starts_on", "ends_on"))
        if start <= period.end and end >= period.start:
            name = row["name_zh" if now == "zh" else "name_en"]
            text = _EVENT.in_(now).format(name=name, start=start, end=end)
            found.append(Stretch(max(start, period.start), min(end, period.end), str(escaped(text))))
    return tuple(found)


def holiday_stretches(days: pd.DataFrame, now: Language) -> tuple[Stretch, ...]:
    """The public holidays among `days` (rows of the calendar), each as one stretch."""
    rows = [
        (pd.Timestamp(row["day_on"]).date(), row["holiday"])
        for row in days.to_dict("records")
        if row["holiday"] in HOLIDAYS
    ]
    runs: list[tuple[date, date, str]] = []
    for day, holiday in rows:
        if runs and runs[-1][2] == holiday and runs[-1][1] + _DAY == day:
            runs[-1] = (runs[-1][0], day, holiday)
        else:
            runs.append((day, day, holiday))
    return tuple(Stretch(start, end, _holiday(start, end, holiday, now)) for start, end, holiday in runs)


def _holiday(start: date, end: date, holiday: str, now: Language) -> str:
    return str(escaped(_HOLIDAY.in_(now).format(name=HOLIDAYS[holiday].in_(now), start=start, end=end)))
