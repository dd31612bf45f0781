"""The only file that reads policy TOML; every fault is named with file, key and cure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from queries.case_policy import CasePolicy
from queries.dimensions import DIMENSIONS
from queries.errors import BadPolicy, did_you_mean
from queries.insights.bulletin_lists import BulletinPolicy, ListRule, OverdueRule
from queries.insights.hot_spots import HotSpotPolicy
from queries.insights.index import Aggregation, Aim, IndexPolicy, Indicator, Reading
from queries.insights.major_issues import Component, IssuePolicy, Stage
from queries.insights.suppression import PrivacyPolicy
from queries.metrics import CATALOG
from queries.roles import CaseRight, Role, Roles
from queries.vocabulary import Direction, Measurement, Text

POLICY = Path(__file__).resolve().parent / "policy"
INDEX_KEY = "index"  # stands for the index where metrics are named


class _Dated(Protocol):
    """A version of a policy."""

    @property
    def version(self) -> str:
        """Its name."""

    @property
    def in_force_from(self) -> date:
        """Its first day."""


Version = TypeVar("Version", bound=_Dated)


@dataclass(frozen=True)
class Table:
    """One TOML table with the place it stands at, so that every fault names file and key.

    Every reading raises BadPolicy for a value that is missing or not what is asked for.
    """

    values: Mapping[str, Any]
    file: Path
    place: str

    def fault(self, key: str, allowed: str) -> BadPolicy:
        """The error that says what `key` holds and what is `allowed`."""
        found = repr(self.values[key]) if key in self.values else "nothing"
        return BadPolicy(f"{self.file.name}: {self.place}{key} is {found}; write {allowed}.")

    def only(self, *known: str) -> None:
        """Refuses keys other than `known`."""
        for key in self.values:
            if key not in known:
                hint = did_you_mean(key, known)
                raise BadPolicy(f"{self.file.name}: {self.place}{key} is not a known key; {hint}")

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number from `low` to `high`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.fault(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fault(key, f"a whole number from {low} to {high}")
        return value

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "a text that is not empty")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of the `allowed` words."""
        value = self.values.get(key)
        if value not in allowed:
            raise self.fault(key, "one of " + ", ".join(allowed))
        return str(value)

    def yes_or_no(self, key: str) -> bool:
        """True or false, nothing that counts as one of them."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.fault(key, "true or false")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, each standing once; it may be empty, which means none."""
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.fault(key, 'a list of texts such as ["a", "b"]')
        if len(set(value)) != len(value):
            raise self.fault(key, "each of them once")
        return tuple(value)

    def day(self, key: str) -> date:
        """A date."""
        value = self.values.get(key)
        if type(value) is not date:
            raise self.fault(key, "a date such as 2026-01-01, without quotes")
        return value

    def table(self, key: str) -> Table:
        """The table below this one."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.fault(key, f"a table [{self.place}{key}]")
        return Table(value, self.file, f"{self.place}{key}.")

    def tables(self, key: str) -> tuple[Table, ...]:
        """The list of tables below this one, at least one."""
        value = self.values.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
            raise self.fault(key, f"at least one [[{self.place}{key}]]")
        return tuple(Table(one, self.file, f"{self.place}{key}[{n}].") for n, one in enumerate(value, 1))


def read_index(file: Path = POLICY / "index.toml") -> tuple[IndexPolicy, ...]:
    """Every version of the index policy, oldest first; raises BadPolicy naming file, key and cure."""
    return _versions(file, _index_version)


def read_major_issues(file: Path = POLICY / "major_issues.toml") -> tuple[IssuePolicy, ...]:
    """Every version of the major-issue policy, oldest first; raises BadPolicy naming file, key and cure."""
    return _versions(file, _issue_version)


def read_hot_spots(file: Path = POLICY / "hot_spots.toml") -> HotSpotPolicy:
    """What of the hot-spot map is a choice; raises BadPolicy naming file, key and cure."""
    table = read_table(file)
    table.only(*HotSpotPolicy.__dataclass_fields__)
    return HotSpotPolicy(
        rings=table.whole("rings", 1, 5),
        reference_weeks=table.whole("reference_weeks", 4, 156),
        least_reference_weeks=table.whole("least_reference_weeks", 4, 156),
        significance=table.number("significance", 0.001, 0.2),
        hot_share=table.number("hot_share", 0.5, 1),
        trend_significance=table.number("trend_significance", 0.001, 0.2),
        least_shown=table.whole("least_shown", 1, 100),
        shuffles=table.whole("shuffles", 9, 9999),
        seed=table.whole("seed", 0, 2**63 - 1),
    )


def read_bulletin(file: Path = POLICY / "bulletin.toml") -> tuple[BulletinPolicy, ...]:
    """Every version of the bulletin's policy, oldest first; raises BadPolicy naming file, key and cure."""
    return _versions(file, _bulletin_version)


def read_privacy(file: Path = POLICY / "privacy.toml") -> PrivacyPolicy:
    """How finely cut counts are told; raises BadPolicy naming file, key and cure."""
    table = read_table(file)
    table.only("base", "least_whole", "published")
    for one in table.words("published"):
        if one not in DIMENSIONS:
            raise table.fault("published", f"keys of dimensions ({one!r}: {did_you_mean(one, DIMENSIONS)})")
    base, least_whole = table.whole("base", 2, 100), table.whole("least_whole", 1, 10_000)
    return PrivacyPolicy(base, frozenset(table.words("published")), least_whole)


def read_roles(file: Path = POLICY / "roles.toml") -> Roles:
    """Who may see what; raises BadPolicy naming file, key and cure."""
    root = read_table(file)
    root.only("role", "boards")
    roles = tuple(_role(table) for table in root.tables("role"))
    _unique(root, [one.key for one in roles], "role key")
    by_key = {one.key: one for one in roles}
    boards = root.table("boards")
    opened = {board: boards.words(board) for board in boards.values}
    for board, keys in opened.items():
        if stranger := next((key for key in keys if key not in by_key), None):
            raise boards.fault(board, f"roles of this file ({stranger!r}: {did_you_mean(stranger, by_key)})")
    return Roles(by_key, {board: frozenset(keys) for board, keys in opened.items()})


def read_case_policy(file: Path = POLICY / "cases.toml") -> CasePolicy:
    """For what an item may be opened, and who supervises; raises BadPolicy naming file, key and cure."""
    root = read_table(file)
    root.only("purpose", "supervising", "answering", "answer_days", "longest_days")
    purposes = root.tables("purpose")
    for one in purposes:
        one.only("key", "name_zh", "name_en")
    _unique(root, [one.text("key") for one in purposes], "purpose key")
    longest = root.whole("longest_days", 1, 365)
    return CasePolicy(
        purposes={one.text("key"): Text(one.text("name_zh"), one.text("name_en")) for one in purposes},
        supervising=root.words("supervising"),
        answering=root.words("answering"),
        answer_days=root.whole("answer_days", 1, longest),
        longest_days=longest,
    )


def _versions(file: Path, read: Callable[[Table], Version]) -> tuple[Version, ...]:
    """Every version that a file holds, oldest first."""
    root = read_table(file)
    root.only("version")
    versions = tuple(read(table) for table in root.tables("version"))
    _unique(root, [one.version for one in versions], "version")
    return tuple(sorted(versions, key=lambda one: one.in_force_from))


def in_force(versions: Sequence[Version], on: date) -> Version:
    """The version in force on a day: the last one that began by then, or the first for days before all."""
    begun = [one for one in versions if one.in_force_from <= on]
    return begun[-1] if begun else versions[0]


def read_table(file: Path) -> Table:
    """The whole of a TOML file; raises BadPolicy when it is missing or is no TOML."""
    try:
        return Table(tomllib.loads(file.read_text(encoding="utf-8")), file, "")
    except FileNotFoundError as error:
        raise BadPolicy(f"{file} is missing; put the policy file back.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{file.name} is not valid TOML in UTF-8 ({error}); correct that line.") from error


def _unique(table: Table, keys: Sequence[str], what: str) -> None:
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise BadPolicy(f"{table.file.name}: {table.place}{what} {twice!r} stands twice; rename one.")


def _index_version(table: Table) -> IndexPolicy:
    table.only(
        "version", "in_force_from", "aggregation", "change_weeks", "least_share", "rank_interval", "aim"
    )
    interval = table.table("rank_interval")
    interval.only("draws", "seed", "weight_spread", "coverage")
    aims = tuple(_aim(one) for one in table.tables("aim"))
    _unique(table, [one.key for one in aims], "aim key")
    _unique(table, [i.key for one in aims for i in one.indicators], "indicator key")
    return IndexPolicy(
        version=table.text("version"),
        in_force_from=table.day("in_force_from"),
        aggregation=Aggregation(table.one_of("aggregation", list(Aggregation))),
        change_weeks=table.whole("change_weeks", 1, 52),
        least_share=table.number("least_share", 0, 1),
        draws=interval.whole("draws", 100, 100_000),
        seed=interval.whole("seed", 0, 2**63 - 1),
        weight_spread=interval.number("weight_spread", 0, 0.9),
        coverage=interval.number("coverage", 0.5, 0.999),
        aims=aims,
    )


def _issue_version(table: Table) -> IssuePolicy:
    table.only(
        "version",
        "in_force_from",
        "watch_days",
        "consultation_weeks",
        "stages_behind_for_zero",
        "late_strike_off",
        "reopened_stage",
        "weights",
        "severity",
    )
    weights, severity = table.table("weights"), table.table("severity")
    weights.only(*Component)
    severity.only("1", "2", "3")
    return IssuePolicy(
        version=table.text("version"),
        in_force_from=table.day("in_force_from"),
        watch_days=table.whole("watch_days", 1, 3660),
        consultation_weeks=table.whole("consultation_weeks", 1, 52),
        stages_behind_for_zero=table.whole("stages_behind_for_zero", 1, len(Stage) - 1),
        late_strike_off=table.number("late_strike_off", 0, 1),
        reopened_stage=Stage(table.whole("reopened_stage", Stage.SURVEY, Stage.ACCEPTANCE)),
        weights={one: weights.number(one, 0.01, 1000) for one in Component},
        severity={level: severity.number(str(level), 0.01, 1000) for level in (1, 2, 3)},
    )


def _bulletin_version(table: Table) -> BulletinPolicy:
    table.only("version", "in_force_from", "city", "ranked", "list", "overdue")
    city, leagues = table.words("city"), table.words("ranked")
    for key, names in (("city", city), ("ranked", leagues)):
        if stranger := next((one for one in names if one not in CATALOG and one != INDEX_KEY), None):
            raise table.fault(key, f"keys of the metric catalogue ({did_you_mean(stranger, CATALOG)})")
    if INDEX_KEY in city:
        raise table.fault("city", f"keys of the metric catalogue; {INDEX_KEY!r} belongs under ranked")
    if drifting := next((one for one in leagues if one != INDEX_KEY and not _has_order(one)), None):
        raise table.fault("ranked", f"metrics with a good direction, which {drifting!r} has not")
    return BulletinPolicy(
        version=table.text("version"),
        in_force_from=table.day("in_force_from"),
        city=city,
        ranked=leagues,
        lists=tuple(_list_rule(one, leagues) for one in table.tables("list")),
        overdue=tuple(_overdue_rule(one) for one in table.tables("overdue")),
    )


def _list_rule(table: Table, leagues: Sequence[str]) -> ListRule:
    table.only("metric", "red", "black", "least", "spared_from")
    return ListRule(
        metric=table.one_of("metric", [one for one in leagues if one != INDEX_KEY]),
        red=table.whole("red", 0, 20),
        black=table.whole("black", 0, 20),
        least=table.whole("least", 1, 1_000_000),
        spared_from=table.number("spared_from", -1e9, 1e9) if "spared_from" in table.values else None,
    )


def _overdue_rule(table: Table) -> OverdueRule:
    table.only("metric", "split", "rows", "least")
    shares = [key for key, one in CATALOG.items() if one.measurement is Measurement.SHARE and _has_order(key)]
    return OverdueRule(
        metric=table.one_of("metric", shares),
        split=table.one_of("split", [key for key, one in DIMENSIONS.items() if one.members is not None]),
        rows=table.whole("rows", 1, 50),
        least=table.whole("least", 1, 1_000_000),
    )


def _has_order(key: str) -> bool:
    return CATALOG[key].direction is not Direction.NEITHER


def _role(table: Table) -> Role:
    table.only("key", "name_zh", "name_en", "cases", "exports", "smallest")
    cases = CaseRight(table.one_of("cases", list(CaseRight)))
    if cases is CaseRight.CITY and "smallest" in table.values:
        raise table.fault("smallest", 'nothing: with cases = "city" no number is hidden')
    return Role(
        key=table.text("key"),
        name=Text(table.text("name_zh"), table.text("name_en")),
        cases=cases,
        exports=table.yes_or_no("exports"),
        smallest=1 if cases is CaseRight.CITY else table.whole("smallest", 3, 1000),
    )


def _aim(table: Table) -> Aim:
    table.only("key", "name_zh", "name_en", "weight", "indicator")
    return Aim(
        key=table.text("key"),
        name=Text(table.text("name_zh"), table.text("name_en")),
        weight=_weight(table),
        indicators=tuple(_indicator(one) for one in table.tables("indicator")),
    )


def _indicator(table: Table) -> Indicator:
    known = (
        "key",
        "name_zh",
        "name_en",
        "metric",
        "reading",
        "window_days",
        "lag_days",
        "floor",
        "target",
        "weight",
    )
    table.only(*known)
    metric = table.text("metric")
    if metric not in CATALOG:
        raise table.fault("metric", f"a key of the metric catalogue ({did_you_mean(metric, CATALOG)})")
    floor, target = table.number("floor", -1e9, 1e9), table.number("target", -1e9, 1e9)
    if floor == target:
        raise table.fault("target", f"a number other than floor ({floor:g})")
    named = "name_zh" in table.values or "name_en" in table.values
    return Indicator(
        key=table.text("key"),
        name=Text(table.text("name_zh"), table.text("name_en")) if named else CATALOG[metric].name,
        metric=metric,
        reading=Reading(table.one_of("reading", list(Reading))),
        window_days=table.whole("window_days", 1, 3660),
        lag_days=table.whole("lag_days", 0, 3660, 0),
        floor=floor,
        target=target,
        weight=_weight(table),
    )


def _weight(table: Table) -> float:
    weight = table.number("weight", 0, 1000)
    if weight == 0:
        raise table.fault("weight", "a number above 0, or leave the entry out")
    return weight


Reader = Callable[[Path], object]
POLICIES: Mapping[str, Reader] = {
    "index.toml": read_index,
    "major_issues.toml": read_major_issues,
    "hot_spots.toml": read_hot_spots,
    "privacy.toml": read_privacy,
    "roles.toml": read_roles,
    "bulletin.toml": read_bulletin,
    "cases.toml": read_case_policy,
}


def check_all(folder: Path = POLICY) -> None:
    """Reads every policy file, so that a fault stops the start and not a page; raises BadPolicy."""
    for name, reader in POLICIES.items():
        reader(folder / name)
