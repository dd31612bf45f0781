"""PDF documents read back: selectable Chinese text, bookmarks, whole tables; the same bytes twice."""

from __future__ import annotations

import builtins
import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboards.exports.document import Drawing, Table
from dashboards.exports.pdf import PrintingUnavailable, _printer, html_of, pdf
from tests.dashboards.exports.test_word import DOCUMENT, TREND

pypdf = pytest.importorskip("pypdf")


@pytest.fixture(scope="module")
def written() -> bytes:
    try:
        return pdf(DOCUMENT)
    except PrintingUnavailable as error:
        pytest.skip(str(error))


def test_its_text_is_text(written: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(written)).pages
    for page in pages:
        assert "演示数据" in page.extract_text()
    said = "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", "")
    for text in ("晴雨月报〔2026〕第10期", "杭州市信访和12345热线办理情况月报", "登记诉求1,416件", "区3030"):
        assert text in said, said


def test_every_glyph_is_from_the_bundled_font(written: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(written))
    names = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert names
    assert all(name.startswith("Slice") for name in names), names


def test_bookmarks_are_the_headings(written: bytes) -> None:
    outline = pypdf.PdfReader(io.BytesIO(written)).outline

    def titles(nodes: list[Any]) -> list[Any]:
        return [titles(one) if isinstance(one, list) else one.title for one in nodes]

    assert titles(outline) == ["一、本期要点", ["（一）按期答复率"]]


def test_the_same_document_gives_the_same_bytes(written: bytes) -> None:
    assert pdf(DOCUMENT) == written


def test_other_documents_between_do_not_change_its_fonts(written: bytes) -> None:
    pdf(replace(DOCUMENT, title="另有一份文件，用字不同：聚焦萧山瓜沥镇"))
    assert pdf(DOCUMENT) == written


@pytest.mark.usefixtures("written")
def test_nothing_is_left_behind_when_the_process_ends(tmp_path: Path) -> None:
    # what is registered first is called last: after everything that cleans up, before modules are taken apart
    script = (
        "import atexit, os, tempfile\n"
        "atexit.register(lambda: print(os.listdir(tempfile.gettempdir())))\n"
        "from dashboards.exports.pdf import pdf\n"
        "from tests.dashboards.exports.test_word import DOCUMENT\n"
        "assert pdf(DOCUMENT)"
    )
    root, here = Path(__file__).resolve().parents[3], {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, check=False, cwd=root, env=here, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "[]\n", "")


def test_a_table_that_fits_stays_whole() -> None:
    table = DOCUMENT.blocks[4]
    assert isinstance(table, Table)
    short = replace(table, rows=table.rows[:10])
    assert '<table class="whole">' not in html_of(DOCUMENT)
    assert '<table class="whole">' in html_of(replace(DOCUMENT, blocks=(short,)))


def test_text_is_never_markup() -> None:
    page = html_of(replace(DOCUMENT, title="<b>&</b>", foot=("<script>",)))
    assert "<script>" not in page
    assert "&lt;b&gt;&amp;" in page


def test_without_pango_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.setattr("dashboards.exports.pdf._printer", _printer.__wrapped__)  # nothing kept
    with pytest.raises(PrintingUnavailable, match=r"no Pango.*install.*or ask for docx alone\.$"):
        pdf(DOCUMENT)


def test_a_chart_is_drawn_with_its_words() -> None:
    drawn = html_of(replace(DOCUMENT, blocks=(Drawing("各时段登记件数", TREND),)))
    assert "<figcaption>各时段登记件数</figcaption>" in drawn
    # of one inside another the outer names the face
    assert drawn[drawn.index("<svg") :].startswith('<svg font-family="Slice')
    assert pdf(replace(DOCUMENT, blocks=(Drawing("各时段登记件数", TREND),))).startswith(b"%PDF")
