"""The files the checks of this folder look at."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dashboards", "queries", "warehouse")
UNTRACKED = {"data", "var", "dist", "build"}
TRACKED_DOTS = {".ci", ".streamlit", ".gitignore"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, without what .gitignore leaves out; git itself need not be there."""
    found = []
    for top in sorted(ROOT.iterdir()):
        if top.name in UNTRACKED or (top.name.startswith(".") and top.name not in TRACKED_DOTS):
            continue
        below = sorted(top.rglob("*")) if top.is_dir() else [top]
        found += [path for path in below if path.is_file() and "__pycache__" not in path.parts]
    return tuple(found)


def modules(*folders: str) -> list[Path]:
    """The Python files under these top-level folders; all of them when none is named."""
    python = [path for path in files() if path.suffix == ".py"]
    return [path for path in python if not folders or path.relative_to(ROOT).parts[0] in folders]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """A file's path as the project writes it."""
    return path.relative_to(ROOT).as_posix()
