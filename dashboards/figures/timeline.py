"""One life in its stages, left to right: when each was reached, and how much of its time it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.markup import Markup, tag

DONE, LATE, WAITING, NONE = "done", "late", "waiting", "none"


@dataclass(frozen=True)
class Step:
    """One stage: `tone` is one of the four above, `when` the moment it was reached or what stands instead.

    `lines` are further remarks; `clock` says what is left or over in words. `used` is the part of the time
    allowed that was used up, more than 1 when late; None where there is no limit.
    """

    name: str
    when: str
    tone: str
    lines: tuple[str, ...] = ()
    clock: str = ""
    used: float | None = None


def timeline(steps: Sequence[Step]) -> Markup:
    """The stages side by side; a late one is told by its words and its mark as well as by its colour."""
    return tag("ol", *(_step(one) for one in steps), class_="q-timeline")


def _step(step: Step) -> Markup:
    late = step.used is not None and step.used > 1
    filled = None if step.used is None else f"width:{min(1.0, max(0.0, step.used)) * 100:.0f}%"
    return tag(
        "li",
        tag("i", class_="q-dot", aria_hidden="true"),
        tag("b", step.name),
        tag("span", step.when, class_="q-when"),
        *(tag("span", line, class_="q-note") for line in step.lines),
        tag("div", tag("i", style=filled), class_="q-used") if filled is not None else None,
        tag("span", step.clock, class_="q-late" if late else "q-note") if step.clock else None,
        class_=f"q-step q-step-{step.tone}",
    )
