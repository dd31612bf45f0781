"""The command `python -m dashboards.bulletin`: write a bulletin for cron, or say what changed between two.

Exit codes: 0 done, 1 nothing was written, 2 the command or the policy is wrong, 3 two bulletins differ.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from dashboards.cards import bulletin_changes as words
from dashboards.cards.bulletin import bulletin_document
from dashboards.exports.document import Document
from dashboards.exports.pdf import PrintingUnavailable, pdf
from dashboards.exports.word import word
from queries.bulletin import bulletin, canonical
from queries.bulletin_changes import changes, read_bulletin_file
from queries.editions import Kind, edition, latest
from queries.errors import BadEdition, BadPolicy, QueryError
from queries.execute import open_warehouse
from queries.policies import in_force, read_bulletin, read_index
from warehouse.errors import WarehouseError
from warehouse.store import DEFAULT_DIRECTORY, DIRECTORY_VARIABLE

DONE, NOTHING_DONE, WRONG_COMMAND, DIFFERENT = 0, 1, 2, 3
WRITERS: Mapping[str, Callable[[Document], bytes]] = {"docx": word, "pdf": pdf}
FORMATS = (*WRITERS, "json")
FOLDER = Path("var/bulletins")
_CODES = (
    "Exit codes: 0 done, 1 nothing was written (a sentence says why), 2 the command or the policy is wrong, "
    "3 with --diff: the two differ."
)


class Standing(Exception):
    """Another bulletin of that period stands where this one would be written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; an error is one sentence on stderr, never a traceback."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if not chosen.diff and chosen.kind is None:
        parser.error("--kind is needed: weekly, monthly or quarterly (or --diff with two files)")
    try:
        return _compare(chosen) if chosen.diff else _write(chosen)
    except (BadEdition, BadPolicy) as error:
        print(error, file=sys.stderr)
        return WRONG_COMMAND
    except (QueryError, WarehouseError, PrintingUnavailable, Standing) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    except OSError as error:
        print(f"{error.filename or chosen.to}: {error.strerror}; nothing was written there.", file=sys.stderr)
        return NOTHING_DONE


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
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="DAY",
        help="as known on that day (default: the last one)",
    )
    parser.add_argument("--version", metavar="VERSION", help="a version that is kept (default: the live one)")
    parser.add_argument(
        "--warehouse",
        metavar="PLACE",
        help=f"a directory or a server's URL (default ${DIRECTORY_VARIABLE}, else {DEFAULT_DIRECTORY})",
    )
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="DIR", help="folder (default %(default)s)")
    parser.add_argument(
        "--format",
        type=_formats,
        default=FORMATS,
        metavar="LIST",
        help="of docx,pdf,json (default: all three)",
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language (default %(default)s)")
    parser.add_argument(
        "--replace", action="store_true", help="write over a bulletin of that period that says something else"
    )
    parser.add_argument(
        "--diff", nargs=2, type=Path, metavar="JSON", help="say what changed from the first to the second"
    )
    parser.add_argument("--json", action="store_true", help="with --diff: the same as one JSON object")
    return parser


def _formats(spelled: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(spelled.split(",")))
    if strange := next((one for one in chosen if one not in FORMATS), None):
        raise argparse.ArgumentTypeError(f"{strange!r} is not a format: name some of docx,pdf,json")
    return chosen


def _write(chosen: argparse.Namespace) -> int:
    place = chosen.warehouse or os.environ.get(DIRECTORY_VARIABLE) or str(DEFAULT_DIRECTORY)
    policies, indexes = read_bulletin(), read_index()
    opened = open_warehouse(place, chosen.version)
    try:
        kind = Kind(chosen.kind)
        one = (
            edition(kind, chosen.period) if chosen.period else latest(kind, chosen.as_of or opened.info.as_of)
        )
        as_of = chosen.as_of or one.period.end
        _say(f"{one.number.zh}: {one.period.start} – {one.period.end}")
        _say(f"As of 截至 {as_of}, version 版本 {opened.info.version}")
        content = bulletin(opened, one, as_of, policies, indexes)
    finally:
        opened.close()
    kept = canonical(content)
    _require_free(chosen.to / f"bulletin-{one.key}.json", kept, replace=chosen.replace)
    document = bulletin_document(content, in_force(policies, as_of).lists, chosen.lang)
    # All are made before the first is written: a fault leaves no half of them behind.
    files = {
        f"bulletin-{one.key}.json" if name == "json" else f"bulletin-{one.key}-{chosen.lang}.{name}": (
            kept if name == "json" else WRITERS[name](document)
        )
        for name in chosen.format
    }
    chosen.to.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        part = chosen.to / f".{name}.part"
        part.write_bytes(data)
        part.replace(chosen.to / name)
        _say(f"Written 已写出 {chosen.to / name} ({len(data):,} bytes)")
    return DONE


def _require_free(path: Path, content: bytes, *, replace: bool) -> None:
    """Raises Standing where the file holds other content: what was issued is not altered by a timer."""
    if not replace and path.is_file() and path.read_bytes() != content:
        raise Standing(
            f"{path} says something else than this bulletin; write this one to another folder with --to and "
            "compare the two with --diff, or add --replace."
        )


def _compare(chosen: argparse.Namespace) -> int:
    before, after = (read_bulletin_file(path.read_bytes(), str(path)) for path in chosen.diff)
    found = changes(before, after)
    if chosen.json:
        _say(words.as_json(found))
    else:
        for line in words.said(found, chosen.lang):
            _say(line)
    return DONE if found.none else DIFFERENT


def _say(line: str) -> None:
    """Print a line at once; when nobody reads any more (`| head`), the work goes on in silence."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
