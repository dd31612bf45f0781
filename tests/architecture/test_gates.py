"""Each sharp tool stays in its gate: Streamlit's caches, state, menu and identity; databases; raw HTML."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import modules, name, parsed

GATES = {
    "streamlit.cache_data": "dashboards/data.py",
    "streamlit.cache_resource": "dashboards/data.py",
    "streamlit.session_state": "dashboards/filters.py",
    "streamlit.navigation": "dashboards/navigation.py",
    "streamlit.user": "dashboards/access.py",
    "streamlit.login": "dashboards/access.py",
    "streamlit.logout": "dashboards/access.py",
    "duckdb.connect": "warehouse/engines/",
}
UNSAFE = {"unsafe_allow_html", "unsafe_allow_javascript"}
CODE = modules("dashboards", "queries", "warehouse")


def used(tree: ast.Module) -> Iterator[str]:
    """Full names of what a module takes from others, such as streamlit.user for st.user."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{aliases.get(node.value.id, node.value.id)}.{node.attr}"


def unsafe_on_data(tree: ast.Module) -> Iterator[int]:
    """Lines of calls that switch a protection off for anything but a text or a CONSTANT of the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(keyword.arg in UNSAFE for keyword in node.keywords):
            first = node.args[0] if node.args else None
            constant = isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id.isupper())
            if not constant:
                yield node.lineno


def test_a_breach_is_seen() -> None:
    tree = ast.parse(
        "import streamlit as st\nst.user\nfrom duckdb import connect\nst.html(x, unsafe_allow_html=1)"
    )
    assert {"streamlit.user", "duckdb.connect"} <= set(used(tree))
    assert list(unsafe_on_data(tree)) == [4]


@pytest.mark.parametrize("path", CODE, ids=name)
def test_tools_stay_in_their_gates(path: Path) -> None:
    strayed = {tool: GATES[tool] for tool in used(parsed(path)) if tool in GATES}
    assert {tool: gate for tool, gate in strayed.items() if not name(path).startswith(gate)} == {}


@pytest.mark.parametrize("path", CODE, ids=name)
def test_raw_html_is_never_made_of_data(path: Path) -> None:
    assert list(unsafe_on_data(parsed(path))) == []


@pytest.mark.parametrize("path", CODE, ids=name)
def test_tables_are_declared_never_reflected(path: Path) -> None:
    keywords = {node.arg for node in ast.walk(parsed(path)) if isinstance(node, ast.keyword)}
    assert "autoload_with" not in keywords
