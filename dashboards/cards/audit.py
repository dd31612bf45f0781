"""Who did what, in words and tables: the chain's state, counts, persons, refusals, records; and as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from dashboards import numbers
from dashboards.exports.workbook import Sheet, workbook
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from dashboards.figures.theme import Theme
from dashboards.figures.trend import Series, trend
from dashboards.record import Checked
from queries.metrics import CATALOG
from queries.vocabulary import Language, Text
from warehouse.records.audit import Action, Deeds, Record, Total
from warehouse.records.chain import Fault, Head, Wrong

ACTIONS = {
    Action.SIGNED_IN: Text("登录", "Signed in"),
    Action.SIGN_IN_FAILED: Text("登录失败", "Sign-in failed"),
    Action.SIGNED_OUT: Text("退出登录", "Signed out"),
    Action.REVOKED: Text("登录被终止", "Login ended"),
    Action.VIEWED: Text("查看看板", "Saw a board"),
    Action.EXPORTED: Text("导出文件", "Exported a file"),
    Action.LISTED: Text("列出办件", "Listed items"),
    Action.SEARCHED: Text("检索办件", "Searched for items"),
    Action.OPENED_CASE: Text("打开个案", "Opened a case"),
    Action.SUPERVISED: Text("督办", "Supervised"),
    Action.DECK_CHANGED: Text("修改会商材料", "Changed a deck"),
    Action.ROLE_SWITCHED: Text("切换角色", "Changed role"),
    Action.POLICY_CHANGED: Text("修改策略", "Changed a policy"),
    Action.DENIED: Text("被拒绝", "Refused"),
}
REFUSALS = (Action.SIGN_IN_FAILED, Action.DENIED)
# What the tiles count: their name, and the actions that belong to it; none means all.
_TILES: tuple[tuple[Text, tuple[Action, ...]], ...] = (
    (Text("全部记录", "All records"), ()),
    (Text("查看看板", "Boards seen"), (Action.VIEWED,)),
    (Text("导出文件", "Files exported"), (Action.EXPORTED,)),
    (Text("列出、检索、打开办件", "Items looked into"),
     (Action.LISTED, Action.SEARCHED, Action.OPENED_CASE)),
    (Text("登录失败", "Sign-ins failed"), (Action.SIGN_IN_FAILED,)),
    (Text("被拒绝", "Refused"), (Action.DENIED,)),
)  # fmt: skip
_TIMES = Text("次", "times")
_LAST = Text("最近 {at}", "last on {at}")
_NEVER = Text("本期没有", "none in this period")
_OPERATOR, _UNKNOWN = Text("命令行", "Command line"), Text("未知", "Not known")

DAYS = {
    "7": Text("近 7 天", "Last 7 days"),
    "30": Text("近 30 天", "Last 30 days"),
    "90": Text("近 90 天", "Last 90 days"),
    "365": Text("近一年", "Last year"),
}
PERIOD, PERSON = Text("期间", "Period"), Text("人员", "Person")
ACTION, BOARD = Text("操作", "Action"), Text("看板", "Board")
EVERYONE, EVERYTHING = Text("全部人员", "Everyone"), Text("全部操作", "All actions")
EVERY_BOARD = Text("全部对象", "All objects")
VERIFY, FILE = Text("核验", "Verify"), Text("导出记录（XLSX）", "Export records (XLSX)")
_UNTIL = Text("访问记录截至 {at}（{zone}）", "Records up to {at} ({zone})")
SHOWN = Text("最近 {n} 条，新近在前", "The latest {n}, latest first")
PEOPLE = Text(
    "{n} 行，每人每个角色一行，次数多的在前", "{n} rows, one for each person and role, most often first"
)
DAILY = Text("每日记录数", "Records a day")
IN_PERIOD = Text("所选期间与条件", "In the period, under the filters")

CHAIN = Text("记录链", "The chain of records")
_WHOLE = Text("完整", "Whole")
_BROKEN = Text("不完整", "Not whole")
_NOT_YET = Text("尚未核验", "Not yet verified")
_CHECKED = Text(
    "第 1–{n} 条逐条核验无误，{at} 核验；其后新增 {more} 条。",
    "Records 1–{n} were verified one by one at {at}; {more} came after that.",
)
_BROKEN_AT = Text(
    "{fault}；其前 {n} 条无误，{at} 核验。", "{fault}; the {n} before it are whole. Verified at {at}."
)
_NO_ANSWER = Text(
    "{at} 核验时记录库没有应答。", "The store did not answer when it was to be verified at {at}."
)
_ASK_FOR_IT = Text("共 {n} 条，请点“核验”逐条核验。", "{n} records; press “Verify” to walk through them.")
_KEEP = Text(
    "链尾。请每日另存他处；日后据此可知其前是否被改动：",
    "The chain's end. Keep it elsewhere every day; it tells later whether anything before it was changed:",
)
FAULTS = {
    Wrong.EDITED: Text("第 {n} 条被改动", "Record {n} was edited"),
    Wrong.MISSING: Text("第 {n} 条缺失", "Record {n} is missing"),
    Wrong.REORDERED: Text("第 {n} 条顺序被调换", "Record {n} stands where another belongs"),
    Wrong.DUPLICATED: Text("第 {n} 条重复", "Record {n} stands twice"),
    Wrong.INSERTED: Text("第 {n} 条系插入", "Record {n} was put in"),
    Wrong.REWRITTEN: Text("第 {n} 条以前整链被重写", "The chain up to record {n} was written anew"),
    Wrong.UNANCHORED: Text("链尾登记缺失", "The head of the chain is gone"),
    Wrong.NOTE_CHANGED: Text("第 {n} 条的督办内容被改动", "The supervise note of record {n} was changed"),
}

BY_ACTION, BY_ROLE = Text("按操作", "By action"), Text("按角色", "By role")
BY_DAY, BY_PERSON = Text("按日", "By day"), Text("按人员", "By person")
REFUSED_FIRST = Text("被拒绝与登录失败", "Refused, and sign-ins that failed")
RECORDS = Text("逐条记录", "Record by record")
NO_REFUSAL = Text(
    "本期没有被拒绝的访问，也没有失败的登录。", "Nothing was refused and no sign-in failed in this period."
)
NO_RECORD = Text("没有符合条件的记录。", "No record matches these filters.")
_COUNT, _SHARE = Text("次数", "Times"), Text("占比", "Share")
_ROLE = Text("角色", "Role")
_LATEST = Text("最近一次", "Last")
_COLUMNS = (
    Text("序号", "Number"),
    Text("时间", "Time"),
    PERSON,
    _ROLE,
    ACTION,
    Text("对象", "Object"),
    Text("内容", "Question"),
    Text("截至日", "As of"),
    Text("条数", "Rows"),
)
_MORE = (
    Text("账号", "Account"),
    Text("登录", "Login"),
    Text("字节", "Bytes"),
    Text("文件 SHA-256", "SHA-256 of the file"),
    Text("数据版本", "Data version"),
    Text("上一条哈希", "Hash before"),
    Text("本条哈希", "Hash"),
)
_END = (Text("链尾", "End of the chain"), Text("核验", "Verified"))


@dataclass(frozen=True)
class Naming:
    """How codes are named: roles and boards by key, times in the city's zone; in one language."""

    roles: Mapping[str, Text]
    boards: Mapping[str, Text]
    zone: ZoneInfo
    now: Language

    def role(self, key: str) -> str:
        """A role's name; the command line is one too."""
        text = {**self.roles, "operator": _OPERATOR, "": _UNKNOWN}.get(key)
        return text.in_(self.now) if text else key

    def action(self, key: str) -> str:
        """An action's name."""
        return ACTIONS[Action(key)].in_(self.now) if key in ACTIONS else key

    def person(self, name: str) -> str:
        """A person's name, where there is one."""
        return name or _UNKNOWN.in_(self.now)

    def thing(self, action: str, key: str) -> str:
        """What something was done to: a board, a metric and a role by name, all else as it is."""
        if action == Action.LISTED and key in CATALOG:
            return CATALOG[key].full_name.in_(self.now)
        if action == Action.ROLE_SWITCHED:
            return self.role(key)
        return self.boards[key].in_(self.now) if key in self.boards else key

    def time(self, moment: datetime) -> str:
        """A moment in the city's time."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def cells(self, one: Record) -> tuple[Any, ...]:
        """A record as a row under the columns of the page."""
        return (
            one.audit_id,
            self.time(one.at),
            self.person(one.actor_name or one.actor),
            self.role(one.role),
            self.action(one.action),
            self.thing(one.action, one.object),
            one.words,
            one.as_of,
            one.rows,
        )

    def fault(self, found: Fault) -> str:
        """What is wrong with the chain."""
        return FAULTS[found.wrong].in_(self.now).format(n=found.audit_id)


def until(read_at: datetime, zone: ZoneInfo, now: Language) -> str:
    """How far the record goes that is shown."""
    return _UNTIL.in_(now).format(at=f"{read_at.astimezone(zone):%Y-%m-%d %H:%M}", zone=zone.key)


def chain_card(end: Head, checked: Checked | None, naming: Naming) -> Markup:
    """Whether the chain is whole, up to where and when that was seen, and its end to be kept elsewhere."""
    now, word, tone, sentence = naming.now, _NOT_YET, "q-muted", ""
    verdict = checked.verdict if checked else None
    at = naming.time(checked.at) if checked else ""
    if checked is None:
        sentence = _ASK_FOR_IT.in_(now).format(n=numbers.plain(end.records))
    elif verdict is None:
        sentence = _NO_ANSWER.in_(now).format(at=at)
    elif verdict.fault is not None:
        word, tone, fault = _BROKEN, "q-late", naming.fault(verdict.fault)
        sentence = _BROKEN_AT.in_(now).format(fault=fault, n=numbers.plain(verdict.records), at=at)
    else:
        word, tone, more = _WHOLE, "q-better", max(0, end.records - verdict.records)
        known = numbers.plain(verdict.records)
        sentence = _CHECKED.in_(now).format(n=known, at=at, more=numbers.plain(more))
    return tag(
        "section",
        tag("h2", CHAIN.in_(now), " · ", tag("span", word.in_(now), class_=tone)),
        tag("p", sentence),
        tag("p", _KEEP.in_(now), class_="q-note"),
        tag("code", end.line),
        class_="q-card",
    )


def tiles(totals: Sequence[Total], people: Sequence[Deeds], naming: Naming) -> Markup:
    """How much was done in the period, and when last."""
    counted = Counter[str]()
    for one in totals:
        counted[one.action] += one.records
    shown = []
    for name, actions in _TILES:
        count = sum(counted[action] for action in actions or ACTIONS)
        last = max((one.last for one in people if not actions or one.action in actions), default=None)
        said = (
            _NEVER.in_(naming.now)
            if last is None
            else _LAST.in_(naming.now).format(at=naming.time(last)[5:16])
        )
        heading = tag("h3", name.in_(naming.now))
        shown.append(
            tag(
                "div",
                heading,
                tag("strong", numbers.plain(count)),
                tag("p", said, class_="q-note"),
                class_="q-card",
            )
        )
    return tag("div", *shown, class_="q-tiles q-six")


def counts(totals: Sequence[Total], of: Text, naming: Naming) -> Markup:
    """Records by action or by role, most first."""
    by_action = of is BY_ACTION
    counted = Counter[str]()
    for one in totals:
        counted[one.action if by_action else one.role] += one.records
    most = max(counted.values(), default=1)
    name = naming.action if by_action else naming.role
    rows = [Bar(name(key), numbers.plain(count), count / most) for key, count in counted.most_common()]
    headings = (ACTION if by_action else _ROLE).in_(naming.now), _COUNT.in_(naming.now)
    return bars(headings, rows)


def by_day(totals: Sequence[Total], first: date, last: date, naming: Naming, theme: Theme) -> dict[str, Any]:
    """Records of each day of the city's calendar, as a line."""
    counted = Counter[date]()
    for one in totals:
        counted[one.hour.astimezone(naming.zone).date()] += one.records
    days = tuple(first + timedelta(days=one) for one in range((last - first).days + 1))
    line = Series(_TIMES.in_(naming.now), days, tuple(float(counted[day]) for day in days))
    drawn = trend(line, None, theme)
    # Days, where the line is made for months.
    drawn["layout"]["xaxis"] |= {"tickformat": "%m-%d", "dtick": None, "nticks": 8}
    return drawn


def person_table(people: Sequence[Deeds], naming: Naming) -> pd.DataFrame:
    """Who did how much of what, and when last: a row for each person in each role."""
    headings = {action: naming.action(action) for action in ACTIONS}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in people:
        row = rows.setdefault(
            (one.actor, one.role),
            {
                PERSON.in_(naming.now): naming.person(one.name),
                _ROLE.in_(naming.now): naming.role(one.role),
                _COUNT.in_(naming.now): 0,
                _LATEST.in_(naming.now): "",
            },
        )
        row[_COUNT.in_(naming.now)] += one.records
        latest = _LATEST.in_(naming.now)
        row[latest] = max(row[latest], naming.time(one.last))
        row[headings.get(Action(one.action), one.action)] = one.records
    done = [text for text in headings.values() if any(text in row for row in rows.values())]
    first = [text.in_(naming.now) for text in (PERSON, _ROLE, _COUNT, _LATEST)]
    table = pd.DataFrame(list(rows.values()), columns=[*first, *done]).fillna(dict.fromkeys(done, 0))
    return table.astype(dict.fromkeys(done, "int64")).sort_values(
        first[2], ascending=False, ignore_index=True
    )


def record_table(found: Sequence[Record], naming: Naming) -> pd.DataFrame:
    """Record by record, latest first."""
    rows = [
        (*cells, "" if count is None else numbers.plain(count)) for *cells, count in map(naming.cells, found)
    ]
    return pd.DataFrame(rows, columns=_said(_COLUMNS, naming.now))


def refusal_table(found: Sequence[Record], naming: Naming) -> pd.DataFrame:
    """What was refused, latest first: nothing of it was as of a day, and nothing was handed out."""
    return record_table(found, naming).iloc[:, :-2]


def record_file(found: Sequence[Record], end: Head, checked: Checked | None, naming: Naming) -> bytes:
    """The records as a spreadsheet with their hashes, and the chain's end and state on a sheet of its own."""
    rows = tuple(
        (
            *naming.cells(one),
            one.actor,
            one.login,
            one.bytes,
            one.sha256,
            one.version,
            one.previous,
            one.hash,
        )
        for one in found
    )
    state = ""
    if checked is not None and checked.verdict is not None:
        fault = checked.verdict.fault
        word = _WHOLE.in_(naming.now) if fault is None else naming.fault(fault)
        state = f"{word} · 1–{checked.verdict.records} · {naming.time(checked.at)}"
    return workbook(
        [
            Sheet(RECORDS.in_(naming.now), tuple(_said((*_COLUMNS, *_MORE), naming.now)), rows),
            Sheet(CHAIN.in_(naming.now), tuple(_said(_END, naming.now)), ((end.line, state),)),
        ]
    )


def _said(texts: Sequence[Text], now: Language) -> list[str]:
    return [text.in_(now) for text in texts]
