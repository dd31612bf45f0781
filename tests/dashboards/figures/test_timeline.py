"""A life in its stages: what is late is told by words and mark, and no text becomes markup."""

from __future__ import annotations

from dashboards.figures.timeline import DONE, LATE, WAITING, Step, timeline


def test_stages_stand_in_their_order_with_their_clocks() -> None:
    drawn = timeline(
        [
            Step("受理", "2026-03-06 21:00", DONE, ("用时 1 天",), "提前 3 天", 0.25),
            Step("答复", "2026-03-14 21:00", LATE, (), "超期 22 小时", 1.4),
            Step("评价", "等待中", WAITING),
        ]
    )
    assert drawn.index("受理") < drawn.index("答复") < drawn.index("评价")
    assert "width:25%" in drawn
    assert "width:100%" in drawn, "a bar never leaves its track"
    assert drawn.count('class="q-late"') == 1
    assert '<span class="q-late">超期 22 小时</span>' in drawn
    assert drawn.count("q-used") == 2


def test_text_is_escaped() -> None:
    assert "<b>x" not in timeline([Step("<b>x", "<b>x", DONE, ("<b>x",), "<b>x", 0.5)])
