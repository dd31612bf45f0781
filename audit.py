"""Checks the packages it runs among: those that were tested, in harmony, without known vulnerabilities.

    python3 qingyu.py audit

Exit codes: 0 all is well; 1 something is installed that was not tested, or is known to be vulnerable; 3 the
packages are those that were tested, but no advisory database answered, which is not the same as clean.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
CLEAN, FOUND, NOT_ASKED = 0, 1, 3
# What an environment holds of its own accord.
BARE = frozenset({"pip", "setuptools", "wheel"})
ANEW = "remove .venv and set it up again"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#]+)", re.MULTILINE)


def main() -> int:
    """Says what was found, a line each, and returns the exit code."""
    tested = pins(ROOT / "constraints.txt")
    # With the tests set up all that was tested is here, before that what the suite itself names.
    is_whole = (ROOT / ".venv" / "installed-requirements-test.txt").is_file()
    needed = tested if is_whole else pins(ROOT / "requirements.txt")
    found = [*differing(installed(), tested, needed), *conflicts()]
    _say("Packages", found, "exactly those of constraints.txt, and they fit each other")
    known = vulnerable(ROOT)
    if known is None:
        _say(
            "Vulnerabilities", [], "NOT CHECKED, no advisory database answered: run this where the network is"
        )
    else:
        _say("Vulnerabilities", known, "none is known of the packages of constraints.txt")
    return FOUND if found or known else NOT_ASKED if known is None else CLEAN


def plain(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: Path) -> dict[str, str]:
    """The versions that a file of requirements pins, by plain name."""
    return {plain(name): version for name, version in _PIN.findall(file.read_text(encoding="utf-8"))}


def installed() -> dict[str, str]:
    """The versions of all packages here, by plain name."""
    return {plain(one.metadata["Name"]): one.version for one in importlib.metadata.distributions()}


def differing(here: Mapping[str, str], tested: Mapping[str, str], needed: Mapping[str, str]) -> list[str]:
    """What is `here` and was not `tested`, or in another version, and what is `needed` and not here."""
    found = []
    for name in sorted({*here, *needed} - BARE):
        if name not in here:
            found.append(f"{name} {tested.get(name, '')} is missing: run the set-up again")
        elif name not in tested:
            found.append(f"{name} {here[name]} is not in constraints.txt: {ANEW}")
        elif here[name] != tested[name]:
            found.append(f"{name} is {here[name]}, tested was {tested[name]}: {ANEW}")
    return found


def conflicts() -> list[str]:
    """What pip says does not fit together, or is missing of what a package pulls in."""
    done = _captured([sys.executable, "-m", "pip", "check"], ROOT)
    return [line for line in done.stdout.splitlines() if line.strip()] if done.returncode else []


def vulnerable(root: Path) -> list[str] | None:
    """What is known against the packages that constraints.txt pins, a line each; None when nobody answered.

    pip-audit stands in an environment of its own, var/audit, so that this one holds nothing more for it.
    """
    place, answer = root / "var" / "audit", root / "var" / "audit" / "answer.json"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    pinned = str(root / "requirements-audit.txt")
    asked = ["--requirement", "constraints.txt", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    answer.unlink(missing_ok=True)
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(place)],
        [*pip, "install", "--quiet", "--no-deps", "--no-input", "--retries", "2", "-r", pinned],
    ):
        done = _captured(command, root)
        if done.returncode != 0:
            print(f"pip-audit was not installed: {' '.join(done.stdout.split())[-300:]}", flush=True)
            return None
    # It ends with 1 both when it finds something and when nobody answers it: only a whole answer counts.
    _captured([str(python), "-m", "pip_audit", *asked, "--format", "json", "--output", str(answer)], root)
    try:
        return said(json.loads(answer.read_text(encoding="utf-8"))["dependencies"])
    except (OSError, ValueError, KeyError):
        return None


def said(packages: Sequence[Mapping[str, object]]) -> list[str]:
    """The findings of pip-audit's answer; a package that it could not look up is one."""
    found = []
    for one in packages:
        if "skip_reason" in one:
            found.append(f"{one['name']} was not looked up: {one['skip_reason']}")
        for flaw in one.get("vulns", []):  # type: ignore[attr-defined]
            mended = ", ".join(flaw["fix_versions"]) or "no version yet"
            found.append(f"{one['name']} {one['version']}: {flaw['id']}, mended in {mended}")
    return found


def _say(about: str, found: Sequence[str], otherwise: str) -> None:
    for line in found or [otherwise]:
        print(f"{about}: {line}", flush=True)


def _captured(command: Sequence[str], root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
