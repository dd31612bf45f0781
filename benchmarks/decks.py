"""What a deck of twelve views costs: freezing it, opening it on the wall, and each of its files.

    python benchmarks/decks.py [--cases 3M] [--repeat 3] [--lang zh]

Everything is done as a reader of the whole city does it. Exit code 1 when PowerPoint, PDF and Excel together
take longer than the 15 s that a meeting is kept waiting.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks import report, warehouses  # noqa: E402
from dashboards.cards import decks as words  # noqa: E402
from dashboards.cards.downloads import definition_headings  # noqa: E402
from dashboards.exports import deck_pdf, deck_workbook, pictures, slides  # noqa: E402
from dashboards.exports.deck import Deck  # noqa: E402
from dashboards.exports.frozen import unpack  # noqa: E402
from dashboards.exports.presentation import presentation  # noqa: E402
from dashboards.navigation import all_boards  # noqa: E402
from dashboards.recipe import board_of  # noqa: E402
from queries.execute import Warehouse, open_warehouse  # noqa: E402
from warehouse.records.decks import View, dated  # noqa: E402

VIEWS = (
    ("overview", ""), ("overview", "district=330110"), ("volume", ""), ("volume", "district=330109"),
    ("repeats", ""), ("backlog", ""), ("hotspots", ""), ("issues", ""), ("rankings", ""),
    ("profile", "district=330110"), ("handling", ""), ("responsiveness", ""),
)  # fmt: skip
_LOOKED_AT = 500  # milliseconds before the next turn: nobody reads a slide in less
PATIENCE = 15  # seconds for the three files
_RIGHTS = "city"


def _frozen(warehouse: Warehouse, key: str, address: str) -> dict[str, bytes]:
    board, info = board_of(key), warehouse.info
    if board is None:
        raise LookupError(f"no board is called {key}; correct VIEWS")
    view = View(key, dated(address, info.as_of), key, info.as_of, info.version)
    return dict(board.freeze(warehouse, view, _RIGHTS).pages)


def _deck(pages: Sequence[bytes], now: str) -> Deck:
    views, marks = zip(*map(unpack, pages), strict=True)
    headings = definition_headings(now)
    return Deck(now, "联席会议", (), marks[0], words.MORE.in_(now), date(2026, 10, 31), views, headings)


def _timed(make: Callable[[], bytes], repeat: int) -> tuple[float, int]:
    """The median seconds of making a file, and its bytes."""
    spent, size = [], 0
    for _ in range(repeat):
        begun = time.perf_counter()
        size = len(make())
        spent.append(time.perf_counter() - begun)
    return report.p50(spent), size


# Presses a key and waits until the next slide is painted; the milliseconds in between.
_TURN = """() => new Promise((done) => {
    const begun = performance.now();
    dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
})"""


def _turned(deck: Deck) -> list[float]:
    """Milliseconds of each turn in a browser of 1920 by 1080; nothing where there is no browser."""
    # The other rows need no package of the tests.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from tests.services.browser import FLAGS  # noqa: PLC0415

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return []
    beside = f"{(ROOT / 'dashboards').as_uri()}/"
    page = presentation(deck, "/present/1", "/decks").replace('"/present.', f'"{beside}present.')
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder) / "wall.html"
        place.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        wall = browser.new_page(viewport={"width": 1920, "height": 1080})
        wall.goto(place.as_uri())
        wall.wait_for_selector("body[data-ready]", state="attached")
        wall.keyboard.press(" ")  # begins; every further one turns
        turns = wall.locator("#stage > .slide").count() - 1
        spent = []
        for _ in range(turns):
            wall.wait_for_timeout(_LOOKED_AT)
            spent.append(float(wall.evaluate(_TURN)))
        browser.close()
    return spent


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table; returns 1 when the files take longer than a meeting waits."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser(
        prog="benchmarks/decks.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--cases", default="3M", help="how many cases the city has")
    parser.add_argument("--repeat", type=int, default=3, help="how often each file is made")
    parser.add_argument("--lang", default="zh", choices=("zh", "en"))
    chosen = parser.parse_args(arguments)
    all_boards()
    with closing(open_warehouse(warehouses.demo(chosen.cases))) as warehouse:
        begun = time.perf_counter()
        frozen = [_frozen(warehouse, key, address) for key, address in VIEWS]
        freezing = time.perf_counter() - begun
    deck = _deck([pages[chosen.lang] for pages in frozen], chosen.lang)
    files: dict[str, Callable[[], bytes]] = {
        "PowerPoint": lambda: slides.slides(deck),
        "PDF": lambda: deck_pdf.pdf(deck),
        "Excel": lambda: deck_workbook.workbook(deck),
        "pictures": lambda: pictures.pictures(deck),
        "the wall": lambda: presentation(deck, "/present/1", "/decks").encode(),
    }
    kept = sum(len(page) for pages in frozen for page in pages.values())
    rows = [["freezing, both languages", f"{freezing:.1f} s", f"{kept / 1e3:,.0f} KB"]]
    spent = {}
    for name, make in files.items():
        spent[name], size = _timed(make, chosen.repeat)
        rows.append([name, f"{spent[name]:.1f} s", f"{size / 1e3:,.0f} KB"])
    three = spent["PowerPoint"] + spent["PDF"] + spent["Excel"]
    rows.append(["PowerPoint, PDF and Excel", f"{three:.1f} s", ""])
    turned = _turned(deck)
    if turned:
        slowest = f"{report.milliseconds(report.p95(turned))} ms"
        rows.append(
            [f"a turn on the wall, of {len(turned)}", f"{report.milliseconds(report.p50(turned))} ms", ""]
        )
        rows.append(["a turn on the wall, 95 of 100", slowest, ""])
    print(report.table([f"{len(VIEWS)} views, median", "time", "size"], rows))
    return 1 if three > PATIENCE else 0


if __name__ == "__main__":
    sys.exit(main())
