"""One opened item: its stages and clocks, what it says, what was corrected, its matter, reviews and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from dashboards import numbers
from dashboards.cards import items
from dashboards.cards.case_words import FIELDS, Names, duration, inert, stage
from dashboards.cards.volume import heading
from dashboards.figures.markup import Markup, joined, tag
from dashboards.figures.timeline import DONE, LATE, NONE, WAITING, Step, timeline
from queries.cases import Clock, Life, Value
from queries.statutes import DONE as DONE_AT
from queries.vocabulary import Language, Text
from warehouse.schema import ReviewKind

_FACTS = (
    *("district_id", "street_id", "unit_id", "channel_id", "source_id", "purpose_id", "category1_id"),
    *("category2_id", "urgency", "people", "people_involved", "is_collective", "is_skip_level"),
    *("is_litigation", "is_extended", "outcome", "resolution_round", "is_resolved", "is_contacted"),
    *("returned_count", "redispatched_count"),
)
_WHERE = ("district_id", "unit_id", "channel_id")
_LIFE = Text("全程跟踪", "The life of this item")
_LIFE_SUB = Text(
    "截至 {day}；时限为入库时按政策算得，“用时”自上一个已到环节起算，横条为登记至期限已用的时间",
    "As of {day}; deadlines as computed at load by policy; time taken counts from the stage reached before, "
    "the bar is the time used from registration to the deadline",
)
_WAITING, _PASSED, _NOT_YET = (
    Text("等待中", "Waiting"),
    Text("未单独记录", "Not recorded"),
    Text("未到", "Not yet"),
)
_TAKEN, _WAITED = Text("用时 {x}", "Took {x}"), Text("已等 {x}", "Waiting for {x}")
_DUE = Text("期限 {x}", "Due {x}")
_OVER, _OVERDUE = Text("超期 {x}", "{x} late"), Text("▲ 已超期 {x}", "▲ overdue by {x}")
_EARLY, _LEFT = Text("提前 {x}", "{x} early"), Text("还剩 {x}", "{x} left")
_FACT = Text("基本情况", "What it is")
_SAID = Text("内容（已脱敏）", "What it says (masked)")
_NO_DETAIL = Text("来源未提供内容", "The source gives no detail")
_STATUTES = Text("若按各法定时限", "Under each statute")
_STATUTES_SUB = Text("同一件按各口径的期限与结果", "The same item by the limits of each")
_LIMITS = {
    "accept": Text("受理", "Acceptance"),
    "notify": Text("告知", "Notice"),
    "reply": Text("答复", "Reply"),
}
_RULE = Text("口径", "Statute")
_CHANGES = Text("更正记录（{n} 处）", "Corrections ({n})")
_CHANGES_SUB = Text(
    "后到的数据改了什么；个人信息不显示", "What later data changed; nothing personal is shown"
)
_NO_CHANGES = Text("没有更正", "No corrections")
_CHANGE_HEAD = (
    Text("更正时间", "When"),
    Text("字段", "Field"),
    Text("原为", "Was"),
    Text("改为", "Became"),
)
_CONCEALED = Text("（不显示）", "(not shown)")
_EARLIER = Text("同人同事的其他件（{n} 件）", "Other items of the same matter ({n})")
_EARLIER_SUB = Text(
    "只列您有权查看的；点击一件须另行说明目的",
    "Only those you may open; opening one asks for a purpose of its own",
)
_NO_EARLIER = Text("没有同人同事的其他件", "No other item of the same matter")
_EARLIER_HEAD = ("source_case_no", "registered_at", "district_id", "unit_id", "closed_at", "satisfaction")
_REVIEWS = Text("可评价：满意度与评审", "Evaluation: satisfaction and reviews")
_REVIEWS_SUB = Text("群众满意度评价与各方评审（0–100 分）", "The petitioner's answer, and reviews (0 to 100)")
_NO_REVIEWS = Text("没有评审", "No reviews")
_RETURNED = Text("办结后于 {day} 再次来访", "Came back on {day} after closing")


def banner(life: Life, names: Names) -> Markup:
    """The item's number, title and where it stands."""
    case, now = life.case, names.now
    return tag(
        "section",
        tag("h2", f"{names.value('source_case_no', case['source_case_no'])} · ", _title(case, names)),
        tag(
            "p",
            " · ".join(
                (stage(case, now), *(names.value(one, case[one]) for one in _WHERE)),
            ),
            class_="q-note",
        ),
        class_="q-card",
    )


def life_card(life: Life, as_of: date, now: Language) -> Markup:
    """The timeline with its clocks."""
    reached = max(at for at, one in enumerate(life.clocks) if one.at is not None)
    since = life.clocks[0].at
    steps = [_step(one, since, at < reached, now) for at, one in enumerate(life.clocks)]
    sub = _LIFE_SUB.in_(now).format(day=numbers.day_text(as_of, now))
    came_back = life.case["returned_on"]
    note = None
    if isinstance(came_back, date):
        note = tag("p", _RETURNED.in_(now).format(day=f"{came_back:%Y-%m-%d}"), class_="q-late")
    return tag("section", heading(_LIFE.in_(now), sub), timeline(steps), note, class_="q-card")


def facts_card(life: Life, names: Names) -> Markup:
    """The item's fields, and what it says."""
    now, detail = names.now, life.case["detail"]
    cells = [
        tag("div", tag("dt", names.field(one)), tag("dd", names.value(one, life.case[one]))) for one in _FACTS
    ]
    said = inert(str(detail)) if detail else _NO_DETAIL.in_(now)
    return tag(
        "section",
        tag("h2", _FACT.in_(now)),
        tag("dl", *cells, class_="q-fields"),
        tag("h2", _SAID.in_(now)),
        tag("p", said, class_="q-said"),
        class_="q-card",
    )


def statutes_card(life: Life, now: Language) -> Markup:
    """The deadlines of a petition under every statute; nothing for other items."""
    if not life.profiles:
        return joined()
    rows = [
        (
            one.name.in_(now),
            *(_limit(one.due.get(key), life.case[DONE_AT[key]] is not None, now) for key in _LIMITS),
        )
        for one in life.profiles
    ]
    head = (_RULE.in_(now), *(text.in_(now) for text in _LIMITS.values()))
    return tag(
        "section",
        heading(_STATUTES.in_(now), _STATUTES_SUB.in_(now)),
        table(head, rows),
        class_="q-card",
    )


def changes_card(life: Life, names: Names) -> Markup:
    """What was corrected, newest first."""
    now, concealed = names.now, _CONCEALED.in_(names.now)
    rows = [
        (
            f"{one.at:%Y-%m-%d %H:%M}",
            names.field(one.field),
            concealed if one.is_concealed else names.value(one.field, one.old),
            concealed if one.is_concealed else names.value(one.field, one.new),
        )
        for one in life.changes
    ]
    title = _CHANGES.in_(now).format(n=len(rows)) if rows else _NO_CHANGES.in_(now)
    body = table([text.in_(now) for text in _CHANGE_HEAD], rows) if rows else None
    return tag("section", heading(title, _CHANGES_SUB.in_(now)), body, class_="q-card")


def earlier_card(life: Life, names: Names) -> Markup:
    """The other items of the same matter; each row asks to be opened."""
    now = names.now
    rows = [tuple(names.value(name, one[name]) for name in _EARLIER_HEAD) for one in life.earlier]
    title = _EARLIER.in_(now).format(n=len(rows)) if rows else _NO_EARLIER.in_(now)
    keys = [str(one["case_id"]) for one in life.earlier]
    body = table([names.field(name) for name in _EARLIER_HEAD], rows, keys) if rows else None
    return tag("section", heading(title, _EARLIER_SUB.in_(now)), body, class_="q-card")


def reviews_card(life: Life, names: Names) -> Markup:
    """The petitioner's answer and the reviews."""
    now = names.now
    rows = [
        (items.KINDS[ReviewKind(one.kind)].in_(now), f"{one.on:%Y-%m-%d}", numbers.plain(one.score))
        for one in life.reviews
    ]
    rated = f"{names.field('satisfaction')}: {names.value('satisfaction', life.case['satisfaction'])}"
    body = table([], rows) if rows else tag("p", _NO_REVIEWS.in_(now), class_="q-note")
    return tag(
        "section", heading(_REVIEWS.in_(now), _REVIEWS_SUB.in_(now)), tag("p", rated), body, class_="q-card"
    )


def watermark(words: str) -> Markup:
    """The reader's name, role and time over the whole page, on the screen and on paper."""
    return tag("div", *(tag("span", words) for _ in range(60)), class_="q-watermark", aria_hidden="true")


def table(head: Sequence[str], rows: Sequence[Sequence[str | Markup]], keys: Sequence[str] = ()) -> Markup:
    """A small table of texts; a row with a key (not empty) can be clicked and reached by the keyboard."""
    heads = tag("thead", tag("tr", *(tag("th", one, class_="q-name") for one in head))) if head else None
    lines = [
        tag(
            "tr",
            *(tag("td", cell, class_="q-name") for cell in row),
            class_="q-row",
            data_choose=key or None,
            tabindex=0 if key else None,
            role="button" if key else None,
        )
        for row, key in zip(rows, keys or [""] * len(rows), strict=True)
    ]
    return tag("table", heads, tag("tbody", *lines), class_="q-ranking q-tight")


def _title(case: Mapping[str, Value], names: Names) -> str:
    return names.value("title", case["title"])


def _step(clock: Clock, since: datetime | None, is_passed: bool, now: Language) -> Step:
    """One stage; the time allowed is counted from registration, as the case clock counts it."""
    from_words = FIELDS[clock.stage].in_(now)
    lines = []
    if clock.taken is not None:
        lines.append((_WAITED if clock.is_waiting else _TAKEN).in_(now).format(x=duration(clock.taken, now)))
    if clock.due is not None:
        lines.append(_DUE.in_(now).format(x=_moment(clock.due)))
    late = clock.over is not None and clock.over > timedelta(0)
    used = None
    if clock.due is not None and clock.over is not None and since is not None:
        allowed = clock.due - since
        used = (allowed + clock.over) / allowed if allowed > timedelta(0) else float(late)
    if clock.at is not None:
        tone, when = LATE if late else DONE, _moment(clock.at)
    elif clock.is_waiting:
        tone, when = LATE if late else WAITING, _WAITING.in_(now)
    else:
        tone, when = NONE, (_PASSED if is_passed else _NOT_YET).in_(now)
    return Step(from_words, when, tone, tuple(lines), _clock(clock, now), used)


def _clock(clock: Clock, now: Language) -> str:
    return "" if clock.over is None else _left(clock.over, clock.at is not None, now)


def _left(over: timedelta, is_done: bool, now: Language) -> str:
    """How far past its deadline something was done or is, or how much is or was left."""
    said = (_OVER if is_done else _OVERDUE) if over > timedelta(0) else (_EARLY if is_done else _LEFT)
    return said.in_(now).format(x=duration(over, now))


def _limit(found: tuple[datetime, timedelta] | None, is_done: bool, now: Language) -> Markup | str:
    if found is None:
        return numbers.DASH
    due, over = found
    late = over > timedelta(0)
    said = _left(over, is_done, now)
    return joined(f"{due:%Y-%m-%d} ", tag("span", said, class_="q-late" if late else "q-note"))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
