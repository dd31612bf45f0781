"""简报: the bulletin of a week, month or quarter as printed, its files, and what changed in it since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from dashboards import data, filters, language, layout, numbers
from dashboards.cards import bulletin_page as words
from dashboards.cards.bulletin import bulletin_document
from dashboards.exports.pdf import can_print, pdf
from dashboards.exports.word import word
from dashboards.figures.markup import Markup
from dashboards.figures.theme import Theme
from dashboards.recipe import Board, Empty
from queries.bulletin import VOLUME, Bulletin, bulletin, canonical
from queries.bulletin_changes import Changes, changes, read_bulletin_file
from queries.dimensions import dimension
from queries.editions import Edition, Kind, editions
from queries.errors import BadEdition
from queries.execute import Warehouse
from queries.insights.bulletin_lists import ListRule
from queries.policies import in_force, read_bulletin, read_index
from queries.question import Question
from queries.vocabulary import Language, Text

Files = Mapping[str, tuple[str, Callable[[], bytes]]]


@dataclass(frozen=True)
class Choices:
    """Which bulletin, as known on the last of its days; `against` is another kept version, or empty."""

    as_of: date
    edition: Edition
    against: str

    def said(self, now: Language) -> str:
        """The choices in words."""
        told = words.said_of(self.edition, now)
        other = words.OTHER.in_(now).format(version=self.against)
        return f"{told} · {other}" if self.against else told


@dataclass(frozen=True)
class Asked:
    """The bulletin as its reader is told it, the rules of its lists, and what differs in the other version.

    `changes` is None where none was asked for, or the other version does not hold the period.
    """

    content: Bulletin
    rules: tuple[ListRule, ...]
    is_partial: bool
    changes: Changes | None


@dataclass(frozen=True)
class Figures:
    """What is put on the page: remarks above the paper, and the files by their kind."""

    remarks: tuple[str, ...]
    paper: Markup
    changes: Markup | None
    files: Files


def choose(warehouse: Warehouse) -> Choices:
    """The filter row: kind, period, and with which kept version to compare; raises Empty without a period."""
    info = warehouse.info
    kind = Kind(filters.segments("kind", words.KIND, words.KINDS, Kind.MONTHLY.value))
    known = {one.key: one for one in editions(kind, info.data_from, info.as_of)}
    if not known:
        raise Empty
    names = {key: words.name_of(one) for key, one in known.items()}
    last = next((key for key, one in known.items() if one.is_over), next(iter(known)))
    chosen = known[filters.select("period", words.PERIOD, names, last)]
    against = ""
    if others := data.other_versions(warehouse):
        options = {one: words.OTHER.with_(version=one) for one in others}
        against = filters.select("against", words.AGAINST, {"": words.NO_OTHER, **options}, "")
    return Choices(chosen.period.end, chosen, against)


def query(warehouse: Warehouse, choices: Choices) -> Asked:
    """The bulletin, once for all who may see the same, in whatever language."""
    key = ("bulletin", choices.edition, choices.as_of)
    content, is_partial = data.drawn(warehouse, key, lambda: _told(warehouse, choices))
    if not content.holds[VOLUME]:
        raise Empty
    rules = in_force(read_bulletin(), choices.as_of).lists
    return Asked(content, rules, is_partial, _changed(warehouse, choices, content))


def _told(warehouse: Warehouse, choices: Choices) -> tuple[Bulletin, bool]:
    """The bulletin, and whether lists in it are not of the whole city for its reader: it says so itself."""
    content = bulletin(warehouse, choices.edition, choices.as_of, read_bulletin(), read_index())
    period = choices.edition.period
    narrowed = [
        one.split
        for one in content.overdue
        if not warehouse.is_exact(Question((one.metric,), period, choices.as_of, (one.split,)))
    ]
    members = warehouse.members("district")
    mine = members[members["id"].isin(warehouse.scope.cases or ())]
    own = [Text(row["name_zh"], row["name_en"]) for row in mine.to_dict("records")]
    notes = [words.narrowed_note(dimension(split).name, own) for split in dict.fromkeys(narrowed)]
    return replace(content, notes=(*content.notes, *notes)), bool(narrowed)


def _changed(warehouse: Warehouse, choices: Choices, content: Bulletin) -> Changes | None:
    if not choices.against:
        return None
    with data.other_version(warehouse, choices.against) as other:
        try:
            before, _ = _told(other, choices)
        except BadEdition:
            return None
    told = [read_bulletin_file(canonical(one), one.version) for one in (before, content)]
    return changes(*told)


def figures(_warehouse: Warehouse, asked: Asked, choices: Choices, now: Language, _theme: Theme) -> Figures:
    """The paper, and the files while the period is over."""
    document = bulletin_document(asked.content, asked.rules, now)
    remarks, files = [], {}
    if choices.edition.is_over:
        mark = "-partial" if asked.is_partial else ""
        name = f"bulletin-{choices.edition.key}{mark}"
        files["DOCX"] = (f"{name}-{now}.docx", partial(word, document))
        if can_print():
            files["PDF"] = (f"{name}-{now}.pdf", partial(pdf, document))
        else:
            remarks.append(words.NO_PDF.in_(now))
        files["JSON"] = (f"{name}.json", partial(canonical, asked.content))
    else:
        day = numbers.day_text(choices.as_of, now)
        remarks.append(words.UNFINISHED.in_(now).format(day=day))
    compared = None
    if choices.against:
        compared = (
            words.no_difference(choices.edition, choices.against, now)
            if asked.changes is None
            else words.difference(asked.changes, choices.against, now)
        )
    return Figures(tuple(remarks), words.paper(document, now), compared, files)


def arrange(shown: Figures, tools: DeltaGenerator) -> None:
    """Figures to the page: remarks and changes first, then the paper."""
    now = language.current()
    with tools:
        for kind, (name, content) in shown.files.items():
            label = words.DOWNLOAD.in_(now).format(kind=kind)
            layout.download(label, content, name, key=f"download-{kind.lower()}")
    for remark in shown.remarks:
        layout.show(layout.small(remark))
    if shown.changes is not None:
        layout.show(shown.changes)
    layout.show(shown.paper)


def fresh(choices: Choices, now: Language) -> str:
    """How fresh the data are: a bulletin holds published numbers and the reader's own alone, all exact."""
    warehouse = data.warehouse()
    is_hiding = warehouse.hiding is not None
    return words.fresh_text(choices.as_of, warehouse.info.built_at, now, is_hiding=is_hiding)


BOARD = Board(
    key="bulletin",
    section=Text("会商", "Conference"),
    title=Text("简报", "Bulletin"),
    answers=Text(
        "周报、月报、季报：按公文顺序排好，可下载，可对照",
        "Weekly, monthly, quarterly: laid out, to take away",
    ),
    order=230,
    filters=choose,
    query=query,
    figures=figures,
    layout=arrange,
    fresh=fresh,
    is_shown=False,
)
