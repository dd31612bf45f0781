"""What a record costs is printed, and it is a record like any other."""

from pathlib import Path

import pytest

from benchmarks import records


def test_a_table_comes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert records.main(["--records", "5", "--at", str(tmp_path)]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == [
        "a record, median",
        "a record, 95 of 100",
        "a record on disk",
        "a chain walked",
    ]
    assert list(tmp_path.iterdir()) == []
