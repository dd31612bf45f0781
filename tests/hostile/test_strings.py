"""Hostile strings from a source's file to screens and to files: text they stay, and nothing breaks."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Executable, String, select

from dashboards.exports.document import Document, Paragraph, Table
from dashboards.exports.pdf import html_of
from dashboards.exports.word import word
from queries.vocabulary import ISOLATING, isolated
from tests.hostile.source import LONG_FIELDS, MAPPING, PHONE, ROUNDS, export, long_rows, undecodable_rows
from tests.hostile.strings import GROUPS, HOST, STRINGS, UNDECODABLE
from tests.services.browser import SETTLE, Visit, visiting
from tests.services.suite import ROOT, environ, serving
from warehouse.engines import duckdb
from warehouse.ingest import values
from warehouse.people import mask_numbers
from warehouse.schema import batch_reason, case_history, cases, category, source, unit
from warehouse.store import Store

LEAST = 200
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
LOAD_SECONDS, LOAD_BYTES = 180, 1_500_000_000
# Runs a command, its output in a file, and prints the most kibibytes that it held. Started from here it would
# be counted with what this process held when it was started: a small one starts it.
CHILDS_MEMORY = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as said:
    code = subprocess.run(sys.argv[2:], stdout=said, stderr=said).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


@dataclass(frozen=True)
class Loaded:
    """A warehouse made of hostile strings: what the load said, its seconds, its memory in bytes."""

    directory: Path
    said: str
    seconds: float
    memory: int


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    place = tmp_path_factory.mktemp("hostile")
    (place / "export.csv").write_bytes(export() + long_rows() + undecodable_rows())
    (place / "hostile.toml").write_text(MAPPING, encoding="utf-8")
    directory, begun = place / "warehouse", time.monotonic()
    command = [sys.executable, "-m", "warehouse", "load", str(place / "export.csv")]
    command += ["--mapping", str(place / "hostile.toml")]
    ran = subprocess.run(
        [sys.executable, "-c", CHILDS_MEMORY, str(place / "said"), *command],
        cwd=ROOT,
        env=environ(directory),
        capture_output=True,
        text=True,
        check=False,
    )
    text = (place / "said").read_text(encoding="utf-8")
    assert ran.returncode == 0, text[-2000:] + ran.stderr
    return Loaded(directory, text, time.monotonic() - begun, int(ran.stdout) * 1024)


@pytest.fixture(scope="module")
def address(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("hostile-suite") / "log"
    with serving(loaded.directory, log, entry="tests/hostile/cast.py") as found:
        yield found


# Before any script of the page: a payload that runs sets the name, one that the browser stopped is told of.
WATCH = """
window.__noticed = [];
Object.defineProperty(window, "__hostile", { set: () => window.__noticed.push("a script ran") });
addEventListener("securitypolicyviolation", (event) =>
    window.__noticed.push(`${event.violatedDirective} ${event.blockedURI}`), true);
"""
MARKUP = (Path(__file__).parent / "markup.js").read_text(encoding="utf-8")
SHOWN = """() => document.body.innerText
    + [...document.querySelectorAll("svg text")].map((one) => "\\n" + one.textContent).join("")"""
BOARDS = ("", "volume", "rankings", "handling?span=year", "hotspots", "repeats", "responsiveness", "profile",
          "case_life", "definitions")  # fmt: skip
# Of these, where names that a source gives are printed.
NAMING = ("volume", "handling?span=year", "repeats", "case_life")
# Names that a label must not read as Markdown, icons, colours or formulas.
NARROWED = (f"![图](http://{HOST}/m.png)", ":red[红字]", ":material/home:", f"[退款](http://{HOST}/)",
            "$\\frac{1}{0}$", "<b>粗</b><i>斜</i>")  # fmt: skip


@contextmanager
def reading(browser: Browser, address: str, role: str = "leader") -> Iterator[Visit]:
    """A tab of a reader of this role whose page tells what ran in it, or would have."""
    with visiting(browser) as visit:
        visit.page.context.add_cookies([{"name": "role", "value": role, "url": address}])
        visit.page.add_init_script(WATCH)
        visit.page.on("dialog", lambda one: visit.errors.append(f"a window opened: {one.message}"))
        yield visit


def markup(page: Page) -> list[str]:
    found: list[str] = page.evaluate(MARKUP, HOST)
    return found


def require_text(visit: Visit) -> None:
    """Fails when anything hostile is more than text on the page, or the page is broken by it."""
    visit.settle()
    visit.page.wait_for_load_state("networkidle")
    assert markup(visit.page) == []
    visit.require_clean()


def bare(text: str) -> str:
    """What of a string can be read, without the differences of blanks and of signs nobody sees."""
    return "".join(
        sign for sign in text if sign.isprintable() and not sign.isspace() and sign not in ISOLATING
    )


def test_the_strings_are_many_and_differ() -> None:
    assert len(STRINGS) == len(set(STRINGS)) >= LEAST
    assert all(len(set(group)) == len(group) for group in GROUPS.values())


def test_every_row_is_accounted_for_within_bounds(loaded: Loaded) -> None:
    assert loaded.seconds < LOAD_SECONDS
    assert loaded.memory < LOAD_BYTES
    read = len(STRINGS) * ROUNDS + len(LONG_FIELDS) + len(UNDECODABLE)
    told = re.search(r"rows read 读取 ([\d,]+) = loaded 载入 ([\d,]+) .* rejected 拒收 ([\d,]+)", loaded.said)
    assert told is not None
    first, stood, rejected = (int(number.replace(",", "")) for number in told.groups())
    assert (first, stood + rejected) == (read, read)
    reasons = ask(
        loaded, select(batch_reason.c.reason, batch_reason.c.rows).where(batch_reason.c.kind == "rejected")
    )
    long_numbers = sum(len(one) > 95 for one in map(readable, STRINGS)) * ROUNDS
    assert dict(reasons) == {"not utf-8": 4, "source_case_no: longer than 100 characters": long_numbers + 1}
    assert max(map(len, loaded.said.splitlines())) < 1_000
    assert all(line.isprintable() for line in loaded.said.splitlines())


def readable(text: str) -> str:
    """`text` as a load reads a number: without signs nobody sees, half-width."""
    column = values.visible(pd.Series([text.replace("\n", " ")], dtype="str"))
    return str(values.half_width(column).iloc[0])


def test_nothing_is_kept_unmasked_unseen_or_without_bound(loaded: Loaded) -> None:
    kept = {
        str(column): [text for (text,) in ask(loaded, select(column).distinct()) if text is not None]
        for table in (cases, case_history, unit, category, source)
        for column in table.columns
        if isinstance(column.type, String)
    }
    assert len(kept["cases.title"]) > LEAST
    assert max(map(len, kept["cases.title"])) == 1_000
    every = [text for texts in kept.values() for text in texts]
    assert max(map(len, every)) == 20_000
    assert [one for one in every if PHONE in re.sub(r"\D", "", one)] == []
    assert [one for one in every if re.search(values.UNSEEN, one)] == []
    del kept["cases.source_case_no"]  # which is a number, and no person's
    assert [one for texts in kept.values() for one in texts if mask_numbers(one) != one] == []


def ask(loaded: Loaded, query: Executable) -> list[tuple[Any, ...]]:
    engine = duckdb.engine(Store(loaded.directory).current(), read_only=True)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]
    finally:
        engine.dispose()


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("lang", "boards"), [("zh", BOARDS), ("en", NAMING)])
def test_on_every_board_they_are_text(
    chromium: Browser, address: str, lang: str, boards: tuple[str, ...]
) -> None:
    with reading(chromium, address) as visit:
        for board in boards:
            visit.open(f"{address}/{board}{'&' if '?' in board else '?'}lang={lang}")
            expect(visit.page.locator("h1")).not_to_be_empty(timeout=SETTLE)
            require_text(visit)
            if board == "volume":
                expect(visit.page.locator(".q-row").nth(len(STRINGS) - 80)).to_be_attached(timeout=SETTLE)
                seen = bare(visit.page.evaluate(SHOWN))
                shown = [one for one in STRINGS if bare(one) and bare(one) in seen]
                assert len(shown) > LEAST


@pytest.mark.browser
def test_under_the_pointer_they_are_text(chromium: Browser, address: str) -> None:
    with reading(chromium, address) as visit:
        for board in ("handling?span=year", "repeats?span=year", "responsiveness?span=year"):
            visit.open(f"{address}/{board}")
            chart = visit.page.locator(".js-plotly-plot:has(.points path)").first
            expect(chart).to_be_attached(timeout=SETTLE)
            chart.scroll_into_view_if_needed()
            read = ""
            for point in chart.locator(".points path").all()[:12]:
                point.hover(force=True)
                read += chart.locator(".hoverlayer").text_content() or ""
            assert read
            require_text(visit)


@pytest.mark.browser
def test_as_what_a_page_is_narrowed_to_they_are_text(chromium: Browser, address: str) -> None:
    with reading(chromium, address) as visit:
        for name in NARROWED:
            visit.open(f"{address}/volume?{urlencode({'category1': name, 'span': 'year'})}")
            chip = visit.page.locator(".st-key-chip-category1 button")
            expect(chip).to_be_visible(timeout=SETTLE)
            expect(visit.page.locator(".q-words")).to_contain_text(name, timeout=SETTLE)
            assert name in chip.inner_text().replace("\u2060", "")
            require_text(visit)
        visit.page.locator("[data-items]").first.click()
        expect(visit.page.get_by_role("dialog").locator("[data-testid=stDataFrame]")).to_be_visible(
            timeout=SETTLE
        )
        require_text(visit)
        visit.page.keyboard.press("Escape")


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_in_an_opened_case_its_notes_and_the_record_they_are_text(chromium: Browser, address: str) -> None:
    typed = " ".join((*GROUPS["elements"][2:6], *GROUPS["markdown"][:6], *GROUPS["directions"][:3]))[:500]
    with reading(chromium, address) as visit:
        page = visit.page
        visit.open(f"{address}/case_life?{urlencode({'q': GROUPS['elements'][2], 'no': '=1+1'})}")
        require_text(visit)
        visit.open(f"{address}/case_life")
        rows = page.locator(".st-key-cases tr[data-choose]")
        expect(rows.first).to_be_visible(timeout=SETTLE)
        rows.nth(5).click()
        expect(page.get_by_text("打开办件须先说明目的")).to_be_visible(timeout=SETTLE)
        page.get_by_role("combobox", name="目的").click()
        page.get_by_role("option", name="督办").click()
        page.get_by_role("textbox", name="补充说明").fill(typed[:100])
        page.get_by_role("button", name="记录并打开").click()
        expect(page.locator(".q-timeline")).to_be_visible(timeout=SETTLE)
        require_text(visit)
        page.get_by_role("textbox", name="督办要求").fill(typed)
        page.get_by_role("button", name="提交").click()
        expect(page.locator(".q-thread")).to_contain_text(GROUPS["elements"][2], timeout=SETTLE)
        require_text(visit)
    with reading(chromium, address, "auditor") as visit:
        visit.open(f"{address}/audit")
        expect(visit.page.locator("h1")).to_have_text("访问审计", timeout=SETTLE)
        require_text(visit)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_in_workbooks_and_pictures_they_are_text(chromium: Browser, address: str, tmp_path: Path) -> None:
    cells: list[str] = []
    with reading(chromium, address) as visit:
        for board in ("case_life", "handling?span=year", "volume"):
            visit.open(f"{address}/{board}")
            with visit.page.expect_download(timeout=SETTLE) as saved:
                visit.page.locator(".q-download").first.click(timeout=SETTLE)
            saved.value.save_as(tmp_path / "file.xlsx")
            for sheet in openpyxl.load_workbook(tmp_path / "file.xlsx"):
                written = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
                assert [cell.value for cell in written if cell.data_type == "f" or cell.hyperlink] == []
                cells += [cell.value for cell in written if isinstance(cell.value, str)]
        place = visit.page.locator(".st-key-card-line")
        place.hover()
        with visit.page.expect_download(timeout=SETTLE) as saved:
            place.locator("> .q-picture").click()
        saved.value.save_as(tmp_path / "card.png")
        require_text(visit)
    with Image.open(tmp_path / "card.png") as picture:
        assert picture.width > 400
    assert len({bare(one) for one in cells} & {bare(one) for one in STRINGS}) > LEAST
    assert [one for one in cells if re.search(values.UNSEEN, one) or set(one) & set(ISOLATING)] == []
    assert [one for one in cells if one.lstrip().startswith(FORMULAS)] == []


class Tags(HTMLParser):
    """Notes the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made += [tag, *map(str, attrs)]


def test_in_documents_they_are_text(loaded: Loaded) -> None:
    names = [str(name) for (name,) in ask(loaded, select(unit.c.name_zh).order_by(unit.c.unit_id))]
    document = Document(
        language="zh",
        number="第 1 期",
        title="恶意字符串",
        mark="演示数据",
        dated=date(2026, 7, 1),
        blocks=(
            *(Paragraph(name) for name in names),
            Table(names[1], ("单位", "标题"), tuple((name, name) for name in names[:12])),
        ),
        foot=(names[1],),
    )
    with zipfile.ZipFile(io.BytesIO(word(document))) as file:
        listed = [name for name in file.namelist() if name.endswith((".xml", ".rels"))]
        parts = {name: file.read(name).decode() for name in listed}
    written = parts["word/document.xml"]
    linked = re.compile(rf"<w:hyperlink|Target=\"[^\"]*{HOST}")
    assert [name for name, part in parts.items() if linked.search(part)] == []
    texts = re.findall(r"<w:t[ >][^<]*", written)
    assert sum(HOST in text for text in texts) == written.count(HOST) > LEAST / 4
    parser = Tags()
    parser.feed(html_of(document))
    made = parser.made
    assert {"p", "td"} < set(made)
    assert [
        one for one in made if HOST in one or one in {"img", "script", "iframe", "a", "svg", "link"}
    ] == []


@pytest.mark.browser
def test_beside_a_name_from_right_to_left_nothing_turns_around(chromium: Browser) -> None:
    measured = (
        """() => ["name", "rate"].map((id) => document.getElementById(id).getBoundingClientRect().left)"""
    )
    with visiting(chromium) as visit:
        left = {}
        for way, name in {"plain": "مكتب 5", "isolated": isolated("مكتب 5")}.items():
            visit.page.set_content(f"<p><span id=name>{name}</span> <span id=rate>78.72</span> %</p>")
            left[way] = visit.page.evaluate(measured)
        assert left["isolated"][0] < left["isolated"][1]
        assert left["plain"][0] > left["plain"][1], "nothing was turned around, so nothing is shown"


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_without_the_escape_they_are_found(chromium: Browser, loaded: Loaded, tmp_path: Path) -> None:
    with (
        serving(loaded.directory, tmp_path / "log", entry="tests/hostile/unescaped.py") as address,
        reading(chromium, address) as visit,
    ):
        visit.open(f"{address}/volume?span=year")
        expect(visit.page.locator(".q-row").nth(9)).to_be_attached(timeout=SETTLE)
        visit.settle()
        found = markup(visit.page)
        assert any(one.startswith("img-src") for one in found), found
        assert any("红" in one or HOST in one for one in found)
