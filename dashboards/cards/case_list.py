"""The search for items in words: its conditions, the list of those found, its file, and supervise notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dashboards import numbers
from dashboards.cards.case_file import table
from dashboards.cards.case_words import Names, inert, stage
from dashboards.cards.volume import heading
from dashboards.exports.workbook import Sheet
from dashboards.figures.markup import Markup, tag
from queries.cases import Page
from queries.vocabulary import Language, Text
from warehouse.records.notes import Note

PAGE = 50  # items a page
MOST_IN_FILE = 5_000
SHOWN_NOTES = 30

NUMBER, WORDS = Text("编号（完整）", "Number (in full)"), Text("标题含词，空格分隔", "Words in the title")
STAGE, KIND = Text("办理环节", "Stage"), Text("类型", "Kind")
EVERY_STAGE, EVERY_STREET = Text("全部环节", "All stages"), Text("全部镇街", "All streets and towns")
EVERY_UNIT, EVERY_CATEGORY = Text("全部单位", "All units"), Text("全部类别", "All categories")
OVERDUE, REPEAT, DISSATISFIED = "overdue", "repeat", "dissatisfied"
KINDS: Mapping[str, Text] = {
    "": Text("全部类型", "All kinds"),
    OVERDUE: Text("答复超期", "Reply overdue"),
    REPEAT: Text("重复件", "Repeat items"),
    DISSATISFIED: Text("评价不满意", "Dissatisfied"),
}
BY_NUMBER, BY_WORDS = Text("按编号", "by number"), Text("按标题用词", "by words in the title")
FILE = Text("导出清单（XLSX）", "Export the list (XLSX)")
BEFORE, AFTER = Text("上一页", "Previous page"), Text("下一页", "Next page")
_TITLE = Text("可查询：共 {n} 件", "Search: {n} items")
_NOTHING = Text(
    "没有符合条件的数据：您可查看的范围内没有这样的办件，请放宽条件",
    "Nothing matches: no such item where you may look; widen the conditions",
)
_SUB = Text(
    "第 {first}–{last} 件，新近在前；只列您有权查看的办件，标题已脱敏。打开一件须先选择目的，并留下记录",
    "{first} to {last}, newest first; only items you may open, titles masked. Opening one asks for a purpose "
    "and is on record",
)
_COLUMNS = (
    *("source_case_no", "title", "registered_at", "district_id", "street_id", "category2_id"),
    *("channel_id", "unit_id", "reply_due_at"),
)
_STATE = Text("环节", "Stage")
_SHEET = Text("办件清单", "Items")
_CUT = Text("文件只含前 {n} 件，共 {all} 件", "The file holds the first {n} of {all}")
_NOTES = Text(
    "可督办：未答复 {open} 件，其中已到期 {late} 件，已答复 {done} 件",
    "Supervised: {open} not answered, {late} of them overdue, {done} answered",
)
_NOTES_SUB = Text("您可查看范围内最近的督办件", "The latest notes where you may look")
_NO_NOTES = Text("可督办：还没有督办件", "Supervised: no notes yet")
_ELSEWHERE = Text("其他区县办件", "Item of another district")
_NOTES_HEAD = (
    Text("办件", "Item"),
    Text("督办要求", "What is asked"),
    Text("督办人", "By"),
    Text("承办单位", "Handling unit"),
    Text("限期", "Due"),
    Text("状态", "State"),
)


class NoteState(StrEnum):
    """How a supervise note stands."""

    OPEN = "open"
    ANSWERED = "answered"
    OVERDUE = "overdue"


STATES = {
    NoteState.OPEN: Text("待答复", "Open"),
    NoteState.ANSWERED: Text("已答复", "Answered"),
    NoteState.OVERDUE: Text("▲ 已到期", "▲ Overdue"),
}


@dataclass(frozen=True)
class Supervised:
    """A supervise note with its answers, oldest first, and how it stands."""

    note: Note
    answers: tuple[Note, ...]
    state: NoteState


def supervised(notes: Sequence[Note], today: date) -> tuple[Supervised, ...]:
    """The notes that ask for something, in their order, each with its answers."""
    found = []
    for one in (note for note in notes if note.answers is None):
        answers = tuple(sorted((n for n in notes if n.answers == one.audit_id), key=lambda n: n.audit_id))
        late = one.due_on is not None and one.due_on < today
        state = NoteState.ANSWERED if answers else NoteState.OVERDUE if late else NoteState.OPEN
        found.append(Supervised(one, answers, state))
    return tuple(found)


def list_card(page: Page, names: Names) -> Markup:
    """The items found; each row asks to be opened."""
    now, rows = names.now, page.plain()
    if not rows:
        return tag("section", tag("h2", _NOTHING.in_(now)), class_="q-card")
    title = _TITLE.in_(now).format(n=numbers.plain(page.rows))
    sub = _SUB.in_(now).format(first=page.first + 1, last=page.first + len(rows))
    keys = [str(row["case_id"]) for row in rows]
    head, lines = _lines(page, names)
    body = tag("div", table(head, lines, keys), class_="q-scroll")
    return tag("section", heading(title, sub), body, class_="q-card q-cases")


def sheet(page: Page, names: Names, mark: str) -> Sheet:
    """The list for the download, with who took it away and when below it."""
    head, lines = _lines(page, names)
    rows: list[tuple[str | None, ...]] = [tuple(line) for line in lines]
    blank = (None,) * (len(head) - 1)
    if len(rows) < page.rows:
        rows.append((_CUT.in_(names.now).format(n=len(rows), all=page.rows), *blank))
    rows.append((mark, *blank))
    return Sheet(_SHEET.in_(names.now), tuple(head), tuple(rows))


def notes_card(notes: Sequence[Supervised], numbered: Mapping[int, str], names: Names) -> Markup:
    """The supervise notes: open, answered, overdue; each row asks to open its item.

    One that is not `numbered` is not the reader's to open; its note is for a unit of theirs.
    """
    now = names.now
    if not notes:
        return tag("section", tag("h2", _NO_NOTES.in_(now)), class_="q-card")
    states = [one.state for one in notes]
    late, done = states.count(NoteState.OVERDUE), states.count(NoteState.ANSWERED)
    title = _NOTES.in_(now).format(open=len(states) - done, late=late, done=done)
    rows = [
        (
            inert(numbered.get(one.note.case_id, _ELSEWHERE.in_(now))),
            inert(one.note.text),
            inert(one.note.author_name or one.note.author),
            names.member("unit_id", one.note.unit_id),
            f"{one.note.due_on:%Y-%m-%d}" if one.note.due_on else numbers.DASH,
            tag(
                "span",
                STATES[one.state].in_(now),
                class_="q-late" if one.state is NoteState.OVERDUE else None,
            ),
        )
        for one in notes[:SHOWN_NOTES]
    ]
    keys = [str(one.note.case_id) if one.note.case_id in numbered else "" for one in notes[:SHOWN_NOTES]]
    head = [text.in_(now) for text in _NOTES_HEAD]
    return tag(
        "section", heading(title, _NOTES_SUB.in_(now)), table(head, rows, keys), class_="q-card q-cases"
    )


def thread(notes: Sequence[Supervised], now: Language, zone: Callable[[datetime], datetime]) -> Markup:
    """The notes of one item with their answers."""
    return tag("div", *(_note(one, now, zone) for one in notes), class_="q-thread")


def _note(one: Supervised, now: Language, zone: Callable[[datetime], datetime]) -> Markup:
    late = one.state is NoteState.OVERDUE
    due = f"{one.note.due_on:%Y-%m-%d}" if one.note.due_on else numbers.DASH
    return tag(
        "div",
        _said(one.note, zone),
        tag(
            "p",
            f"{_NOTES_HEAD[4].in_(now)} {due} · {STATES[one.state].in_(now)}",
            class_="q-late" if late else "q-note",
        ),
        *(tag("blockquote", _said(answer, zone)) for answer in one.answers),
        class_="q-note-entry",
    )


def _said(note: Note, zone: Callable[[datetime], datetime]) -> Markup:
    who = inert(note.author_name or note.author)
    return tag(
        "div",
        tag("p", inert(note.text)),
        tag("p", f"{who} · {zone(note.written_at):%Y-%m-%d %H:%M}", class_="q-note"),
    )


def _lines(page: Page, names: Names) -> tuple[list[str], list[list[str]]]:
    head = [*(names.field(name) for name in _COLUMNS), _STATE.in_(names.now)]
    lines = [
        [*(names.value(name, row[name]) for name in _COLUMNS), stage(row, names.now)] for row in page.plain()
    ]
    return head, lines
