"""What slides showed when they were frozen 定格: kept beside their deck, and proved by the record of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from warehouse.records.audit import timestamp
from warehouse.records.tables import frozen, slide

RIGHTS = 400  # characters
_LARGEST = 4_000_000  # bytes of one slide in one language; a slide has some 20 KB


@dataclass(frozen=True)
class Frozen:
    """A slide as it was frozen: its content by language, and for which `rights` the numbers were made.

    `rights` is a word of the caller's; who has others is not shown what was frozen.
    """

    rights: str
    pages: Mapping[str, bytes] = field(repr=False)

    @property
    def sha256(self) -> str:
        """The hash of all its pages, as the record of the freezing holds it."""
        return _hash([(language, self.pages[language]) for language in sorted(self.pages)])


def kept(connection: Connection, deck_id: int, language: str) -> dict[int, tuple[str, bytes]]:
    """The rights and the content of each slide of a deck in a language, by slide; damaged ones lack."""
    asked = select(frozen).join(slide, slide.c.slide_id == frozen.c.slide_id)
    asked = asked.where(slide.c.deck_id == deck_id, frozen.c.language == language)
    found = {}
    for row in connection.execute(asked).mappings():
        content = bytes(row["content"])
        if hashlib.sha256(content).hexdigest() == row["sha256"]:
            found[int(row["slide_id"])] = (str(row["rights"]), content)
    return found


def keep(connection: Connection, slide_id: int, what: Frozen) -> None:
    """Keep what a slide shows, in place of what was kept of it; raises ValueError when it is too large."""
    largest = max(map(len, what.pages.values()), default=0)
    if not what.pages or largest > _LARGEST or len(what.rights) > RIGHTS:
        raise ValueError(
            f"a slide has 1 to {_LARGEST:,} bytes, not {largest:,}; narrow its filters and add it again"
        )
    drop(connection, [slide_id])
    at = timestamp(datetime.now(UTC))
    rows = [
        {
            "slide_id": slide_id,
            "language": language,
            "rights": what.rights,
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "frozen_at": at,
        }
        for language, content in what.pages.items()
    ]
    connection.execute(insert(frozen), rows)


def drop(connection: Connection, slides: Sequence[int]) -> None:
    """Forget what these slides showed."""
    connection.execute(delete(frozen).where(frozen.c.slide_id.in_(slides)))


def _hash(parts: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in parts:
        digest.update(f"{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
