"""Every insight that a number rests on has its own test file, which works it out."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, modules, name, parsed

INSIGHTS = "queries.insights"
FOLDER = ROOT / "queries" / "insights"
HELD = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")


def imported(path: Path) -> set[str]:
    """The insights that a file imports, by their module names."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {one for one in named if one.startswith(f"{INSIGHTS}.")}
    return {one.split(".")[2] for one in found}


@pytest.mark.parametrize("insight", [path.stem for path in HELD])
def test_insight_has_a_test_file_that_works_it_out(insight: str) -> None:
    test = ROOT / "tests" / "queries" / "insights" / f"test_{insight}.py"
    assert test.is_file(), f"write {name(test)} with an example worked by hand or published"
    assert insight in imported(test), f"{name(test)} does not import {INSIGHTS}.{insight}"
    cases = [node for node in ast.walk(parsed(test)) if isinstance(node, ast.FunctionDef)]
    assert any(one.name.startswith("test_") for one in cases)


def test_what_the_boards_rest_on_is_among_them() -> None:
    used = {one for path in modules("dashboards", "queries") for one in imported(path)}
    assert used, "no file imports an insight: the check looks at the wrong folder"
    assert used <= {path.stem for path in HELD}
