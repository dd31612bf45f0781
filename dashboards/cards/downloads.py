"""The data behind a page as sheets: figures with numerator and denominator, and what each metric means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboards.cards.definitions import SOURCES
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.city_index import CityIndex
from queries.insights.index import CITY_ROW
from queries.metric import Metric
from queries.metrics import metric as metric_of
from queries.vocabulary import Language, Text

_DEFINITIONS = (
    Text("指标", "Metric"),
    Text("键", "Key"),
    Text("公式", "Formula"),
    Text("时间口径", "Clock"),
    Text("统计范围", "Population"),
    Text("出处", "Source"),
)
_INDEX = (
    Text("区域", "Region"),
    Text("日期", "Date"),
    Text("目标", "Aim"),
    Text("指标", "Indicator"),
    Text("数值", "Value"),
    Text("分子", "Numerator"),
    Text("分母", "Denominator"),
    Text("得分", "Score"),
    Text("占指数权重", "Weight in index"),
    Text("政策版本", "Policy version"),
)
_MEASURE = (
    Text("指标", "Metric"),
    Text("数值", "Value"),
    Text("分子", "Numerator"),
    Text("分母", "Denominator"),
    Text("较上年同期", "On last year"),
)
_REGION, _WEEK = Text("区域", "Region"), Text("周起始日", "Week from")
_NOT_STATED = Text("未明确", "Not stated")
DEFINITIONS_SHEET = Text("口径", "Definitions")
INDEX_SHEET = Text("指数", "Index")


def overview_workbook(
    index: CityIndex,
    answers: Mapping[Text, Answer],
    names: Mapping[int, Text],
    place: Text,
    metrics: Sequence[Metric],
    language: Language,
) -> bytes:
    """The overview as a file: the index, its answers (by the name of their sheet), the definitions.

    `place` names the rows of answers that are not split by region.
    """
    known = {**names, CITY_ROW: place}
    sheets = [answer_sheet(title.in_(language), answer, known, language) for title, answer in answers.items()]
    return workbook([index_sheet(index, known, language), *sheets, definitions_sheet(metrics, language)])


def index_sheet(index: CityIndex, names: Mapping[int, Text], language: Language) -> Sheet:
    """Every indicator of each district on the as-of date."""
    rows: list[tuple[Cell, ...]] = []
    for region in index.districts:
        score = index.score(region, index.as_of)
        rows += [
            (
                names[region].in_(language),
                index.as_of,
                aim.aim.name.in_(language),
                one.indicator.name.in_(language),
                one.read.value,
                one.read.numerator,
                one.read.denominator,
                one.score,
                one.weight,
                score.version,
            )
            for aim in score.aims
            for one in aim.indicators
        ]
    return Sheet(INDEX_SHEET.in_(language), _said(_INDEX, language), tuple(rows))


def answer_sheet(name: str, answer: Answer, names: Mapping[int, Text], language: Language) -> Sheet:
    """An answer as one line for each region (the city when it is not split), week and metric."""
    split = next(iter(answer.question.split), None)
    timed = answer.question.grain is not None
    rows: list[tuple[Cell, ...]] = []
    for row in answer.frame.to_dict("records"):
        region = CITY_ROW if split is None else int(row[split])
        where = names[region].in_(language) if region in names else _NOT_STATED.in_(language)
        start: tuple[Cell, ...] = (where, row["bucket"]) if timed else (where,)
        rows += [
            (
                *start,
                metric_of(key).full_name.in_(language),
                row[key],
                row[f"{key}_numerator"],
                row[f"{key}_denominator"],
                row.get(f"{key}_yoy"),
            )
            for key in answer.question.metrics
        ]
    head = (_REGION, *((_WEEK,) if timed else ()), *_MEASURE)
    return Sheet(name, _said(head, language), tuple(rows))


def definitions_sheet(metrics: Iterable[Metric], language: Language) -> Sheet:
    """What each metric means."""
    return Sheet(
        DEFINITIONS_SHEET.in_(language), definition_headings(language), definition_rows(metrics, language)
    )


def definition_headings(language: Language) -> tuple[str, ...]:
    """What stands above the columns of `definition_rows`."""
    return _said(_DEFINITIONS, language)


def definition_rows(metrics: Iterable[Metric], language: Language) -> tuple[tuple[str, ...], ...]:
    """What each metric means, a row each."""
    return tuple(
        (
            one.full_name.in_(language),
            one.key,
            one.formula_text.in_(language),
            one.clock.in_(language),
            one.population.in_(language),
            f"{SOURCES[one.source].in_(language)} · {one.reference}",
        )
        for one in metrics
    )


def _said(headings: Sequence[Text], language: Language) -> tuple[str, ...]:
    return tuple(text.in_(language) for text in headings)
