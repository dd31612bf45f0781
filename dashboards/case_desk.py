"""The only file that opens a single case: its purpose is said and on record before anything of it is shown.

The right lasts for this case, this login and this session, until the case is closed; it never stands in the
address, so that whoever follows a link to a case is asked again.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import access, data, filters, language, layout, record
from dashboards.cards import case_file, case_list, items
from dashboards.cards.case_list import NoteState, Supervised
from dashboards.cards.case_words import Names
from queries.case_policy import CasePolicy
from queries.cases import Life, life
from queries.execute import Warehouse
from queries.policies import read_case_policy
from queries.vocabulary import Language, Text
from warehouse.records import notes

CASE = items.CASE
LONGEST_REASON = 100  # characters
_LONGEST_KEY = 18  # digits: within 64 bits

_ASK = Text("打开办件须先说明目的", "Say for what purpose you open this item")
_ASK_SUB = Text(
    "目的、时间和您的身份将记入访问记录；打开后直至关闭或退出有效",
    "Purpose, time and who you are go on record; it stays open until you close it or sign out",
)
_PURPOSE, _CHOOSE = Text("目的", "Purpose"), Text("请选择", "Choose one")
_REASON = Text("补充说明（可不填，勿写个人信息）", "Further remarks (optional, nothing personal)")
_OPEN, _CLOSE = Text("记录并打开", "Put on record and open"), Text("关闭办件", "Close the item")
_BACK = Text("返回清单", "Back to the list")
_NO_PURPOSE = Text("请先选择目的。", "Choose a purpose first.")
_NONE = Text("没有这一件", "No such item")
_NONE_HINT = Text(
    "没有这个编号的办件，或者它不在您可查看的范围内。",
    "There is no such item, or it lies outside what you may open.",
)
_SUPERVISE, _ANSWER = Text("可督办：写督办要求", "Supervise: write a note"), Text("答复督办", "Answer a note")
_SUPERVISE_SUB = Text(
    "写入督办记录，不可更改；承办单位所在区县可见",
    "Kept for good; the district of the handling unit reads it",
)
_TEXT, _DUE = Text("督办要求（500 字以内）", "What is asked (up to 500 characters)"), Text("答复期限", "Due")
_WHICH, _REPLY = Text("答复哪一条", "Which note"), Text("答复（500 字以内）", "Answer (up to 500 characters)")
_SEND = Text("提交", "Submit")
_WRONG = Text("请写 1 至 500 字。", "Write 1 to 500 characters.")
_DEMO = Text("演示数据", "Demo data")


def wanted() -> int | None:
    """The key of the case that the address asks for; None for none, and for what is no key."""
    word = filters.word(CASE)
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _LONGEST_KEY else None


def open_case(case_id: int) -> None:
    """Shows the case once its purpose is on record, until then only the question for it.

    Raises RecordsUnavailable, and then nothing of the case has been shown, and what data.warehouse raises.
    """
    now, who = language.current(), access.reader()
    if not filters.is_granted(CASE, (who.login, who.role, case_id)):
        _ask(case_id, now)
        return
    warehouse = data.warehouse()
    found = life(warehouse, case_id)
    if found is None:
        layout.show(layout.state(_NONE.in_(now), _NONE_HINT.in_(now)))
        _closing(_BACK, now)
        return
    layout.show(case_file.watermark(mark(warehouse, now)))
    _show(warehouse, found, case_id, now)


def mark(warehouse: Warehouse, now: Language) -> str:
    """Who reads, in which role, and when, for watermarks and the last line of files."""
    who = access.reader()
    words = [who.name or who.user, access.role().name.in_(now), f"{_today(warehouse):%Y-%m-%d %H:%M}"]
    return " · ".join([*words, *([_DEMO.in_(now)] if warehouse.info.is_demo else [])])


def supervised(warehouse: Warehouse) -> tuple[Supervised, ...]:
    """The latest supervise notes on cases that the reader may open, or that a unit of theirs handles.

    A unit answers to its own district's office, wherever the case is from; the case itself stays closed to an
    office elsewhere. Raises RecordsUnavailable.
    """
    districts = warehouse.scope.listable
    if districts is None:
        found = record.latest_notes()
    else:
        members = warehouse.members("unit")
        units = [int(one) for one in members.loc[members["district_id"].isin(districts), "id"]]
        both = (*record.notes_of_districts(districts), *record.notes_of_units(units))
        found = tuple(sorted(dict.fromkeys(both), key=lambda one: -one.audit_id))
    return case_list.supervised(found, _today(warehouse).date())


def _ask(case_id: int, now: Language) -> None:
    """The question for the purpose; opens the case when it is answered."""
    purposes = read_case_policy().purposes
    place, _ = layout.row(60, 40)
    with place, layout.card("purpose"):
        layout.show(layout.heading(_ASK.in_(now), _ASK_SUB.in_(now)))
        with st.form(f"purpose-{case_id}", border=False):
            chosen = st.selectbox(
                _PURPOSE.in_(now),
                list(purposes),
                index=None,
                format_func=lambda key: purposes[key].in_(now) if key in purposes else key,
                placeholder=_CHOOSE.in_(now),
                key=f"purpose-of-{case_id}",
            )
            reason = st.text_input(
                _REASON.in_(now), max_chars=LONGEST_REASON, key=f"reason-of-{case_id}", autocomplete="off"
            )
            is_sent = st.form_submit_button(_OPEN.in_(now), key=f"open-{case_id}", type="primary")
        _closing(_BACK, now)
    if not is_sent:
        return
    if chosen is None or chosen not in purposes:
        layout.show(layout.small(_NO_PURPOSE.in_(now)))
        return
    words = " · ".join(filter(None, (purposes[chosen].zh, (reason or "").strip()[:LONGEST_REASON])))
    record.opened_case(case_id, words, data.warehouse().info.version)
    who = access.reader()
    filters.grant(CASE, (who.login, who.role, case_id))
    st.rerun()


def _show(warehouse: Warehouse, found: Life, case_id: int, now: Language) -> None:
    names, policy = Names(warehouse, now), read_case_policy()
    head, corner = layout.row(84, 16)
    layout.show(case_file.banner(found, names), head)
    with corner:
        _closing(_CLOSE, now)
    layout.show(case_file.life_card(found, warehouse.info.as_of, now))
    left, right = layout.row(56, 44)
    layout.show(case_file.facts_card(found, names), left)
    with left:
        layout.clickable(
            "earlier", case_file.earlier_card(found, names), partial(filters.follow, CASE, "earlier")
        )
    layout.show(case_file.changes_card(found, names), left)
    layout.show(case_file.reviews_card(found, names), right)
    if found.profiles:
        layout.show(case_file.statutes_card(found, now), right)
    with right:
        _supervision(warehouse, found, policy, case_id, now)


def _supervision(warehouse: Warehouse, found: Life, policy: CasePolicy, case_id: int, now: Language) -> None:
    """The notes of the case, and the forms to write one and to answer one for roles that may."""
    zone, today = ZoneInfo(warehouse.city.time_zone), _today(warehouse).date()
    written = case_list.supervised(record.notes_of_case(case_id), today)
    with layout.card("supervision"):
        layout.show(layout.heading(_SUPERVISE.in_(now), _SUPERVISE_SUB.in_(now)))
        layout.show(case_list.thread(written, now, lambda at: at.astimezone(zone)))
        role = access.role().key
        write = partial(_write, warehouse, found, case_id, now)
        if role in policy.supervising:
            with st.form(f"note-{case_id}", clear_on_submit=True, border=False):
                text = st.text_area(_TEXT.in_(now), max_chars=notes.LONGEST, key=f"note-text-{case_id}")
                due = st.date_input(
                    _DUE.in_(now),
                    value=today + timedelta(days=policy.answer_days),
                    min_value=today,
                    max_value=today + timedelta(days=policy.longest_days),
                    format="YYYY-MM-DD",
                    key=f"note-due-{case_id}",
                )
                if st.form_submit_button(_SEND.in_(now), key=f"note-send-{case_id}"):
                    write(text or "", due_on=due)
        waiting = {one.note.audit_id: one.note.text for one in written if one.state is not NoteState.ANSWERED}
        if role in policy.answering and waiting:
            with st.form(f"answer-{case_id}", clear_on_submit=True, border=False):
                layout.show(layout.small(_ANSWER.in_(now)))
                which = st.selectbox(
                    _WHICH.in_(now),
                    list(waiting),
                    format_func=lambda key: waiting.get(key, "")[:40],
                    key=f"answer-to-{case_id}",
                )
                reply = st.text_area(_REPLY.in_(now), max_chars=notes.LONGEST, key=f"answer-text-{case_id}")
                if st.form_submit_button(_SEND.in_(now), key=f"answer-send-{case_id}") and which in waiting:
                    write(reply or "", answers=which)


def _write(
    warehouse: Warehouse,
    found: Life,
    case_id: int,
    now: Language,
    text: str,
    *,
    due_on: date | None = None,
    answers: int | None = None,
) -> None:
    """Keeps a note on the opened case for its own unit and district, and draws the page anew."""
    try:
        record.supervise(
            text,
            case_id=case_id,
            unit_id=_key(found, "unit_id"),
            district_id=_key(found, "district_id"),
            version=warehouse.info.version,
            due_on=due_on,
            answers=answers,
        )
    except ValueError:
        layout.show(layout.small(_WRONG.in_(now)))
        return
    st.rerun()


def _closing(text: Text, now: Language) -> None:
    st.button(text.in_(now), key="close-case", on_click=filters.withdraw, args=(CASE,))


def _today(warehouse: Warehouse) -> datetime:
    """The city's wall clock."""
    return datetime.now(ZoneInfo(warehouse.city.time_zone))


def _key(found: Life, column: str) -> int:
    value = found.case[column]
    return value if isinstance(value, int) else 0
