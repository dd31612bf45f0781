"""The guide's worked example is true: its mapping, its report, and the canonical sample load as printed."""

from __future__ import annotations

from pathlib import Path

from tests.warehouse.ingest.conftest import Desk
from warehouse.ingest.loading import load
from warehouse.ingest.targets import TARGETS

DOCS = Path(__file__).resolve().parents[3] / "docs"
GUIDE = (DOCS / "mapping.md").read_text(encoding="utf-8")
EXAMPLES = DOCS / "examples"


def test_the_printed_mapping_is_the_one_beside_it() -> None:
    assert (EXAMPLES / "hotline.toml").read_text(encoding="utf-8") in GUIDE


def test_the_printed_report_is_what_the_example_gives(desk: Desk) -> None:
    report = load(desk.store, EXAMPLES / "hotline.csv", str(EXAMPLES / "hotline.toml"), desk.said.append)
    printed = [
        line for line in report.text() if not line.startswith(("file ", "mapping ", "rows to look", "  ("))
    ]
    assert printed
    assert [line for line in printed if line not in GUIDE.splitlines()] == []
    assert desk.column("repeat_no") == [0, 0, 1, 0, 0, 0]
    assert "示例" not in "".join(text or "" for text in desk.column("detail"))


def test_the_canonical_sample_loads_whole(desk: Desk) -> None:
    report = load(desk.store, EXAMPLES / "canonical.csv", "canonical", desk.said.append)
    assert (report.tally.rows_read, report.tally.rows_loaded) == (3, 3)
    assert not report.tally.reasons
    assert (report.missing, report.unread) == ((), ())
    assert desk.column("repeat_no") == [0, 1, 0]
    assert desk.column("is_collective") == [False, False, True]


def test_the_guide_gives_every_column_its_canonical_header() -> None:
    missing = [key for key, target in TARGETS.items() if f"| `{key}` | {target.header} |" not in GUIDE]
    assert missing == []
