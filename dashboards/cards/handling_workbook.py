"""Handling as a file: the figures with numerator and denominator, the clock, the units, the definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.cards.downloads import answer_sheet, definitions_sheet
from dashboards.cards.handling import band_names, by_band
from dashboards.cards.stages import stages_sheet
from dashboards.cards.statutes import statutes_sheet
from dashboards.cards.units import Unit, unit_sheet
from dashboards.exports.workbook import Cell, Sheet, workbook
from queries.answer import Answer
from queries.insights.index import CITY_ROW
from queries.metric import Metric
from queries.statutes import Statute
from queries.vocabulary import Language, Text

CLOCK_SHEET = Text("办理时钟", "Case clock")
_REGION, _ITEMS = Text("区域", "Region"), Text("在办件", "On hand")
_NOT_STATED = Text("未明确", "Not stated")


def handling_workbook(
    answers: Mapping[Text, Answer],
    clock: Answer,
    stages: Answer,
    names: Mapping[int, Text],
    place: Text,
    units: Sequence[Unit],
    statutes: Sequence[Statute] | None,
    metrics: Sequence[Metric],
    language: Language,
) -> bytes:
    """The board as a file; `place` names the rows of answers that are not split by region."""
    known = {**names, CITY_ROW: place}
    sheets = [answer_sheet(title.in_(language), answer, known, language) for title, answer in answers.items()]
    return workbook(
        [
            *sheets,
            stages_sheet(stages, language),
            clock_sheet(clock, names, language),
            unit_sheet(units, language),
            statutes_sheet(statutes, language),
            definitions_sheet(metrics, language),
        ]
    )


def clock_sheet(clock: Answer, names: Mapping[int, Text], language: Language) -> Sheet:
    """Items on hand by region and clock band."""
    split, bands = clock.question.split[0], band_names()
    rows: list[tuple[Cell, ...]] = [
        (
            names.get(region, _NOT_STATED).in_(language),
            bands[band].in_(language),
            items,
        )
        for (region, band), items in by_band(clock.frame, split).items()
    ]
    return Sheet(
        CLOCK_SHEET.in_(language),
        (_REGION.in_(language), CLOCK_SHEET.in_(language), _ITEMS.in_(language)),
        tuple(rows),
    )
