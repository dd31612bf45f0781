"""Every setting exists in the pinned Streamlit, says why it is there, and keeps the suite to itself."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit import config

from dashboards.figures.theme import FONT, SIZES, THEMES
from tests.architecture.sources import ROOT

FILE = ROOT / ".streamlit" / "config.toml"
SETTINGS = tomllib.loads(FILE.read_text(encoding="utf-8"))


def keys(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Every setting by its full name: theme.light.textColor."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")
        else:
            yield prefix + key


@pytest.mark.parametrize("key", list(keys(SETTINGS)))
def test_setting_exists(key: str) -> None:
    assert key in config.get_config_options()


def test_every_setting_stands_under_its_reason() -> None:
    blocks = re.split(r"\n(?=#|\[)", FILE.read_text(encoding="utf-8"))
    unexplained = [block for block in blocks if "=" in block and not block.startswith("#")]
    assert unexplained == []


def test_nothing_leaves_the_host() -> None:
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["server"]["address"] == "127.0.0.1"
    assert SETTINGS["client"]["showErrorDetails"] == "none"
    assert "http" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ten_chart_colours_or_figures_ignore_the_theme(theme: str) -> None:
    colours = SETTINGS["theme"][theme]["chartCategoricalColors"]
    assert len(colours) == 10
    assert len(set(colours)) == 10


def test_both_themes_name_the_same_settings() -> None:
    assert SETTINGS["theme"]["light"].keys() == SETTINGS["theme"]["dark"].keys()


@pytest.mark.parametrize(
    ("setting", "token"),
    [
        ("primaryColor", "primary"),
        ("backgroundColor", "paper"),
        ("secondaryBackgroundColor", "card"),
        ("textColor", "ink"),
        ("borderColor", "hairline"),
        ("grayColor", "muted"),
        ("redColor", "red"),
        ("yellowColor", "yellow"),
        ("blueColor", "blue"),
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_and_figures_share_their_colours(theme: str, setting: str, token: str) -> None:
    assert SETTINGS["theme"][theme][setting] == getattr(THEMES[theme], token)


def test_page_and_figures_share_their_type() -> None:
    theme = SETTINGS["theme"]
    assert theme["font"] == FONT
    assert theme["baseFontSize"] == SIZES["body"]
    assert theme["headingFontSizes"][0] == f"{SIZES['title']}px"
    assert theme["metricValueFontSize"] == f"{SIZES['tile']}px"
    assert theme["baseRadius"] == f"{SIZES['radius']}px"
