"""What a reader sees of a card: its HTML without the marks that make numbers open their items."""

import re


def unlinked(page: str) -> str:
    """`page` with every number as plain text."""
    return re.sub(r"<span data-items[^>]*>(.*?)</span>", r"\1", page)
