"""The content of one bulletin 简报: computed once from a version, an as-of date and the policy, then frozen.

The same three give the same bytes (`canonical`), in every process and whatever is loaded later: a version
does not change, and the as-of date decides what was known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from queries.answer import Answer
from queries.city_index import CityIndex, ask_index
from queries.editions import GRAINS, Edition, Kind
from queries.errors import BadEdition
from queries.execute import Warehouse
from queries.facts import SAID, facts
from queries.insights.bulletin_lists import BulletinPolicy, Lists, OverdueRule, Standing, red_and_black
from queries.insights.index import CITY_ROW, IndexPolicy
from queries.insights.key_points import KeyPoint, key_points
from queries.insights.ranking import ranked
from queries.issued import Line, Row, definitions, fingerprint, leaves, line_of, plain, side, written
from queries.metrics import metric as metric_of
from queries.policies import INDEX_KEY, in_force
from queries.question import Filter, Question
from queries.vocabulary import Compare, Direction, Grain, Period, Text, bucket_start

VOLUME = "cases_registered"
SPOKEN_WEEKS = 12  # of the repeat share, for how long it has risen or fallen
_HELD = (VOLUME, "backlog_assigned", "major_issues_listed")


@dataclass(frozen=True)
class Entry:
    """A district in a ranked measure; `before` is its value in the period before, for the index weeks ago."""

    region: int
    name: Text
    group: str
    value: float
    numerator: float
    denominator: float
    volume: float
    before: float
    rank: int | None
    rank_before: int | None


@dataclass(frozen=True)
class League:
    """The districts in one measure, in the order to print them: group by group, by rank, unranked last."""

    measure: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Roll:
    """The red and the black list of one metric."""

    metric: str
    groups: tuple[Lists, ...]


@dataclass(frozen=True)
class Undone:
    """One who left things undone: `late` is the denominator less the numerator."""

    name: Text
    late: float
    numerator: float
    denominator: float


@dataclass(frozen=True)
class Overdue:
    """Those who left most undone, most first.

    Nobody is named for a number with a random step in it: who may not be told the exact ones reads those of
    the own districts' items, or none.
    """

    metric: str
    split: str
    rows: tuple[Undone, ...]


@dataclass(frozen=True)
class Bulletin:
    """All that a bulletin says, before words and layout.

    `holds` are counts of what the version holds up to the as-of date, by metric: what arrives late shows in
    them. `policy` are the values in force that the content follows, by dotted name.
    """

    edition: Edition
    as_of: date
    city: Text
    version: str
    is_demo: bool
    policy_version: str
    index_version: str
    index_weeks: int
    policy: Mapping[str, str]
    holds: Mapping[str, float]
    points: tuple[KeyPoint, ...]
    lines: tuple[Line, ...]
    leagues: tuple[League, ...]
    rolls: tuple[Roll, ...]
    overdue: tuple[Overdue, ...]
    notes: tuple[Text, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the policy values, the first 12 digits."""
        return fingerprint(self.policy)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of every metric that appears, each once, in the order of appearance."""
        keys = [
            *(one.metric for one in self.lines),
            *(one.measure for one in self.leagues if one.measure != INDEX_KEY),
            *(one.metric for one in self.overdue),
        ]
        return tuple(dict.fromkeys(keys))


def bulletin(
    warehouse: Warehouse,
    edition: Edition,
    as_of: date,
    policies: Sequence[BulletinPolicy],
    index_policies: Sequence[IndexPolicy],
) -> Bulletin:
    """The bulletin of an edition as known on `as_of`.

    Weeks compare with the same ISO week last year and the week before, months and quarters with those of last
    year and the ones before. Raises BadEdition where the data do not hold the whole period, and what
    `Warehouse.ask` raises.
    """
    _require(warehouse, edition, as_of)
    return _Asker(warehouse, edition, as_of, in_force(policies, as_of), index_policies).made()


def canonical(one: Bulletin) -> bytes:
    """The bulletin as JSON in UTF-8 that is the same for the same content: sorted, 12 significant digits."""
    told = {
        "number": one.edition.number,
        "period": one.edition.key,
        "fingerprint": one.fingerprint,
        **{field.name: getattr(one, field.name) for field in fields(one)},
    }
    return written(told)


def policy_values(
    policy: BulletinPolicy, index: Sequence[IndexPolicy], metrics: Sequence[str]
) -> dict[str, str]:
    """Every value that decides the content, by dotted name: policies in force, definitions of metrics."""
    found = leaves("bulletin", plain(asdict(policy)))
    for one in index:
        found |= leaves(f"index[{one.version}]", plain(asdict(one)))
    return found | definitions(metrics)


def _require(warehouse: Warehouse, edition: Edition, as_of: date) -> None:
    period, info = edition.period, warehouse.info
    if period.end > info.as_of:
        raise BadEdition(
            f"{edition.key} is not over in the data, which end on {info.as_of}; name an earlier period."
        )
    if period.start < info.data_from:
        raise BadEdition(f"{edition.key} begins before the data ({info.data_from}); name a later period.")
    if not period.end <= as_of <= info.as_of:
        raise BadEdition(
            f"{edition.key} as of {as_of} cannot be told: choose a day from {period.end}, its end, to "
            f"{info.as_of}, the end of the data."
        )


class _Asker:
    """Turns an edition into few questions and their answers into the content."""

    def __init__(
        self,
        warehouse: Warehouse,
        edition: Edition,
        as_of: date,
        policy: BulletinPolicy,
        index_policies: Sequence[IndexPolicy],
    ) -> None:
        self.warehouse = warehouse
        self.edition = edition
        self.as_of = as_of
        self.policy = policy
        self.index_policies = index_policies
        # By grain a week compares with the ISO week 52 weeks earlier, as a period with shifted weekdays; what
        # still runs compares with as many days of the one before, as a period with the days before it.
        by_grain = edition.kind is Kind.WEEKLY or not edition.is_over
        self.grain = GRAINS[edition.kind] if by_grain else None

    def made(self) -> Bulletin:
        policy, edition = self.policy, self.edition
        leagues = tuple(one for one in policy.ranked if one != INDEX_KEY)
        total = self._asked(tuple(dict.fromkeys((*policy.city, *SAID))))
        parts = self._asked(tuple(dict.fromkeys((VOLUME, *leagues, *SAID))), ("district",))
        index = ask_index(self.warehouse, self.index_policies, as_of=edition.period.end)
        members = self.warehouse.members("district")
        names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in members.to_dict("records")}
        groups = {int(row["id"]): str(row["peer_group"]) for row in members.to_dict("records")}
        (whole,) = total.frame.to_dict("records")
        city = Text(self.warehouse.city.name_zh, self.warehouse.city.name_en)
        told = facts(city, index, CITY_ROW, whole, parts, names, self._weekly())
        rows = {int(row["district"]): row for row in parts.frame.to_dict("records")}
        found = tuple(
            _index_league(index, names, groups, rows)
            if key == INDEX_KEY
            else _metric_league(key, names, groups, rows)
            for key in policy.ranked
        )
        used = {
            in_force(self.index_policies, on).version: in_force(self.index_policies, on) for on in index.dates
        }
        keys = tuple(dict.fromkeys((*policy.city, *leagues, *(one.metric for one in policy.overdue))))
        return Bulletin(
            edition=edition,
            as_of=self.as_of,
            city=city,
            version=self.warehouse.info.version,
            is_demo=self.warehouse.info.is_demo,
            policy_version=policy.version,
            index_version=index.policy.version,
            index_weeks=index.policy.change_weeks,
            policy=policy_values(policy, tuple(used.values()), keys),
            holds=self._held(),
            points=key_points(told),
            lines=tuple(line_of(key, whole) for key in policy.city),
            leagues=found,
            rolls=tuple(self._roll(one, found) for one in policy.lists),
            overdue=tuple(self._overdue(one) for one in policy.overdue),
            notes=tuple(dict.fromkeys(note.text for note in total.notes)),
        )

    def _asked(self, metrics: tuple[str, ...], split: tuple[str, ...] = ()) -> Answer:
        both = (Compare.YOY, Compare.MOM)
        return self.warehouse.ask(
            Question(metrics, self.edition.period, self.as_of, split, grain=self.grain, compare=both)
        )

    def _weekly(self) -> Answer:
        after = bucket_start(self.edition.period.end + timedelta(days=1), Grain.WEEK)
        weeks = Period(after - timedelta(weeks=SPOKEN_WEEKS), after - timedelta(days=1))
        return self.warehouse.ask(Question(("repeat_share",), weeks, self.as_of, grain=Grain.WEEK))

    def _held(self) -> dict[str, float]:
        ever = Period(self.warehouse.info.data_from, self.as_of)
        (row,) = self.warehouse.ask(Question(_HELD, ever, self.as_of)).frame.to_dict("records")
        return {key: float(row[key]) for key in _HELD}

    def _roll(self, rule: Any, leagues: Sequence[League]) -> Roll:
        entries = next(one.entries for one in leagues if one.measure == rule.metric)
        members = [Standing(one.region, one.group, one.value, one.denominator, one.volume) for one in entries]
        return Roll(rule.metric, red_and_black(members, rule, metric_of(rule.metric).direction))

    def _overdue(self, rule: OverdueRule) -> Overdue:
        question = Question((rule.metric,), self.edition.period, self.as_of, (rule.split,))
        if not self.warehouse.is_exact(question):
            own = self.warehouse.scope.cases
            if not own:
                return Overdue(rule.metric, rule.split, ())
            question = replace(question, filters=(Filter("district", own),))
        answer = self.warehouse.ask(question)
        members = self.warehouse.members(rule.split)
        names = {int(row["id"]): Text(row["name_zh"], row["name_en"]) for row in members.to_dict("records")}
        found = []
        for row in answer.frame.to_dict("records"):
            part, whole = side(row, rule.metric, "numerator"), side(row, rule.metric, "denominator")
            if int(row[rule.split]) in names and whole >= rule.least and whole > part:
                found.append(
                    (int(row[rule.split]), Undone(names[int(row[rule.split])], whole - part, part, whole))
                )
        found.sort(key=lambda item: (-item[1].late, item[1].denominator, item[0]))
        return Overdue(rule.metric, rule.split, tuple(one for _, one in found[: rule.rows]))


def _metric_league(
    key: str, names: Mapping[int, Text], groups: Mapping[int, str], rows: Mapping[int, Row]
) -> League:
    entries = [
        Entry(
            region=region,
            name=name,
            group=groups[region],
            value=_of(rows, region, key),
            numerator=_of(rows, region, f"{key}_numerator"),
            denominator=_of(rows, region, f"{key}_denominator"),
            volume=_of(rows, region, VOLUME, 0.0),
            before=_of(rows, region, f"{key}_mom_base"),
            rank=None,
            rank_before=None,
        )
        for region, name in names.items()
    ]
    volumes_before = [_of(rows, region, f"{VOLUME}_mom_base", 0.0) for region in names]
    return placed(key, entries, volumes_before, metric_of(key).direction)


def _index_league(
    index: CityIndex, names: Mapping[int, Text], groups: Mapping[int, str], rows: Mapping[int, Row]
) -> League:
    volumes = [_of(rows, region, VOLUME, 0.0) for region in names]
    entries = [
        Entry(
            region=region,
            name=name,
            group=groups[region],
            value=index.score(region, index.as_of).value,
            numerator=math.nan,
            denominator=math.nan,
            volume=volume,
            before=index.score(region, index.before).value,
            rank=None,
            rank_before=None,
        )
        for (region, name), volume in zip(names.items(), volumes, strict=True)
    ]
    return placed(INDEX_KEY, entries, volumes, Direction.UP)


def placed(
    measure: str, entries: Sequence[Entry], volumes_before: Sequence[float], direction: Direction
) -> League:
    """The entries in printing order with their ranks now and before; `volumes_before` break earlier ties."""
    groups = pd.Series([one.group for one in entries], dtype=object)

    def ranks(values: list[float], volumes: Sequence[float]) -> pd.Series[int]:
        return ranked(
            pd.Series(values, dtype="float64"), pd.Series(volumes, dtype="float64"), groups, direction
        )

    now = ranks([one.value for one in entries], [one.volume for one in entries])
    before = ranks([one.before for one in entries], volumes_before)
    return League(
        measure,
        tuple(
            Entry(**{**_shallow(entries[at]), "rank": _place(now[at]), "rank_before": _place(before[at])})
            for at in map(int, now.index)
        ),
    )


def _shallow(one: Entry) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _place(rank: Any) -> int | None:
    return None if pd.isna(rank) else int(rank)


def _of(rows: Mapping[int, Row], region: int, column: str, otherwise: float = math.nan) -> float:
    return float(rows[region][column]) if region in rows else otherwise
