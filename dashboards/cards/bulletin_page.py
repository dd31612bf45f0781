"""A bulletin on the page: its document in cards, what is said around it, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from dashboards import numbers
from dashboards.cards.bulletin_changes import said
from dashboards.exports.document import Block, Document, Drawing, Heading, Paragraph, Slot, Table
from dashboards.figures.markup import Markup, joined, tag
from queries.bulletin_changes import Changes
from queries.editions import Edition, Kind
from queries.vocabulary import Language, Text

KIND = Text("种类", "Kind")
KINDS = {
    Kind.WEEKLY.value: Text("周报", "Weekly"),
    Kind.MONTHLY.value: Text("月报", "Monthly"),
    Kind.QUARTERLY.value: Text("季报", "Quarterly"),
}
PERIOD = Text("期次", "Period")
AGAINST = Text("对照版本", "Compare with a version")
NO_OTHER = Text("不对照其他版本", "No comparison")
OTHER = Text("对照版本 {version}", "Against version {version}")
RUNNING = Text("{name}（未结束）", "{name} (running)")
SAID = Text("{number} · {period}", "{number} · {period}")
UNFINISHED = Text(
    "本期未结束：统计到 {day}，同比和环比取相同的天数。满期后编号方可对外使用，现在不提供文件。",
    "This period still runs: counted up to {day}, compared with as many days. The number may be used once "
    "the period is over; until then there are no files.",
)
_AS_OF = Text("数据截至 {day} · 入库 {built}", "As of {day} · loaded {built}")
_EXACT = Text("各数均为准确数，不取整", "every number here is exact, none is rounded")
DOWNLOAD = Text("下载 {kind}", "Download {kind}")
NO_PDF = Text(
    "本机没有排版库 Pango，不能生成 PDF；请下载 DOCX，或请管理员安装。",
    "This machine has no Pango and cannot set a PDF; take the DOCX, or ask the administrator to install it.",
)
SLOT = Text(
    "系统只列数字，不代写建议；下载的文件在此留有空行，由编发单位填写。",
    "The suite gives numbers and writes no suggestions; the files leave empty lines here for the issuing "
    "office.",
)
_OWN_LISTS = Text(
    "第五部分按{split}的清单只列{places}的办件，因为其他区县的细分数不向本角色显示；其余各表为全市准确数。",
    "In part 5 the list by {split} is of items of {places} alone: fine counts of other districts are not "
    "shown to this role. All other tables are of the whole city and exact.",
)
_NO_LISTS = Text(
    "第五部分不列按{split}的清单，因为细分数不向本角色显示；其余各表为全市准确数。",
    "Part 5 leaves out the list by {split}: fine counts are not shown to this role. All other tables are of "
    "the whole city and exact.",
)
_BETWEEN = {"zh": "、", "en": ", "}
_DIFFERENT = Text(
    "与版本 {version} 的同一期相比：有变化（{n} 条），点开查看原因和逐项差异",
    "Against the same bulletin of version {version}: {n} lines of reasons and differences",
)
_ALIKE = Text(
    "与版本 {version} 的同一期相比：数据相同",
    "Against the same bulletin of version {version}: the same data",
)
_IMPOSSIBLE = Text(
    "版本 {version} 不含完整的本期（{first} 至 {last}），无法对照。",
    "Version {version} does not hold the whole of this period ({first} to {last}): nothing to compare.",
)


def said_of(one: Edition, language: Language) -> str:
    """Number and days of an edition."""
    period = numbers.period_text(one.period, language)
    return SAID.in_(language).format(number=_marked(one, one.number).in_(language), period=period)


def fresh_text(as_of: date, built_at: datetime, language: Language, *, is_hiding: bool) -> str:
    """How fresh the data are; a reader from whom other boards hide fine counts is told that this one does "
    "not."""
    told = _AS_OF.in_(language).format(
        day=numbers.day_text(as_of, language), built=f"{built_at:%Y-%m-%d %H:%M}"
    )
    return f"{told} · {_EXACT.in_(language)}" if is_hiding else told


def name_of(one: Edition) -> Text:
    """The period in words, one that still runs marked so."""
    return _marked(one, one.name)


def narrowed_note(split: Text, own: Sequence[Text]) -> Text:
    """What a reader must know of a list by `split` that is of the own districts alone, or of none."""
    told = _OWN_LISTS if own else _NO_LISTS
    zh, en = (
        told.in_(now).format(
            split=split.in_(now).lower(), places=_BETWEEN[now].join(one.in_(now) for one in own)
        )
        for now in ("zh", "en")
    )
    return Text(zh, en)


def paper(document: Document, language: Language) -> Markup:
    """The document as it is printed, a card for each of its sections; the annex is folded."""
    head = tag(
        "section",
        tag("p", document.number, class_="q-number"),
        tag("h2", document.title),
        tag("p", document.mark, class_="q-mark") if document.mark else None,
        *(tag("p", line, class_="q-note") for line in document.foot),
        class_="q-card q-bulletin-head",
    )
    before, *parts = sections(document.blocks)
    leads = [_block(one, language) for one in before]
    last = len(parts) - 1
    cards = [section_card(one, language, folded=at == last) for at, one in enumerate(parts)]
    return tag("div", head, *leads, *cards, class_="q-bulletin")


def difference(found: Changes, version: str, language: Language) -> Markup:
    """What changed from `version` to what is shown: reasons first, then every cell, folded."""
    if found.none:
        return tag("section", tag("p", _ALIKE.in_(language).format(version=version)), class_="q-card")
    lines = said(found, language)
    summary = _DIFFERENT.in_(language).format(version=version, n=numbers.plain(len(lines)))
    listed = tag("ul", *(tag("li", line) for line in lines), class_="q-scroll")
    return tag("section", tag("details", tag("summary", summary), listed), class_="q-card q-changes")


def no_difference(one: Edition, version: str, language: Language) -> Markup:
    """The sentence for a version that does not know the period."""
    period = one.period
    told = _IMPOSSIBLE.in_(language).format(version=version, first=period.start, last=period.end)
    return tag("section", tag("p", told), class_="q-card")


def _marked(one: Edition, text: Text) -> Text:
    if one.is_over:
        return text
    return Text(RUNNING.zh.format(name=text.zh), RUNNING.en.format(name=text.en))


def sections(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """What stands before the first heading, then each heading of level 1 with what follows it."""
    found: list[list[Block]] = [[]]
    for one in blocks:
        if isinstance(one, Heading) and one.level == 1:
            found.append([])
        found[-1].append(one)
    return found


def section_card(blocks: list[Block], language: Language, *, folded: bool = False) -> Markup:
    """A section as `sections` gives it, as a card; a folded one shows its heading until it is opened."""
    title, *rest = blocks
    assert isinstance(title, Heading)
    body = joined(*_side_by_side(rest, language))
    if folded:
        return tag("section", tag("details", tag("summary", title.text), body), class_="q-card")
    return tag("section", tag("h2", title.text), body, class_="q-card")


def _side_by_side(blocks: list[Block], language: Language) -> Iterator[Markup]:
    """The blocks; tables that follow one another stand beside each other where the page is wide enough."""
    tables: list[Markup] = []
    for one in blocks:
        if isinstance(one, Table):
            tables.append(_table(one))
            continue
        if tables:
            yield tag("div", *tables, class_="q-tables")
            tables = []
        yield _block(one, language)
    if tables:
        yield tag("div", *tables, class_="q-tables")


def _block(block: Block, language: Language) -> Markup:
    match block:
        case Heading():
            return tag("h3", block.text)
        case Paragraph():
            return tag("p", block.text, class_="q-note" if block.quiet else None)
        case Table():
            return _table(block)
        case Slot():
            return joined(
                *(tag("div", class_="q-slot") for _ in range(block.lines)),
                tag("p", SLOT.in_(language), class_="q-note"),
            )
        case Drawing():  # a page has the chart itself
            return joined()


def _table(table: Table) -> Markup:
    def cells(name: str, row: tuple[str, ...]) -> Iterator[Markup]:
        for at, one in enumerate(row):
            yield tag(name, one, class_="q-name" if at < table.names else "q-num")

    return tag(
        "table",
        tag("caption", table.title) if table.title else None,
        tag("thead", tag("tr", *cells("th", table.headings))),
        tag("tbody", *(tag("tr", *cells("td", row)) for row in table.rows)),
        class_="q-ranking q-tight",
    )
