"""指标口径: every metric as it is computed, from the catalogue itself, with the SQL that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from streamlit.delta_generator import DeltaGenerator

from dashboards import access, data, filters, language, layout, numbers
from dashboards.cards.definitions import SUBJECTS, definition, policy_table, privacy_rules, searched
from dashboards.cards.downloads import definitions_sheet
from dashboards.cards.overview import DOWNLOAD, span_period
from dashboards.exports.workbook import workbook
from dashboards.figures.markup import Markup, tag
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.answer import Answer
from queries.execute import Warehouse
from queries.insights.index import IndexPolicy
from queries.metric import Metric
from queries.metrics import CATALOG
from queries.policies import in_force, read_index, read_privacy
from queries.question import Question
from queries.vocabulary import Language, Period, Text

_SEARCH = Text("搜索名称、键、公式、统计范围、出处", "Search name, key, formula, population, source")
_SUBJECT = Text("主题", "Subject")
_ALL = Text("全部主题", "All subjects")
_COUNT = Text(
    "{shown} 项指标（共 {all} 项）。SQL 为本页就 {period} 全市实际发出的语句。",
    "{shown} of {all} metrics. The SQL is what this page sent for the whole city, {period}.",
)


@dataclass(frozen=True)
class Choices:
    """What the reader looks for; `subject` is empty for all."""

    as_of: date
    period: Period
    search: str
    subject: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        subject = (SUBJECTS[self.subject] if self.subject else _ALL).in_(now)
        return f"{subject} · “{self.search}”" if self.search else subject


@dataclass(frozen=True)
class Asked:
    """The metrics found, each with the answer of the whole city, and the policy of the index."""

    answers: Mapping[Metric, Answer]
    policy: IndexPolicy


@dataclass(frozen=True)
class Figures:
    """What is put on the page."""

    count: Markup
    entries: Markup
    policy: Markup
    privacy: Markup
    sheets: bytes


def choose(warehouse: Warehouse) -> Choices:
    """The search row."""
    as_of = warehouse.info.as_of
    search = filters.search("q", _SEARCH)
    subject = filters.select("subject", _SUBJECT, {"": _ALL, **SUBJECTS}, "")
    return Choices(as_of, span_period("4w", as_of, warehouse.info.data_from), search, subject)


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """The metrics that match, each asked once."""
    wanted = choices.search.casefold()
    order = list(SUBJECTS)
    found = [
        one for one in sorted(CATALOG.values(), key=lambda one: order.index(one.subject))
        if choices.subject in ("", one.subject) and wanted in searched(one)
    ]  # fmt: skip
    if not found:
        raise Empty
    answers = {one: data.ask(warehouse, Question((one.key,), choices.period, choices.as_of)) for one in found}
    return Asked(answers, in_force(read_index(), choices.as_of))


def figures(_warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, _theme: Theme) -> Figures:
    """The entries."""
    period = numbers.period_text(choices.period, now)
    entries = [
        definition(
            metric, now, reads=", ".join(dict.fromkeys(one.reads for one in answer.statements)),
            sql=[one.sql for one in answer.statements],
        )
        for metric, answer in asked.answers.items()
    ]  # fmt: skip
    return Figures(
        count=layout.small(_COUNT.in_(now).format(shown=len(entries), all=len(CATALOG), period=period)),
        entries=tag("section", *entries, class_="q-card"),
        policy=policy_table(asked.policy, now),
        privacy=privacy_rules(read_privacy(), access.roles(), now),
        sheets=workbook([definitions_sheet(asked.answers, now)]),
    )


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page."""
    with tools:
        layout.download(DOWNLOAD.in_(language.current()), lambda: shown.sheets, "qingyu-definitions.xlsx")
    layout.show(shown.count)
    layout.show(shown.entries)
    layout.show(shown.policy)
    layout.show(shown.privacy)


BOARD = Board(
    key="definitions",
    section=Text("数据", "Data"),
    title=Text("指标口径", "Definitions"),
    answers=Text("每个数怎么算、算谁、按哪天算", "How each number is computed, of whom, on which clock"),
    order=240,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
    is_shown=False,
)
