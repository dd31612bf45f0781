"""What of the backlog list falls due next: items past their planned day first, then the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from dashboards import numbers
from dashboards.cards.backlog import LEADER, LEADERS_HEAD, LEVEL, LEVELS, Card
from dashboards.cards.behind import opening, over
from dashboards.cards.burn_down import TO_PLAN
from dashboards.cards.volume import NOT_STATED
from dashboards.exports.workbook import Cell, Sheet
from dashboards.figures.markup import escaped, joined
from queries.dimensions import dimension
from queries.drill import Drill, Items, Side
from queries.question import Filter, Question
from queries.vocabulary import Language, Period, Text

UNRESOLVED = "backlog_unresolved"
AHEAD = 30  # days after the as-of date
MOST = 20_000  # items listed; a list of this kind holds a few thousand
CLEARS = ("is_people_clear", "is_demand_clear", "is_duty_clear", "is_work_clear", "is_plan_clear")
COLUMNS = (
    *("backlog_item_id", "planned_on", "district_id", "street_id", "category1_id", "list_level", "leader"),
    *("people_involved", *CLEARS),
)
NAMED = ("district", "street", "category1")  # dimensions whose members the list names
_TITLE = Text(
    "未来 {days} 天到期 {ahead} 件，另有 {late} 件已到计划日仍未化解",
    "{ahead} items fall due in the next {days} days; {late} more have reached their day unresolved",
)
_SUB = Text(
    "截至 {day} 未化解的清单件，超期在前，再按计划化解日由近及远；点数字看清单：",
    "Items not resolved on {day}: those past their planned day first, then the nearest; open the lists: ",
)
_LATE, _SOON = Text("已到期 {n} 件", "{n} past their day"), Text("将到期 {n} 件", "{n} due next")
_CLOSED = Text("即将到期的清单", "Items due next")
_CLOSED_SUB = Text(
    "此范围的个案不对本角色开放，故不列出。",
    "The items of this place are not open to your role, so they are not listed.",
)
_OVERDUE, _TODAY, _COMING = (
    Text("▲ 超期", "▲ Late"),
    Text("● 今日到期", "● Today"),
    Text("将到期", "Due next"),
)
WHICH = Text("列出", "Listed")
EVERY, LATE, SOON = "all", "late", "soon"
LISTED = {
    EVERY: Text("全部", "All"),
    LATE: Text("已到期", "Past their day"),
    SOON: Text("将到期", "Due next"),
}
HEAD = {
    "state": Text("状态", "State"),
    "days": Text("距计划日（天）", "Days left"),
    "planned_on": Text("计划化解日", "Planned"),
    "district_id": Text("区县", "District"),
    "street_id": Text("镇街", "Street or town"),
    "category1_id": Text("类别", "Category"),
    LEVEL: LEVELS,
    LEADER: LEADERS_HEAD[LEADER],
    "clears": Text("五清", "Five clears"),
    "people_involved": Text("涉及人数", "People"),
    "backlog_item_id": Text("编号", "Number"),
}
SHEET = Text("即将到期", "Due next")
NO_CONSULTATION = Text(
    "周会商只记录在重大问题清单的周报里，与积案没有对应的编号，故本页不列会商情况。",
    "Weekly consultations are on record for the major-issue list alone and name no backlog item, so this "
    "page says nothing of them.",
)


def due_drill(as_of: date, here: tuple[Filter, ...]) -> Drill:
    """The items not resolved on `as_of` whose planned day has come or comes within AHEAD days."""
    due = Filter(TO_PLAN, tuple(range(AHEAD + 1)))
    return Drill(Question((UNRESOLVED,), Period(as_of, as_of), as_of, filters=(*here, due)), Side.COUNTED)


def due_frame(found: Items, as_of: date) -> pd.DataFrame:
    """The items listed with `days` left (0 on the planned day, below it when late), the latest first."""
    frame = found.frame.assign(planned_on=pd.to_datetime(found.frame["planned_on"]))
    days = (frame["planned_on"] - pd.Timestamp(as_of)).dt.days
    clears = frame[list(CLEARS)].astype(bool).sum(axis=1)
    return frame.assign(days=days, clears=clears).sort_values(["days", "backlog_item_id"], ignore_index=True)


def due_card(
    found: Items | None, drill: Drill, members: Mapping[str, Mapping[int, Text]], which: str, now: Language
) -> tuple[Card, Sheet]:
    """The list as a table, of the items that `which` (of LISTED) leaves, and whole as a sheet.

    `members` names districts, streets and categories by their key. None was found where the reader may not
    list these items.
    """
    if found is None:
        return Card(_CLOSED.in_(now), escaped(_CLOSED_SUB.in_(now)), joined()), Sheet(SHEET.in_(now), (), ())
    as_of, frame = drill.question.as_of, due_frame(found, drill.question.as_of)
    late = int((frame["days"] <= 0).sum())
    title = _TITLE.in_(now).format(
        days=AHEAD, ahead=numbers.plain(len(frame) - late), late=numbers.plain(late)
    )
    lists = [
        opening(text.in_(now).format(n=numbers.plain(count)), _within(drill.question, first, last))
        for text, count, first, last in ((_LATE, late, 0, 0), (_SOON, len(frame) - late, 1, AHEAD))
        if count
    ]
    links = joined(*[part for one in lists for part in (" · ", one)][1:])
    shown = _words(frame, members, now)
    sub = joined(escaped(_SUB.in_(now).format(day=as_of)), links)
    rows: list[tuple[Cell, ...]] = list(shown.itertuples(index=False, name=None))
    kept = {EVERY: shown, LATE: shown[frame["days"] <= 0], SOON: shown[frame["days"] > 0]}
    return Card(title, sub, kept[which]), Sheet(SHEET.in_(now), tuple(map(str, shown)), tuple(rows))


def _within(question: Question, first: int, last: int) -> str:
    """What opens the items that fall due `first` to `last` days from now."""
    others = tuple(one for one in question.filters if one.dimension != TO_PLAN)
    due = Filter(TO_PLAN, tuple(range(first, last + 1)))
    return over(replace(question, filters=(*others, due)), UNRESOLVED, question.period)


def _words(frame: pd.DataFrame, members: Mapping[str, Mapping[int, Text]], now: Language) -> pd.DataFrame:
    names = {**members, LEVEL: dict(dimension(LEVEL).names)}
    shown = pd.DataFrame(index=frame.index)
    shown["state"] = [(_OVERDUE if n < 0 else _COMING if n else _TODAY).in_(now) for n in frame["days"]]
    shown["days"] = frame["days"].astype("int64")
    shown["planned_on"] = frame["planned_on"].dt.strftime("%Y-%m-%d")
    for key in ("district_id", "street_id", "category1_id", LEVEL):
        shown[key] = [names[key].get(int(one), NOT_STATED).in_(now) for one in frame[key]]
    shown[LEADER] = frame["leader"].astype(str)
    shown["clears"] = [f"{n}/{len(CLEARS)}" for n in frame["clears"]]
    shown["people_involved"] = frame["people_involved"].astype("int64")
    shown["backlog_item_id"] = frame["backlog_item_id"].astype(str)
    return shown.rename(columns={key: text.in_(now) for key, text in HEAD.items()})
