"""How printed documents say metrics: values in full, lines with their comparisons, definitions, tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards import numbers
from dashboards.cards.definitions import SOURCES
from dashboards.cards.index_card import score_text
from dashboards.exports.document import Table
from queries.answer import figure
from queries.issued import Line
from queries.metrics import metric as metric_of
from queries.policies import INDEX_KEY
from queries.vocabulary import Language, Measurement, Text

MARK = Text("演示数据", "Demo data 演示数据")
LINE_HEAD = (
    Text("指标", "Metric"),
    Text("数值", "Value"),
    Text("分子 / 分母", "Numerator / denominator"),
    Text("同比", "On last year"),
    Text("环比", "On period before"),
)
_TERM_HEAD = (
    Text("指标", "Metric"),
    Text("公式", "Formula"),
    Text("时间口径", "Clock"),
    Text("出处", "Source"),
)
_TABLE = Text("表 {n}　{name}", "Table {n}. {name}")
_TERMS = Text("口径说明", "Definitions")
_NAMED = Text("{name}（{unit}）", "{name} ({unit})")


def parts(numerator: float, denominator: float) -> str:
    """`1,234 / 5,678`; a dash where nothing divides, since the value then says it all."""
    return numbers.DASH if math.isnan(denominator) else numbers.parts(numerator, denominator)


class Wording:
    """Writes a document's tables in one language and numbers them as they come."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.tables = 0

    def table(
        self, title: str, head: Sequence[Text], rows: tuple[tuple[str, ...], ...], names: int = 1
    ) -> Table:
        """The next table; the first `names` columns are set left."""
        return Table(self.caption(title), tuple(text.in_(self.language) for text in head), rows, names)

    def caption(self, title: str) -> str:
        """What stands above the next table: its number and title."""
        self.tables += 1
        return _TABLE.in_(self.language).format(n=self.tables, name=title)

    def line(self, one: Line) -> tuple[str, ...]:
        """A metric of a whole place under LINE_HEAD."""
        metric = metric_of(one.metric)
        return (
            self.unit_name(one.metric),
            self.value(one.metric, one.value, one.numerator, one.denominator),
            parts(one.numerator, one.denominator),
            numbers.change_text(metric, one.yoy, self.language),
            numbers.change_text(metric, one.mom, self.language),
        )

    def unit_name(self, key: str) -> str:
        """A metric's name with the unit that its values are printed without."""
        metric = metric_of(key)
        name, unit = metric.full_name.in_(self.language), metric.unit.in_(self.language)
        if metric.measurement is Measurement.SHARE or unit.casefold() in name.casefold():
            return name
        return _NAMED.in_(self.language).format(name=name, unit=unit)

    def value(
        self, key: str, value: float, numerator: float = math.nan, denominator: float = math.nan
    ) -> str:
        """A value in full, with its own rounding from the exact counts; never in 万."""
        if key == INDEX_KEY:
            return score_text(value)
        metric = metric_of(key)
        row = {key: value, f"{key}_numerator": numerator, f"{key}_denominator": denominator}
        exact = figure(metric, row)
        if exact is None:
            return numbers.DASH
        percent = f"{numbers.NARROW}%" if metric.measurement is Measurement.SHARE else ""
        return f"{numbers.plain(exact, metric.decimals, metric.rounding)}{percent}"

    def defined(self, metrics: Sequence[str]) -> list[tuple[str, ...]]:
        """What each metric means, a row each, for `terms_table`."""
        language = self.language
        return [
            (
                metric.full_name.in_(language),
                metric.formula_text.in_(language),
                metric.clock.in_(language),
                f"{SOURCES[metric.source].in_(language)} · {metric.reference}",
            )
            for metric in map(metric_of, metrics)
        ]

    def terms_table(self, rows: Sequence[tuple[str, ...]]) -> Table:
        """The table of definitions."""
        return self.table(_TERMS.in_(self.language), _TERM_HEAD, tuple(rows), names=4)
