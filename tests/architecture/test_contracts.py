"""The import contracts hold, and each of them can be broken."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = [contract["name"] for contract in SETTINGS["contracts"]]
# A project that breaks every contract once; the modules the contracts name beyond these are there and empty.
CULPRITS = {
    "dashboards/__init__.py": "",
    "dashboards/figures/__init__.py": "import streamlit\nimport dashboards.boards",
    "dashboards/boards/__init__.py": "",
    "dashboards/boards/here/__init__.py": "",
    "dashboards/boards/here/one.py": "import dashboards.boards.there.two",
    "dashboards/boards/there/__init__.py": "",
    "dashboards/boards/there/two.py": "",
    "queries/__init__.py": "",
    "queries/execute.py": "",
    "queries/unlisted.py": "",
    "queries/insights/__init__.py": "import sqlalchemy",
    "queries/compiler.py": "import warehouse.engines\nimport streamlit",
    "warehouse/__init__.py": "import queries.execute",
    "warehouse/engines/__init__.py": "import warehouse.demo",
    "warehouse/demo.py": "",
}


def named() -> set[str]:
    """Files of every module that the layers inside the packages name."""
    return {
        f"{container}/{module}.py"
        for contract in SETTINGS["contracts"]
        for container in contract.get("containers", [])
        for layer in contract["layers"]
        for module in re.split(r"\s*[|:]\s*", layer)
        if f"{container}/{module}/__init__.py" not in CULPRITS
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
    for name, source in {**dict.fromkeys(named(), ""), **CULPRITS}.items():
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
