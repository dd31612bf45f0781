"""The command `python -m dashboards.bulletin`: write a bulletin for cron, or say what changed between two.

Exit codes: 0 done, 1 nothing was written, 2 the command or the policy is wrong, 3 two bulletins differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dashboards.cards import bulletin_changes as words
from dashboards.cards.bulletin import bulletin_document
from dashboards.cards.bulletin_page import said_of
from dashboards.commands import DONE, Content, add_choices, place_of, ran, said_as_of, say, write
from queries.bulletin import bulletin, canonical
from queries.bulletin_changes import changes, read_bulletin_file
from queries.editions import Kind, edition, latest
from queries.execute import open_warehouse
from queries.policies import in_force, read_bulletin, read_index

DIFFERENT = 3
FOLDER = Path("var/bulletins")
_CODES = (
    "Exit codes: 0 done, 1 nothing was written (a sentence says why), 2 the command or the policy is wrong, "
    "3 with --diff: the two differ."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; an error is one sentence on stderr, never a traceback."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if not chosen.diff and chosen.kind is None:
        parser.error("--kind is needed: weekly, monthly or quarterly (or --diff with two files)")
    return ran(partial(_compare if chosen.diff else _write, chosen), chosen.to)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.bulletin",
        description="Write the bulletin (简报) of a week, month or quarter as DOCX, PDF and JSON, or say "
        "what changed between two bulletins of one period and why.",
        epilog=_CODES,
    )
    parser.add_argument("--kind", choices=[one.value for one in Kind], help="how often it comes out")
    parser.add_argument(
        "--period",
        metavar="PERIOD",
        help="2026-W44, 2026-10 or 2026-Q3 (default: the last one that is over in the data)",
    )
    add_choices(parser, FOLDER)
    parser.add_argument(
        "--diff", nargs=2, type=Path, metavar="JSON", help="say what changed from the first to the second"
    )
    parser.add_argument("--json", action="store_true", help="with --diff: the same as one JSON object")
    return parser


def _write(chosen: argparse.Namespace) -> int:
    policies, indexes = read_bulletin(), read_index()
    opened = open_warehouse(place_of(chosen), chosen.version)
    try:
        kind = Kind(chosen.kind)
        one = (
            edition(kind, chosen.period) if chosen.period else latest(kind, chosen.as_of or opened.info.as_of)
        )
        as_of = chosen.as_of or one.period.end
        say(f"{one.number.zh}: {one.period.start} – {one.period.end}")
        said_as_of(as_of, opened)
        content = bulletin(opened, one, as_of, policies, indexes)
    finally:
        opened.close()
    document = bulletin_document(content, in_force(policies, as_of).lists, chosen.lang)
    name, said = f"bulletin-{one.key}", said_of(one, "zh")
    write(Content(name, canonical(content), document, said, content.version, as_of), chosen)
    return DONE


def _compare(chosen: argparse.Namespace) -> int:
    before, after = (read_bulletin_file(path.read_bytes(), str(path)) for path in chosen.diff)
    found = changes(before, after)
    if chosen.json:
        say(words.as_json(found))
    else:
        for line in words.said(found, chosen.lang):
            say(line)
    return DONE if found.none else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
