"""What of opening single items is policy: for which purposes, who supervises, by when one is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from queries.vocabulary import Text


@dataclass(frozen=True)
class CasePolicy:
    """The purposes by key, the roles that write and answer supervise notes, and days to answer them in."""

    purposes: Mapping[str, Text]
    supervising: tuple[str, ...]
    answering: tuple[str, ...]
    answer_days: int
    longest_days: int
