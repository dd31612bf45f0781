"""A wrong policy file is one sentence that names file, key and what is allowed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from queries.errors import BadPolicy
from queries.insights.suppression import PrivacyPolicy
from queries.metrics import CATALOG
from queries.policies import (
    POLICIES,
    POLICY,
    check_all,
    in_force,
    read_bulletin,
    read_hot_spots,
    read_index,
    read_major_issues,
    read_privacy,
)
from warehouse.measures import ISSUE_WATCH_DAYS

SHIPPED = (POLICY / "index.toml").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    """The shipped index policy with the first `old` replaced by `new`."""
    assert old in SHIPPED, f"{old!r} is no longer in index.toml"
    file = folder / "index.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return file


def test_the_shipped_policies_are_valid() -> None:
    check_all()
    assert {path.name for path in POLICY.glob("*.toml")} == set(POLICIES), "a policy file nobody reads"


def test_the_six_aims_in_their_published_order() -> None:
    (version,) = read_index()
    assert [aim.name.zh for aim in version.aims] == [
        "重大活动安",
        "诉求总量降",
        "越级走访少",
        "库存积案清",
        "初次化解升",
        "民声呼应好",
    ]
    assert all(one.metric in CATALOG for one in version.indicators)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'metric = "sensitive_visits"',
            'metric = "sensitive_visit"',
            ("aim[1].indicator[1].metric", "sensitive_visits"),
        ),
        ('reading = "yoy"', 'reading = "yearly"', ("indicator[1].reading", "'yearly'", "level, yoy")),
        ("floor = 2.0", 'floor = "two"', ("version[1].aim[1].indicator[1].floor", "a number from")),
        ("floor = 2.0", "floor = 0.5", ("target", "other than floor")),
        ("weight = 2.0", "weight = 0", ("weight", "above 0")),
        ("weight = 2.0", "wieght = 2.0", ("wieght", "did you mean weight")),
        ("in_force_from = 2020-01-01", 'in_force_from = "2020-01-01"', ("in_force_from", "a date such as")),
        ("draws = 1000", "draws = 10", ("rank_interval.draws", "100")),
        ('aggregation = "arithmetic"', 'aggregation = "mean"', ("aggregation", "arithmetic, geometric")),
        ('key = "volume_down"', 'key = "safe_events"', ("aim key 'safe_events' stands twice",)),
        ('key = "high_risk_at_event"', 'key = "event_visits_ratio"', ("indicator key", "stands twice")),
        ('name_zh = "诉求总量降"', 'name_zh = ""', ("name_zh", "not empty")),
        ("[version.rank_interval]", "[version.rank]", ("rank is not a known key",)),
        ("[[version]]", "[[version", ("not valid TOML", "correct that line")),
    ],
)
def test_a_wrong_policy_names_file_key_and_cure(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    with pytest.raises(BadPolicy) as caught:
        read_index(changed(tmp_path, old, new))
    message = str(caught.value)
    assert message.startswith("index.toml"), message
    assert "\n" not in message
    for words in said:
        assert words in message


def test_a_missing_policy_file_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"index\.toml is missing"):
        check_all(tmp_path)


def test_a_new_version_takes_over_on_its_day(tmp_path: Path) -> None:
    newer = SHIPPED[SHIPPED.index("[[version]]") :].replace('"2026.1"', '"2026.2"')
    newer = newer.replace("in_force_from = 2020-01-01", "in_force_from = 2026-07-01")
    file = tmp_path / "index.toml"
    file.write_text(newer + "\n" + SHIPPED, encoding="utf-8")
    versions = read_index(file)
    assert [one.version for one in versions] == ["2026.1", "2026.2"]
    assert in_force(versions, date(2026, 6, 30)).version == "2026.1"
    assert in_force(versions, date(2026, 7, 1)).version == "2026.2"
    assert in_force(versions, date(2019, 1, 1)).version == "2026.1"


def test_the_watch_period_of_the_policy_is_that_of_the_metrics() -> None:
    (version,) = read_major_issues()
    assert version.watch_days == ISSUE_WATCH_DAYS
    assert sum(version.weights.values()) == 100


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stage = 30.0", "stage = 0", ("version[1].weights.stage is 0", "0.01 to 1000")),
        ("stage = 30.0", "stages = 30.0", ("weights.stages is not a known key", "did you mean stage")),
        ("clears = 20.0", "", ("weights.clears is nothing", "a number")),
        ("3 = 3.0", "4 = 3.0", ("severity.4 is not a known key",)),
        ("3 = 3.0", '3 = "high"', ("severity.3 is 'high'", "a number")),
        ("watch_days = 180", "watch_days = 0", ("version[1].watch_days", "a whole number from 1")),
        ("late_strike_off = 0.5", "late_strike_off = 50", ("late_strike_off is 50", "from 0 to 1")),
        ("reopened_stage = 3", "reopened_stage = 6", ("reopened_stage is 6", "from 1 to 5")),
        ("stages_behind_for_zero = 3", "stages_behind_for_zero = 9", ("stages_behind_for_zero", "1 to 5")),
        ("[version.severity]", "[version.grave]", ("grave is not a known key",)),
    ],
)
def test_a_wrong_major_issue_policy_names_file_key_and_cure(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    shipped = (POLICY / "major_issues.toml").read_text(encoding="utf-8")
    assert old in shipped
    file = tmp_path / "major_issues.toml"
    file.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy) as caught:
        read_major_issues(file)
    message = str(caught.value)
    assert message.startswith("major_issues.toml: "), message
    for words in said:
        assert words in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rings = 1 ", "rings = 0 ", "rings is 0; write a whole number from 1 to 5"),
        ("significance = 0.05", "significance = 5", "significance is 5; write a number from 0.001 to 0.2"),
        ("hot_share", "hot_shares", "hot_shares is not a known key; did you mean hot_share"),
    ],
)
def test_a_wrong_hot_spot_policy_names_key_and_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    shipped = (POLICY / "hot_spots.toml").read_text(encoding="utf-8")
    assert old in shipped
    file = tmp_path / "hot_spots.toml"
    file.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy, match=said):
        read_hot_spots(file)


BULLETIN = (POLICY / "bulletin.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"replied_on_time", "accepted',
            '"replied_onetime", "accepted',
            ("version[1].ranked", "did you mean"),
        ),
        ('"cases_registered",', '"index",', ("version[1].city", "belongs under ranked")),
        ('"index", "replied', '"backlog_assigned", "replied', ("version[1].ranked", "a good direction")),
        ('"index", "replied', '"index", "index", "replied', ("version[1].ranked", "once")),
        ("red = 2", "red = -1", ("version[1].list[1].red", "0 to 20")),
        ("least = 30", "lest = 30", ("version[1].list[1].lest", "did you mean least")),
        ("spared_from = 0.98", 'spared_from = "no"', ("version[1].list[1].spared_from", "a number")),
        ('metric = "repeat_share"', 'metric = "closed_share"', ("version[1].list[3].metric", "one of")),
        ('split = "unit"', 'split = "petition"', ("version[1].overdue[1].split", "one of")),
    ],
)
def test_a_wrong_bulletin_policy_names_file_key_and_cure(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    assert old in BULLETIN
    file = tmp_path / "bulletin.toml"
    file.write_text(BULLETIN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPolicy, match=r"^bulletin\.toml: ") as caught:
        read_bulletin(file)
    for words in said:
        assert words in str(caught.value)


def test_what_bulletins_print_is_exact_for_everyone() -> None:
    places, work = {"district", "peer_group", "list_level"}, {"backlog_age", "case_clock", "stage"}
    assert read_privacy() == PrivacyPolicy(5, frozenset(places | work), 100)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('base = 1\npublished = ["district"]', ("base is 1", "2 to 100")),
        ('base = 5\npublished = ["distrct"]', ("published", "did you mean district")),
        ("base = 5\npublished = 3", ("published is 3", "a list of texts")),
        ("base = 5\npublished = []\nsmall = 1", ("small is not a known key",)),
    ],
)
def test_a_wrong_privacy_policy_names_file_key_and_cure(
    tmp_path: Path, written: str, said: tuple[str, ...]
) -> None:
    file = tmp_path / "privacy.toml"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(BadPolicy, match=r"^privacy\.toml: ") as caught:
        read_privacy(file)
    for words in said:
        assert words in str(caught.value)
