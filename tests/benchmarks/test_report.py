"""Medians, percentiles, ratios and the table, by hand."""

import math

from benchmarks import report


def test_percentiles() -> None:
    assert report.p50([3, 1, 2]) == 2
    assert report.p95(list(range(1, 102))) == 96
    assert report.p95([7]) == 7
    assert math.isnan(report.p50([]))
    assert math.isnan(report.p95([]))


def test_ratios_are_printed_as_times() -> None:
    assert report.times(30, 10) == "3.0 ×"
    assert report.times(3_000, 2) == "1,500 ×"
    assert report.times(3, 0) == "–"
    assert report.times(math.nan, 1) == "–"


def test_milliseconds() -> None:
    assert [report.milliseconds(value) for value in (0.04, 9.94, 12.4, 1234.5)] == [
        "0.0",
        "9.9",
        "12",
        "1,234",
    ]


def test_columns_line_up_with_chinese_words() -> None:
    lines = report.table(["一", "ms"], [["概览", "1.5"], ["x", "10"]]).splitlines()
    assert lines == ["| 一   |  ms |", "|------|----:|", "| 概览 | 1.5 |", "| x    |  10 |"]
