"""A bulletin in words: its sections, tables and remarks as a document, in one language."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import numbers
from dashboards.cards.definitions import SOURCES
from dashboards.cards.measures import measure_name
from dashboards.cards.paper import LINE_HEAD, MARK, Wording, parts
from dashboards.cards.rankings import TOO_FEW
from dashboards.cards.regions import group_name
from dashboards.cards.spoken import sentence
from dashboards.exports.document import Block, Document, Heading, Paragraph, Slot, Table
from queries.bulletin import Bulletin, Entry, League, Overdue, Roll
from queries.dimensions import dimension
from queries.editions import Kind
from queries.insights.bulletin_lists import ListRule
from queries.issued import Line
from queries.metric import Source
from queries.metrics import metric as metric_of
from queries.policies import INDEX_KEY
from queries.vocabulary import Direction, Language, Text

_TITLES = {
    Kind.WEEKLY: Text(
        "{city}信访和12345热线办理情况周报\n（{period}）",
        "Petitions and the 12345 hotline in {city}:\nweekly bulletin, {period}",
    ),
    Kind.MONTHLY: Text(
        "{city}信访和12345热线办理情况月报\n（{period}）",
        "Petitions and the 12345 hotline in {city}:\nmonthly bulletin, {period}",
    ),
    Kind.QUARTERLY: Text(
        "{city}信访和12345热线办理情况季报\n（{period}）",
        "Petitions and the 12345 hotline in {city}:\nquarterly bulletin, {period}",
    ),
}
_SPANS = {
    Kind.WEEKLY: Text(
        "统计时段 {period}，数据截至 {day}。同比为上年同一周（52 周前），环比为上一周。",
        "Period {period}, as known on {day}. On last year: the same week, 52 weeks earlier; on the period "
        "before: the week before.",
    ),
    Kind.MONTHLY: Text(
        "统计时段 {period}，数据截至 {day}。同比为上年同月，环比为上一月。",
        "Period {period}, as known on {day}. On last year: the same month; on the period before: the month "
        "before.",
    ),
    Kind.QUARTERLY: Text(
        "统计时段 {period}，数据截至 {day}。同比为上年同季，环比为上一季。",
        "Period {period}, as known on {day}. On last year: the same quarter; on the period before: the "
        "quarter before.",
    ),
}
_SECTIONS = {
    "points": Text("一、本期要点", "1. Key points"),
    "city": Text("二、全市情况", "2. The whole city"),
    "ranks": Text("三、同类组排名", "3. Ranks inside peer groups"),
    "lists": Text("四、红榜与黑榜", "4. Red and black lists"),
    "overdue": Text("五、未按期办理清单", "5. Left undone"),
    "advice": Text("六、工作建议", "6. Suggestions"),
    "terms": Text("附件：口径说明", "Annex: definitions"),
}
_NO_POINTS = Text("本期没有可以写出的要点。", "There is nothing to be said of this period.")
_ADVICE = Text("（由编发单位填写。）", "(To be written by the issuing office.)")
_LISTS = Text("红榜与黑榜", "Red and black lists")
_CITY = Text("全市主要指标", "Main metrics of the city")
_GROUPED = Text("{name} · {group}", "{name}, {group}")
_ITEM = Text("{n}. {text}", "{n}. {text}")
_SUB = Text("（{n}）{name}", "3.{place} {name}")
_SUB_OVERDUE = Text("（{n}）{name}", "5.{place} {name}")
_NUMERALS = "一二三四五六七八九十"
_RANK_HEAD = (
    Text("区县", "District"),
    Text("位次", "Rank"),
    Text("数值", "Value"),
    Text("分子 / 分母", "Numerator / denominator"),
    Text("诉求量", "Items"),
    Text("上期", "Before"),
    Text("上期位次", "Rank before"),
    Text("升降", "Move"),
)
_PARTS_AT = 3  # the column of numerator and denominator
_LIST_HEAD = (
    Text("指标", "Metric"),
    Text("同类组", "Peer group"),
    Text("红榜", "Red list"),
    Text("黑榜", "Black list"),
)
_OVERDUE_HEAD = (
    Text("未按期或未完成（件）", "Late or undone"),
    Text("已完成（件）", "Done"),
    Text("应办（件）", "Due"),
    Text("占比", "Share done"),
)
_INDEX_TERM = (
    Text("固定标尺打分后加权平均", "weighted mean of scores on fixed goalposts"),
    Text("期末日", "last day of the period"),
)
_LISTED = Text("{name}（{value}）", "{name} ({value})")
_BETWEEN = {"zh": "、", "en": ", "}
_NOBODY = Text("无", "none")
_RULE = Text(
    "{name}：每个同类组取前 {red} 位和末 {black} 位，并列不截断；分母少于 {least} 的不列入。",
    "{name}: the first {red} and the last {black} places of each peer group, ties never cut; whoever has a "
    "denominator below {least} is left out.",
)
_RULES = {
    Direction.UP: Text(
        "{name}：每个同类组取前 {red} 位和末 {black} 位，并列不截断；分母少于 {least} 的不列入，"
        "达到 {value} 的不列黑榜。",
        "{name}: the first {red} and the last {black} places of each peer group, ties never cut; whoever has "
        "a denominator below {least} is left out, whoever reaches {value} is not on the black list.",
    ),
    Direction.DOWN: Text(
        "{name}：每个同类组取前 {red} 位和末 {black} 位，并列不截断；分母少于 {least} 的不列入，"
        "不高于 {value} 的不列黑榜。",
        "{name}: the first {red} and the last {black} places of each peer group, ties never cut; whoever has "
        "a denominator below {least} is left out, whoever is at or below {value} is not on the black list.",
    ),
}
_RANK_NOTE = Text(
    "位次为同类组内标准竞争排名（1-2-2-4），同值并列，并列者按诉求量由多到少列出；样本不足的不排名。"
    "指数的上期为 {weeks} 周前。",
    "Ranks are standard competition ranks (1-2-2-4) inside the peer group; ties are listed by volume, larger "
    "first; too few cases have no rank. For the index, “before” is {weeks} weeks earlier.",
)
_MOST = Text("{name}：未完成最多的{split}", "{name}, most undone ({split})")
_NO_ROWS = Text("本期没有可以列出的。", "Nothing to be listed in this period.")
_FOOT = (
    Text(
        "编号按种类和期次自动生成（自定义编号）；红黑榜、指数和排名规则为自定义口径。",
        "The number follows from kind and period (our own numbering); lists, index and ranking rules are our "
        "own definitions.",
    ),
    Text(
        "仓库版本 {version} · 截至 {day} · 简报政策 {policy} · 指数政策 {index} · 政策指纹 {fingerprint}",
        "Warehouse version {version} · as of {day} · bulletin policy {policy} · index policy {index} · "
        "fingerprint {fingerprint}",
    ),
)


def bulletin_document(one: Bulletin, rules: Sequence[ListRule], language: Language) -> Document:
    """The bulletin as a document; `rules` are those that its red and black lists were made by."""
    words = _Words(language)
    blocks: list[Block] = [Paragraph(words.span(one)), *words.points(one), *words.city(one.lines)]
    blocks += [Paragraph(note.in_(language), quiet=True) for note in one.notes]
    blocks += [*words.ranks(one), *words.lists(one.rolls, one.leagues, rules), *words.overdue(one.overdue)]
    blocks += [Heading(1, _SECTIONS["advice"].in_(language)), Paragraph(_ADVICE.in_(language)), Slot(4)]
    blocks += words.terms(one)
    return Document(
        language=language,
        number=one.edition.number.in_(language),
        title=_TITLES[one.edition.kind]
        .in_(language)
        .format(city=one.city.in_(language), period=one.edition.name.in_(language)),
        mark=MARK.in_(language) if one.is_demo else "",
        dated=one.as_of,
        blocks=tuple(blocks),
        foot=tuple(
            text.in_(language).format(
                version=one.version,
                day=numbers.day_text(one.as_of, language),
                policy=one.policy_version,
                index=one.index_version,
                fingerprint=one.fingerprint,
            )
            for text in _FOOT
        ),
    )


class _Words(Wording):
    """Writes the sections in one language."""

    def span(self, one: Bulletin) -> str:
        day = numbers.day_text(one.as_of, self.language)
        period = numbers.period_text(one.edition.period, self.language)
        return _SPANS[one.edition.kind].in_(self.language).format(period=period, day=day)

    def points(self, one: Bulletin) -> list[Block]:
        said = [sentence(point, self.language) for point in one.points] or [_NO_POINTS.in_(self.language)]
        numbered = [
            Paragraph(_ITEM.in_(self.language).format(n=n, text=text)) for n, text in enumerate(said, 1)
        ]
        return [self._section("points"), *numbered]

    def city(self, lines: Sequence[Line]) -> list[Block]:
        rows = tuple(self.line(one) for one in lines)
        return [self._section("city"), self.table(_CITY.in_(self.language), LINE_HEAD, rows)]

    def ranks(self, one: Bulletin) -> list[Block]:
        note = _RANK_NOTE.in_(self.language).format(weeks=one.index_weeks)
        blocks: list[Block] = [self._section("ranks"), Paragraph(note, quiet=True)]
        for place, league in enumerate(one.leagues, 1):
            name = measure_name(league.measure).in_(self.language)
            blocks.append(self._sub(_SUB, place, name))
            for group in dict.fromkeys(entry.group for entry in league.entries):
                members = [entry for entry in league.entries if entry.group == group]
                title = _GROUPED.in_(self.language).format(name=name, group=group_name(group, self.language))
                rows = tuple(self._entry(league, entry) for entry in members)
                blocks.append(self._ranked(league, title, rows))
        return blocks

    def lists(
        self, rolls: Sequence[Roll], leagues: Sequence[League], rules: Sequence[ListRule]
    ) -> list[Block]:
        found = {(league.measure, entry.region): entry for league in leagues for entry in league.entries}
        rows = []
        for roll in rolls:
            name = metric_of(roll.metric).full_name.in_(self.language)
            for one in roll.groups:
                red, black = (
                    self._names([found[roll.metric, key] for key in keys], roll.metric)
                    for keys in (one.red, one.black)
                )
                rows.append((name, group_name(one.group, self.language), red, black))
        said = [Paragraph(self._rule(rule), quiet=True) for rule in rules]
        table = self.table(_LISTS.in_(self.language), _LIST_HEAD, tuple(rows), names=4)
        return [self._section("lists"), *said, table]

    def overdue(self, lists: Sequence[Overdue]) -> list[Block]:
        blocks: list[Block] = [self._section("overdue")]
        for place, one in enumerate(lists, 1):
            metric, split = metric_of(one.metric), dimension(one.split).name.in_(self.language)
            name = metric.full_name.in_(self.language)
            title = _MOST.in_(self.language).format(name=name, split=split)
            blocks.append(self._sub(_SUB_OVERDUE, place, title))
            if not one.rows:
                blocks.append(Paragraph(_NO_ROWS.in_(self.language)))
                continue
            rows = tuple(
                (
                    row.name.in_(self.language),
                    numbers.plain(row.late),
                    numbers.plain(row.numerator),
                    numbers.plain(row.denominator),
                    self.value(one.metric, row.numerator / row.denominator, row.numerator, row.denominator),
                )
                for row in one.rows
            )
            blocks.append(self.table(title, (dimension(one.split).name, *_OVERDUE_HEAD), rows))
        return blocks

    def terms(self, one: Bulletin) -> list[Block]:
        language = self.language
        rows = self.defined(one.metrics)
        if any(league.measure == INDEX_KEY for league in one.leagues):
            formula, clock = (text.in_(language) for text in _INDEX_TERM)
            own = SOURCES[Source.OWN].in_(language)
            rows.insert(0, (measure_name(INDEX_KEY).in_(language), formula, clock, own))
        return [self._section("terms"), self.terms_table(rows)]

    def _entry(self, league: League, one: Entry) -> tuple[str, ...]:
        return (
            one.name.in_(self.language),
            TOO_FEW.in_(self.language) if one.rank is None else str(one.rank),
            self.value(league.measure, one.value, one.numerator, one.denominator),
            parts(one.numerator, one.denominator),
            numbers.plain(one.volume),
            self.value(league.measure, one.before),
            numbers.DASH if one.rank_before is None else str(one.rank_before),
            numbers.rank_move(one.rank, one.rank_before),
        )

    def _names(self, entries: Sequence[Entry], key: str) -> str:
        said = [
            _LISTED.in_(self.language).format(
                name=one.name.in_(self.language),
                value=self.value(key, one.value, one.numerator, one.denominator),
            )
            for one in entries
        ]
        return _BETWEEN[self.language].join(said) or _NOBODY.in_(self.language)

    def _rule(self, rule: ListRule) -> str:
        metric = metric_of(rule.metric)
        name = metric.full_name.in_(self.language)
        told = _RULE if rule.spared_from is None else _RULES[metric.direction]
        spared = "" if rule.spared_from is None else self.value(rule.metric, rule.spared_from)
        return told.in_(self.language).format(
            name=name, red=rule.red, black=rule.black, least=rule.least, value=spared
        )

    def _ranked(self, league: League, title: str, rows: tuple[tuple[str, ...], ...]) -> Table:
        """The table of a group; the index has no numerators, so no column for them."""
        if league.measure != INDEX_KEY:
            return self.table(title, _RANK_HEAD, rows)
        bare = tuple(row[:_PARTS_AT] + row[_PARTS_AT + 1 :] for row in rows)
        return self.table(title, _RANK_HEAD[:_PARTS_AT] + _RANK_HEAD[_PARTS_AT + 1 :], bare)

    def _section(self, key: str) -> Heading:
        return Heading(1, _SECTIONS[key].in_(self.language))

    def _sub(self, text: Text, place: int, name: str) -> Heading:
        return Heading(2, text.in_(self.language).format(n=_NUMERALS[place - 1], place=place, name=name))
