"""What the key points are computed from, read out of the index and of answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from queries.answer import Answer
from queries.city_index import CityIndex
from queries.insights.index import aim_moves
from queries.insights.key_points import Facts, Member, Share
from queries.vocabulary import Text

# What the sentences are about; a question for them asks for these, with the change on last year.
SAID = (
    "cases_registered",
    "repeat_share",
    "replied_on_time",
    "backlog_clearance",
    "backlog_stock",
    "backlog_overdue_share",
)


def facts(
    place: Text,
    index: CityIndex,
    region: int,
    total: Mapping[Any, Any],
    parts: Answer,
    names: Mapping[int, Text],
    weekly: Answer,
) -> Facts:
    """What the key points say of `place`, which is the row `region` of `index`.

    `total` is an answer's row with the change on last year, `parts` the same split by region, `weekly` an
    answer split by week. A metric that `parts` does not hold has no members to name.
    """
    key, rows = parts.question.split[0], parts.frame.to_dict("records")

    def members(metric: str) -> tuple[Member, ...]:
        # of members whose counts are hidden or stepped none can be called the first
        if metric not in parts.question.metrics or math.isnan(parts.nothing):
            return ()
        return tuple(
            Member(
                names[int(row[key])],
                float(row[metric]),
                float(row[f"{metric}_yoy_base"]),
                float(row[f"{metric}_numerator"]),
                float(row[f"{metric}_denominator"]),
            )
            for row in rows
            if int(row[key]) in names
        )

    def share(metric: str) -> Share:
        return Share(
            float(total[metric]),
            float(total[f"{metric}_numerator"]),
            float(total[f"{metric}_denominator"]),
            float(total[f"{metric}_yoy"]),
            members(metric),
        )

    return Facts(
        place=place,
        index=index.score(region, index.as_of).value,
        index_before=index.score(region, index.before).value,
        index_weeks=index.policy.change_weeks,
        index_parts=aim_moves(index.contributions(region)),
        volume=float(total["cases_registered"]),
        volume_change=float(total["cases_registered_yoy"]),
        volume_members=members("cases_registered"),
        repeat=share("repeat_share"),
        weekly_repeat=tuple(weekly.frame.sort_values("bucket")["repeat_share"]),
        on_time=share("replied_on_time"),
        cleared=share("backlog_clearance"),
        stock=float(total["backlog_stock"]),
        overdue_share=float(total["backlog_overdue_share"]),
    )
