"""Columns of cards: counted, clickable, late in a word and not in colour alone, nothing raw."""

from __future__ import annotations

from dashboards.figures.stage_board import Column, ItemCard, stage_board


def card(**changed: object) -> ItemCard:
    """One item in time."""
    made = {
        "choose": "7",
        "name": "某小区停车问题",
        "place": "上城区区长",
        "score": "66.9",
        "mark": "3 级",
        "due": "距计划 12 天",
        "is_late": False,
        "hint": "点击",
    }
    return ItemCard(**(made | changed))  # type: ignore[arg-type]


def test_every_card_can_be_chosen_and_the_chosen_one_is_marked() -> None:
    page = stage_board([Column("办理", "2", "", (card(), card(choose="8")))], chosen="8")
    assert page.count('role="button"') == page.count('tabindex="0"') == 2
    assert page.count("q-chosen") == 1
    assert 'data-choose="8" tabindex="0" role="button" title="点击" aria-pressed="true"' in page
    assert "办理 <b>2</b>" in page


def test_late_is_a_word_and_a_colour() -> None:
    late = card(is_late=True, due="超期 3 天")
    page = stage_board([Column("办理", "2", "超期 1", (late, card()))], chosen=None)
    assert page.count("q-item-late") == 1
    assert '<span class="q-late">超期 1</span>' in page
    assert '<span class="q-late">超期 3 天</span>' in page
    assert "<span>距计划 12 天</span>" in page


def test_an_empty_column_is_still_there() -> None:
    page = stage_board([Column("摸排", "0", "", ()), Column("方案", "1", "", (card(),))], chosen=None)
    assert page.count("<section") == 2
    assert '<div class="q-stage-list"></div>' in page


def test_names_are_escaped() -> None:
    page = stage_board([Column("<i>", "1", "", (card(name="<script>", hint='"x'),))], chosen=None)
    assert "<script>" not in page
    assert "<i>" not in page
    assert 'title="&quot;x"' in page
