"""Deadlines, each worked by hand on a calendar."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from warehouse.deadlines import LIMITS, read_profiles
from warehouse.errors import WarehouseError


def due(
    profile: str, registered: str, accepted: str = "", *, urgency: int = 1, extended: bool = False
) -> tuple[str, ...]:
    """The three deadlines of one item as texts, '' where there is none."""
    item = pd.DataFrame(
        {
            "registered_at": pd.to_datetime([registered]).astype("datetime64[us]"),
            "accepted_at": pd.to_datetime([accepted]).astype("datetime64[us]"),
            "urgency": [urgency],
            "is_extended": [extended],
        }
    )
    row = read_profiles()[profile].due(item).iloc[0]
    return tuple("" if pd.isna(row[f"{key}_due_at"]) else str(row[f"{key}_due_at"]) for key in LIMITS)


def test_every_profile_of_the_dictionary_is_there() -> None:
    assert set(read_profiles()) == {"national_2022", "zhejiang_2016", "shanghai_1_4_20", "hotline"}


def test_national_limits_end_with_the_last_day() -> None:
    # 10 March + 15 = 25 March; 12 March + 60: 19 left in March, 30 April, 11 May.
    assert due("national_2022", "2026-03-10 09:30", "2026-03-12 16:00") == (
        "2026-03-25 23:59:59",
        "2026-03-25 23:59:59",
        "2026-05-11 23:59:59",
    )


def test_an_extension_adds_thirty_days_and_no_more() -> None:
    # 11 May + 30: 20 left in May, 10 June.
    assert due("national_2022", "2026-03-10", "2026-03-12", extended=True)[2] == "2026-06-10 23:59:59"


def test_an_item_never_accepted_is_due_as_if_accepted_on_the_last_day() -> None:
    # accepted at the latest on 25 March; + 60: 6 left in March, 30 April, 24 May.
    assert due("national_2022", "2026-03-10")[2] == "2026-05-24 23:59:59"


def test_working_days_leave_out_the_national_day_week_of_2025() -> None:
    # Monday 29 September. Working: 30 September; 1 to 8 October is free; 9, 10 October; Saturday 11 October
    # is a make-up working day; Monday 13 October is the fifth.
    assert due("zhejiang_2016", "2025-09-29 23:59")[0] == "2025-10-13 23:59:59"


def test_working_days_count_a_make_up_sunday() -> None:
    # Friday 26 September 2025; Sunday 28 is a make-up working day (1), 29 (2), 30 (3), 9 October (4), 10 (5).
    assert due("zhejiang_2016", "2025-09-26 08:00")[0] == "2025-10-10 23:59:59"


def test_an_item_that_comes_on_a_free_day_counts_from_the_next_working_day() -> None:
    # Saturday 4 October 2025, free until the 8th: 9 (1), 10 (2), 11 (3), 13 (4), 14 (5).
    assert due("zhejiang_2016", "2025-10-04 12:00")[0] == "2025-10-14 23:59:59"


def test_working_days_run_over_the_turn_of_the_year() -> None:
    # Monday 29 December 2025: 30 (1), 31 (2), 1 to 3 January 2026 free, Sunday 4 make-up (3), 5 (4), 6 (5).
    assert due("zhejiang_2016", "2025-12-29")[0] == "2026-01-06 23:59:59"


def test_zhejiang_reply_runs_thirty_calendar_days_from_acceptance() -> None:
    assert due("zhejiang_2016", "2026-04-01", "2026-04-03")[2] == "2026-05-03 23:59:59"
    assert due("zhejiang_2016", "2026-04-01", "2026-04-03", extended=True)[2] == "2026-07-02 23:59:59"


def test_shanghai_counts_all_from_registration() -> None:
    assert due("shanghai_1_4_20", "2026-02-27 10:00", "2026-03-20") == (
        "2026-03-03 23:59:59",
        "2026-03-03 23:59:59",
        "2026-03-19 23:59:59",
    )


@pytest.mark.parametrize(
    ("urgency", "expected"),
    [(1, "2026-03-11 09:30:00"), (2, "2026-03-10 17:30:00"), (3, "2026-03-10 11:30:00")],
)
def test_hotline_hours_depend_on_urgency(urgency: int, expected: str) -> None:
    assert due("hotline", "2026-03-10 09:30", urgency=urgency) == (expected, "", "")


def test_rows_keep_their_order_and_index() -> None:
    items = pd.DataFrame(
        {
            "registered_at": pd.to_datetime(["2026-03-10", "2025-09-29"]).astype("datetime64[us]"),
            "accepted_at": pd.to_datetime(["", ""]).astype("datetime64[us]"),
            "urgency": [1, 1],
            "is_extended": [False, False],
        },
        index=[7, 3],
    )
    accept = read_profiles()["zhejiang_2016"].due(items)["accept_due_at"]
    assert accept.index.to_list() == [7, 3]
    assert accept.dt.strftime("%Y-%m-%d").to_list() == ["2026-03-17", "2025-10-13"]


GOOD = {
    "name_zh": '"甲"',
    "name_en": '"A"',
    "source": '"s"',
    "accept": '{ after = "registered", count = 1, unit = "hours" }',
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"acept": "1"}, "unknown key 'acept'"),
        ({"name_zh": "1"}, "name_zh must be a text"),
        ({"accept": "3"}, "accept must be a table"),
        ({"accept": '{ after = "x", count = 1, unit = "hours" }'}, r"accept\.after is 'x'"),
        ({"accept": '{ after = "registered", count = 1, unit = "days" }'}, r"accept\.unit is 'days'"),
        ({"accept": '{ after = "registered", count = 0, unit = "hours" }'}, r"accept\.count is 0"),
        (
            {"accept": '{ after = "accepted", count = 1, unit = "hours" }'},
            "accept cannot run from acceptance",
        ),
        (
            {"accept": '{ after = "registered", count = 1, unit = "hours", urgency = { 9 = 1 } }'},
            "unknown key '9'; allowed: 1, 2, 3",
        ),
    ],
)
def test_a_faulty_policy_names_file_profile_and_key(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    path = tmp_path / "deadlines.toml"
    path.write_text("[some]\n" + "\n".join(f"{key} = {value}" for key, value in (GOOD | changed).items()))
    with pytest.raises(WarehouseError, match=rf"deadlines\.toml: \[some\].*{said}"):
        read_profiles(path)


def test_a_policy_that_is_no_toml_is_said(tmp_path: Path) -> None:
    path = tmp_path / "deadlines.toml"
    path.write_text("[some\n")
    with pytest.raises(WarehouseError, match=r"deadlines\.toml cannot be read as TOML"):
        read_profiles(path)
