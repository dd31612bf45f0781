"""The command `python -m warehouse`: make the demo city, load an export, go back, copy, say what stands.

Exit codes: 0 done, 1 nothing was changed, 2 the command or the mapping is wrong, 3 another process writes,
4 the record of who did what is not whole.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from warehouse import copying, demo, store
from warehouse.errors import BadMapping, WarehouseBusy, WarehouseError
from warehouse.ingest import mapping
from warehouse.ingest.key_ring import rekey
from warehouse.ingest.loading import SIDE_FOLDER, load, replay
from warehouse.ingest.quarantine import waiting
from warehouse.places import versions_at
from warehouse.records import commands as record_commands
from warehouse.schema import batch, cases, warehouse_info
from warehouse.store import Store

DONE, NOTHING_DONE, WRONG_COMMAND, BUSY = 0, 1, 2, 3
_CODES = (
    "Exit codes: 0 done, 1 nothing was changed (a sentence says why), 2 the command or the mapping is wrong, "
    "3 another process is writing: try again later, 4 the record of who did what is not whole."
)
_PLACE = "a directory, postgresql://user@host/database, or clickhousedb://host:8123/database?cluster=NAME"
_MULTIPLES = {"k": 1_000, "m": 1_000_000}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one sentence on stderr, never a traceback."""
    chosen = _parser().parse_args(arguments)
    target = Store(chosen.directory or store.directory())
    try:
        return int(chosen.run(target, chosen))
    except BadMapping as error:
        print(error, file=sys.stderr)
        return WRONG_COMMAND
    except WarehouseBusy as error:
        print(error, file=sys.stderr)
        return BUSY
    except WarehouseError as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m warehouse",
        description="Make the demo city, load an export of petition or 12345 items, go back, copy, say what "
        "stands.",
        epilog=_CODES,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="build the demo city (演示数据) and publish it")
    demo.add_argument("--city", default="hangzhou", help="a folder of assets/cities (default %(default)s)")
    demo.add_argument(
        "--cases", type=_count, default=300_000, help="how many cases: 300k, 3m, 33000000 (default 300k)"
    )
    demo.add_argument("--seed", type=int, default=1, help="same seed, same city (default %(default)s)")
    demo.add_argument(
        "--until",
        type=date.fromisoformat,
        default=date(2026, 10, 31),
        help="last day of the data, YYYY-MM-DD (default %(default)s)",
    )
    demo.set_defaults(run=_demo)

    loading = commands.add_parser(
        "load",
        help="load a CSV, XLSX or Parquet file through a mapping and publish the result",
        description="Read every row of FILE, say what became of it, and publish (guide: docs/mapping.md).",
    )
    loading.add_argument("file", type=Path, metavar="FILE", help="CSV (also .gz), XLSX or Parquet")
    loading.add_argument(
        "--mapping",
        required=True,
        metavar="NAME",
        help=f"one of {', '.join(mapping.names())}, or the path of a .toml file",
    )
    loading.add_argument(
        "--city", metavar="KEY", help="a folder of assets/cities (default: the mapping's city)"
    )
    loading.add_argument(
        "--hold", action="store_true", help="leave the live version as it is until `publish`"
    )
    loading.set_defaults(run=_load)

    publishing = commands.add_parser(
        "publish",
        help="make live what loads with --hold have held back",
        description="Make the version live that `load --hold` left waiting. Loads build upon it: files held "
        "one after the other are published at once, and by any load without --hold too.",
    )
    publishing.add_argument("--discard", action="store_true", help="drop it instead; the live version stays")
    publishing.set_defaults(run=_publish)

    status = commands.add_parser("status", help="print version, city, as-of date, rows and batches")
    status.add_argument("--json", action="store_true", help="the same as one JSON object")
    status.set_defaults(run=_status)

    aside = commands.add_parser(
        "quarantine",
        help="list the rows that loads set aside, masked",
        description="List file, row, reason and the masked row of all that no load or replay took. The "
        "rows themselves hold personal data and stay in files that their owner alone can read.",
    )
    aside.add_argument("--batch", type=int, metavar="NUMBER", help="only what this batch set aside")
    aside.add_argument("--reason", metavar="TEXT", default="", help="only where the reason contains TEXT")
    aside.add_argument("--json", action="store_true", help="the same as one JSON list")
    aside.set_defaults(run=_quarantine)

    again = commands.add_parser(
        "replay",
        help="read the rows set aside again, after their mapping was corrected",
        description="Read again what loads through this mapping set aside, load what passes now, publish. "
        "An item that stands already stays as it is: load its export again to correct it.",
    )
    again.add_argument(
        "--mapping",
        required=True,
        metavar="NAME",
        help="the corrected mapping, by the name it was loaded with",
    )
    again.add_argument("--batch", type=int, metavar="NUMBER", help="only what this batch set aside")
    again.set_defaults(run=_replay)

    keys = commands.add_parser(
        "rekey",
        help="give every person and matter a new key, under one more secret",
        description="Take all keys through one more secret and publish; links between items stay. "
        "For the day on which the secret may have become known, and once a year.",
    )
    keys.set_defaults(run=_rekey)

    back = commands.add_parser(
        "rollback",
        help="make the version before the live one live again",
        description="Make an older version live. No file is removed; `--to` leads forward again as well.",
    )
    back.add_argument("--to", metavar="VERSION", help="one of the versions kept, as `status` names them")
    back.add_argument("--at", metavar="PLACE", help=f"{_PLACE} (default: the warehouse directory)")
    back.set_defaults(run=_rollback)

    moving = commands.add_parser(
        "copy",
        help="copy the live version to another engine, prove both alike and publish it there",
        description="Bring what the target does not hold yet, make the roll-ups there, read back what was "
        "moved, compare rows and checksums, publish. Unless all are alike the target keeps what it serves. "
        "What has not changed since the copy before is taken over from the version that the target serves.",
    )
    moving.add_argument("--from", dest="source", required=True, metavar="PLACE", help=_PLACE)
    moving.add_argument("--to", dest="target", required=True, metavar="PLACE", help="likewise")
    moving.add_argument(
        "--prove-all",
        action="store_true",
        help="believe no earlier proof: read both sides whole before anything is taken over",
    )
    moving.add_argument("--json", action="store_true", help="what was proved, as one JSON object at the end")
    moving.set_defaults(run=_copy, directory=None)

    record_commands.add_to(commands, _say)

    for command in (demo, loading, publishing, status, aside, again, back):
        command.add_argument(
            "--directory",
            type=Path,
            help=f"warehouse directory (default ${store.DIRECTORY_VARIABLE}, else {store.DEFAULT_DIRECTORY})",
        )
    return parser


def _say(line: str) -> None:
    """Print a line at once; when nobody reads any more (`| head`), the work goes on in silence."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_json(told: object) -> None:
    _say(json.dumps(told, ensure_ascii=False, indent=2, default=str))


def _demo(target: Store, chosen: argparse.Namespace) -> int:
    with target.build() as connection:
        demo.build(
            connection, city=chosen.city, cases=chosen.cases, seed=chosen.seed, until=chosen.until, say=_say
        )
    _say(f"Published demo warehouse 演示数据 {target.version()} in {target.directory}.")
    return DONE


def _load(target: Store, chosen: argparse.Namespace) -> int:
    # Reading makes millions of objects that do not point in circles: to look for circles took a fifth of it.
    gc.set_threshold(200_000)
    load(target, chosen.file, chosen.mapping, _say, chosen.city, hold=chosen.hold)
    return DONE


def _publish(target: Store, chosen: argparse.Namespace) -> int:
    if chosen.discard:
        target.discard()
        _say(f"Nothing is held back any more 已丢弃暂存版本 in {target.directory}.")
    else:
        _say(f"Version {target.publish()} is live 已发布 in {target.directory}.")
    return DONE


def _replay(target: Store, chosen: argparse.Namespace) -> int:
    replay(target, chosen.mapping, _say, chosen.batch)
    return DONE


def _rekey(target: Store, _chosen: argparse.Namespace) -> int:
    rekey(target, _say)
    return DONE


def _rollback(target: Store, chosen: argparse.Namespace) -> int:
    place = versions_at(chosen.at or target.directory)
    _say(f"Version {place.roll_back(chosen.to)} is live 已回到此版本 in {place}.")
    return DONE


def _quarantine(target: Store, chosen: argparse.Namespace) -> int:
    with target.reading() as connection:
        found, gone = waiting(connection, target.directory.parent / SIDE_FOLDER)
    rows = [
        {
            "batch_id": one.batch_id,
            "file_name": one.file_name,
            "mapping": one.mapping,
            "row": row.place,
            "reason": row.reason,
            "shown": row.shown,
        }
        for one in found
        if chosen.batch in (None, one.batch_id)
        for row in sorted(one.rows(), key=lambda row: row.place)
        if chosen.reason.casefold() in row.reason.casefold()
    ]
    for sentence in gone:
        print(sentence, file=sys.stderr)
    if chosen.json:
        _say_json(rows)
        return DONE
    for row in rows:
        shown = row["shown"] or "(not shown: it could not be taken apart 无法拆分，不显示)"
        _say(
            f"batch {row['batch_id']} 批次  {row['file_name']}  row 行 {row['row']}  {row['reason']}  {shown}"
        )
    _say(f"{len(rows):,} rows wait 行待处理, unmasked in 原文在 {target.directory.parent / SIDE_FOLDER}")
    return DONE


def _copy(_live: Store, chosen: argparse.Namespace) -> int:
    def say(line: str) -> None:
        if chosen.json:
            print(line, file=sys.stderr, flush=True)
        else:
            _say(line)

    source, target = versions_at(chosen.source), versions_at(chosen.target)
    proved = copying.copy(source, target, say, prove_all=chosen.prove_all)
    if chosen.json:
        tables = {
            one.name: {
                "rows": one.digest.rows,
                "checksum": f"{one.digest.checksum:016x}",
                "moved": one.moved,
                "mended": one.mended,
            }
            for one in proved
        }
        print(json.dumps({"version": target.version(), "tables": tables}, ensure_ascii=False, indent=2))
    say(f"Published {target.version()} in {target}: {len(proved)} tables alike on both sides.")
    return DONE


def _status(target: Store, chosen: argparse.Namespace) -> int:
    standing = _standing(target)
    if chosen.json:
        _say_json(standing)
        return DONE
    _say(f"version 版本    {standing['version']}" + ("  演示数据 demo data" if standing["is_demo"] else ""))
    _say(f"kept 保留版本   {', '.join(standing['kept'])}")
    if standing["held"]:
        _say(f"held 暂存版本   {standing['held']}, not yet published 尚未发布")
    _say(f"city 城市       {standing['city']}")
    _say(f"data 数据期间   {standing['data_from_on']} – {standing['as_of_on']}")
    _say(f"cases 诉求件    {standing['cases']:,}")
    _say(f"waiting 待处理  {standing['waiting']:,}")
    for row in standing["batches"]:
        _say(
            f"batch {row['batch_id']} 批次   {row['file_name']}  {row['loaded_at']:%Y-%m-%d %H:%M}  "
            f"read 读取 {row['rows_read']:,} = loaded 载入 {row['rows_loaded']:,} "
            f"+ superseded 更正 {row['rows_superseded']:,} + duplicate 重复 {row['rows_duplicate']:,} "
            f"+ rejected 拒收 {row['rows_rejected']:,}"
        )
    return DONE


def _standing(target: Store) -> dict[str, Any]:
    with target.reading() as connection:
        info = connection.execute(select(warehouse_info)).mappings().one()
        batches = connection.execute(select(batch).order_by(batch.c.batch_id)).mappings().all()
        counted = connection.execute(select(func.count()).select_from(cases)).scalar_one()
        aside, _ = waiting(connection, target.directory.parent / SIDE_FOLDER)
    return {
        **info,
        "directory": target.directory,
        "kept": target.versions(),
        "held": held.name if (held := target.held()) else None,
        "cases": counted,
        "waiting": sum(1 for one in aside for _ in one.rows()),
        "batches": [dict(row) for row in batches],
    }


def _count(spelled: str) -> int:
    """Return 300000 for "300k"; argparse prints the ValueError's argument as a usage error."""
    digits, multiple = spelled.lower().replace("_", "").replace(",", ""), 1
    if digits[-1:] in _MULTIPLES:
        digits, multiple = digits[:-1], _MULTIPLES[digits[-1]]
    counted = int(float(digits) * multiple)
    if counted < 1:
        raise argparse.ArgumentTypeError(f"{spelled!r} is not a positive number of cases such as 300k or 3m")
    return counted


if __name__ == "__main__":
    sys.exit(main())
