"""The statutory profiles side by side: the same petitions, each law's limits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboards import numbers
from dashboards.cards.hushed import hushed
from dashboards.exports.workbook import Cell, Sheet
from dashboards.figures.bars import Bar, bars
from dashboards.figures.markup import Markup, tag
from queries.statutes import DONE, Kept, Statute
from queries.vocabulary import Language, Text

_TITLE = Text(
    "信访件按期答复率：按{best} {high}，按{worst} {low}",
    "Petitions replied on time: {high} by {best}, {low} by {worst}",
)
_NONE = Text("没有信访渠道件，无法按法定时限比较", "No petitions: statutory limits cannot be compared")
_SUB = Text(
    "信访渠道件（全口径）逐件按各时限重算：期限在期内届满的件中按期的比例。期限长短不同，到期件数也不同",
    "Each petition under each set of limits: of those whose limit falls in the period, the share on time. "
    "Longer limits fall due later, so the numbers due differ",
)
_HEAD = (
    Text("时限口径", "Profile"),
    Text("按期答复", "Replied"),
    Text("按期受理", "Accepted"),
    Text("按期告知", "Notified"),
    Text("答复到期件", "Replies due"),
)
SHEET = Text("法定时限", "Statutory limits")
_SHEET_HEAD = (
    Text("时限口径", "Profile"),
    Text("期限", "Limit"),
    Text("按期件", "On time"),
    Text("到期件", "Due"),
    Text("出处", "Source"),
)
_LIMITS = {
    "accept": Text("受理", "Acceptance"),
    "notify": Text("告知", "Notice"),
    "reply": Text("答复", "Reply"),
}
_NOTHING = Kept(0, 0)


def statutes_card(found: Sequence[Statute] | None, language: Language) -> Markup:
    """One line for each profile, with the share replied to, accepted and notified in time.

    None is what a reader is told who may not know so few items so exactly.
    """
    if found is None:
        return tag("section", tag("h2", SHEET.in_(language)), hushed(language), class_="q-card")
    lines = [
        Bar(
            name=one.name.in_(language),
            value=_share(one, "reply"),
            share=kept.met / kept.due if kept.due else None,
            cells=(_share(one, "accept"), _share(one, "notify"), numbers.plain(kept.due)),
            hint=f"{one.source} · {numbers.parts(kept.met, kept.due)}",
        )
        for one in found
        for kept in [one.kept.get("reply", _NOTHING)]
    ]
    due = [one for one in found if one.kept["reply"].due]
    title = _NONE.in_(language)
    if due:
        due.sort(key=lambda one: one.kept["reply"].met / one.kept["reply"].due)
        title = _TITLE.in_(language).format(
            best=due[-1].name.in_(language),
            high=_share(due[-1], "reply"),
            worst=due[0].name.in_(language),
            low=_share(due[0], "reply"),
        )
    return tag(
        "section",
        tag("h2", title),
        tag("p", _SUB.in_(language), class_="q-note"),
        bars([text.in_(language) for text in _HEAD], lines) if lines else None,
        class_="q-card",
    )


def statutes_sheet(found: Sequence[Statute] | None, language: Language) -> Sheet:
    """Every limit of every profile for the download; no row where the reader is not told."""
    rows: list[tuple[Cell, ...]] = [
        (one.name.in_(language), _LIMITS[limit].in_(language), kept.met, kept.due, one.source)
        for one in found or ()
        for limit in DONE
        for kept in [one.kept.get(limit)]
        if kept is not None
    ]
    return Sheet(SHEET.in_(language), tuple(text.in_(language) for text in _SHEET_HEAD), tuple(rows))


def _share(one: Statute, limit: str) -> str:
    kept = one.kept.get(limit, _NOTHING)
    if not kept.due:
        return numbers.DASH
    return f"{numbers.plain(Decimal(kept.met) * 100 / Decimal(kept.due), 2)}{numbers.NARROW}%"
