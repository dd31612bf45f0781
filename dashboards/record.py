"""The only file through which pages and the guard write down who did what; what cannot be is not done."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from dashboards import access, filters
from dashboards.guard.viewers import Viewer
from queries.vocabulary import Text
from warehouse.errors import RecordsUnavailable
from warehouse.records import audit, notes
from warehouse.records.audit import Action, Entry, Person
from warehouse.records.chain import Verdict
from warehouse.records.notes import Note
from warehouse.records.opening import Records, open_records, records_place

LOG = logging.getLogger("qingyu.dashboards")

REFUSED = Text(
    "访问记录暂时无法写入，因此本操作未予执行。请告知管理员。",
    "What is done here cannot be written down at the moment, so it is not done. Tell the administrator.",
)
_LOGIN_SIGNS = 12  # of a hash: enough to tell a user's logins apart
_OPEN: dict[str, Records] = {}
_OPENING = threading.Lock()
_CHECKED: dict[str, Checked] = {}
_CHECKING = threading.Lock()
# Records that are walked in about a second.
SHORT = 20_000


@dataclass(frozen=True)
class Question:
    """What is shown of `thing`, a board or a metric: the choices in words, as of which day and version."""

    thing: str = ""
    words: str = ""
    as_of: date | None = None
    version: str = ""


# Of the run that draws the page: what its buttons hand out is written down with it.
_ASKED: ContextVar[Question] = ContextVar("asked", default=Question())  # noqa: B039 (frozen)


def records() -> Records:
    """The store of records, opened once in this process; raises RecordsUnavailable."""
    place = records_place()
    with _OPENING:
        if place not in _OPEN:
            _OPEN[place] = open_records(place)
        return _OPEN[place]


def person() -> Person:
    """The reader of this page as records name them; raises UnknownReader."""
    return person_of(access.reader())


def person_of(viewer: Viewer | None) -> Person:
    """A reader as records name them; None is somebody unknown."""
    if viewer is None:
        return Person("")
    login = hashlib.sha256(viewer.login.encode()).hexdigest()[:_LOGIN_SIGNS]
    return Person(viewer.user, viewer.name, viewer.role, login)


def noted_of(
    viewer: Viewer | None,
    action: Action,
    thing: str = "",
    words: str = "",
    *,
    version: str = "",
    as_of: date | None = None,
    rows: int | None = None,
    file: bytes | None = None,
) -> None:
    """Writes down that `viewer` (None: somebody unknown) did `action` to `thing`; from any thread.

    `thing` is a board, a metric, a file or the id of a case. What was searched for does not belong into
    `words`, only by which fields. When this returns the record is on disk; raises RecordsUnavailable.
    """
    entry = Entry(action, person_of(viewer), thing, words, version, as_of, rows)
    if file is not None:
        entry = replace(entry, bytes=len(file), sha256=hashlib.sha256(file).hexdigest())
    audit.append(records(), entry)


def noted(
    action: Action,
    thing: str = "",
    words: str = "",
    *,
    version: str = "",
    as_of: date | None = None,
    rows: int | None = None,
) -> None:
    """Writes down what the reader of this page does, as `noted_of`; raises UnknownReader too."""
    noted_of(access.reader(), action, thing, words, version=version, as_of=as_of, rows=rows)


def viewed(question: Question) -> None:
    """Writes down that the reader sees a board: once a session and question, before anything is drawn.

    Raises RecordsUnavailable and UnknownReader.
    """
    _ASKED.set(question)
    _once(Action.VIEWED, question.thing, question.words, question.version, question.as_of)


def listed(question: Question, first: int, rows: int) -> None:
    """Writes down that the reader sees items behind a number, once a session and page of the list.

    The page begins with item `first` of `rows`. Raises as `viewed`.
    """
    _ASKED.set(question)
    words = f"{question.words} · {first}–"
    _once(Action.LISTED, question.thing, words, question.version, question.as_of, rows)


def denied(thing: str) -> None:
    """Writes down that the reader asked for what their role does not open, once a session."""
    _once(Action.DENIED, thing)


def handed_out(
    name: str, content: Callable[[], bytes], words: str = "", rows: int | None = None
) -> Callable[[], bytes]:
    """`content`, made into a file that is written down each time it is made, and not made without that.

    `words` say what is in it; without them it is the question of the page that offers it. The reader is the
    one of this page, whoever calls.
    """
    viewer, asked = access.reader(), _ASKED.get()

    def made() -> bytes:
        file = content()
        noted_of(
            viewer,
            Action.EXPORTED,
            name,
            words or asked.words,
            version=asked.version,
            as_of=asked.as_of,
            rows=rows,
            file=file,
        )
        return file

    return made


def searched(board: str, words: str, version: str, as_of: date, rows: int) -> None:
    """Writes down that the reader searches items, once a session and search, before any is shown.

    `words` say the filters and by what else was searched, not what was typed: it may be a person's name.
    """
    _once(Action.SEARCHED, board, words, version, as_of, rows)


def opened_case(case_id: int, purpose: str, version: str) -> None:
    """Writes down, each time, that the reader opens a case for a purpose; before anything of it is shown."""
    noted(Action.OPENED_CASE, str(case_id), purpose, version=version)


def supervise(
    text: str,
    *,
    case_id: int,
    unit_id: int,
    district_id: int,
    version: str = "",
    due_on: date | None = None,
    answers: int | None = None,
) -> Note:
    """Writes the reader's supervise note 督办 on a case, or the answer to one, of up to 500 characters.

    Whoever calls has checked that the reader may open the case. Raises ValueError, RecordsUnavailable.
    """
    return notes.add_note(
        records(),
        person_of(access.reader()),
        text,
        case_id=case_id,
        unit_id=unit_id,
        district_id=district_id,
        version=version,
        due_on=due_on,
        answers=answers,
    )


def latest_notes(limit: int = 200) -> tuple[Note, ...]:
    """The latest notes on cases of the whole city, latest first; for who may open every case."""
    return notes.latest_notes(records(), limit)


def notes_of_case(case_id: int) -> tuple[Note, ...]:
    """All supervise notes on a case, oldest first."""
    return notes.notes_of_case(records(), case_id)


def notes_of_units(units: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest notes on cases of these units, latest first."""
    return notes.notes_of_units(records(), units, limit)


def notes_of_districts(districts: Sequence[int], limit: int = 200) -> tuple[Note, ...]:
    """The latest notes on cases of these districts, latest first."""
    return notes.notes_of_districts(records(), districts, limit)


@dataclass(frozen=True)
class Checked:
    """What the last walk over the chain found, and when; `verdict` is None when the store did not answer."""

    at: datetime
    verdict: Verdict | None


def checked() -> Checked | None:
    """The last walk over the chain in this process; a short chain is walked at once, a long one on demand.

    Raises RecordsUnavailable.
    """
    store = records()
    if str(store) not in _CHECKED and audit.head(store).records <= SHORT:
        check()
    return _CHECKED.get(str(store))


def check() -> None:
    """Walks the whole chain and keeps what it found; a callback, which says nothing itself."""
    store = records()
    with _CHECKING:
        try:
            verdict = audit.verify(store)
        except RecordsUnavailable as wrong:
            LOG.error("The record could not be verified: %s", wrong)
            verdict = None
        _CHECKED[str(store)] = Checked(datetime.now(UTC), verdict)


def _once(
    action: Action,
    thing: str,
    words: str = "",
    version: str = "",
    as_of: date | None = None,
    rows: int | None = None,
) -> None:
    who = access.reader()
    filters.once(
        repr((who.login, who.role, action, thing, words, version, as_of)),
        lambda: noted_of(who, action, thing, words, version=version, as_of=as_of, rows=rows),
    )
