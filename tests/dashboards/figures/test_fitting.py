"""Texts are cut to their room and say that they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.fitting import broken, fitted, widest_word, width


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


def test_a_text_is_broken_between_words_or_characters() -> None:
    assert broken("登记为重复信访的件数", 40, 12) == ["登记为", "重复信", "访的件", "数"]
    assert widest_word("on time 市", 10) == width("time", 10)
    assert broken("on time 97.23\xa0%", 70, 12) == ["on time", "97.23\xa0%"]


@given(st.text("甲乙ab \xa0", max_size=40), st.integers(20, 200))
def test_lines_have_room_and_lose_nothing(text: str, room: int) -> None:
    lines = broken(text, room, 12)
    assert all(width(line, 12) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
