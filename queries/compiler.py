"""Question → SELECTs: pure, one statement per (table, clock), on the smallest roll-up that answers it.

Two measures with different clocks never share a SELECT: each is grouped on its own clock and the answers
are merged on the split columns. No ratio is computed in SQL: engines divide and round differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import lcm
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from queries.dimensions import Dimension, dimension
from queries.errors import UnknownDimension
from queries.metric import (
    ClearedWeeks,
    Concentration,
    Formula,
    Metric,
    Persons,
    Point,
    Population,
    Product,
    Quantile,
    Ratio,
    Survival,
    Term,
)
from queries.question import Question
from queries.vocabulary import Grain
from queries.window_rows import first_as_of, windows_table
from queries.windows import Window, windows
from warehouse.dialects import (
    days_before,
    days_between,
    month_start,
    quantile,
    quarter_start,
    seconds_between,
    total,
    week_start,
    year_start,
)
from warehouse.measures import Flow, Measure, Stock
from warehouse.rollups import ROLLUPS, Rollup
from warehouse.schema import cases

TIME = "time_label"  # the label column of a time split, before it is named for the reader
SPECIAL = (Quantile, Persons, Concentration, ClearedWeeks, Survival)
_KNOWN_BY = "known_by"  # no column is called that: ClickHouse takes a label for the column of its name
_FEW_WINDOWS = 4  # a period and its three comparisons; more of them overlap
_BUCKETS = {
    Grain.WEEK: week_start,
    Grain.MONTH: month_start,
    Grain.QUARTER: quarter_start,
    Grain.YEAR: year_start,
}


@dataclass(frozen=True)
class Times:
    """How a question cuts time: the windows, and the grain when they are calendar buckets side by side."""

    windows: tuple[Window, ...]
    timed: bool
    grain: Grain | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """One SELECT: its split columns, then a column per slot. `special` names the metrics it serves alone."""

    select: Select[Any]
    reads: str
    slots: tuple[str, ...]
    special: tuple[str, ...] = ()


def slot(term: Term) -> str:
    """Column that holds a term's measure in the merged answer."""
    return term.measure.key if term.point is Point.CLOSING else f"{term.measure.key}_opening"


def ratios(formula: Formula) -> tuple[Ratio, ...]:
    """The ratios of measures that a formula is made of; none for the special ones."""
    match formula:
        case Ratio():
            return (formula,)
        case Product():
            return (formula.first, formula.second)
        case _:
            return ()


def terms_of(formula: Formula) -> tuple[Term, ...]:
    """Every term of a formula, numerators and denominators."""
    found: list[Term] = []
    for ratio in ratios(formula):
        found.extend(ratio.numerator)
        if ratio.denominator is not None and not isinstance(ratio.denominator, Population):
            found.extend(ratio.denominator)
    return tuple(found)


def compile_question(question: Question, metrics: Sequence[Metric], times: Times) -> tuple[Part, ...]:
    """The SELECTs that answer `question` over `times`; raises UnknownDimension."""
    cut = _Cut(question, times)
    groups: dict[tuple[str, ...], list[Term]] = {}
    sources: dict[tuple[str, ...], FromClause] = {}
    for term in {slot(t): t for metric in metrics for t in terms_of(metric.formula)}.values():
        source = cut.source(term.measure)
        key = _group(source, term)
        groups.setdefault(key, []).append(term)
        sources[key] = source
    parts = [cut.part(sources[key], found) for key, found in groups.items()]
    same: dict[object, Part] = {}
    for metric in metrics:
        if isinstance(metric.formula, SPECIAL):
            shared = _reads(metric)
            part = same.get(shared) or cut.special(metric)
            same[shared] = replace(part, special=tuple(dict.fromkeys([*part.special, metric.key])))
    return (*parts, *same.values())


def compile_items(question: Question, columns: Sequence[str]) -> Select[Any]:
    """The SELECT of `columns` of the cases registered in the question's period, under its filters and scope.

    Its metrics and split do not matter. Raises UnknownDimension.
    """
    base = _Cut(question, Times(windows(question), timed=False)).base(cases, cases.c.registered_on.name)
    return select(*[cases.c[name] for name in columns]).select_from(*base.read).where(*base.where)


@dataclass(frozen=True, eq=False)
class Listed:
    """The rows behind one side of a metric that share a clock: each with the `adds` of its scaled amount.

    `select` also holds the `day` of the clock; the number is the sum of `adds` ÷ `scale`.
    """

    select: Select[Any]
    table: Table
    scale: int


def compile_listed(question: Question, added: Sequence[Term], taken: Sequence[Term]) -> tuple[Listed, ...]:
    """The SELECTs of the rows that `added` counts less what `taken` counts, of the fact itself.

    A row that adds nothing is not among them. Raises UnknownDimension.
    """
    cut = _Cut(question, Times(windows(question), timed=False))
    groups: dict[tuple[str, ...], list[tuple[Term, int]]] = {}
    for sign, found in ((1, added), (-1, taken)):
        for term in found:
            groups.setdefault(_group(term.measure.table, term), []).append((term, sign))
    scale = lcm(*(term.weight.denominator for found in groups.values() for term, _ in found))
    return tuple(cut.listed(found, scale) for found in groups.values())


def compile_rows(question: Question, table: Table, clock: str, where: ColumnElement[bool]) -> Listed:
    """The SELECT of the rows of `table` whose `clock` lies in the question's period and that meet `where`."""
    base = _Cut(question, Times(windows(question), timed=False)).base(table, clock)
    base.where.append(where)
    return Listed(_rows(base, table, table.c[clock], literal(1)), table, 1)


def _rows(base: _Base, table: Table, day: ColumnElement[Any], adds: ColumnElement[Any]) -> Select[Any]:
    return select(*table.c, day.label("day"), adds.label("adds")).select_from(*base.read).where(*base.where)


def answering_rollup(
    measure: Measure, dimensions: Iterable[str], *, whole_weeks: bool = False
) -> Rollup | None:
    """The smallest roll-up that holds `measure` and the `dimensions`; None where only the fact can.

    `whole_weeks` says that every window asked for begins on a Monday and ends on a Sunday.
    """
    needed = {dimension(key).column for key in dimensions}
    offered = (rollup for rollup in ROLLUPS if whole_weeks or not rollup.weekly)
    return next((rollup for rollup in offered if _answers(rollup, measure, needed)), None)


def _answers(rollup: Rollup, measure: Measure, needed: set[str]) -> bool:
    if isinstance(measure, Flow):
        days = [measure.clock] + ([measure.known] if measure.known is not None else [])
    else:
        days = [measure.since] + ([measure.until] if measure.until is not None else [])
    # one day column may key several roll-ups; a second one only where the measure asks for it
    same_days = [day.name for day in days] == [day.name for day in rollup.days]
    return measure in rollup.measures and same_days and needed <= set(rollup.table.c.keys())


def _reads(metric: Metric) -> object:
    """What two special metrics have in common when one SELECT answers both."""
    match metric.formula:
        case (
            Persons(table=table, clock=clock, person=person)
            | Concentration(table=table, clock=clock, person=person)
        ):
            return table.name, clock.name, person.name
        case _:
            return metric.key


def _group(source: FromClause, term: Term) -> tuple[str, ...]:
    measure = term.measure
    if isinstance(measure, Flow):
        return (_name(source), measure.clock.name)
    until = measure.until.name if measure.until is not None else ""
    return (_name(source), measure.since.name, until, term.point)


def _name(source: FromClause) -> str:
    return str(getattr(source, "name", source))


@dataclass(eq=False)
class _Base:
    """A FROM under construction: the source, joined dimension tables, split expressions, conditions."""

    source: FromClause
    day: ColumnElement[Any]
    label: ColumnElement[Any] | None
    as_of: ColumnElement[Any]
    extra: list[FromClause] = field(default_factory=list)
    where: list[ColumnElement[bool]] = field(default_factory=list)
    joins: dict[str, FromClause] = field(default_factory=dict)
    froms: FromClause | None = None

    @property
    def read(self) -> list[FromClause]:
        """What a SELECT reads: the source with what was joined to it, and the windows beside it."""
        return [self.froms if self.froms is not None else self.source, *self.extra]

    def member(self, cut: Dimension) -> ColumnElement[Any]:
        """The expression of a dimension's member on this source."""
        columns = self.source.c
        if cut.column not in columns:
            raise UnknownDimension(
                f"dimension {cut.key!r} does not exist in {_name(self.source)};"
                " drop it from the split and the filters"
            )
        if cut.expression is not None:
            return cut.expression(dict(columns), self.as_of if cut.known else self.day)
        if cut.through is None:
            found: ColumnElement[Any] = columns[cut.column]
            return found
        name = f"{cut.through.table.name}_of_{cut.column}"
        if name not in self.joins:
            joined = cut.through.table.alias(name)
            self.joins[name] = joined
            left = self.froms if self.froms is not None else self.source
            self.froms = left.join(joined, joined.c[cut.through.key] == columns[cut.column])
        value: ColumnElement[Any] = self.joins[name].c[cut.through.value]
        return value


class _Cut:
    """One question's splits, filters and times, applied to any source."""

    def __init__(self, question: Question, times: Times) -> None:
        self.question = question
        self.times = times
        self.splits = [dimension(key) for key in question.split]
        self.filters = [(dimension(f.dimension), f.members) for f in question.filters]

    def source(self, measure: Measure) -> FromClause:
        keys = [*self.question.split, *[f.dimension for f in self.question.filters]]
        if self.question.scope.districts is not None:
            keys.append("district")
        whole_weeks = all(w.start.weekday() == 0 and w.end.weekday() == 6 for w in self.times.windows)
        rollup = answering_rollup(measure, keys, whole_weeks=whole_weeks)
        return rollup.table if rollup is not None else measure.table

    def base(self, source: FromClause, clock: str) -> _Base:
        """Rows of `source` whose day `clock` lies in the question's windows."""
        day = source.c[clock]
        first, last = self.times.windows[0], self.times.windows[-1]
        if self.times.timed and self.times.grain is None:
            table = windows_table(self.times.windows)
            base = _Base(source, table.c.end_on, table.c.label_on, table.c.as_of_on, [table])
            base.where.append(day.between(table.c.start_on, table.c.end_on))
        else:
            end = cast(literal(last.end, Date), Date)
            as_of = cast(literal(last.as_of, Date), Date)
            label = self._bucket(day) if self.times.timed else None
            base = _Base(source, end, label, as_of)
            base.where.append(day.between(cast(literal(first.start, Date), Date), end))
        self._restrict(base)
        return base

    def stock_base(self, source: FromClause, since: str, until: str, point: Point) -> _Base:
        """Rows of `source` on hand at one end of each window."""
        if self.times.timed:
            table = windows_table(self.times.windows)
            day: ColumnElement[Any] = table.c.end_on if point is Point.CLOSING else table.c.opening_on
            base = _Base(source, day, table.c.label_on, table.c.as_of_on, [table])
        else:
            only = self.times.windows[0]
            value = only.end if point is Point.CLOSING else only.opening
            day = cast(literal(value, Date), Date)
            base = _Base(source, day, None, cast(literal(only.as_of, Date), Date))
        base.where.append(source.c[since] <= day)
        if until:
            base.where.append(or_(source.c[until].is_(None), source.c[until] > day))
        self._restrict(base)
        return base

    def part(self, source: FromClause, found: Sequence[Term]) -> Part:
        """One SELECT over `source` for terms that share a clock."""
        measure = found[0].measure
        stored = source is not measure.table
        if isinstance(measure, Flow):
            many = self.times.grain is None and len(self.times.windows) > _FEW_WINDOWS
            read = self._daily(source, found) if stored and many else source
            base = self.base(read, measure.clock.name)
        else:
            until = measure.until.name if measure.until is not None else ""
            base = self.stock_base(source, measure.since.name, until, found[0].point)
        amounts = [total(_amount(base, t.measure, stored)).label(slot(t)) for t in found]
        return Part(self._grouped(base, amounts), _name(source), tuple(slot(t) for t in found))

    def _daily(self, source: FromClause, found: Sequence[Term]) -> FromClause:
        """A roll-up summed by day and by what the question cuts: windows that overlap then read few rows.

        Of the day on which something became known only the first as-of date at or after it is kept.
        """
        flows = {term.measure.key: term.measure for term in found if isinstance(term.measure, Flow)}
        first, last = (min(w.start for w in self.times.windows), max(w.end for w in self.times.windows))
        clock = source.c[next(iter(flows.values())).clock.name]
        keys = {clock.name: clock}
        cuts = [*self.splits, *[cut for cut, _ in self.filters]]
        if self.question.scope.districts is not None:
            cuts.append(dimension("district"))
        keys |= {cut.column: source.c[cut.column] for cut in cuts}
        held = {}
        for flow in flows.values():
            amount = source.c[flow.column]
            if flow.known is None:
                held[flow.column] = total(amount)
                continue
            known = source.c[flow.known.name]
            keys[_KNOWN_BY] = first_as_of(self.times.windows, flow.known.name).label(_KNOWN_BY)
            within = true() if flow.within is None else days_between(clock, known) <= flow.within
            held[flow.key] = total(case((within, amount), else_=literal(0)))
        reached = clock.between(cast(literal(first, Date), Date), cast(literal(last, Date), Date))
        daily = select(*keys.values(), *[amount.label(name) for name, amount in held.items()]).where(reached)
        return daily.group_by(*[getattr(key, "element", key) for key in keys.values()]).subquery("daily")

    def listed(self, found: Sequence[tuple[Term, int]], scale: int) -> Listed:
        """The rows behind terms that share a clock; each term with its sign."""
        measure, point = found[0][0].measure, found[0][0].point
        if isinstance(measure, Flow):
            day = measure.clock
            base = self.base(measure.table, day.name)
        else:
            day = measure.since
            base = self.stock_base(
                measure.table, day.name, measure.until.name if measure.until is not None else "", point
            )
        adds = sum(
            (
                _amount(base, term.measure, stored=False) * int(term.weight * sign * scale)
                for term, sign in found
            ),
            start=literal(0),
        )
        base.where.append(adds != 0)
        return Listed(_rows(base, measure.table, measure.table.c[day.name], adds), measure.table, scale)

    def special(self, metric: Metric) -> Part:
        """The SELECT of a metric that no additive measure can give."""
        formula = metric.formula
        match formula:
            case Quantile():
                base = self.base(formula.table, formula.clock.name)
                base.where.append(and_(formula.where, formula.start.is_not(None), formula.end.is_not(None)))
                level: ColumnElement[Any] = literal_column(str(float(formula.level)))
                seconds = quantile(seconds_between(formula.start, formula.end), level)
                made = self._grouped(base, [seconds.label("value"), func.count().label("rows")])
            case Persons() | Concentration():
                made = self._persons(formula)
            case ClearedWeeks():
                made = self._cleared_weeks(formula)
            case Survival():
                made = self._survival(formula)
            case _:
                raise TypeError(f"{metric.key} is made of measures; compile it with the others")
        return Part(made, formula.table.name, (), (metric.key,))

    def _persons(self, formula: Persons | Concentration) -> Select[Any]:
        """How many persons filed how many items: few rows, from which both of these are told."""
        base = self.base(formula.table, formula.clock.name)
        base.where.append(formula.person.is_not(None))
        filed = [func.count().label("filed")]
        counted = self._grouped(base, filed, [formula.person.label("person")]).subquery("per_person")
        labels = [counted.c[name] for name in self._labels()]
        persons = select(*labels, counted.c.filed, func.count().label("persons"))
        return persons.group_by(*labels, counted.c.filed)

    def _cleared_weeks(self, formula: ClearedWeeks) -> Select[Any]:
        base = self.base(formula.table, formula.due.name)
        monday = week_start(formula.due)
        sunday = days_before(monday, literal_column("-6"))
        base.where.append(sunday <= base.as_of)
        late = case((or_(formula.done.is_(None), formula.done > sunday), literal(1)), else_=literal(0))
        inner = self._grouped(base, [total(late).label("late")], [monday.label("due_week")])
        clear: Any = lambda sub: total(case((sub.c.late == 0, literal(1)), else_=literal(0))).label("part")  # noqa: E731
        return self._regrouped(inner, [clear, lambda _: func.count().label("whole")])

    def _survival(self, formula: Survival) -> Select[Any]:
        clock = formula.table.c[formula.clock.name]
        base = self.base(formula.table, formula.clock.name)
        base.where.append(formula.where)
        seen = and_(formula.back.is_not(None), formula.back <= base.as_of)
        days = case((seen, days_between(clock, formula.back)), else_=days_between(clock, base.as_of))
        came = case((seen, literal(1)), else_=literal(0))
        counted = [func.count().label("rows")]
        return self._grouped(base, counted, [days.label("days"), came.label("came_back")])

    def _labels(self) -> list[str]:
        return [*self.question.split, *([TIME] if self.times.timed else [])]

    def _regrouped(self, inner: Select[Any], amounts: Sequence[Any]) -> Select[Any]:
        """`inner`, grouped once more by the split alone; `amounts` take the subquery."""
        sub = inner.subquery("grouped")
        labels = [sub.c[name] for name in self._labels()]
        regrouped = select(*labels, *[amount(sub) for amount in amounts]).group_by(*labels)
        return regrouped.select_from(sub)  # without a split nothing else may name it

    def _grouped(
        self, base: _Base, amounts: Sequence[ColumnElement[Any]], more: Sequence[ColumnElement[Any]] = ()
    ) -> Select[Any]:
        labels: list[ColumnElement[Any]] = [base.member(split).label(split.key) for split in self.splits]
        if base.label is not None:
            labels.append(base.label.label(TIME))
        labels += more
        grouped = select(*labels, *amounts).select_from(*base.read).where(*base.where)
        # spelled out again, since an engine may resolve a label to a column of the same name
        return grouped.group_by(*[getattr(label, "element", label) for label in labels])

    def _restrict(self, base: _Base) -> None:
        for cut, members in self.filters:
            base.where.append(base.member(cut).in_(members))
        allowed = self.question.scope.districts
        if allowed is not None:
            base.where.append(base.member(dimension("district")).in_(allowed))

    def _bucket(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        grain = self.times.grain
        if grain is None or grain is Grain.DAY:
            return day
        return _BUCKETS[grain](day)


def _amount(base: _Base, measure: Measure, stored: bool) -> ColumnElement[Any]:
    if isinstance(measure, Stock) or measure.known is None:
        plain: ColumnElement[Any] = base.source.c[measure.column] if stored else measure.amount()
        return plain
    columns = base.source.c
    if stored and _KNOWN_BY in columns:  # summed by day already, and what lies within too
        return case((columns[_KNOWN_BY] <= base.as_of, columns[measure.key]), else_=literal(0))
    amount = columns[measure.column] if stored else measure.amount()
    known = columns[measure.known.name]
    told = [known <= base.as_of]
    if measure.within is not None:
        told.append(days_between(columns[measure.clock.name], known) <= measure.within)
    return case((and_(*told), amount), else_=literal(0))
