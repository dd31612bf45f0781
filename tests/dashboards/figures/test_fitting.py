"""Texts are cut to their room and say that they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.fitting import fitted, width


def test_a_character_is_as_wide_as_high_and_a_letter_about_half() -> None:
    assert width("余杭", 12) == 24
    assert width("abcd", 100) == pytest.approx(224)


def test_what_fits_stays_and_what_does_not_ends_in_an_ellipsis() -> None:
    assert fitted("余杭区", 36, 12) == "余杭区"
    assert fitted("双江河自治县", 40, 12) == "双江…"
    assert fitted("Feng County", 10, 12) == "…"


@given(st.text(max_size=40), st.integers(20, 200))
def test_a_fitted_text_has_room(text: str, room: int) -> None:
    assert width(fitted(text, room, 12), 12) <= room
