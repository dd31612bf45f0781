"""Asks for the content of a report on one topic 专题分析: once from a version and an as-of date, then frozen.

Every number is a metric of the dictionary asked under the topic's filters, or the quotient of two of them
that stand beside it. The same topic, version, as-of date and reader's scope give the same bytes (`canonical`
of queries.topic_content), in every process and whatever is loaded later.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from queries.answer import Answer
from queries.daily_counts import VOLUME, history, learnt
from queries.errors import BadQuestion
from queries.execute import Warehouse
from queries.insights.control_chart import FEWEST, xmr
from queries.insights.expectation import Expectation
from queries.insights.key_points import Member
from queries.insights.standing_out import DEVIATIONS, LEAST_ITEMS, LEAST_PLACES, standing_out
from queries.insights.topic_points import Compared, Latest, TopicFacts, topic_points
from queries.issued import Row, definitions, line_of, side
from queries.metrics import metric as metric_of
from queries.question import Filter, Question
from queries.topic_cases import MOST, Shown, cases_in_point, shown
from queries.topic_content import (
    HANDLING,
    SCALE,
    UNIT_RATES,
    Basis,
    Division,
    Measure,
    Part,
    Place,
    Places,
    Rated,
    Step,
    TopicReport,
    UnitRow,
)
from queries.topics import Topic
from queries.vocabulary import Compare, Period, Text

SPOKEN = ("repeat_share", "replied_on_time", "first_time_resolution", "satisfaction")
RATE = "cases_per_10k"
STRUCTURE = ("channel", "purpose")
ROWS = 15  # streets and units that are listed
_NOT_STATED = Text("未明确", "Not stated")
_NO_FURTHER = Text("{name}（未再细分）", "{name}, not divided further")

Ask = Callable[[Question], Answer]
# What the days up to one let expect of them, under filters.
Learn = Callable[[date, tuple[Filter, ...]], Expectation | None]


def topic_report(
    warehouse: Warehouse,
    topic: Topic,
    as_of: date,
    *,
    with_cases: bool,
    ask: Ask | None = None,
    learn: Learn | None = None,
) -> TopicReport:
    """The report on `topic` as known on `as_of`; `ask` and `learn` stand in for the warehouse itself.

    Raises BadQuestion where the data do not hold the period, and what `Warehouse.ask` raises.
    """
    info, period = warehouse.info, topic.period
    if not info.data_from <= period.start <= period.end <= as_of <= info.as_of:
        raise BadQuestion(
            f"{period.start} to {period.end} as of {as_of} cannot be told; choose days from {info.data_from} "
            f"to {info.as_of} and an as-of day not before the last of them."
        )
    asked = ask or warehouse.ask

    def learning(last: date, filters: tuple[Filter, ...]) -> Expectation | None:
        return learnt(warehouse, history(info.data_from, last), filters, asked)[1]

    return _Asker(warehouse, topic, as_of, asked, learn or learning).made(with_cases=with_cases)


class _Asker:
    """Turns a topic into questions and their answers into the content."""

    def __init__(self, warehouse: Warehouse, topic: Topic, as_of: date, ask: Ask, learn: Learn) -> None:
        self.warehouse = warehouse
        self.topic = topic
        self.as_of = as_of
        self.ask = ask
        self.learn = learn
        self.question = Question((VOLUME,), topic.period, as_of, filters=topic.filters)
        self.is_exact = warehouse.is_exact(self.question)

    def made(self, *, with_cases: bool) -> TopicReport:
        topic, info, both = self.topic, self.warehouse.info, (Compare.YOY, Compare.MOM)
        asked = replace(self.question, metrics=(*SCALE, *HANDLING), compare=both)
        total = self.ask(asked)
        own, every = (_only_row(one) for one in (total, self.ask(replace(asked, filters=topic.here))))
        measures = [Measure(line_of(key, own), line_of(key, every)) for key in asked.metrics]
        volume = measures[0]
        basis, trend = self._trend()
        structure = tuple(self._divided(split, volume.topic.value) for split in self._splits())
        places = tuple(self._places(split, volume.topic.value) for split in self._levels())
        units_of, units = self._units()
        cases_of = shown(self.warehouse, self.question) if with_cases else Shown.LEFT_OUT
        share = _over(volume.topic.value, volume.every.value)
        name, place = topic.category.name, self._place()
        facts = TopicFacts(
            topic=name,
            place=Text("、".join(one.zh for one in place), ", ".join(one.en for one in place)),
            count=volume.topic.value,
            share=share,
            change=math.nan,
        )
        judged = self._judged(facts, measures, trend, structure, places)
        return TopicReport(
            path=topic.category.path,
            code=topic.category.code,
            place=place,
            districts=self._codes(),
            period=topic.period,
            grain=topic.grain.value,
            as_of=self.as_of,
            city=Text(self.warehouse.city.name_zh, self.warehouse.city.name_en),
            version=info.version,
            is_demo=info.is_demo,
            is_exact=self.is_exact,
            policy=definitions(asked.metrics) | _limits(),
            points=topic_points(judged),
            rank=judged.rank,
            among=judged.among,
            share=share,
            share_before=_over(volume.topic.yoy_base, volume.every.yoy_base),
            scale=tuple(measures[: len(SCALE)]),
            basis=basis,
            trend=trend,
            structure=structure,
            places=places,
            units_of=units_of,
            units=units,
            handling=tuple(measures[len(SCALE) :]),
            cases_of=cases_of,
            cases=cases_in_point(self.warehouse, self.question) if with_cases else (),
            notes=tuple(dict.fromkeys(note.text for note in total.notes)),
        )

    def _judged(
        self,
        facts: TopicFacts,
        measures: Sequence[Measure],
        trend: tuple[Step, ...],
        structure: tuple[Division, ...],
        places: tuple[Places, ...],
    ) -> TopicFacts:
        """The facts that compare, judge and name: none of them is made of numbers with a random step."""
        if not self.is_exact:
            return facts
        rank, among = self._ranked()
        below = next((one.parts for one in structure if one.split == self.topic.category.below), ())
        streets = [row for one in places if one.split == "street" for row in one.rows]
        return replace(
            facts,
            change=measures[0].topic.yoy,
            rank=rank,
            among=among,
            latest=_latest(trend),
            parts=_members(below),
            places=_members([row.part for row in places[0].rows]) if places else (),
            standing_out=tuple(row.part.name for row in streets if row.stands_out),
            rates=tuple(_compared(one) for one in measures if one.topic.metric in SPOKEN),
        )

    def _place(self) -> tuple[Text, ...]:
        if not self.topic.districts:
            return (Text(self.warehouse.city.name_zh, self.warehouse.city.name_en),)
        names = self._names("district")
        return tuple(names[key] for key in self.topic.districts)

    def _codes(self) -> tuple[str, ...]:
        members = self.warehouse.members("district")
        return tuple(map(str, members.loc[members["id"].isin(self.topic.districts), "code"]))

    def _ranked(self) -> tuple[int | None, int]:
        """The topic's place by items among the categories of its level, and how many of them have any."""
        level = self.topic.category.dimension
        answer = self.ask(replace(self.question, split=(level,), filters=self.topic.here))
        known = set(map(int, self.warehouse.members(level)["id"]))
        counts = {int(row[level]): float(row[VOLUME]) for row in answer.frame.to_dict("records")}
        own = counts.get(self.topic.category.member, 0.0)
        others = [count for key, count in counts.items() if key in known and count > 0]
        return (1 + sum(count > own for count in others) if own > 0 else None), len(others)

    def _trend(self) -> tuple[Basis, tuple[Step, ...]]:
        buckets = self.topic.buckets
        if not buckets:
            return Basis.NONE, ()
        span = Period(buckets[0].start, buckets[-1].end)
        asked = replace(self.question, period=span, grain=self.topic.grain, compare=(Compare.YOY,))
        rows = {row["bucket"]: row for row in self.ask(asked).frame.to_dict("records")}
        told = [rows.get(one.start, defaultdict(lambda: math.nan)) for one in buckets]
        counts = [float(row[VOLUME]) for row in told]
        before = [float(row[f"{VOLUME}_yoy_base"]) for row in told]
        nothing = [math.nan] * len(buckets)
        limits = [nothing, nothing, nothing]
        found: list[tuple[str, ...]] = [()] * len(buckets)
        basis = Basis.NONE
        if self.is_exact:
            # of the period's days, whatever the grain: learnt once
            expected = self.learn(self.topic.period.end, self.topic.filters)
            if expected is not None and span.start >= expected.days[0]:
                basis, every = Basis.CALENDAR, expected.over(buckets)
                limits = [[getattr(one, name) for one in every] for name in ("expected", "low", "high")]
                found = [tuple(sorted(one.signals)) for one in every]
            elif len(buckets) >= FEWEST:
                chart = xmr(counts)
                basis = Basis.CONTROL
                limits = [[chart.centre] * len(buckets), [max(0.0, low) for low in chart.lower]]
                limits.append(list(chart.upper))
                found = [tuple(sorted(one)) for one in chart.signals]
        steps = zip(buckets, counts, before, *limits, found, strict=True)
        return basis, tuple(Step(one.start, one.end, *numbers) for one, *numbers in steps)

    def _splits(self) -> tuple[str, ...]:
        category = self.topic.category
        below = category.below
        has_lower = below and (self.warehouse.members(below)["parent_id"] == category.member).any()
        return (*((below,) if has_lower else ()), *STRUCTURE)

    def _divided(self, split: str, whole: float) -> Division:
        answer = self.ask(replace(self.question, split=(split,), compare=(Compare.YOY, Compare.MOM)))
        return Division(split, self._parts(answer, split, whole))

    def _parts(self, answer: Answer, split: str, whole: float) -> tuple[Part, ...]:
        """The members of an answer, most items first; one without a number for now or last year is none."""
        names = self._names(split)
        found = [
            Part(
                member=int(row[split]),
                name=names.get(int(row[split]), _NOT_STATED),
                value=float(row[VOLUME]),
                share=_over(float(row[VOLUME]), whole),
                yoy_base=float(row[f"{VOLUME}_yoy_base"]),
                yoy=float(row[f"{VOLUME}_yoy"]),
                mom=float(row.get(f"{VOLUME}_mom", math.nan)),
            )
            for row in answer.frame.to_dict("records")
        ]
        told = [one for one in found if one.value > 0 or one.yoy_base > 0]
        return tuple(
            sorted(told, key=lambda one: (-one.value if one.value > 0 else 0.0, -one.share, one.member))
        )

    def _levels(self) -> tuple[str, ...]:
        return ("street",) if len(self.topic.districts) == 1 else ("district", "street")

    def _places(self, split: str, whole: float) -> Places:
        asked = replace(self.question, split=(split,))
        answer = self.ask(replace(asked, metrics=(VOLUME, RATE), compare=(Compare.YOY,)))
        parts = [one for one in self._parts(answer, split, whole) if not math.isnan(one.value)]
        rates = {int(row[split]): float(row[RATE]) for row in answer.frame.to_dict("records")}
        every = self._every(asked, split)
        wholes = [every.get(one.member, math.nan) for one in parts]
        values = [one.value for one in parts]
        # one that is not stated is no place, and stands out from none
        is_place = [one.member != 0 for one in parts]
        found = standing_out(
            [value if here else math.nan for value, here in zip(values, is_place, strict=True)], wholes
        )
        rows = [
            Place(part, rates[part.member], whole, _over(part.value, whole), out)
            for part, whole, out in zip(parts, wholes, found, strict=True)
        ]
        if split == "district":
            return Places(split, tuple(replace(row, stands_out=False) for row in rows), len(rows))
        listed = sorted(rows, key=lambda row: not row.stands_out)  # stable: most items first in each half
        return Places(split, tuple(listed[:ROWS]), len(rows))

    def _every(self, asked: Question, split: str) -> dict[int, float]:
        """All items of each place, where these are told exactly."""
        if not self.is_exact:
            return {}
        rows = self.ask(replace(asked, filters=self.topic.here)).frame.to_dict("records")
        return {int(row[split]): float(row[VOLUME]) for row in rows}

    def _units(self) -> tuple[Shown, tuple[UnitRow, ...]]:
        asked = replace(self.question, metrics=(VOLUME, *UNIT_RATES), split=("unit",))
        of = Shown.ALL
        if not self.warehouse.is_exact(asked):
            mine = self.warehouse.scope.cases or ()
            own = tuple(key for key in mine if not self.topic.districts or key in self.topic.districts)
            if not own:
                return Shown.NONE, ()
            of, filters = Shown.OWN, (Filter("district", own), self.topic.category.filter)
            asked = replace(asked, filters=filters)
        names = self._names("unit")
        rows = [
            UnitRow(
                int(row["unit"]),
                names.get(int(row["unit"]), _NOT_STATED),
                float(row[VOLUME]),
                tuple(
                    Rated(key, float(row[key]), side(row, key, "numerator"), side(row, key, "denominator"))
                    for key in UNIT_RATES
                ),
            )
            for row in self.ask(asked).frame.to_dict("records")
            if row[VOLUME] > 0
        ]
        return of, tuple(sorted(rows, key=lambda one: (-one.value, one.member))[:ROWS])

    def _names(self, split: str) -> dict[int, Text]:
        rows = self.warehouse.members(split).to_dict("records")
        names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in rows}
        category = self.topic.category
        if split == category.below:
            own = category.name
            names[category.member] = Text(
                _NO_FURTHER.zh.format(name=own.zh), _NO_FURTHER.en.format(name=own.en)
            )
        return names


def _latest(trend: tuple[Step, ...]) -> Latest | None:
    if not trend:
        return None
    last = trend[-1]
    return Latest(last.start, last.end, last.count, last.low, last.high, bool(last.signals))


def _only_row(answer: Answer) -> Row:
    """The row of an answer without a split; of what is not told at all every number is NaN."""
    rows = answer.frame.to_dict("records")
    return rows[0] if rows else defaultdict(lambda: math.nan)


def _members(parts: tuple[Part, ...] | list[Part]) -> tuple[Member, ...]:
    return tuple(Member(one.name, one.value, one.yoy_base) for one in parts if one.member != 0)


def _compared(one: Measure) -> Compared:
    line, metric = one.topic, metric_of(one.topic.metric)
    return Compared(
        line.metric,
        metric.full_name,
        metric.direction,
        line.value,
        line.numerator,
        line.denominator,
        one.every.value,
    )


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _limits() -> dict[str, str]:
    """Our own choices that decide the content, by dotted name."""
    chosen: Mapping[str, Any] = {
        "rows": ROWS,
        "cases": MOST,
        "standing_out.deviations": DEVIATIONS,
        "standing_out.least_items": LEAST_ITEMS,
        "standing_out.least_places": LEAST_PLACES,
    }
    return {f"topic.{key}": str(value) for key, value in chosen.items()}
