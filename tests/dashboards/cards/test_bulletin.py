"""A bulletin in words; three published ones made again from their counts, written as Word and read back."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pandas as pd
import pytest

from dashboards.cards import bulletin as words
from dashboards.cards import paper
from dashboards.exports.document import Document, Table
from dashboards.exports.word import word
from queries.bulletin import Bulletin, Entry, Overdue, Roll, Undone, placed
from queries.editions import Kind, edition
from queries.insights.bulletin_lists import ListRule, Lists
from queries.issued import Line
from queries.metrics import metric
from queries.vocabulary import Direction, Rounding, Text

BULLETINS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "bulletins"
published = pytest.mark.skipif(
    not BULLETINS.is_dir(), reason="the published bulletins (../shared/data/bulletins) are not here"
)


def rows(name: str) -> list[dict[str, str]]:
    frame = pd.read_csv(BULLETINS / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def entry(place: int, name: str, group: str, part: float, whole: float, value: float = math.nan) -> Entry:
    shown = part / whole if math.isnan(value) else value
    return Entry(place, Text(name, name), group, shown, part, whole, whole, math.nan, None, None)


def printed(measure: str, entries: list[Entry]) -> list[tuple[str, ...]]:
    """The cells of the ranking as they stand in the Word file: district, rank, value, parts, volume …"""
    league = placed(measure, entries, [0.0] * len(entries), Direction.UP)
    writer = words._Words("zh")
    table = writer._ranked(league, "表", tuple(writer._entry(league, one) for one in league.entries))
    document = Document("zh", "编号", "标题", "", date(2026, 1, 1), (table,), ())
    (read,) = docx.Document(io.BytesIO(word(document))).tables
    return [tuple(cell.text for cell in row.cells) for row in read.rows][1:]


def per_cent(cell: str) -> float:
    return float(cell.removesuffix("\u00a0%"))


@published
def test_lianyungang_scores_and_ranks() -> None:
    """Five months, two peer groups: every printed score and rank."""
    source = pd.DataFrame(rows("lianyungang_scores.csv"))
    for (month, group), part in source.groupby(["month", "peer_group"]):
        told = part.to_dict("records")
        entries = [
            replace(
                entry(n, one["unit"], str(group), math.nan, math.nan, float(one["score"])),
                volume=float(one["tickets"]),
            )
            for n, one in enumerate(reversed(told))
        ]
        found = [(row[0], row[1], float(row[2]), row[4]) for row in printed("cases_per_10k", entries)]
        wanted = [
            (one["unit"], one["rank_printed"], float(one["score"]), f"{int(one['tickets']):,}")
            for one in told
        ]
        assert found == wanted, month


@published
def test_gaoan_closed_fast() -> None:
    told = rows("gaoan_2022-09_units.csv")
    entries = [
        entry(n, one["unit"], one["unit_type"], float(one["kuaisu_banjie"]), float(one["ban_jian"]))
        for n, one in enumerate(told)
    ]
    found = {row[0]: row for row in printed("closed_share", entries)}
    for one in told:
        row = found[one["unit"]]
        assert per_cent(row[2]) == float(one["kuaisu_banjie_rate_pct"])
        assert row[3] == f"{one['kuaisu_banjie']} / {one['ban_jian']}"
        better = [
            float(other["kuaisu_banjie_rate_pct"]) > float(one["kuaisu_banjie_rate_pct"])
            for other in told
            if other["unit_type"] == one["unit_type"]
        ]
        assert row[1] == str(1 + sum(better))


@published
def test_weinan_ties_in_whole_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven counties closed everything: all are first, the largest listed first."""
    whole = replace(metric("closed_share"), decimals=0, rounding=Rounding.TRUNCATE)
    monkeypatch.setattr(paper, "metric_of", lambda key: whole if key == "closed_share" else metric(key))
    told = rows("weinan_2021Q4_counties.csv")[:-1]
    entries = [
        entry(n, one["unit"], "", float(one["closed"]), float(one["total"])) for n, one in enumerate(told)
    ]
    found = printed("closed_share", entries)
    by_name = {row[0]: row for row in found}
    for one in told:
        assert per_cent(by_name[one["unit"]][2]) == float(one["closed_rate_pct_printed"])
    everything = [one["unit"] for one in told if one["processing"] == "0"]
    assert [row[0] for row in found if row[1] == "1"] == everything
    assert found[len(everything)][1] == str(len(everything) + 1)


RULE = ListRule("replied_on_time", red=1, black=1, least=30, spared_from=0.98)


def small() -> Bulletin:
    one = edition(Kind.MONTHLY, "2026-10")
    districts = [
        replace(entry(4, "西湖区", "urban", 99, 100), name=Text("西湖区", "Xihu District"), before=0.9),
        replace(entry(7, "余杭区", "urban", 90, 100), name=Text("余杭区", "Yuhang District"), before=0.95),
        replace(
            entry(8, "临平区", "urban", 3, 3, math.nan),
            value=math.nan,
            name=Text("临平区", "Linping District"),
        ),
    ]
    return Bulletin(
        edition=one,
        as_of=one.period.end,
        city=Text("杭州市", "Hangzhou"),
        version="A",
        is_demo=True,
        policy_version="2026.1",
        index_version="2026.1",
        index_weeks=4,
        policy={},
        holds={},
        points=(),
        lines=(
            Line("cases_registered", 12345.0, 12345.0, math.nan, -0.022, 12622, math.nan, math.nan),
            Line("replied_on_time", 0.96518, 1303, 1350, 0.005, 0.96, -0.004, 0.97),
        ),
        leagues=(placed("replied_on_time", districts, [0, 0, 0], Direction.UP),),
        rolls=(Roll("replied_on_time", (Lists("urban", (4,), ()),)),),
        overdue=(
            Overdue("replied_on_time", "unit", (Undone(Text("某街道办事处", "An office"), 3, 7, 10),)),
            Overdue("backlog_clearance", "district", ()),
        ),
        notes=(Text("春节错期。", "Spring Festival moved."),),
    )


def tables(language: str) -> list[Table]:
    found = words.bulletin_document(small(), (RULE,), language)
    return [one for one in found.blocks if isinstance(one, Table)]


def test_it_says_its_numbers_in_full() -> None:
    document = words.bulletin_document(small(), (RULE,), "zh")
    assert document.title == "杭州市信访和12345热线办理情况月报\n（2026年10月）"
    assert (document.number, document.mark) == ("晴雨月报〔2026〕第 10 期", "演示数据")
    city, ranks, lists, undone, terms = tables("zh")
    assert city.rows == (
        ("诉求总量（件）", "12,345", "–", "−2.2\u00a0%", "–"),
        ("按期答复率", "96.52\u00a0%", "1,303 / 1,350", "+0.5\u00a0个百分点", "−0.4\u00a0个百分点"),
    )
    assert ranks.rows == (
        ("西湖区", "1", "99.00\u00a0%", "99 / 100", "100", "90.00\u00a0%", "2", "▲1"),
        ("余杭区", "2", "90.00\u00a0%", "90 / 100", "100", "95.00\u00a0%", "1", "▼1"),
        ("临平区", "样本不足", "–", "3 / 3", "3", "–", "–", "–"),
    )
    assert lists.rows == (("按期答复率", "城区", "西湖区（99.00\u00a0%）", "无"),)
    assert undone.rows == (("某街道办事处", "3", "7", "10", "70.00\u00a0%"),)
    assert [row[0] for row in terms.rows] == ["诉求总量", "按期答复率", "积案化解率"]


def test_in_english_no_chinese_is_left_but_the_mark() -> None:
    document = words.bulletin_document(small(), (RULE,), "en")
    said = [document.title, document.number, *document.foot]
    said += [getattr(one, "text", "") for one in document.blocks]
    for table in tables("en"):
        said += [table.title, *table.headings, *(cell for row in table.rows[:3] for cell in row[:3])]
    assert [text for text in said if any("\u4e00" <= sign <= "\u9fff" for sign in text)] == []
    assert document.mark == "Demo data 演示数据"


def test_real_data_bear_no_mark() -> None:
    assert words.bulletin_document(replace(small(), is_demo=False), (RULE,), "zh").mark == ""
