"""The benchmark of scopes: every reader is asked, the refused are left out, the ratios are printed."""

import json
from pathlib import Path

import pytest

from benchmarks import report, scopes, warehouses


def test_every_question_is_asked_by_three_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = warehouses.demo("5k", tmp_path / "demo")
    monkeypatch.setattr(warehouses, "demo", lambda _cases: directory)
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    assert scopes.main(["--cases", "5k", "--repeat", "1", "--boards", "volume,backlog"]) == 0
    printed = capsys.readouterr().out
    assert "presenter ÷ leader" in printed
    assert "| all " in printed
    found = json.loads((tmp_path / "scopes.json").read_text(encoding="utf-8"))["questions"]
    listed = [one for one in found if "listed" in one["question"]]
    assert listed
    assert all(set(one) == {"question", "leader"} for one in listed)
    assert all({"leader", "district", "presenter"} <= set(one) for one in found if one not in listed)
