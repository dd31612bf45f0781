"""A deck's slides as cards, and the words of the deck board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboards import numbers
from dashboards.exports.deck import Lines, Panel, View
from dashboards.exports.presentation import thumbnail
from dashboards.figures.markup import Markup, joined, tag
from queries.vocabulary import Language, Text
from warehouse.records.decks import Deck, Slide

DECK = Text("会商", "Deck")
NONE = Text("还没有会商", "No decks yet")
NONE_HINT = Text(
    "在任一看板点“加入会商”，即可把当前视图存成第一页。",
    "Press “Add to deck” on any board: what it shows becomes the first slide.",
)
NO_SLIDES = Text("这个会商还没有页", "This deck has no slides yet")
EDIT, RENAME, SHARED = (
    Text("管理", "Manage"),
    Text("名称（60 字以内）", "Name (up to 60 characters)"),
    Text("与同角色人员共享", "Share with my role"),
)
SAVE, REMOVE = Text("保存", "Save"), Text("删除此会商", "Remove this deck")
COPY = Text("复制到 {day}", "Copy onto {day}")
COPY_HINT = Text(
    "同样的视图、顺序和备注，数据截至日改为最新一天，按现有数据定格",
    "The same views, order and notes as of the latest day, frozen from the data there is now",
)
FREEZE = Text("按最新数据重新定格", "Freeze anew")
FREEZE_HINT = Text(
    "每页的数据截至日不变，按仓库现有数据重算；原有数字不再保留，并记入审计",
    "Each slide keeps its day and is worked out from the data there is now; its earlier numbers are gone,"
    " and that is on record",
)
FREEZING = Text("正在定格第 {place}/{all} 页", "Freezing slide {place} of {all}")
LEFT_OUT = Text("第 {place} 页未能定格，已略去", "Slide {place} could not be frozen and is left out")
FILES = Text("下载", "Files")
FILE_KINDS = (
    (Text("PPT（图表可编辑）", "PowerPoint (charts can be edited)"), "pptx"),
    (Text("PDF", "PDF"), "pdf"),
    (Text("Excel（每图一表，附口径）", "Excel (a sheet a chart, definitions)"), "xlsx"),
    (Text("图片（SVG 和 PNG）", "Pictures (SVG and PNG)"), "zip"),
)
PRESENT = Text("放映", "Present")
# On record.
PRESENTED, SPOKEN = "放映 · {name}", "演讲者窗口 · {name}"
PRESENT_HINT = Text(
    "在新窗口全屏放映：←/→ 或空格翻页，数字+回车跳页，B 黑屏，L 激光笔，A 自动播放，N 演讲者窗口，Esc 退出",
    "Opens in a window of its own: ←/→ or space turn, number + Enter jumps, B blank, L laser, A automatic,"
    " N speaker's window, Esc ends",
)
NOTE, UP, DOWN, TAKE_OUT = (
    Text("备注", "Note"),
    Text("上移", "Up"),
    Text("下移", "Down"),
    Text("移出", "Take out"),
)
NOTE_LABEL = Text("备注（1000 字以内，勿写个人信息）", "Note (up to 1,000 characters, nothing personal)")
_OPEN = Text("打开视图", "Open the view")
_KEPT = Text("数据截至 {day} · 定格于版本 {version}", "As of {day} · frozen at version {version}")
_NOW = Text(
    "仓库现为版本 {version}：本页数字仍是定格时的数字",
    "The warehouse is at version {version} now: the numbers here are those frozen",
)
CLOSED = Text(
    "您的角色不能打开这个看板，放映和导出时略去", "Not open to your role: neither shown nor in files"
)
OTHER_RIGHTS = Text(
    "此页按他人的数据权限定格，对您不开放；复制此会商即按您的权限定格",
    "Frozen with another's rights and closed to you; copy the deck to freeze it with your own",
)
NOT_FROZEN = Text(
    "此页尚无定格的数字，放映和导出时略去；请重新定格",
    "Nothing is frozen here, so it is neither shown nor in files; freeze it anew",
)
_OWN, _OTHERS = Text("本人", "You"), Text("{name} 共享", "Shared by {name}")
_WITH_ROLE = Text("与同角色共享", "Shared with the role")
_ABOUT = Text("{n} 页 · 最近修改 {day}", "{n} slides · last changed {day}")

_DRAWN = (640, 360)  # pixels; shown as small as there is room
MORE = Text("（{place}/{all}）", " ({place}/{all})")
_LINE = Text(
    "晴雨 · 数据截至 {day} · 数据版本 {version} · 政策版本：指数 {index}、重大问题 {issues}",
    "Qingyu · as of {day} · data version {version} · policies: index {index}, major issues {issues}",
)
_FIRST_DAY = Text("数据截至 {day} · 数据版本 {version}", "As of {day} · data version {version}")
_VIEWS = Text("{n} 个视图", "{n} views")
_EMPTY = Text("没有符合条件的数据。", "Nothing matches these filters.")


@dataclass(frozen=True)
class Shown:
    """A slide as the reader sees it: the board's title, the choices in words, what it shows as frozen.

    `mark` says of which kind its data is. Of a slide that is closed to the reader `why` says why.
    """

    slide: Slide
    title: str
    words: str
    view: View | None = None
    mark: str = ""
    why: Text | None = None


def about(deck: Deck, reader: str, now: Language) -> str:
    """Whose deck it is, with whom it is shared, how many slides it has and when it was last changed."""
    owner = _OWN.in_(now) if deck.owner == reader else _OTHERS.in_(now).format(name=deck.owner_name)
    shared = [_WITH_ROLE.in_(now)] if deck.role and deck.owner == reader else []
    changed = numbers.day_text(deck.changed_at.date(), now)
    return " · ".join((owner, *shared, _ABOUT.in_(now).format(n=deck.slides, day=changed)))


def line(as_of: date, version: str, policies: tuple[str, str], now: Language) -> str:
    """What stands below every slide; `policies` are the versions of the index and of the major issues."""
    day, (index, issues) = numbers.day_text(as_of, now), policies
    return _LINE.in_(now).format(day=day, version=version, index=index, issues=issues)


def first_slide(deck: Deck, views: int, now: Language) -> tuple[str, ...]:
    """What stands below the deck's name."""
    day = numbers.day_text(deck.as_of, now)
    return (_FIRST_DAY.in_(now).format(day=day, version=deck.version), _VIEWS.in_(now).format(n=views))


def nothing(now: Language) -> Panel:
    """What stands on the slide of a view that has nothing to show."""
    return Panel("", "", Lines((_EMPTY.in_(now),)))


def slide_card(shown: Shown, version: str, now: Language) -> Markup:
    """One slide: place and title, its filters, day and version, what is noted, and the way to the view."""
    view = shown.slide.view
    kept = _KEPT.in_(now).format(day=numbers.day_text(view.as_of, now), version=view.version)
    link = f"/{view.board}?{view.address}&lang={now}"
    lines: Sequence[Markup | None] = (
        tag("h2", f"{shown.slide.place}. {shown.title}"),
        tag("p", shown.words),
        tag("p", kept, class_="q-note"),
        tag("p", _NOW.in_(now).format(version=version), class_="q-note") if version != view.version else None,
        *(tag("p", line) for line in view.note.split("\n") if line),
        tag("a", _OPEN.in_(now), href=link, target="_self")
        if shown.why is None
        else tag("p", shown.why.in_(now), class_="q-note"),
    )
    return tag("div", joined(*lines), class_="q-heading q-slide")


def small(shown: Shown, now: Language) -> Markup | None:
    """What is on a slide, small: its first map or chart; None where there is none or it is closed."""
    drawn = thumbnail(shown.view, *_DRAWN, now) if shown.view is not None else None
    return None if drawn is None else tag("div", drawn, class_="q-thumbnail")
