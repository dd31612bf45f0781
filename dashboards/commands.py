"""What the commands that write documents share: formats, files on record, sentences on the terminal."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboards.exports.document import Document
from dashboards.exports.pdf import PrintingUnavailable, pdf
from dashboards.exports.word import word
from queries.errors import BadEdition, BadPolicy, BadQuestion, QueryError
from queries.execute import Warehouse
from warehouse.errors import WarehouseError
from warehouse.records import audit
from warehouse.records.audit import Action, Entry, Person
from warehouse.records.opening import open_records, records_place
from warehouse.store import DEFAULT_DIRECTORY, DIRECTORY_VARIABLE

DONE, NOTHING_DONE, WRONG_COMMAND = 0, 1, 2
WRITERS: Mapping[str, Callable[[Document], bytes]] = {"docx": word, "pdf": pdf}
FORMATS = (*WRITERS, "json")
OPERATOR = "operator"  # the role of whoever may run commands on the server


class Standing(Exception):
    """Another document of that content stands where this one would be written."""


@dataclass(frozen=True)
class Content:
    """A document to be written: the name its files begin with, its data, its words, and what is in it.

    `said` are its choices in words, for the record; `items` how many single items it lists, None for none.
    """

    name: str
    data: bytes
    document: Document
    said: str
    version: str
    as_of: date
    items: int | None = None


def ran(run: Callable[[], int], to: Path) -> int:
    """What `run` returns; whatever keeps it from writing is one sentence on stderr and an exit code."""
    try:
        return run()
    except (BadEdition, BadPolicy, BadQuestion) as error:
        print(error, file=sys.stderr)
        return WRONG_COMMAND
    except (QueryError, WarehouseError, PrintingUnavailable, Standing) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    except OSError as error:
        print(f"{error.filename or to}: {error.strerror}; nothing was written there.", file=sys.stderr)
        return NOTHING_DONE


def place_of(chosen: argparse.Namespace) -> str:
    """The warehouse that the command names, or the usual one."""
    return chosen.warehouse or os.environ.get(DIRECTORY_VARIABLE) or str(DEFAULT_DIRECTORY)


def add_choices(parser: argparse.ArgumentParser, folder: Path) -> None:
    """The choices of every command that writes documents; files go to `folder` unless told otherwise."""
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
    parser.add_argument("--to", type=Path, default=folder, metavar="DIR", help="folder (default %(default)s)")
    parser.add_argument(
        "--format",
        type=formats,
        default=FORMATS,
        metavar="LIST",
        help="of docx,pdf,json (default: all three)",
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language (default %(default)s)")
    parser.add_argument(
        "--replace", action="store_true", help="write over files of that name that say something else"
    )


def formats(spelled: str) -> tuple[str, ...]:
    """The formats of a list with commas, each once."""
    chosen = tuple(dict.fromkeys(spelled.split(",")))
    if strange := next((one for one in chosen if one not in FORMATS), None):
        raise argparse.ArgumentTypeError(f"{strange!r} is not a format: name some of docx,pdf,json")
    return chosen


def write(content: Content, chosen: argparse.Namespace) -> None:
    """Writes the files of `chosen.format` to `chosen.to`, each on record before it stands there.

    Raises Standing where the JSON file says something else, and RecordsUnavailable, PrintingUnavailable and
    OSError; what cannot be written down is not written.
    """
    require_free(chosen.to / f"{content.name}.json", content.data, replace=chosen.replace)
    # All are made before the first is written: a fault leaves no half of them behind.
    files = {
        f"{content.name}.json" if name == "json" else f"{content.name}-{chosen.lang}.{name}": (
            content.data if name == "json" else WRITERS[name](content.document)
        )
        for name in chosen.format
    }
    chosen.to.mkdir(parents=True, exist_ok=True)
    _on_record(content, files)
    for name, data in files.items():
        part = chosen.to / f".{name}.part"
        part.write_bytes(data)
        part.replace(chosen.to / name)
        say(f"Written 已写出 {chosen.to / name} ({len(data):,} bytes)")


def require_free(path: Path, content: bytes, *, replace: bool) -> None:
    """Raises Standing where the file holds other content: what was issued is not altered by a timer."""
    if not replace and path.is_file() and path.read_bytes() != content:
        raise Standing(
            f"{path} says something else than this one; write this one to another folder with --to and "
            "compare the two, or add --replace."
        )


def say(line: str) -> None:
    """Print a line at once; when nobody reads any more (`| head`), the work goes on in silence."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def said_as_of(as_of: date, warehouse: Warehouse) -> None:
    """Says as of which day and from which version the document is."""
    say(f"As of 截至 {as_of}, version 版本 {warehouse.info.version}")


def _on_record(content: Content, files: Mapping[str, bytes]) -> None:
    by = Person(f"command:{getpass.getuser()}", role=OPERATOR)
    with closing(open_records(records_place())) as records:
        for entry in _entries(content, files, by):
            audit.append(records, entry)


def _entries(content: Content, files: Mapping[str, bytes], by: Person) -> Iterable[Entry]:
    for name, data in files.items():
        yield Entry(
            Action.EXPORTED,
            by,
            name,
            content.said,
            content.version,
            content.as_of,
            content.items,
            len(data),
            hashlib.sha256(data).hexdigest(),
        )
