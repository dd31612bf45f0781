"""Responsiveness 民声呼应: whether citizens are reached, helped and content (METRICS §5)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from queries import clocks
from queries.metric import Metric, Product, Ratio, Source, Term, terms
from queries.vocabulary import Direction, Measurement, Text
from warehouse import measures as m
from warehouse.schema import ReviewKind

_TO_RATE = terms(m.RATED_ITEMS, m.UNRATED_OVERDUE)  # 应评: rated, or not rated in time
_SATISFACTION = Text("满意率", "Satisfaction")


def _share(
    key: str, name: Text, formula: Ratio | Product, formula_text: Text, why: Text, **more: Any
) -> Metric:
    more.setdefault("source", Source.PRACTICE)
    more.setdefault("reference", "METRICS §5")
    more.setdefault("clock", clocks.EVALUATED)
    more.setdefault("population", clocks.CALLBACKS)
    return Metric(
        key=key,
        subject="responsiveness",
        name=name,
        formula=formula,
        formula_text=formula_text,
        why=why,
        unit=clocks.PER_CENT,
        measurement=Measurement.SHARE,
        direction=Direction.UP,
        min_n=5,
        **more,
    )


_CONTENT = Text("群众对办理结果是否满意。", "Whether citizens are content with what was done.")

_REVIEWS = (
    (ReviewKind.PUBLIC, Text("群众评议", "Review by the public")),
    (ReviewKind.EXPERT, Text("专家评审", "Review by experts")),
    (ReviewKind.THIRD_PARTY, Text("第三方评估", "Third-party assessment")),
    (ReviewKind.SELF, Text("自评", "Self-assessment")),
    (ReviewKind.COMMENT, Text("点评", "Comment by the superior")),
)


def _review_mean(kind: ReviewKind, name: Text) -> Metric:
    return Metric(
        key=f"review_{kind.name.lower()}_mean",
        subject="responsiveness",
        name=name,
        variant=Text("平均分", "mean score"),
        formula=Ratio(terms(m.REVIEW_SCORES[kind]), terms(m.REVIEWS[kind])),
        formula_text=Text("评审得分之和 ÷ 评审件", "sum of scores ÷ items reviewed"),
        clock=clocks.REVIEWED,
        population=Text("接受评审的件", "items reviewed"),
        why=Text("办得好不好,由旁人说。", "Whether the work was good, said by others."),
        unit=clocks.POINTS,
        measurement=Measurement.RATE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §5",
        decimals=1,
        min_n=3,
    )


def _review_coverage(kind: ReviewKind, name: Text) -> Metric:
    return _share(
        f"review_{kind.name.lower()}_coverage",
        name,
        Ratio(terms(m.REVIEWS[kind]), terms(m.CLOSED)),
        Text("期内评审件 ÷ 期内办结件", "items reviewed ÷ items closed in the period"),
        Text("评审覆盖多少办结件。", "How many of the closed items were reviewed."),
        variant=Text("覆盖率", "coverage"),
        clock=clocks.REVIEWED,
        population=clocks.CLOSED_ITEMS,
    )


METRICS = (
    _share(
        "satisfaction",
        _SATISFACTION,
        Ratio(terms(m.SATISFIED, m.MOSTLY_SATISFIED), terms(m.RATED_ITEMS)),
        Text("(满意 + 基本满意) ÷ 已评价件", "(satisfied + mostly satisfied) ÷ rated"),
        _CONTENT,
        variant=Text("V1 信访口径", "V1 petition form"),
        population=clocks.RATED,
    ),
    _share(
        "satisfaction_beijing",
        _SATISFACTION,
        Ratio((Term(m.CALLBACK_SATISFIED), Term(m.CALLBACK_MOSTLY, Fraction(9, 10))), terms(m.CALLBACKS)),
        Text(
            "(满意 + 0.9 × 基本满意) ÷ 有效回访件", "(satisfied + 0.9 × mostly satisfied) ÷ valid call-backs"
        ),
        _CONTENT,
        variant=Text("V2 北京口径", "V2 Beijing form"),
    ),
    _share(
        "satisfaction_product",
        _SATISFACTION,
        Product(
            Ratio(terms(m.SATISFIED, m.MOSTLY_SATISFIED, m.UNRATED_OVERDUE), _TO_RATE),
            Ratio(terms(m.RATED_ITEMS), _TO_RATE),
        ),
        Text(
            "[(满意 + 基本满意 + 超期未评价) ÷ 应评] × [(满意 + 基本满意 + 不满意) ÷ 应评]",
            "[(satisfied + mostly + not rated in time) ÷ to be rated] × [rated ÷ to be rated]",
        ),
        _CONTENT,
        variant=Text("V3 乘积口径", "V3 product form"),
        population=Text("应评件", "items to be rated"),
    ),
    _share(
        "satisfaction_not_dissatisfied",
        _SATISFACTION,
        Ratio((Term(m.CALLBACKS), Term(m.CALLBACK_DISSATISFIED, Fraction(-1))), terms(m.CALLBACKS)),
        Text("1 − 不满意 ÷ 回访件", "1 − dissatisfied ÷ called back"),
        _CONTENT,
        variant=Text("V4 非不满意口径", "V4 not-dissatisfied form"),
    ),
    _share(
        "participation",
        Text("参评率", "Participation"),
        Ratio(terms(m.RATED_ITEMS), _TO_RATE),
        Text("已评价件 ÷ (已评价件 + 超期未评价件)", "rated ÷ (rated + not rated in time)"),
        Text("多少群众愿意打分。", "How many citizens care to rate."),
        population=Text("应评件", "items to be rated"),
    ),
    _share(
        "contact_rate",
        Text("响应率", "Contact rate"),
        Ratio(terms(m.CALLBACK_CONTACTED), terms(m.CALLBACKS)),
        Text(
            "办理单位联系过群众的件 ÷ 有效回访件", "items whose unit contacted the citizen ÷ valid call-backs"
        ),
        Text("三率之一。", "One of the three rates."),
    ),
    _share(
        "resolve_rate",
        Text("解决率", "Resolve rate"),
        Ratio(terms(m.CALLBACK_RESOLVED), terms(m.CALLBACKS)),
        Text("问题得到解决的件 ÷ 有效回访件", "items resolved ÷ valid call-backs"),
        Text("三率之一。", "One of the three rates."),
    ),
    _share(
        "satisfy_rate",
        Text("回访满意率", "Call-back satisfaction"),
        Ratio(terms(m.CALLBACK_SATISFIED, m.CALLBACK_MOSTLY), terms(m.CALLBACKS)),
        Text("(满意 + 基本满意) ÷ 有效回访件", "(satisfied + mostly satisfied) ÷ valid call-backs"),
        Text("三率之一。", "One of the three rates."),
    ),
    Metric(
        key="three_rates_composite",
        subject="responsiveness",
        name=Text("三率综合得分", "Composite of the three rates"),
        variant=Text("权重 0.1 / 0.4 / 0.5", "weights 0.1 / 0.4 / 0.5"),
        formula=Ratio(
            (
                Term(m.CALLBACK_CONTACTED, Fraction(10)),
                Term(m.CALLBACK_SATISFIED, Fraction(40)),
                Term(m.CALLBACK_MOSTLY, Fraction(40)),
                Term(m.CALLBACK_RESOLVED, Fraction(50)),
            ),
            terms(m.CALLBACKS),
        ),
        formula_text=Text(
            "(0.1 × 响应率 + 0.4 × 满意率 + 0.5 × 解决率) × 100",
            "(0.1 × contact + 0.4 × satisfaction + 0.5 × resolve) × 100",
        ),
        clock=clocks.EVALUATED,
        population=clocks.CALLBACKS,
        why=Text("接诉即办考核的综合分。", "The composite used to assess immediate handling."),
        unit=clocks.POINTS,
        measurement=Measurement.RATE,
        direction=Direction.UP,
        source=Source.PRACTICE,
        reference="METRICS §5",
        decimals=1,
        min_n=5,
    ),
    _share(
        "public_reply_share",
        Text("公开回复率", "Public replies"),
        Ratio(terms(m.PUBLISHED), terms(m.PUBLISHABLE)),
        Text("已公开答复件 ÷ 应公开件", "public replies ÷ items to be published"),
        Text("办理结果可以被看见。", "What was done can be seen by all."),
        clock=clocks.CLOSED,
        population=Text("应公开答复的办结件", "closed items whose reply is to be published"),
        reference="METRICS §5; 上海保持 85 % 以上",
    ),
    *[_review_mean(kind, name) for kind, name in _REVIEWS],
    *[_review_coverage(kind, name) for kind, name in _REVIEWS],
)
