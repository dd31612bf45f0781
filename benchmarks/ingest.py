"""What loading a large CSV costs: rows and megabytes a second, the greatest memory, and where the time goes.

    python benchmarks/ingest.py [--size 1GB] [--directory var/benchmark/ingest]

The file is made once (演示数据: invented items of invented persons, title and detail, a tenth of them
repeats, a few rows broken on purpose) and loaded in a process of its own into a warehouse that is thrown
away. The exit code is 1 when that process took more than 2 GB or when the rows do not add up.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402

from benchmarks import report  # noqa: E402
from warehouse.ingest import loading  # noqa: E402
from warehouse.ingest.sources import open_source  # noqa: E402
from warehouse.ingest.staging import Stage  # noqa: E402
from warehouse.ingest.tally import DUPLICATE, REJECTED, SUPERSEDED  # noqa: E402
from warehouse.schema import cases  # noqa: E402
from warehouse.store import Store  # noqa: E402

MAPPING = "canonical"
MEMORY_MOST = 2048  # MB
SEED = 1
REPEATS, DUPLICATES, BROKEN = 0.1, 0.001, 0.001  # shares of the rows
HEADER = (
    "工单编号,登记时间,受理时间,答复时间,办结时间,区县,镇街,渠道,一级分类,二级分类,承办单位,满意度评价,经度,纬度,标题,诉求内容,"
    "证件号码,联系电话,姓名,问题地址"
)  # fmt: skip
PLACES = (("西湖区", "翠苑街道"), ("余杭区", "五常街道"), ("西湖区", ""), ("萧山区", ""), ("拱墅区", ""))
MATTERS = (
    (
        "城乡建设",
        "物业管理",
        "电梯停运",
        "小区电梯多次停运，老人上下楼困难，物业一直未修复，请协调尽快处理。",
    ),
    ("城乡建设", "停车管理", "占道停车", "路口长期有车辆占道停放，早晚高峰通行受阻，多次反映没有改善。"),
    (
        "生态环境",
        "噪音扰民",
        "夜间施工",
        "工地夜间施工到凌晨，影响周边居民休息，希望核实施工许可并给出时间表。",
    ),
    (
        "劳动社保",
        "拖欠工资",
        "工资拖欠",
        "项目已经完工三个月，工资仍未结清，联系负责人没有答复，涉及工友多人。",
    ),
)
_MULTIPLES = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}

Steps = dict[str, float]  # step of the load → seconds


def export(path: Path, size: int) -> int:
    """Write a CSV of at least `size` bytes to `path`, the same for the same size; returns its rows."""
    chance, rows = random.Random(SEED), 0
    started = datetime(2024, 1, 1)
    earlier: list[tuple[str, ...]] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\n")
        written = csv.writer(file, lineterminator="\n")
        while file.tell() < size:
            for _ in range(1000):
                rows += 1
                number = rows if chance.random() >= DUPLICATES else chance.randint(1, rows)
                registered = started + timedelta(seconds=rows * 20)
                written.writerow(_item(chance, number, registered, earlier))
            if chance.random() < BROKEN * 1000:
                file.write(f'"断行{rows},{registered:%Y-%m-%d %H:%M:%S}\n')
                rows += 1
    return rows


def _item(
    chance: random.Random, number: int, registered: datetime, earlier: list[tuple[str, ...]]
) -> Sequence[str]:
    district, street = chance.choice(PLACES)
    if earlier and chance.random() < REPEATS:
        *matter, identity, phone, name, address = chance.choice(earlier)
    else:
        matter = list(chance.choice(MATTERS))
        identity = f"33010619{chance.randint(50, 99)}0101{chance.randint(0, 9999):04}"
        phone, name = f"139{chance.randint(0, 99_999_999):08}", "示例" + chance.choice("甲乙丙丁戊己庚辛")
        address = f"示例小区{chance.randint(1, 90)}幢{chance.randint(101, 1802)}室"
        if len(earlier) < 10_000:
            earlier.append((*matter, identity, phone, name, address))
    closed = registered + timedelta(hours=chance.randint(2, 400))
    moments = (f"{registered + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}" for hours in (0, 1))
    detail = f"演示数据：{name}反映{address}，{matter[3]}{matter[3]}联系电话{phone}。"
    return (
        f"YS{number:010}", *moments, f"{closed:%Y-%m-%d %H:%M:%S}", f"{closed:%Y-%m-%d %H:%M:%S}",
        district, street, "12345热线来电", matter[0], matter[1], f"{district}住建局",
        chance.choice(("满意", "基本满意", "不满意", "")), f"120.{chance.randint(100_000, 250_000)}",
        f"30.{chance.randint(200_000, 350_000)}", matter[2], detail, identity, phone, name, address,
    )  # fmt: skip


def load_timed(file: Path, directory: Path) -> dict[str, Any]:
    """Load `file` into a new warehouse in `directory`; return rows, seconds of each step, and the account."""
    steps: Steps = {}
    told = _clocked(steps)
    started = time.monotonic()
    found = told(Store(directory), file, MAPPING, _progress)
    whole = time.monotonic() - started
    # Reading and building happen beside the storing: what is left is the time that storing waits for them.
    steps["wait for rows"] = steps.pop("fill") - steps["store"]
    steps["publish"] = whole - sum(steps.values())
    with Store(directory).reading() as connection:
        stored = connection.execute(select(func.count()).select_from(cases)).scalar_one()
    tally = found.tally
    ends = {kind: tally.rows(kind) for kind in (SUPERSEDED, DUPLICATE, REJECTED)}
    return {
        "rows": tally.rows_read,
        "loaded": tally.rows_loaded,
        **ends,
        "stored": stored,
        "seconds": whole,
        "steps": steps,
    }


def _clocked(steps: Steps) -> Callable[..., Any]:
    """`load`, whose steps add their seconds to `steps`, and which says how far it is."""

    def clocked(step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            started = time.monotonic()
            try:
                return work(*given, **named)
            finally:
                steps[step] = steps.get(step, 0.0) + time.monotonic() - started

        return timed

    def opened(file: Path, mapping: Any, *_: Any) -> Any:
        return open_source(file, mapping, _progress)

    clocks: tuple[tuple[Any, str, str], ...] = (
        (loading, "_fingerprint", "hash"),
        (loading, "open_source", "look"),
        (loading, "_fill", "fill"),
        (loading, "_complete", "follow"),
        (Stage, "add", "store"),
    )
    for place, name, step in clocks:
        setattr(place, name, clocked(step, opened if step == "look" else getattr(place, name)))
    return loading.load


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(size: int, directory: Path) -> dict[str, Any]:
    """Make the file of `size` bytes unless it is there, load it in a child, and return what that took."""
    directory.mkdir(parents=True, exist_ok=True)
    file, count = directory / f"{size}.csv", directory / f"{size}.rows"
    if not count.is_file():
        count.write_text(str(export(file, size)), encoding="ascii")
    with tempfile.TemporaryDirectory(dir=directory) as made:
        command = [sys.executable, __file__, "--child", str(file), f"{made}/warehouse"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as child:
            assert child.stdout is not None
            printed = child.stdout.read()
            # What this child used, and no other.
            _, ended, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(ended)
    if child.returncode:
        raise SystemExit(f"The load of {file} ended with code {child.returncode}; its words are above.")
    found: dict[str, Any] = json.loads(printed)
    megabytes = file.stat().st_size / 1e6
    return {
        **found,
        "written": int(count.read_text(encoding="ascii")),
        "MB": megabytes,
        "rows_per_second": found["rows"] / found["seconds"],
        "MB_per_second": megabytes / found["seconds"],
        "CPU_seconds": used.ru_utime + used.ru_stime,
        "peak_MB": used.ru_maxrss / 1024,
    }


def faults(found: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence for each bound that was not kept."""
    if found["peak_MB"] > MEMORY_MOST:
        yield f"The load took {found['peak_MB']:,.0f} MB; {MEMORY_MOST:,} are allowed."
    ends = sum(found[kind] for kind in ("loaded", SUPERSEDED, DUPLICATE, REJECTED))
    if not found["written"] == found["rows"] == ends or found["stored"] != found["loaded"]:
        yield (
            f"The rows do not add up: written {found['written']:,}, read {found['rows']:,}, "
            f"accounted {ends:,}, loaded {found['loaded']:,}, stored {found['stored']:,}."
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, write ingest.json; returns 1 when a bound was not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=_size, default="1GB", help="of the file: 20MB, 1GB (default 1GB)")
    parser.add_argument("--directory", type=Path, default=report.RESULTS / "ingest")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child:
        print(json.dumps(load_timed(*chosen.child)))
        return 0
    found = measure(chosen.size, chosen.directory)
    keys = ("rows", "seconds", "rows_per_second", "MB_per_second", "CPU_seconds", "peak_MB")
    headings = ("file", "rows", "seconds", "rows/s", "MB/s", "CPU s", "peak MB")
    row = [f"{found['MB']:,.0f} MB", *(f"{found[key]:,.{0 if found[key] >= 10 else 1}f}" for key in keys)]
    print(report.table(headings, [row]))
    ends = ("written", "loaded", SUPERSEDED, DUPLICATE, REJECTED, "stored")
    print(report.table(("rows", *ends), [["", *(f"{found[end]:,}" for end in ends)]]))
    shares = [f"{seconds / found['seconds']:.0%}" for seconds in found["steps"].values()]
    print(report.table(("step", *found["steps"]), [["share of the time", *shares]]))
    print(report.write("ingest", found))
    broken = list(faults(found))
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


def _size(spelled: str) -> int:
    """Return bytes for "20MB"; argparse prints the error as one of usage."""
    digits, unit = spelled[:-2], spelled[-2:].upper()
    if unit not in _MULTIPLES or not digits.replace(".", "", 1).isdigit():
        raise argparse.ArgumentTypeError(f"{spelled!r} is no size such as 500KB, 20MB or 1GB")
    return int(float(digits) * _MULTIPLES[unit])


if __name__ == "__main__":
    sys.exit(main())
