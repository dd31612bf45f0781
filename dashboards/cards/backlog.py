"""The backlog list in words and tables: its balance, levels, ages, districts, leaders, weeks due."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from dashboards import numbers
from dashboards.cards.behind import count, number, token
from dashboards.cards.handling import outliers, printed
from dashboards.cards.hushed import hushed, instead, is_hushed
from dashboards.cards.regions import short
from dashboards.cards.volume import NOT_STATED
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, escaped, tag
from dashboards.figures.theme import Theme
from dashboards.figures.waterfall import Step, waterfall
from queries.answer import Answer, figure
from queries.dimensions import dimension
from queries.drill import Side
from queries.insights.funnel_limits import Verdict
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

Row = Mapping[Any, Any]

STOCK, ASSIGNED, CLEARANCE = "backlog_stock", "backlog_assigned", "backlog_clearance"
PAST_PLAN, CLEARS, ON_PLAN, ZERO = (
    "backlog_overdue_share",
    "backlog_five_clears",
    "backlog_on_plan",
    "dynamic_zero",
)
TILES = (STOCK, CLEARANCE, PAST_PLAN, CLEARS, ON_PLAN, ZERO)
OPENING, ADDED, STRUCK_OFF, RETURNED = (
    "backlog_opening",
    "backlog_added",
    "backlog_struck_off",
    "backlog_returned",
)
DUE = (ON_PLAN, ZERO)
BALANCE = (OPENING, ADDED, STRUCK_OFF, RETURNED)
STATE = (STOCK, ASSIGNED, CLEARANCE, PAST_PLAN, CLEARS)
LEVEL, AGE, LEADER = "list_level", "backlog_age", "leader"
LEVELS = Text("交办层级", "List level")
EVERY_LEVEL = Text("全部层级", "All levels")

_BALANCE_TITLE = Text(
    "本期净减 {net} 件：新交办 {added} 件，销号 {gone} 件",
    "{net} fewer on hand: {added} newly assigned, {gone} struck off",
)
_BALANCE_MORE = Text(
    "本期净增 {net} 件：新交办 {added} 件，销号 {gone} 件",
    "{net} more on hand: {added} newly assigned, {gone} struck off",
)
_BALANCE_HEAD = Text("期初到期末", "From opening to closing")
_BALANCE_SUB = Text(
    "期初 + 新交办 − 销号 = 期末。期内另有 {back} 件销号后返回：不回到存量，但不再计作已化解",
    "Start + newly assigned − struck off = end. {back} came back after being struck off: "
    "not on hand again, but no longer resolved",
)
_STEPS = (Text("期初", "Start"), Text("新交办", "Assigned"), Text("销号", "Struck off"), Text("期末", "End"))
_ITEMS = Text("{name}：{value} 件", "{name}: {value} items")

_HEAD = (
    Text("化解率", "Cleared"),
    Text("已交办", "Assigned"),
    Text("存量", "On hand"),
    Text("超期占比", "Past plan"),
    Text("五清率", "Five clears"),
)
_LEVEL_TITLE = Text("{low}化解率最低（{rate}）", "{low} is cleared least ({rate})")
_LEVEL_ONE = Text("{low}化解率 {rate}", "{low}: {rate} cleared")
_LEVEL_SUB = Text(
    "化解率 = 累计化解（扣除返回）÷ 累计交办，截至日",
    "Cleared: resolved, returns taken off ÷ assigned, both cumulative on the as-of date",
)
_AGE_HEAD = (
    Text("账龄", "Age"),
    Text("存量", "On hand"),
    Text("占比", "Share"),
    Text("超期占比", "Past plan"),
    Text("五清率", "Five clears"),
)
_AGE_TITLE = Text("存量中 {old} 件超过 3 年（{share}）", "{old} items are older than 3 years ({share})")
_AGE_NONE = Text("没有存量", "Nothing is on hand")
_AGE_SUB = Text("自首次登记起算，截至日在册件", "From first registration, items on hand on the as-of date")
_OLD = (3, 4)  # members of backlog_age over three years
_REGION = Text("区域", "Region")
_REGIONS_LOW = Text("{names}化解率显著偏低", "{names}: clearance stands out low")
_REGIONS_PLAIN = Text("各区域化解率的差异在随机波动之内", "Regions differ in clearance within chance")
_REGIONS_SUB = Text(
    "与全部合并比率相比，超出三倍标准差为显著；点击区县可进入",
    "Against the pooled rate, beyond three standard deviations; click a district to enter it",
)
_STREETS_SUB = Text(
    "与本区县合并比率相比，超出三倍标准差为显著",
    "Against the district's pooled rate, beyond three standard deviations",
)
_LEADERS_TITLE = Text(
    "{all} 位包案领导中 {late} 位有超期件，最多的是{name}（{n} 件）",
    "{late} of {all} leaders in charge have items past their plan, most of them {name} ({n})",
)
_LEADERS_NONE = Text("{all} 位包案领导均无超期件", "None of {all} leaders in charge has items past plan")
_LEADERS_SUB = Text(
    "按职务列出；先列超期件多者；单人件数少，化解率只作参考，不排名次",
    "By post, most items past plan first; few items each, so rates are no ranking",
)
LEADERS_HEAD = {
    LEADER: Text("包案领导", "Leader in charge"),
    CLEARANCE: Text("化解率 %", "Cleared %"),
    ASSIGNED: Text("已交办", "Assigned"),
    STOCK: Text("存量", "On hand"),
    PAST_PLAN: Text("超期件", "Past plan"),
    CLEARS: Text("五清件", "Five clears"),
}
_WEEKS_TITLE = Text(
    "近 {weeks} 周中 {due} 周有件到期，{zero} 周当周清零",
    "Items fell due in {due} of {weeks} weeks; {zero} were cleared to zero",
)
_WEEKS_SUB = Text(
    "周一至周日；计划日在当周的件全部在周日前化解为清零",
    "Monday to Sunday; cleared: every item planned for the week was resolved by its Sunday",
)
_WEEKS_HEAD = (
    Text("周起始日", "Week from"),
    Text("到期件", "Due"),
    Text("按计划化解", "By its day"),
    Text("当周清零", "Cleared"),
)
_YES, _NO = Text("✓ 清零", "✓ cleared"), Text("未清零", "not cleared")


@dataclass(frozen=True)
class Card:
    """A title that says what stands out, the measure below it, and a table or a chart of figures/.

    A long table is a frame, of which the columns `shares` (per cent) are drawn as bars; `items` opens, column
    by column, what is behind the cells of each row.
    """

    title: str
    subtitle: str
    body: Markup | Mapping[str, Any] | pd.DataFrame
    shares: tuple[str, ...] = ()
    items: Mapping[str, Sequence[str]] | None = None


def balance(answer: Answer, now: Language, theme: Theme) -> Card:
    """From the stock before the period to the stock at its end; `answer` is of BALANCE and not split."""
    if is_hushed(answer):
        return Card(_BALANCE_HEAD.in_(now), "", hushed(now))
    total = answer.frame.to_dict("records")[0]
    opening, added, gone, closing = (float(total[key]) for key in (OPENING, ADDED, STRUCK_OFF, STOCK))
    amounts, keys = (opening, added, -gone, closing), (OPENING, ADDED, STRUCK_OFF, STOCK)
    steps = [
        Step(
            name=name.in_(now),
            amount=amount,
            text=numbers.plain(amount) if at in (0, 3) else numbers.signed(amount),
            hover=str(escaped(_ITEMS.in_(now).format(name=name.in_(now), value=numbers.plain(abs(amount))))),
            is_level=at in (0, 3),
            items=token(answer.question, key, total),
        )
        for at, (name, amount, key) in enumerate(zip(_STEPS, amounts, keys, strict=True))
    ]
    title = _BALANCE_TITLE if closing <= opening else _BALANCE_MORE
    return Card(
        title.in_(now).format(
            net=numbers.plain(abs(closing - opening)), added=numbers.plain(added), gone=numbers.plain(gone)
        ),
        _BALANCE_SUB.in_(now).format(back=numbers.plain(float(total[RETURNED]))),
        waterfall(steps, theme, height=250),
    )


def levels(answer: Answer, now: Language) -> Card:
    """Clearance by the level of the list."""
    names = dict(dimension(LEVEL).names)
    rows = _stated(answer, names)
    low = min(rows, key=lambda row: float(row[CLEARANCE]), default=None)
    unjudged = instead(answer, rows)
    said = (unjudged or LEVELS).in_(now)
    if low is not None and unjudged is None:
        title = (_LEVEL_TITLE if len(rows) > 1 else _LEVEL_ONE).in_(now)
        said = title.format(low=names[int(low[LEVEL])].in_(now), rate=printed(CLEARANCE, low, answer, now))
    return Card(said, _LEVEL_SUB.in_(now), _clearance_table(LEVELS, answer, rows, names, {}, now))


def ages(answer: Answer, now: Language) -> Card:
    """The stock by age band."""
    if is_hushed(answer):
        return Card(_AGE_HEAD[0].in_(now), _AGE_SUB.in_(now), hushed(now))
    names = dict(dimension(AGE).names)
    rows = {int(row[AGE]): row for row in answer.frame.to_dict("records")}
    whole = sum(float(row[STOCK]) for row in rows.values())
    if not whole:
        return Card(_AGE_NONE.in_(now), _AGE_SUB.in_(now), Markup(""))
    old = sum(float(rows[band][STOCK]) for band in _OLD if band in rows)
    lines = [
        Bar(
            name=name.in_(now),
            value=count(answer.question, STOCK, rows[band]),
            share=float(rows[band][STOCK]) / whole,
            cells=(
                _per_cent(float(rows[band][STOCK]) / whole),
                number(printed(PAST_PLAN, rows[band], answer, now), answer.question, PAST_PLAN, rows[band]),
                number(printed(CLEARS, rows[band], answer, now), answer.question, CLEARS, rows[band]),
            ),
            hint=numbers.parts(float(rows[band][STOCK]), whole),
        )
        for band, name in names.items()
        if band in rows
    ]
    title = _AGE_TITLE.in_(now).format(old=numbers.plain(old), share=_per_cent(old / whole))
    return Card(title, _AGE_SUB.in_(now), bars([text.in_(now) for text in _AGE_HEAD], lines))


def regions(answer: Answer, names: Mapping[int, Text], codes: Mapping[int, str], now: Language) -> Card:
    """Clearance by the regions that `answer` is split by, the lowest first; `codes` make a row a link."""
    split, names = answer.question.split[0], {0: NOT_STATED, **names}
    rows = sorted(_stated(answer, names), key=lambda row: (float(row[CLEARANCE]), -float(row[STOCK])))
    unjudged = instead(answer, rows)
    below = [] if unjudged else outliers(rows, CLEARANCE, Verdict.BELOW_3)
    low = [short(names[int(row[split])].in_(now), now) for row in below]
    separator = "、" if now == "zh" else ", "
    text = _REGIONS_LOW if low else unjudged or _REGIONS_PLAIN
    title = text.in_(now).format(names=separator.join(low))
    table = _clearance_table(_REGION, answer, rows, names, codes, now)
    return Card(
        title, (_REGIONS_SUB if codes else _STREETS_SUB).in_(now), tag("div", table, class_="q-scroll")
    )


def leader_rows(answer: Answer) -> list[Row]:
    """The leaders in charge, those with most items past their plan first."""
    rows: Sequence[Row] = answer.frame.to_dict("records")

    def most_first(row: Row) -> tuple[float, float, str]:
        late, stock = _count(row, PAST_PLAN, answer), float(row[STOCK])
        return -(0.0 if math.isnan(late) else late), -(0.0 if math.isnan(stock) else stock), str(row[LEADER])

    return sorted(rows, key=most_first)


def leaders(answer: Answer, now: Language) -> Card:
    """The leaders in charge."""
    rows = leader_rows(answer)
    late = [row for row in rows if _count(row, PAST_PLAN, answer) > 0]
    title = (instead(answer, rows) or (_LEADERS_TITLE if late else _LEADERS_NONE)).in_(now)
    first = late[0] if late else None
    said = title.format(
        all=numbers.plain(len(rows)),
        late=numbers.plain(len(late)),
        name="" if first is None else first[LEADER],
        n="" if first is None else numbers.plain(_count(first, PAST_PLAN, answer)),
    )
    frame = pd.DataFrame(
        {
            LEADER: [str(row[LEADER]) for row in rows],
            CLEARANCE: [_printed_share(row) for row in rows],
            ASSIGNED: _wholes([row[ASSIGNED] for row in rows]),
            STOCK: _wholes([row[STOCK] for row in rows]),
            PAST_PLAN: _wholes([_count(row, PAST_PLAN, answer) for row in rows]),
            CLEARS: _wholes([_count(row, CLEARS, answer) for row in rows]),
        }
    )
    named = {key: text.in_(now) for key, text in LEADERS_HEAD.items()}
    table = frame.astype({CLEARANCE: "float64"}).rename(columns=named)
    opened = {
        named[key]: [token(answer.question, key, row) for row in rows]
        for key in (ASSIGNED, STOCK, PAST_PLAN, CLEARS)
    }
    return Card(said, _LEADERS_SUB.in_(now), table, (named[CLEARANCE],), opened)


def _wholes(counts: Sequence[float]) -> pd.Series[int]:
    """Counts as whole numbers; one that is hidden stays empty."""
    found = pd.Series(counts, dtype="float64")
    return found.astype("Int64" if found.hasnans else "int64")


def weeks(answer: Answer, now: Language) -> Card:
    """The weeks and whether what fell due in them was cleared, latest first; an answer by week."""
    if is_hushed(answer):
        return Card(_WEEKS_HEAD[0].in_(now), _WEEKS_SUB.in_(now), hushed(now))
    rows = answer.frame.sort_values("bucket", ascending=False).to_dict("records")
    due = [row for row in rows if float(row[f"{ON_PLAN}_denominator"]) > 0]
    most = max((float(row[f"{ON_PLAN}_denominator"]) for row in due), default=1.0)
    lines = [
        Bar(
            name=f"{row['bucket']}",
            value=count(answer.question, ON_PLAN, row, Side.WHOLE),
            share=float(row[f"{ON_PLAN}_denominator"]) / most,
            cells=(
                count(answer.question, ON_PLAN, row),
                (_YES if float(row[ZERO]) == 1 else _NO).in_(now) if row in due else numbers.DASH,
            ),
            hint=f"{row['bucket']} – {row['bucket'] + timedelta(days=6)}",
        )
        for row in rows
    ]
    title = _WEEKS_TITLE.in_(now).format(
        weeks=len(rows), due=len(due), zero=sum(float(row[ZERO]) == 1 for row in due)
    )
    table = bars([text.in_(now) for text in _WEEKS_HEAD], lines)
    return Card(title, _WEEKS_SUB.in_(now), tag("div", table, class_="q-scroll"))


def _clearance_table(
    first: Text,
    answer: Answer,
    rows: Sequence[Row],
    names: Mapping[int, Text],
    codes: Mapping[int, str],
    now: Language,
) -> Markup:
    asked, split = answer.question, answer.question.split[0]
    lines = [
        Bar(
            name=short(names[int(row[split])].in_(now), now),
            value=number(printed(CLEARANCE, row, answer, now), asked, CLEARANCE, row),
            share=None if math.isnan(float(row[CLEARANCE])) else float(row[CLEARANCE]),
            cells=(
                count(asked, ASSIGNED, row),
                count(asked, STOCK, row),
                number(printed(PAST_PLAN, row, answer, now), asked, PAST_PLAN, row),
                number(printed(CLEARS, row, answer, now), asked, CLEARS, row),
            ),
            choose=codes.get(int(row[split]), ""),
            hint=numbers.parts(float(row[f"{CLEARANCE}_numerator"]), float(row[f"{CLEARANCE}_denominator"])),
        )
        for row in rows
    ]
    return bars([first.in_(now), *(text.in_(now) for text in _HEAD)], lines)


def _stated(answer: Answer, names: Mapping[int, Text]) -> list[Row]:
    """The rows of members with a name and with items assigned."""
    split = answer.question.split[0]
    rows = answer.frame.to_dict("records")
    return [row for row in rows if int(row[split]) in names and float(row[ASSIGNED]) > 0]


def _count(row: Row, key: str, answer: Answer) -> float:
    """The items that a share counts; 0 where there is nothing to count, NaN where that may be hidden."""
    found = float(row[f"{key}_numerator"])
    return answer.nothing if math.isnan(found) else found


def _printed_share(row: Row) -> float | None:
    shown = figure(metric_of(CLEARANCE), row)
    return None if shown is None else float(shown)


def _per_cent(share: float) -> str:
    return f"{numbers.plain(share * 100, 1)}{numbers.NARROW}%"
