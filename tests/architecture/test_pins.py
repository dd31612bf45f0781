"""Everything that is installed is pinned, once, and is what the tests run with."""

import ast
import re
import sys
from importlib.metadata import distributions, packages_distributions, version
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, modules, name, parsed

PIN = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?==(?P<version>[\w.]+)")


def canonical(name: str) -> str:
    """A package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path) -> dict[str, str]:
    """Package → version of a requirement file; a line that is no pin fails the test."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    found = [PIN.fullmatch(line) for line in lines]
    assert all(found), [line for line, pin in zip(lines, found, strict=True) if not pin]
    return {canonical(pin["name"]): pin["version"] for pin in found if pin}


CONSTRAINTS = pins(ROOT / "constraints.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_requirements_agree_with_the_constraints(name: str) -> None:
    wanted = pins(ROOT / name)
    assert wanted == {package: CONSTRAINTS.get(package) for package in wanted}


def test_no_package_is_asked_for_twice() -> None:
    assert not pins(ROOT / "requirements.txt").keys() & pins(ROOT / "requirements-test.txt").keys()


@pytest.fixture(scope="module")
def declared() -> set[str]:
    """The import names of the packages the suite says it runs on."""
    wanted = pins(ROOT / "requirements.txt").keys()
    owners = packages_distributions().items()
    return {module for module, packages in owners if wanted & {canonical(each) for each in packages}}


def imported(path: Path) -> set[str]:
    """The top-level packages a module takes from outside the project and the standard library."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - set(PACKAGES)


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name)
def test_what_the_suite_imports_it_also_requires(path: Path, declared: set[str]) -> None:
    assert imported(path) <= declared


def test_everything_installed_is_pinned() -> None:
    installed = {canonical(each.metadata["Name"]): each.version for each in distributions()}
    assert installed.keys() - CONSTRAINTS.keys() <= {"pip", "setuptools", "wheel"}
    assert {package: version(package) for package in CONSTRAINTS} == CONSTRAINTS
