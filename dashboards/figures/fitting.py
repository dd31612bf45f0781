"""How wide a text is when it is drawn, as much of it as has room, and the lines it is broken into."""

from __future__ import annotations

import re

_WIDE = 0x2E80  # from here on characters are as wide as they are high
_NARROW = 0.56  # of its height: a Latin letter, on average
_CUT = "…"
# A word with the blanks after it, or a Chinese character; other blanks hold together what is around them.
_PIECE = re.compile(r"[^ \n\u2e80-\uffff]+[ \n]*|[\u2e80-\uffff][ \n]*|[ \n]+")


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


def widest_word(text: str, size: float) -> float:
    """Pixels of the widest part of `text` that is not broken unless it must be."""
    return max((width(piece.rstrip(), size) for piece in _PIECE.findall(text)), default=0.0)


def broken(text: str, room: float, size: float) -> list[str]:
    """`text` in lines no wider than `room`: cut between words or Chinese characters, or else inside."""
    lines = [""]
    for piece in _PIECE.findall(text):
        whole = width(piece.rstrip(), size) <= room
        for part in [piece] if whole else piece:
            if lines[-1] and width((lines[-1] + part).rstrip(), size) > room:
                lines.append("")
            lines[-1] += part
    return [line.strip() for line in lines]
