"""The import contracts hold, and each of them can be broken."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
# A project that breaks every contract once.
CULPRITS = {
    "dashboards/__init__.py": "",
    "dashboards/figures/__init__.py": "import streamlit",
    "dashboards/boards/__init__.py": "",
    "dashboards/boards/here/__init__.py": "",
    "dashboards/boards/here/one.py": "import dashboards.boards.there.two",
    "dashboards/boards/there/__init__.py": "",
    "dashboards/boards/there/two.py": "",
    "queries/__init__.py": "",
    "queries/execute.py": "",
    "queries/insights/__init__.py": "import sqlalchemy",
    "queries/compiler.py": "import warehouse.engines\nimport streamlit",
    "warehouse/__init__.py": "import queries.execute",
    "warehouse/engines/__init__.py": "",
}


def lint(root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("broken")
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for name, source in CULPRITS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)
    found = lint(root)
    assert found.returncode == 1, found.stderr
    return found.stdout


def test_contracts_hold() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in found.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contract_can_be_broken(broken: str, contract: str) -> None:
    assert f"{contract} BROKEN" in broken
