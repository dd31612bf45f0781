"""The README's two recipes work as written: a metric is one file, a board is a file and a line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

RECIPE = re.compile(r"<!-- recipe: (?P<file>\S+) -->\n```python\n(?P<code>.*?)```", re.DOTALL)
RECIPES = {found["file"]: found["code"] for found in RECIPE.finditer((ROOT / "README.md").read_text("utf-8"))}
METRIC = "queries/metrics/urgent.py"
BOARD = "dashboards/boards/leadership/repeat_trend.py"
RIGHT = re.search(r"`(repeat_trend = \[.*?\])`", (ROOT / "README.md").read_text("utf-8"))


def checkout(tmp_path: Path, file: str) -> Path:
    """A copy of the project with one recipe's file added."""
    for folder in ("dashboards", "queries", "warehouse", "assets", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "fonts")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    for alone in ("pyproject.toml", "qingyu.py"):
        shutil.copy(ROOT / alone, tmp_path)
    assert not (tmp_path / file).exists()
    (tmp_path / file).write_text(RECIPES[file], encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), **more}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_readme_holds_both_recipes() -> None:
    assert set(RECIPES) == {METRIC, BOARD}


def test_a_metric_is_one_file_and_its_worked_number_is_demanded(tmp_path: Path) -> None:
    folder = checkout(tmp_path, METRIC)
    asked = "from queries.metrics import CATALOG; print(CATALOG['urgent_share'].full_name.zh)"
    assert run(folder, "-c", asked).stdout.strip() == "紧急件占比"
    tests = run(
        folder, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/queries/metrics", "-k", "worked"
    )
    assert tests.returncode == 1, tests.stdout[-2000:]
    assert "urgent_share" in tests.stdout, "the suite names the metric that has no worked number"


def test_a_metric_of_one_file_is_answered_from_roll_up_and_fact(tmp_path: Path, demo_warehouse: Path) -> None:
    folder = checkout(tmp_path, METRIC)
    script = """
from sys import argv
from queries.execute import open_warehouse
from queries.question import Question
from queries.vocabulary import Period
opened = open_warehouse(argv[1])
period = Period(opened.info.data_from, opened.info.as_of)
answer = opened.ask(Question(("urgent_share",), period, opened.info.as_of))
row = answer.frame.iloc[0]
assert 0 < row["urgent_share_numerator"] < row["urgent_share_denominator"]
print(sorted(one.reads for one in answer.statements))
"""
    answered = run(folder, "-c", script, str(demo_warehouse))
    assert answered.stdout.strip() == "['cases', 'rollup_registered_street']", answered.stderr[-2000:]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_board_is_one_file_and_a_line(tmp_path: Path, demo_warehouse: Path, language: str) -> None:
    folder = checkout(tmp_path, BOARD)
    assert RIGHT is not None
    with (folder / "queries" / "policy" / "roles.toml").open("a", encoding="utf-8") as policy:
        policy.write(f"{RIGHT[1]}\n")
    script = """
from streamlit.testing.v1 import AppTest

def page():
    from dashboards import access, filters, navigation
    from dashboards.guard.viewers import Viewer
    access.reader = lambda: Viewer("li", "Li", "login", "leader")
    board = next(one for one in navigation.all_boards() if one.key == "repeat_trend")
    filters.begin(board.key)
    board.run(["/"])

test = AppTest.from_function(page, default_timeout=60)
test.query_params["lang"] = "LANGUAGE"
test.run()
assert not test.exception, test.exception
print(len(test.get("plotly_chart")), " ".join(one.proto.body for one in test.get("html")))
""".replace("LANGUAGE", language)
    (folder / "draw.py").write_text(script, encoding="utf-8")  # a page is read from its file
    drawn = run(folder, "draw.py", QINGYU_WAREHOUSE=str(demo_warehouse))
    assert drawn.stdout.startswith("1 "), drawn.stderr[-2000:]
    assert {"zh": "<h1>重复走势</h1>", "en": "<h1>Repeat trend</h1>"}[language] in drawn.stdout
    assert "q-state" not in drawn.stdout, "the board was drawn, not its excuse"
