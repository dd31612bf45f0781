"""The ingest benchmark: its file is the same twice, its account adds up, and a bound not kept is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import ingest, report

FOUND: dict[str, Any] = {
    "written": 10, "rows": 10, "loaded": 7, "superseded": 1, "duplicate": 1, "rejected": 1, "stored": 7,
    "peak_MB": 900,
}  # fmt: skip


def test_a_small_file_is_made_once_loaded_measured_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    arguments = ["--size", "2MB", "--directory", str(tmp_path / "made")]
    assert ingest.main(arguments) == 0
    printed = capfd.readouterr()
    assert "rows/s" in printed.out
    found = json.loads((tmp_path / "results" / "ingest.json").read_text())
    assert found["MB"] > 2
    assert found["written"] == found["rows"] > found["loaded"] == found["stored"] > 3000
    assert found["rejected"] > 0
    assert 100 < found["peak_MB"] < ingest.MEMORY_MOST
    assert set(found["steps"]) == {"look", "hash", "wait for rows", "store", "follow", "publish"}
    assert min(found["steps"].values()) > 0
    assert sum(found["steps"].values()) == pytest.approx(found["seconds"])
    # Nothing stays but the file and its count of rows: neither warehouse nor side file.
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["2000000.csv", "2000000.rows"]


def test_the_same_size_is_the_same_file(tmp_path: Path) -> None:
    rows = [ingest.export(tmp_path / name, 300_000) for name in ("one.csv", "two.csv")]
    one, two = ((tmp_path / name).read_bytes() for name in ("one.csv", "two.csv"))
    assert one == two
    assert len(one) >= 300_000
    assert rows[0] == rows[1] == one.count(b"\n") - 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"peak_MB": 2049}, ["took 2,049 MB; 2,048 are allowed"]),
        ({"loaded": 6}, ["read 10, accounted 9, loaded 6, stored 7"]),
        ({"written": 11}, ["written 11, read 10"]),
        ({"stored": 6}, ["loaded 7, stored 6"]),
    ],
)
def test_a_bound_that_was_not_kept_is_said(changed: dict[str, int], said: list[str]) -> None:
    sentences = list(ingest.faults(FOUND | changed))
    assert len(sentences) == len(said)
    assert all(part in sentence for part, sentence in zip(said, sentences, strict=True))


def test_a_load_that_fails_is_no_measurement(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "9.csv").write_text("a,b\n1,2\n")
    (tmp_path / "9.rows").write_text("1")
    with pytest.raises(SystemExit, match="ended with code 1; its words are above"):
        ingest.measure(9, tmp_path)
    assert "BadMapping" in capfd.readouterr().err


@pytest.mark.parametrize("spelled", ["1", "MB", "1TB", "-1MB"])
def test_a_size_that_is_none_is_refused(spelled: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ingest.main([f"--size={spelled}"])
    assert "is no size such as 500KB" in capsys.readouterr().err
