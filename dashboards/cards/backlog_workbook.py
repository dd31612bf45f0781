"""The backlog board as sheets: its figures, divisions, leaders, weeks, the burn-down and the definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.cards.backlog import (
    ASSIGNED,
    CLEARANCE,
    CLEARS,
    LEADER,
    LEADERS_HEAD,
    PAST_PLAN,
    STOCK,
    leader_rows,
)
from dashboards.cards.burn_down import BurnDown, burn_down_sheet
from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.overview import TOTAL, WEEKLY
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.dimensions import dimension
from queries.insights.index import CITY_ROW
from queries.metric import Metric
from queries.vocabulary import Language, Text

_PARTS = Text("{name}：分子", "{name}: numerator"), Text("{name}：分母", "{name}: denominator")


def backlog_workbook(
    answers: Sequence[Answer],
    leaders: Answer,
    found: BurnDown | None,
    due: Sheet,
    names: Mapping[int, Text],
    place: Text,
    metrics: Sequence[Metric],
    now: Language,
) -> bytes:
    """The board as a file: the answers, each by what it is split by; `names` are the regions' names.

    `due` are the items that fall due next; `place` names the rows of answers that are not split.
    """
    sheets = [_sheet(answer, names, place, now) for answer in answers]
    lists = (leaders_sheet(leaders, now), due, burn_down_sheet(found, now))
    return workbook([*sheets, *lists, definitions_sheet(metrics, now)])


def _sheet(answer: Answer, names: Mapping[int, Text], place: Text, now: Language) -> Sheet:
    if not answer.question.split:
        title = TOTAL if answer.question.grain is None else WEEKLY
        return answer_sheet(title.in_(now), answer, {CITY_ROW: place}, now)
    cut = dimension(answer.question.split[0])
    return answer_sheet(cut.name.in_(now), answer, dict(cut.names) or names, now)


def leaders_sheet(leaders: Answer, now: Language) -> Sheet:
    """The leaders in charge; of each share its numerator and denominator."""
    shares = (CLEARANCE, PAST_PLAN, CLEARS)
    names = [
        part.in_(now).format(name=LEADERS_HEAD[key].in_(now).removesuffix(" %"))
        for key in shares
        for part in _PARTS
    ]
    head = (LEADERS_HEAD[LEADER].in_(now), LEADERS_HEAD[ASSIGNED].in_(now), LEADERS_HEAD[STOCK].in_(now))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(row[LEADER]),
            row[ASSIGNED],
            row[STOCK],
            *(row[f"{key}_{part}"] for key in shares for part in ("numerator", "denominator")),
        )
        for row in leader_rows(leaders)
    )
    return Sheet(LEADERS_HEAD[LEADER].in_(now), (*head, *names), rows)
