"""Every module opens with a sentence, stays small and is named after what it holds."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import modules, name, parsed

LIMITS = (("dashboards/boards/", 200), ("tests/", 800), ("", 500))
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "manager", "service"}
EMPTY_CLASS = re.compile(r"(Manager|Service|Helper|Util|Utils)$")

every_module = pytest.mark.parametrize("path", modules(), ids=name)


@every_module
def test_opens_with_a_sentence(path: Path) -> None:
    if path.stat().st_size == 0:
        assert path.name == "__init__.py", f"{name(path)} is empty"
        return
    opening = (ast.get_docstring(parsed(path)) or "").split("\n\n")[0]
    assert re.search(r"[.:?]$", opening), f"{name(path)} does not open with a sentence"


@every_module
def test_stays_small(path: Path) -> None:
    limit = next(most for folder, most in LIMITS if name(path).startswith(folder))
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= limit, f"{name(path)} has {lines} lines where {limit} are allowed"


@every_module
def test_is_named_after_what_it_holds(path: Path) -> None:
    assert not EMPTY_NAMES & {*path.with_suffix("").parts}
    classes = [node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
    assert [each for each in classes if EMPTY_CLASS.search(each)] == []
