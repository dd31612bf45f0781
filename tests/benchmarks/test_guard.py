"""The guard's cost is printed for every kind of request and message."""

import pytest

from benchmarks import guard


def test_a_table_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard.main(["--repeat", "3"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == [
        "a page",
        "a file of the release",
        "a message of 1 KB",
        "a message of 20 KB",
    ]


def test_a_message_is_about_as_large_as_asked() -> None:
    assert 1_000 <= len(guard.frame(1_000)) < 1_200
