"""What the project can be told to do is said in its documents."""

import re
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT, files

READMES = sorted(ROOT.glob("README*.md"))
DOCUMENTS = "\n".join(path.read_text(encoding="utf-8") for path in files() if path.suffix == ".md")


def commands() -> list[str]:
    """The commands of `python -m warehouse`, as its own help lists them."""
    shown = subprocess.run(
        [sys.executable, "-m", "warehouse", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return re.findall(r"^    (\w+)\s", shown.stdout, flags=re.MULTILINE)


def test_there_is_a_readme() -> None:
    assert READMES


@pytest.mark.parametrize("command", ["python3 qingyu.py start", "python3 qingyu.py test"])
def test_both_commands_stand_in_every_readme(command: str) -> None:
    assert [path.name for path in READMES if command not in path.read_text(encoding="utf-8")] == []


def test_every_warehouse_command_is_documented() -> None:
    found = commands()
    assert "demo" in found
    assert [each for each in found if f"python -m warehouse {each}" not in DOCUMENTS] == []
