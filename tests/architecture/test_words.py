"""The project speaks of itself alone: no machine's paths, no registry's address, nothing left for later."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import files, name

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".css",
    ".svg",
    ".csv",
    ".html",
    ".js",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    "",
}
# Spelled in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a machine's path": re.compile("(?<![\\w.])/(" + "wo" + "rk|ro" + "ot|ho" + "me|Us" + "ers)/\\w"),
    "a temporary path": re.compile("(?<![\\w.])/t" + "mp/\\w"),
    "a registry's address": re.compile(
        "py" + r"pi\.(org|python)|registry\.npm" + r"js|pythonho" + r"sted\.org"
    ),
    "something left for later": re.compile(
        r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|coming so" + "on|敬请" + "期待"
    ),
}
READ = [path for path in files() if path.suffix in TEXT]


@pytest.mark.parametrize("path", READ, ids=name)
def test_speaks_of_itself_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = {what: hit.group() for what, pattern in FORBIDDEN.items() if (hit := pattern.search(text))}
    assert found == {}


def test_a_strange_word_is_found() -> None:
    text = "see /" + "work/x and /t" + "mp/y on py" + "pi.org, TO" + "DO"
    assert all(pattern.search(text) for pattern in FORBIDDEN.values())
