"""What the reader of a report on a topic chooses: the category, the districts, the days, the grain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards import filters, numbers
from dashboards.cards import overview as words
from dashboards.cards import stretches
from dashboards.cards.topic import path_text
from queries.execute import Warehouse
from queries.topics import LEVELS, Category, Topic, categories
from queries.vocabulary import Grain, Language, Period, Text, bucket_start

TOPIC = Text("专题（输入字词查找）", "Topic (type to search)")
EVERY_DISTRICT = Text("全市（可选多个区县）", "Whole city (or choose districts)")
GRAIN = Text("时间粒度", "Grain")
FROM, TO = Text("起始日", "From"), Text("终止日", "To")
OWN_DAYS = "days"
# The last unit that is over on the as-of day.
UNITS = {"last_month": Grain.MONTH, "last_quarter": Grain.QUARTER, "last_year": Grain.YEAR}
SPANS = {
    **words.SPANS,
    "last_month": Text("最近整月", "Last whole month"),
    "last_quarter": Text("最近整季", "Last whole quarter"),
    "last_year": Text("最近整年", "Last whole year"),
    OWN_DAYS: Text("自选日期", "Own dates"),
}
CASES = Text("典型案例", "Cases in point")
WITH_CASES: Mapping[str, Text] = {
    "with": Text("附典型案例", "With cases"),
    "without": Text("不附案例", "Without cases"),
}
_SPELLED = "{code} {path}"
_GRAINS = ((31, Grain.DAY), (190, Grain.WEEK))  # up to so many days; longer periods by month
_FOUR_WEEKS = timedelta(days=27)
_SAID = Text("{topic} · {place} · {span} {period}", "{topic} · {place} · {span} {period}")


@dataclass(frozen=True)
class Chosen:
    """A topic with the words for it; `place` names the districts or the city."""

    as_of: date
    topic: Topic
    place: Text
    span: str
    with_cases: bool

    def said(self, now: Language) -> str:
        """The choices in words."""
        return _SAID.in_(now).format(
            topic=path_text(self.topic.category.path, now),
            place=self.place.in_(now),
            span=SPANS[self.span].in_(now),
            period=numbers.period_text(self.topic.period, now),
        )


def choose_topic(warehouse: Warehouse) -> Chosen | None:
    """The filter row; None where the warehouse knows no category."""
    info, known = warehouse.info, categories(warehouse)
    if not known:
        return None
    names = {code: _named(one) for code, one in known.items()}
    code = filters.select("topic", TOPIC, names, _first(known))
    members = warehouse.members("district").to_dict("records")
    districts = {str(row["code"]): Text(row["name_zh"], row["name_en"]) for row in members}
    keys = {str(row["code"]): int(row["id"]) for row in members}
    chosen = filters.several("district", EVERY_DISTRICT, districts)
    as_of = filters.day("as_of", words.AS_OF, words.earliest(info.data_from, info.as_of), info.as_of)
    span = filters.select("span", words.SPAN, SPANS, "4w")
    first = info.data_from
    period = _days(first, as_of) if span == OWN_DAYS else days_of(span, as_of, first)
    grain = Grain(filters.segments("grain", GRAIN, stretches.NAMES, grain_of(period).value))
    cases = filters.segments("cases", CASES, WITH_CASES, "with")
    city = Text(warehouse.city.name_zh, warehouse.city.name_en)
    return Chosen(
        as_of=as_of,
        topic=topic_of(warehouse, known[code], tuple(keys[one] for one in chosen), period, grain),
        place=_joined([districts[one] for one in chosen]) if chosen else city,
        span=span,
        with_cases=cases == "with",
    )


def topic_of(
    warehouse: Warehouse, category: Category, districts: tuple[int, ...], period: Period, grain: Grain
) -> Topic:
    """The topic with the buckets that its trend shows: the whole ones up to the period's end."""
    buckets = stretches.whole(stretches.WIDTHS[grain.value], warehouse.info.data_from, period.end)
    return Topic(category, districts, period, grain, buckets)


def grain_of(period: Period) -> Grain:
    """The grain that suits a period of that length."""
    return next((grain for days, grain in _GRAINS if period.days <= days), Grain.MONTH)


def days_of(span: str, as_of: date, first: date) -> Period:
    """The days that a span of SPANS other than OWN_DAYS means on `as_of`, not before `first`."""
    if span not in UNITS:
        return words.span_period(span, as_of, first)
    end = bucket_start(as_of + timedelta(days=1), UNITS[span]) - timedelta(days=1)
    # where the data know no whole unit yet, what they know of this one
    return Period(max(first, bucket_start(end, UNITS[span])), end if end >= first else as_of)


def _days(first: date, as_of: date) -> Period:
    start = filters.day("from", FROM, first, as_of, max(first, as_of - _FOUR_WEEKS))
    return Period(start, filters.day("to", TO, start, as_of))


def _first(known: Mapping[str, Category]) -> str:
    """The category that a page before was narrowed to, the deepest one; else the first."""
    carried = [code for level in LEVELS if (code := filters.chosen(level, tuple(known), ""))]
    return carried[-1] if carried else next(iter(known))


def _named(one: Category) -> Text:
    zh, en = (_SPELLED.format(code=one.code, path=path_text(one.path, now)) for now in ("zh", "en"))
    return Text(zh, en)


def _joined(names: list[Text]) -> Text:
    return Text("、".join(one.zh for one in names), ", ".join(one.en for one in names))
