"""The commands `python -m warehouse audit …`: verify the record of who did what, print its head, export."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.records.audit import Action, Entry, Person, Wanted, append, head, verify, walk
from warehouse.records.chain import Fault, Wrong, read_head
from warehouse.records.opening import PLACE_VARIABLE, Records, open_records, records_place

DONE, NOT_WHOLE = 0, 4
Say = Callable[[str], None]

FOUND = {
    Wrong.EDITED: "record {n} was edited 已被篡改",
    Wrong.MISSING: "record {n} is missing 缺失",
    Wrong.REORDERED: "record {n} stands where another belongs 顺序被调换",
    Wrong.DUPLICATED: "record {n} stands twice 重复",
    Wrong.INSERTED: "record {n} was put in 系插入",
    Wrong.REWRITTEN: "the chain up to record {n} was written anew 整链被重写",
    Wrong.UNANCHORED: "the head of the chain is gone 链首登记缺失",
    Wrong.NOTE_CHANGED: "the supervise note of record {n} was changed or removed 督办内容被改动",
}


def add_to(commands: argparse._SubParsersAction[Any], say: Say) -> None:
    """Add `audit` and what is below it to the parser of `python -m warehouse`; `say` prints a line."""
    parser = commands.add_parser(
        "audit",
        help="verify the record of who saw, exported and opened what; print its head, export it",
        description="The record of who saw, exported and opened what, a chain in which every record holds "
        f"the hash of the one before it, stands in {records_place()} (${PLACE_VARIABLE}).",
    )
    below = parser.add_subparsers(required=True, metavar="WHAT")

    verifying = below.add_parser(
        "verify",
        help="walk the whole chain; exit code 4 names the first record that is not as it was written",
        description="Walk the chain from the first record to the last, and every supervise note. A chain "
        "that was replaced as a whole is found only by a head that was kept elsewhere: give it with --head.",
    )
    verifying.add_argument(
        "--head", action="append", default=[], metavar="LINE", help="a line of `audit head`; may be repeated"
    )
    verifying.set_defaults(run=partial(_run, _verify, say))

    heading = below.add_parser(
        "head",
        help="print where the chain ends, as a line to keep elsewhere",
        description="Print number, time and hash of the last record in one line. Kept elsewhere, on paper or "
        "another machine, it proves later that nothing up to it was changed: `audit verify --head LINE`.",
    )
    heading.set_defaults(run=partial(_run, _head, say))

    exporting = below.add_parser(
        "export",
        help="write records to a file, one JSON object a line, oldest first",
        description="Write records with their hashes to FILE, one JSON object a line, oldest first, and put "
        "the export itself on record.",
    )
    exporting.add_argument("--to", type=Path, required=True, metavar="FILE", help="must not exist yet")
    exporting.add_argument(
        "--from", dest="since", type=date.fromisoformat, metavar="DAY", help="YYYY-MM-DD, of UTC"
    )
    exporting.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="the last day, included")
    exporting.set_defaults(run=partial(_run, _export, say))

    for command in (verifying, heading, exporting):
        command.add_argument("--json", action="store_true", help="the same as one JSON object")
        command.set_defaults(directory=None)


def _run(
    act: Callable[[Records, Say, argparse.Namespace], int],
    say: Say,
    _warehouse: object,
    chosen: argparse.Namespace,
) -> int:
    with closing(open_records(must_exist=True)) as records:
        return act(records, say, chosen)


def _verify(records: Records, say: Say, chosen: argparse.Namespace) -> int:
    verdict = verify(records, [read_head(line) for line in chosen.head])
    fault = verdict.fault
    if chosen.json:
        wrong = None if fault is None else {"wrong": fault.wrong, "record": fault.audit_id}
        told = {"place": str(records), "records": verdict.records, "hash": verdict.hash, "fault": wrong}
        say(json.dumps(told, ensure_ascii=False))
    elif fault is None:
        say(f"{verdict.records:,} records are whole 记录完整, the last is {verdict.hash}.")
    else:
        say(f"NOT WHOLE 记录不完整: {_said(fault)}; {verdict.records:,} records before it are whole.")
    return DONE if fault is None else NOT_WHOLE


def _said(fault: Fault) -> str:
    return FOUND[fault.wrong].format(n=fault.audit_id)


def _head(records: Records, say: Say, chosen: argparse.Namespace) -> int:
    end = head(records)
    told = {"records": end.records, "at": end.at, "hash": end.hash, "line": end.line}
    say(json.dumps(told) if chosen.json else end.line)
    return DONE


def _export(records: Records, say: Say, chosen: argparse.Namespace) -> int:
    half = chosen.to.with_name(f"{chosen.to.name}.writing")
    try:
        if chosen.to.exists():
            raise WarehouseError(f"{chosen.to} stands already; name another file.")
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT, 0o600))
        rows, size, hashed = _written(half, walk(records, _chosen(chosen)))
        by = Person(f"command:{getpass.getuser()}", role="operator")
        append(records, Entry(Action.EXPORTED, by, chosen.to.name, rows=rows, bytes=size, sha256=hashed))
        half.rename(chosen.to)
    except OSError as error:
        raise WarehouseError(
            f"{chosen.to} cannot be written ({error.strerror}); name another file or correct its folder."
        ) from error
    finally:
        half.unlink(missing_ok=True)
    if chosen.json:
        told = {"file": str(chosen.to), "records": rows, "bytes": size, "sha256": hashed}
        say(json.dumps(told, ensure_ascii=False))
    else:
        say(f"{rows:,} records written 已导出 to {chosen.to}, SHA-256 {hashed}.")
    return DONE


def _written(path: Path, rows: Iterable[Mapping[str, Any]]) -> tuple[int, int, str]:
    """Write one JSON object a line; returns lines, bytes and SHA-256 of the file."""
    hashed, count, size = hashlib.sha256(), 0, 0
    with path.open("wb") as file:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            file.write(line)
            hashed.update(line)
            count, size = count + 1, size + len(line)
    return count, size, hashed.hexdigest()


def _chosen(chosen: argparse.Namespace) -> Wanted:
    return Wanted(_midnight(chosen.since, 0), _midnight(chosen.until, 1))


def _midnight(day: date | None, later: int) -> datetime | None:
    """The moment (UTC) at which a day begins, `later` days on."""
    return None if day is None else datetime.combine(day + timedelta(days=later), time(), UTC)
