"""Everything that is installed is pinned, once, and is what the tests run with."""

import re
from importlib.metadata import distributions, version
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

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


def test_everything_installed_is_pinned() -> None:
    installed = {canonical(each.metadata["Name"]): each.version for each in distributions()}
    assert installed.keys() - CONSTRAINTS.keys() <= {"pip", "setuptools", "wheel"}
    assert {package: version(package) for package in CONSTRAINTS} == CONSTRAINTS
