"""What moved a number: parts that add up to its change, as bars left and right of zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, tag


@dataclass(frozen=True)
class Part:
    """One part of a change: `amount` draws the bar, `text` is what is printed, `is_` its class.

    `hint` is what the pointer reads.
    """

    name: str
    amount: float
    text: str
    is_: str
    hint: str = ""


def contributions(parts: Sequence[Part], *, title: str, subtitle: str, total: str, note: str = "") -> Markup:
    """The parts from the largest rise to the largest fall on one scale; `total` says what they add up to."""
    largest = max((abs(part.amount) for part in parts), default=0.0) or 1.0
    ordered = sorted(parts, key=lambda part: -part.amount)
    return tag(
        "section",
        tag("h2", title),
        tag("p", subtitle, class_="q-note"),
        tag("table", tag("tbody", *(_bar(part, largest) for part in ordered)), class_="q-parts"),
        tag("p", total, class_="q-total"),
        tag("p", note, class_="q-note") if note else None,
        class_="q-card",
    )


def _bar(part: Part, largest: float) -> Markup:
    share = abs(part.amount) / largest * 50
    left = 50 - share if part.amount < 0 else 50
    bar = tag("i", class_=f"q-fill-{part.is_}", style=f"left:{left:.1f}%;width:{share:.1f}%")
    return tag(
        "tr",
        tag("td", part.name, class_="q-name"),
        tag("td", tag("div", bar, class_="q-both")),
        tag("td", part.text, class_=f"q-num q-{part.is_}", title=part.hint or None),
    )
