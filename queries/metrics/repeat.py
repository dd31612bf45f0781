"""Repeat visits 重复信访: who comes back with the same matter, and how soon (METRICS §2)."""

from __future__ import annotations

from fractions import Fraction

from queries import clocks
from queries.metric import Concentration, Metric, Persons, Ratio, Source, Survival, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m
from warehouse.schema import cases

REPEAT_PETITIONER_ITEMS = 3
BUSIEST = Fraction(1, 100)
SURVIVAL_DAYS = 180


def _return_rate(days: int) -> Metric:
    return Metric(
        key=f"return_rate_{days}",
        subject="repeat",
        name=Text("再访率", "Return rate"),
        variant=Text(f"{days} 天", f"{days} days"),
        formula=Ratio(terms(m.RETURNED_WITHIN[days]), terms(m.CLOSED_FIRST)),
        formula_text=Text(
            f"办结后 {days} 天内同人同事再次登记的初次件 ÷ 期内办结的初次件",
            f"first-time items whose person and matter is registered again within {days} days of closing"
            " ÷ first-time items closed in the period",
        ),
        clock=clocks.CLOSED_COHORT,
        population=clocks.FIRST_CLOSED,
        why=Text(
            "办结是否真正了结,看群众回不回来。",
            "Whether closing settled the matter: did the citizen come back?",
        ),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.DOWN,
        source=Source.OWN,
        reference="METRICS §2",
        min_n=10,
        matures_after_days=days,
        notes=(
            Text(
                f"办结不足 {days} 天的队列尚未成熟,图上置灰并注明成熟日期。",
                f"Cohorts closed less than {days} days ago are not mature:"
                " shown grey with the date they mature.",
            ),
        ),
    )


METRICS = (
    Metric(
        key="repeat_share",
        subject="repeat",
        name=Text("重复件占比", "Repeat share"),
        formula=Ratio(terms(m.REPEATS), terms(m.REPEAT_BASE)),
        formula_text=Text(
            "同人同事此前已登记过的件 ÷ 全部登记件",
            "items whose person and matter was registered before ÷ all items",
        ),
        clock=clocks.REGISTERED,
        population=clocks.NOT_LITIGATION,
        why=Text("衡量问题是否一次解决。", "Whether problems are solved the first time."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.DOWN,
        source=Source.PRACTICE,
        reference="METRICS §2",
        min_n=10,
    ),
    *[_return_rate(days) for days in m.RETURN_WINDOWS],
    Metric(
        key="repeat_petitioners",
        subject="repeat",
        name=Text("重复信访人", "Repeat petitioners"),
        formula=Persons(cases, cases.c.registered_on, cases.c.person_key, REPEAT_PETITIONER_ITEMS),
        formula_text=Text(
            f"期内登记 {REPEAT_PETITIONER_ITEMS} 件及以上的不同人数",
            f"distinct persons with at least {REPEAT_PETITIONER_ITEMS} items registered in the period",
        ),
        clock=clocks.REGISTERED,
        population=Text("能识别到人的诉求件", "items whose person is known"),
        why=Text("重点人群的规模。", "How many people keep coming."),
        unit=clocks.PERSONS,
        measurement=Measurement.COUNT,
        direction=Direction.DOWN,
        source=Source.OWN,
        reference="METRICS §2",
        decimals=0,
    ),
    Metric(
        key="repeat_concentration",
        subject="repeat",
        name=Text("诉求集中度", "Concentration of items"),
        formula=Concentration(cases, cases.c.registered_on, cases.c.person_key, BUSIEST),
        formula_text=Text(
            "件数最多的 1 % 的人的诉求件 ÷ 能识别到人的全部件",
            "items of the busiest 1 % of persons ÷ items of all known persons",
        ),
        clock=clocks.REGISTERED,
        population=Text("能识别到人的诉求件", "items whose person is known"),
        why=Text("少数人占用多少办理力量。", "How much of the work a few persons take."),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.NEITHER,
        source=Source.OWN,
        reference="METRICS §2",
        min_n=100,
    ),
    Metric(
        key="time_to_return",
        subject="repeat",
        name=Text("回访累计概率", "Probability of having come back"),
        variant=Text(f"{SURVIVAL_DAYS} 天", f"{SURVIVAL_DAYS} days"),
        formula=Survival(cases, cases.c.closed_on, cases.c.returned_on, m.FIRST, SURVIVAL_DAYS),
        formula_text=Text(
            f"Kaplan–Meier 估计:办结后 {SURVIVAL_DAYS} 天内同人同事再次登记的概率,未再访者在截至日删失",
            f"Kaplan–Meier estimate of coming back within {SURVIVAL_DAYS} days of closing;"
            " those who have not are censored at the as-of date",
        ),
        clock=clocks.CLOSED,
        population=clocks.FIRST_CLOSED,
        why=Text(
            "利用尚未观察满的队列,比再访率更早看到变化。",
            "Uses cohorts not yet fully observed, so it moves before the return rate does.",
        ),
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.DOWN,
        source=Source.OWN,
        reference="METRICS §2; Kaplan & Meier 1958",
        min_n=10,
    ),
)
