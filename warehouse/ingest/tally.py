"""What became of every row of a file, and how that is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.ingest.lines import LineCount

SUPERSEDED, DUPLICATE, REJECTED, REPAIRED = "superseded", "duplicate", "rejected", "repaired"
_EXAMPLES, _EXAMPLE_LENGTH = 5, 60  # words, and characters of each


@dataclass
class Tally:
    """The account of one file: every row read is loaded, supersedes, is a duplicate, or is rejected.

    A superseding row is the newer state of a known item. `reasons` counts rows by (kind, reason); a repaired
    row is a loaded or superseding one with a field left empty or cut, so repairs add to nothing. `unlisted`
    counts, per canonical column, the words that no list knows.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unlisted: dict[str, Counter[str]] = field(default_factory=dict)

    def rows(self, kind: str) -> int:
        """Rows of one kind, over all its reasons."""
        return sum(rows for (one, _), rows in self.reasons.items() if one == kind)

    def adds_up(self) -> bool:
        """Say whether rows read = loaded + superseded + duplicate + rejected."""
        ends = (SUPERSEDED, DUPLICATE, REJECTED)
        return self.rows_read == self.rows_loaded + sum(self.rows(kind) for kind in ends)


@dataclass(frozen=True)
class Report:
    """What a load did; `batch_id` is None when nothing was loaded or the file had been loaded before."""

    file: Path
    kind: str
    mapping: str
    city: str
    tally: Tally
    lines: LineCount | None
    unread: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    side_file: Path | None = None
    set_aside: int = 0  # rows in it
    batch_id: int | None = None
    already: str = ""

    def text(self) -> Iterator[str]:
        """Yield the report line by line, Chinese beside English."""
        yield f"file 文件      {self.file} ({self.kind})"
        yield f"mapping 映射   {self.mapping}, city 城市 {self.city}"
        if self.already:
            yield f"already loaded 已载入过: {self.already}; nothing changed 未作任何改动."
            return
        if self.lines:
            yield (
                f"lines 物理行   {self.lines.physical:,} = header 表头 {self.lines.header:,} "
                f"+ records 记录 {self.lines.records:,} + continuation 续行 {self.lines.continuation:,} "
                f"+ blank 空行 {self.lines.blank:,}"
            )
        tally = self.tally
        yield (
            f"rows read 读取 {tally.rows_read:,} = loaded 载入 {tally.rows_loaded:,} "
            f"+ superseded 更正 {tally.rows(SUPERSEDED):,} + duplicate 重复 {tally.rows(DUPLICATE):,} "
            f"+ rejected 拒收 {tally.rows(REJECTED):,}"
        )
        titles = {
            REJECTED: "rejected 拒收",
            SUPERSEDED: "superseded 更正 (the old values are kept as history 旧值存入历史)",
            DUPLICATE: "duplicate 重复",
            REPAIRED: "repaired 修补 (row loaded, field left empty or cut 行已载入，该字段留空或截短)",
        }
        for kind, title in titles.items():
            listed = [(rows, reason) for (one, reason), rows in tally.reasons.items() if one == kind]
            if listed:
                yield f"{title}:"
                yield from (f"  {rows:>10,}  {reason}" for rows, reason in sorted(listed, reverse=True))
        for target, found in sorted(tally.unlisted.items()):
            examples = ", ".join(
                f"'{shortened(word)}' × {rows:,}" for word, rows in found.most_common(_EXAMPLES)
            )
            more = f" … ({len(found) - _EXAMPLES} more 另有)" if len(found) > _EXAMPLES else ""
            yield f"unlisted values 未列入的值, {target}: {examples}{more}"
        if self.missing:
            yield f"columns the file lacks 文件中没有的列（留空）: {', '.join(self.missing)}"
        if self.unread:
            yield f"columns not read 未读取的列: {', '.join(self.unread)}"
        if self.side_file:
            yield f"rows to look at 待核对的行: {self.side_file}"
            yield "  (person data, readable by you alone 含个人信息，仅本人可读)"


def shortened(word: str) -> str:
    """A word as it is shown in a report: its beginning, when it is long."""
    return word if len(word) <= _EXAMPLE_LENGTH else f"{word[:_EXAMPLE_LENGTH]}…"
