"""How wide a text is when it is drawn, and as much of it as there is room for."""

from __future__ import annotations

_WIDE = 0x2E80  # from here on characters are as wide as they are high
_NARROW = 0.56  # of its height: a Latin letter, on average
_CUT = "…"


def width(text: str, size: float) -> float:
    """Pixels that `text` takes at a type size of `size` pixels; an estimate, a little too wide."""
    return sum(size if ord(sign) >= _WIDE else size * _NARROW for sign in text)


def fitted(text: str, room: float, size: float) -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `room` pixels; plain, not escaped."""
    if width(text, size) <= room:
        return text
    kept = text
    while kept and width(kept + _CUT, size) > room:
        kept = kept[:-1]
    return kept.rstrip() + _CUT
