"""How the rankings compare districts, in the words of their definition note."""

from __future__ import annotations

from dashboards.figures.markup import Markup, tag
from queries.vocabulary import Language, Text

_METHODS_TITLE = Text("本页的算法（自定义口径）", "Methods of this page (our own definition)")
_METHODS = (
    (
        Text("每万人", "Per 10 000 residents"),
        Text("总量 ÷ 区县常住人口 × 10 000，只用于总量指标。", "Total ÷ residents × 10 000; totals only."),
    ),
    (
        Text("同等诉求结构", "At equal case mix"),
        Text(
            "间接标准化：按全市各一级类别的水平算出本区应有数，实有数 ÷ 应有数 × 全市值；"
            "全市值过半的比率对未达标部分标准化。",
            "Indirect standardisation: observed ÷ expected at the city's rate of each top category, times "
            "the city's value; of shares above one half the complement is standardised.",
        ),
    ),
    (
        Text("漏斗图", "Funnel plot"),
        Text(
            "Spiegelhalter（2005）：以全市值为中线的精确界限，2σ 与 3σ；离散倍数为 z 值平方的缩尾均值。",
            "Spiegelhalter (2005): exact limits around the city's value at 2σ and 3σ; the dispersion is the "
            "winsorised mean of squared z-scores.",
        ),
    ),
    (
        Text("位次区间", "Rank interval"),
        Text(
            "Goldstein 与 Spiegelhalter（1996）：以各区分子分母模拟比率并重新排名；指数另计权重浮动。",
            "Goldstein and Spiegelhalter (1996): rates drawn from each numerator and denominator and ranked "
            "again; the index also varies its weights.",
        ),
    ),
)


def methods(language: Language) -> Markup:
    """What the page does with a metric: comparison, funnel, intervals."""
    entries = [
        child
        for name, text in _METHODS
        for child in (tag("dt", name.in_(language)), tag("dd", text.in_(language)))
    ]
    return tag("article", tag("h3", _METHODS_TITLE.in_(language)), tag("dl", *entries), class_="q-define")
