"""Volume 诉求总量: how many items, people and visits come in (METRICS §1)."""

from __future__ import annotations

from typing import Any

from queries import clocks
from queries.metric import Metric, Population, Ratio, Source, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m


def _counted(
    key: str, name: Text, measure: m.Measure, formula: Text, why: Text, unit: Text = clocks.ITEMS, **more: Any
) -> Metric:
    more.setdefault("population", clocks.EVERY_ITEM)
    more.setdefault("source", Source.PRACTICE)
    more.setdefault("reference", "METRICS §1")
    return Metric(
        key=key,
        subject="volume",
        name=name,
        formula=Ratio(terms(measure)),
        formula_text=formula,
        clock=clocks.REGISTERED,
        why=why,
        unit=unit,
        measurement=Measurement.COUNT,
        direction=Direction.DOWN,
        decimals=0,
        **more,
    )


def _per_residents(key: str, name: Text, measure: m.Measure, per: int, formula: Text, **more: Any) -> Metric:
    return Metric(
        key=key,
        subject="volume",
        name=name,
        formula=Ratio(terms(measure), Population(per)),
        formula_text=formula,
        clock=clocks.REGISTERED,
        measurement=Measurement.RATE,
        direction=Direction.DOWN,
        **more,
    )


_SKIP_LEVEL = "信访工作条例(2022)第二十条"

METRICS = (
    _counted(
        "cases_registered",
        Text("诉求总量", "Items registered"),
        m.CASES,
        Text("登记的全部诉求件数", "number of all items registered"),
        Text(
            "反映群众诉求的规模;下降通常是好事,但不得以压低受理换取。",
            "Scale of what citizens ask; a fall is good unless access was made harder.",
        ),
    ),
    _counted(
        "first_time_cases",
        Text("初次件", "First-time items"),
        m.FIRST_TIME,
        Text("同人同事首次登记的件数", "items that are the first of their person and matter"),
        Text("新发生问题的数量,不受重复反映影响。", "New problems, untouched by repeat filing."),
    ),
    _counted(
        "people_registered",
        Text("诉求人次", "Petitioner heads"),
        m.PEOPLE,
        Text("登记件的人次之和", "sum of petitioner heads over the items registered"),
        Text("联名和集体反映按人数计入。", "Joint petitions count by their heads."),
        clocks.HEADS,
    ),
    _per_residents(
        "cases_per_10k",
        Text("万人诉求量", "Items per 10 000 residents"),
        m.CASES,
        10_000,
        Text("登记件数 ÷ 常住人口 × 10 000", "items registered ÷ residents × 10 000"),
        population=clocks.EVERY_ITEM,
        why=Text("不同规模的区县可以相互比较。", "Makes districts of unequal size comparable."),
        unit=Text("件/万人", "items per 10 000"),
        source=Source.PRACTICE,
        reference="METRICS §1",
    ),
    _per_residents(
        "first_time_per_10k",
        Text("万人初次件", "First-time items per 10 000 residents"),
        m.FIRST_TIME,
        10_000,
        Text("初次件数 ÷ 常住人口 × 10 000", "first-time items ÷ residents × 10 000"),
        population=clocks.EVERY_ITEM,
        why=Text("一指数“诉求总量降”的基础。", "Basis of the index aim “volume down”."),
        unit=Text("件/万人", "items per 10 000"),
        source=Source.OWN,
        reference="METRICS §7",
    ),
    Metric(
        key="online_share",
        subject="volume",
        name=Text("网上信访占比", "Share of petitions filed online"),
        formula=Ratio(terms(m.PETITIONS_ONLINE), terms(m.PETITIONS)),
        formula_text=Text("网上信访件 ÷ 信访渠道全部件", "online petitions ÷ items of all petition channels"),
        clock=clocks.REGISTERED,
        population=clocks.PETITIONS,
        why=Text("让数据多跑路、群众少跑腿。", "Citizens file without travelling."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §1; 上海公布 81.23 %",
        min_n=10,
    ),
    _counted(
        "skip_level_visits",
        Text("越级走访(批次)", "Skip-level visits (groups)"),
        m.SKIP_LEVEL_GROUPS,
        Text("越级走访的批次", "visits to a level more than one above the competent body"),
        Text("问题未在属地化解的信号。", "A sign that matters are not settled where they arise."),
        clocks.GROUPS,
        population=clocks.VISITS,
        source=Source.LAW,
        reference=_SKIP_LEVEL,
    ),
    _counted(
        "skip_level_heads",
        Text("越级走访(人次)", "Skip-level visits (heads)"),
        m.SKIP_LEVEL_HEADS,
        Text("越级走访的人次", "heads in visits to a level more than one above the competent body"),
        Text("与批次并列公布。", "Published beside the number of groups."),
        clocks.HEADS,
        population=clocks.VISITS,
        source=Source.LAW,
        reference=_SKIP_LEVEL,
    ),
    _per_residents(
        "skip_level_heads_per_100k",
        Text("十万人越级走访人次", "Skip-level heads per 100 000 residents"),
        m.SKIP_LEVEL_HEADS,
        100_000,
        Text("越级走访人次 ÷ 常住人口 × 100 000", "heads in skip-level visits ÷ residents × 100 000"),
        population=clocks.VISITS,
        why=Text("一指数“越级走访少”的基础。", "Basis of the index aim “fewer skip-level visits”."),
        unit=Text("人次/十万人", "heads per 100 000"),
        source=Source.OWN,
        reference="METRICS §7",
    ),
    _counted(
        "collective_visits",
        Text("集体访(批次)", "Collective visits (groups)"),
        m.COLLECTIVE_GROUPS,
        Text(
            "达到规定人数(默认 5 人)的来访批次", "visits of at least the policy's number of heads (default 5)"
        ),
        Text("群体性诉求的规模。", "Scale of collective demands."),
        clocks.GROUPS,
        population=clocks.VISITS,
        source=Source.OWN,
        notes=(
            Text(
                "条例只规定代表不超过 5 人,集体访的人数界线为自定义口径。",
                "The law only caps representatives at 5; the threshold of heads is our own definition.",
            ),
        ),
    ),
    _counted(
        "collective_heads",
        Text("集体访(人次)", "Collective visits (heads)"),
        m.COLLECTIVE_HEADS,
        Text("集体访的人次", "heads in collective visits"),
        Text("与批次并列公布。", "Published beside the number of groups."),
        clocks.HEADS,
        population=clocks.VISITS,
        source=Source.OWN,
    ),
    _counted(
        "sensitive_visits",
        Text("集体和越级走访(批次)", "Collective and skip-level visits (groups)"),
        m.SENSITIVE_VISITS,
        Text(
            "集体访或越级走访的批次(不重复计)", "visits that are collective or skip-level, each counted once"
        ),
        Text("一指数“重大活动安”的基础。", "Basis of the index aim “safe major events”."),
        clocks.GROUPS,
        population=clocks.VISITS,
        source=Source.OWN,
        reference="METRICS §7",
    ),
)
