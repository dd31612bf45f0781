"""The sentences of a report on a topic: what is said, of what, and what is left unsaid."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from queries.insights.key_points import KeyPoint, Member, Tone
from queries.insights.topic_points import Compared, Latest, TopicFacts, topic_points
from queries.vocabulary import Direction, Text


def text(name: str) -> Text:
    return Text(name, name.upper())


FACTS = TopicFacts(
    topic=text("t"),
    place=text("p"),
    count=120,
    share=0.3,
    change=0.2,
    rank=2,
    among=14,
    latest=Latest(date(2026, 3, 2), date(2026, 3, 8), 40, 20.0, 35.0, is_signal=True),
    parts=(Member(text("a"), 70, 40), Member(text("b"), 50, 60)),
    places=(Member(text("x"), 30, 10), Member(text("y"), 60, 50)),
    standing_out=(text("s1"), text("s2"), text("s3"), text("s4")),
    rates=(Compared("repeat_share", text("r"), Direction.DOWN, 0.3, 300, 1000, 0.1),),
)


def said(facts: TopicFacts) -> dict[str, KeyPoint]:
    return {one.subject: one for one in topic_points(facts)}


def values(point: KeyPoint) -> dict[str, object]:
    return {name: number.value for name, number in point.numbers.items()}


def test_all_of_it_in_order() -> None:
    found = topic_points(FACTS)
    assert [one.subject for one in found] == [
        *("scale", "change", "latest", "places", "standing_out", "repeat_share"),
    ]
    scale, change, latest, places, out, rate = found
    assert values(scale) | {"rank": 2} == values(scale)
    # most came of a, though b fell
    assert (values(change)["part"], values(change)["amount"], change.tone) == (text("a"), 30, Tone.WORSE)
    assert (values(latest)["count"], latest.tone) == (40, Tone.WORSE)
    assert "高于" in latest.sentence.zh
    assert (values(places)["name"], values(places)["share"]) == (text("y"), 0.5)
    assert values(out) == {"n": 4.0, "names": Text("s1、s2、s3", "S1, S2, S3")}
    assert (rate.tone, rate.numerator, rate.denominator) == (Tone.WORSE, 300, 1000)
    assert "明显高于" in rate.sentence.zh


def test_every_place_of_a_sentence_is_filled() -> None:
    latest = FACTS.latest
    assert latest is not None
    for facts in (
        FACTS,
        replace(FACTS, rank=None, change=-0.2, latest=replace(latest, count=10)),
        replace(FACTS, share=math.nan, change=0.0, latest=replace(latest, count=30), parts=()),
        replace(FACTS, change=0.2, parts=(), standing_out=FACTS.standing_out[:1]),
        replace(FACTS, change=-0.2, parts=(Member(text("a"), 70, 40),)),
    ):
        for one in topic_points(facts):
            for spelled in (one.sentence.zh, one.sentence.en):
                assert "{" not in spelled.format(**dict.fromkeys(one.numbers, "1"))


def test_what_is_not_known_is_not_said() -> None:
    nothing = TopicFacts(text("t"), text("p"), math.nan, math.nan, math.nan)
    assert topic_points(nothing) == ()
    assert list(said(TopicFacts(text("t"), text("p"), 5, math.nan, math.nan))) == ["scale"]
    unknown = replace(FACTS, latest=Latest(date(2026, 3, 2), date(2026, 3, 8), 40, math.nan, math.nan))
    assert "latest" not in said(unknown)


def test_the_last_day_alone_is_one_day() -> None:
    day = replace(FACTS, latest=Latest(date(2026, 3, 8), date(2026, 3, 8), 4, 2.0, 6.0))
    assert values(said(day)["latest"])["when"] == Text("2026-03-08", "2026-03-08")
    assert values(said(FACTS)["latest"])["when"] == Text(
        "2026-03-02 至 2026-03-08", "2026-03-02 to 2026-03-08"
    )


def test_what_no_rule_calls_a_signal_has_no_tone() -> None:
    latest = FACTS.latest
    assert latest is not None
    for count, word in ((40, "高于常态上限"), (10, "低于常态下限")):
        for is_signal in (True, False):
            point = said(replace(FACTS, latest=replace(latest, count=count, is_signal=is_signal)))["latest"]
            assert word in point.sentence.zh
            assert (point.tone is Tone.UNCHANGED) is not is_signal


@pytest.mark.parametrize(
    ("part", "whole", "every", "tone", "word"),
    [
        (30, 100, 0.25, Tone.UNCHANGED, "随机波动之内"),
        (300, 1000, 0.25, Tone.WORSE, "明显高于"),
        (200, 1000, 0.25, Tone.BETTER, "明显低于"),
        (1, 2, 0.05, Tone.UNCHANGED, "随机波动之内"),
    ],
)
def test_a_rate_is_called_higher_or_lower_beyond_chance_alone(
    part: int, whole: int, every: float, tone: Tone, word: str
) -> None:
    one = Compared("repeat_share", text("r"), Direction.DOWN, part / whole, part, whole, every)
    point = said(replace(FACTS, rates=(one,)))["repeat_share"]
    assert (point.tone, word in point.sentence.zh) == (tone, True)
