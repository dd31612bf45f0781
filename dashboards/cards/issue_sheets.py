"""The major-issue list as sheets and as a note: each item with its parts, each week, how it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.issue_panel import because
from dashboards.cards.issues import (
    CLEARS,
    COMPONENTS,
    ITEM,
    SCORE,
    SIGN_OFF,
    STAGES,
    STATUSES,
    missing_text,
    place_name,
)
from dashboards.cards.overview import TOTAL
from dashboards.exports.workbook import Cell, Sheet, workbook
from dashboards.figures.markup import Markup, tag
from queries.answer import Answer
from queries.insights.index import CITY_ROW
from queries.insights.major_issues import IssuePolicy, Standing
from queries.issue_list import IssueList
from queries.metric import Metric
from queries.vocabulary import Language, Text

_ITEMS, _WEEKS, _RULES = Text("事项", "Items"), Text("每周得分", "By week"), Text("得分口径", "How it scores")
_ITEM_HEAD = (
    ITEM,
    Text("区县", "District"),
    Text("严重程度", "Severity"),
    Text("涉及人数", "People"),
    Text("包案领导", "In charge"),
    Text("列入日", "Listed on"),
    Text("计划销号日", "Planned on"),
    Text("签字日", "Signed off on"),
    Text("销号日", "Struck off on"),
    Text("返回日", "Came back on"),
    Text("状态", "Now"),
    Text("阶段", "Stage"),
    Text("计划阶段", "Planned stage"),
    Text("离销号所差", "Missing"),
    Text("得分", "Score"),
    Text("占清单权重", "Weight in the list"),
    Text("对清单的贡献", "Points added to the list"),
    Text("清单失分", "Points lost of the list"),
)
_PART_HEAD = (
    Text("{name}：值（0–1）", "{name}: value (0–1)"),
    Text("{name}：满分", "{name}: weight"),
    Text("{name}：得分", "{name}: points"),
    Text("{name}：依据", "{name}: because"),
)
_WEEK_HEAD = (Text("日期", "Date"), Text("区域", "Region"), SCORE, Text("计分事项", "Items scored"))
_RULE_HEAD = (Text("项", "Rule"), Text("值", "Value"))
_TITLE = Text(
    "重大问题清单的得分口径（自定义口径，政策版本 {version}，{day} 起施行）",
    "How the major-issue list is scored (our own definition, policy {version}, in force from {day})",
)
_FORMULA = (
    Text(
        "事项得分 = Σ 适用分项的权重 × 分项值 ÷ Σ 适用分项的权重 × 100；不适用的分项把权重让给其余分项。",
        "Item score = Σ weight × value of the components that apply ÷ Σ of their weights × 100; a component "
        "that does not apply leaves its weight to the others.",
    ),
    Text(
        "清单得分 = Σ 严重程度权重 × 事项得分 ÷ Σ 严重程度权重，"
        "含在办、重新打开和观察期内的事项；没有周报的不计分。",
        "List score = Σ severity weight × item score ÷ Σ severity weight over open, reopened and watched "
        "items; items without a report are not scored.",
    ),
    Text(
        "销号须到验收阶段、五清俱全并经签字。观察期内返回即重新打开，报出新进展前按“{stage}”计。",
        "Striking off needs acceptance, all five clears and the sign-off. A return inside the watch period "
        "reopens the item, which stands at “{stage}” until it is reported on again.",
    ),
    Text(
        "历史各点按当日已知情况、当日施行的政策版本计算，不事后重算。",
        "Past points use what was known, and the policy in force, on their day; they are never recomputed.",
    ),
)
_VALUES = {
    "stage": Text("已完成的阶段 ÷ 5", "stages done ÷ 5"),
    "schedule": Text(
        "不落后计划为 1，每落后一个阶段减 1/{n}；逾计划日销号为 {late:g}",
        "1 when not behind the plan, less 1/{n} a stage behind; {late:g} when struck off after the planned "
        "day",
    ),
    "clears": Text("最近周报已清项 ÷ 5", "clears ticked in the last report ÷ 5"),
    "no_return": Text(
        "销号后才计：观察期无返回为 1，返回为 0",
        "only after the strike-off: 1 while nothing comes back, 0 after a return",
    ),
    "consultation": Text(
        "近 {weeks} 周已开展 ÷ 应开展（未报视为未开展）",
        "held ÷ due in the last {weeks} weeks (a week not reported counts as not held)",
    ),
}
_WATCH = Text("观察期（天）", "Watch period (days)")
_SEVERITY = Text("严重程度 {n} 级的权重", "Weight of severity {n}")
_WEIGHT = Text("{name}（{value}）", "{name} ({value})")


def rules(policy: IssuePolicy, now: Language) -> list[tuple[str, float]]:
    """The policy's numbers, each with what it is."""
    words = {
        "n": policy.stages_behind_for_zero,
        "late": policy.late_strike_off,
        "weeks": policy.consultation_weeks,
    }
    weights = [
        (
            _WEIGHT.in_(now).format(name=name.in_(now), value=_VALUES[component].in_(now).format(**words)),
            float(policy.weights[component]),
        )
        for component, name in COMPONENTS.items()
    ]
    levels = [(_SEVERITY.in_(now).format(n=level), weight) for level, weight in policy.severity.items()]
    return [*weights, *levels, (_WATCH.in_(now), float(policy.watch_days))]


def formulas(policy: IssuePolicy, now: Language) -> list[str]:
    """How items and lists are scored, in sentences."""
    return [one.in_(now).format(stage=STAGES[policy.reopened_stage].in_(now)) for one in _FORMULA]


def definition_note(policy: IssuePolicy, now: Language) -> Markup:
    """The formula and the weights of the policy in force."""
    rows = [
        tag("tr", tag("td", name, class_="q-name"), tag("td", f"{value:g}", class_="q-num"))
        for name, value in rules(policy, now)
    ]
    return tag(
        "section",
        tag("h2", _TITLE.in_(now).format(version=policy.version, day=policy.in_force_from)),
        *(tag("p", line) for line in formulas(policy, now)),
        tag("table", tag("tbody", *rows), class_="q-ranking"),
        class_="q-card q-panel",
    )


def issues_workbook(
    found: IssueList,
    here: int | None,
    place: Text,
    total: Answer,
    names: Mapping[int, Text],
    metrics: Sequence[Metric],
    now: Language,
) -> bytes:
    """The board as a file; `here` is a district or None for the whole city, `place` its name."""
    sheets = [
        items_sheet(found, here, names, now),
        weeks_sheet(found, place, here, names, now),
        answer_sheet(TOTAL.in_(now), total, {CITY_ROW: place}, now),
        _rules_sheet(found.policy, now),
        definitions_sheet(metrics, now),
    ]
    return workbook(sheets)


def items_sheet(found: IssueList, here: int | None, names: Mapping[int, Text], now: Language) -> Sheet:
    """The items of a district (None: of the whole city) on the as-of date, each with its score's parts."""
    shares = {one.standing.issue.id: one for one in found.score(here, found.as_of).shares}
    head = [
        *(text.in_(now) for text in _ITEM_HEAD),
        *(text.in_(now) for text in CLEARS.values()),
        SIGN_OFF.in_(now),
        *(part.in_(now).format(name=name.in_(now)) for name in COMPONENTS.values() for part in _PART_HEAD),
    ]
    rows = []
    for one in found.of(here, found.as_of):
        share = shares.get(one.issue.id)
        listed: tuple[Cell, ...] = (None,) * 4
        if share is not None:
            listed = (one.score, share.weight, share.points, share.lost)
        rows.append((*_item(one, names, now), *listed, *_ticked(one), *_parts(one, now)))
    return Sheet(_ITEMS.in_(now), tuple(head), tuple(rows))


def _item(one: Standing, names: Mapping[int, Text], now: Language) -> tuple[Cell, ...]:
    issue = one.issue
    return (
        issue.name.in_(now),
        place_name(names, issue.district, now),
        issue.severity,
        issue.people,
        issue.leader,
        issue.opened_on,
        issue.planned_on,
        issue.signed_off_on,
        issue.struck_off_on,
        issue.returned_on,
        STATUSES[one.status].in_(now),
        STAGES[one.stage].in_(now),
        STAGES[one.planned_stage].in_(now),
        missing_text(one, now) if one.is_open else None,
    )


def _ticked(one: Standing) -> tuple[Cell, ...]:
    return (*(int(clear in one.cleared) for clear in CLEARS), int(one.is_signed_off))


def _parts(one: Standing, now: Language) -> tuple[Cell, ...]:
    cells = [
        cell for part in one.parts for cell in (part.value, part.weight, part.points, because(one, part, now))
    ]
    return (*cells, *(None,) * (len(COMPONENTS) * len(_PART_HEAD) - len(cells)))


def weeks_sheet(
    found: IssueList, place: Text, here: int | None, names: Mapping[int, Text], now: Language
) -> Sheet:
    """The list's score week by week; of the whole city with those of its districts."""
    regions: dict[int | None, Text] = {here: place}
    if here is None:
        regions.update(names.items())
    rows = []
    for day in found.days:
        for region, name in regions.items():
            score = found.score(region, day)
            if score.shares:
                rows.append((day, name.in_(now), score.value, len(score.shares)))
    return Sheet(_WEEKS.in_(now), tuple(text.in_(now) for text in _WEEK_HEAD), tuple(rows))


def _rules_sheet(policy: IssuePolicy, now: Language) -> Sheet:
    title = _TITLE.in_(now).format(version=policy.version, day=policy.in_force_from)
    rows: list[tuple[Cell, ...]] = [(line, None) for line in (title, *formulas(policy, now))]
    return Sheet(_RULES.in_(now), tuple(text.in_(now) for text in _RULE_HEAD), (*rows, *rules(policy, now)))
