"""Lookup tables that turn an even random number into a day, an hour, a place, a theme or a source.

Each table has `slots` rows a pattern: the row `floor(chance × slots)` names the outcome, so that one join on
a small table draws from any distribution.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from warehouse import frames
from warehouse.demo.story import Story
from warehouse.schema import NOT_STATED

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STREAMS = ("hotline", "petition", "visit")
SEASONS = ("flat", "summer", "winter", "school", "rain", "holiday", "shopping", "wages")
PLACE_SLOTS = 1 << 18
LEAF_SLOTS = 1 << 13
DAY_SLOTS = 1 << 14
HOUR_SLOTS = 1 << 9
SOURCE_SLOTS = 1 << 7
PURPOSE_SLOTS = 1 << 8

# Month factors from January to December: what rises when.
MONTHS = {
    "flat": (0.97, 0.92, 1.04, 1.02, 1.01, 1.01, 1.03, 1.02, 1.01, 0.97, 1.01, 0.99),
    "summer": (0.65, 0.62, 0.80, 0.92, 1.10, 1.30, 1.60, 1.55, 1.15, 0.85, 0.75, 0.71),
    "winter": (1.45, 1.15, 1.05, 0.90, 0.80, 0.76, 0.78, 0.78, 0.82, 0.95, 1.20, 1.36),
    "school": (0.70, 0.72, 0.90, 0.95, 1.05, 1.20, 1.45, 1.70, 1.30, 0.75, 0.66, 0.62),
    "rain": (0.70, 0.75, 0.90, 1.00, 1.15, 1.60, 1.45, 1.15, 1.05, 0.80, 0.75, 0.70),
    "holiday": (0.95, 1.05, 0.85, 1.05, 1.25, 0.90, 1.10, 1.10, 0.90, 1.35, 0.80, 0.70),
    "shopping": (0.95, 0.80, 0.95, 0.90, 0.95, 1.25, 0.98, 0.90, 0.95, 0.95, 1.40, 1.20),
    "wages": (1.70, 0.90, 0.80, 0.80, 0.82, 0.85, 0.88, 0.90, 0.95, 0.98, 1.15, 1.45),
}
WEEKDAYS = {
    "hotline": (1.14, 1.10, 1.07, 1.05, 1.03, 0.84, 0.77),
    "petition": (1.28, 1.20, 1.14, 1.10, 1.02, 0.66, 0.60),
    "visit": (1.45, 1.30, 1.20, 1.15, 0.90, 0.04, 0.02),
}
# How much of an ordinary day is left on a public holiday, and on the days of the Spring Festival.
HOLIDAY = {"hotline": 0.72, "petition": 0.50, "visit": 0.05}
SPRING_FESTIVAL = {"hotline": 0.42, "petition": 0.25, "visit": 0.01}
REBOUND = (1.12, 1.22, 1.20, 1.16, 1.12, 1.09, 1.06, 1.04)  # the working days after the Spring Festival
EVENT_BEFORE, EVENT_SINCE = 1.35, 0.8  # visits on a day of a major event, before and since the pilot
HOURS = {
    "hotline": (3, 2, 1, 1, 1, 3, 8, 28, 72, 100, 98, 74, 46, 60, 88, 92, 86, 66, 46, 42, 40, 32, 18, 8),
    "petition": (4, 2, 1, 1, 1, 2, 5, 16, 62, 100, 96, 58, 34, 58, 88, 86, 72, 44, 30, 32, 36, 30, 18, 9),
    "visit": (0, 0, 0, 0, 0, 0, 0, 4, 70, 100, 88, 30, 8, 46, 70, 56, 24, 2, 0, 0, 0, 0, 0, 0),
}
# What people want, by purpose_id 1 to 7 (complaint, report, consult, help, suggestion, praise, other).
PURPOSES = {"hotline": (39, 7, 19, 27, 4, 1, 3), "petition": (52, 9, 5, 25, 6, 0.5, 2.5)}


def slots(weights: Floats, count: int) -> Integers:
    """`count` positions into `weights`, each as often as its weight asks (rounded to a slot)."""
    reached = np.cumsum(weights, dtype=float)
    return np.searchsorted(reached / reached[-1], (np.arange(count) + 0.5) / count).astype(np.int64)


def place_slots(places: pd.DataFrame) -> pd.DataFrame:
    """place_slot (from 0), place_id: places by their weight."""
    return pd.DataFrame(
        {
            "place_slot": np.arange(PLACE_SLOTS),
            "place_id": places["place_id"].to_numpy()[slots(places["weight"].to_numpy(), PLACE_SLOTS)],
        }
    )


def leaf_slots(leaves: pd.DataFrame) -> pd.DataFrame:
    """leaf_slot (mix × LEAF_SLOTS + slot), category_id; `leaves` has category_id, weight, rural."""
    drawn = []
    for leaning in (-0.3, 0.4, 1.0):  # urban, mixed, rural: how strongly the place pulls rural themes
        weights = leaves["weight"].to_numpy() * leaves["rural"].to_numpy() ** leaning
        drawn.append(leaves["category_id"].to_numpy()[slots(weights, LEAF_SLOTS)])
    return pd.DataFrame({"leaf_slot": np.arange(3 * LEAF_SLOTS), "category_id": np.concatenate(drawn)})


def day_slots(
    story: Story, trends: list[float], calendar: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """day_slot, day_on: the days of the data by stream, season and yearly trend.

    The pattern (stream × seasons + season) × trends + trend owns DAY_SLOTS rows from pattern × DAY_SLOTS on.
    `calendar` has the columns of schema.calendar for the days of the story, in order; `events` those of
    schema.event_window.
    """
    days = pd.DatetimeIndex(pd.to_datetime(calendar["day_on"]))
    years = (np.arange(story.days) - story.days / 2) / 365.25
    shocks = np.random.default_rng(story.seed + 1).lognormal(0.0, 0.045, story.days)
    picks: list[Integers] = []
    for stream in STREAMS:
        rhythm = shocks * _weekly(stream, days, calendar) * _festival(calendar)
        if stream == "visit":
            rhythm = rhythm * _during_events(story, days, events)
        for season in SEASONS:
            yearly = np.interp(days.day_of_year, *_monthly(season))
            picks.extend(
                slots(rhythm * yearly * np.exp(np.log1p(trend) * years), DAY_SLOTS) for trend in trends
            )
    picked = np.concatenate(picks)
    return pd.DataFrame({"day_slot": np.arange(len(picked)), "day_on": days.to_numpy()[picked]})


def hour_slots() -> pd.DataFrame:
    """hour_slot (stream × HOUR_SLOTS + slot), hour (0 to 23)."""
    drawn = np.concatenate([slots(np.array(HOURS[stream], dtype=float), HOUR_SLOTS) for stream in STREAMS])
    return pd.DataFrame({"hour_slot": np.arange(len(drawn)), "hour": drawn})


def purpose_slots() -> pd.DataFrame:
    """purpose_slot (0 or PURPOSE_SLOTS for petitions + slot), purpose_id."""
    drawn = np.concatenate(
        [slots(np.array(weights, dtype=float), PURPOSE_SLOTS) + 1 for weights in PURPOSES.values()]
    )
    return pd.DataFrame({"purpose_slot": np.arange(len(drawn)), "purpose_id": drawn})


def source_slots(sources: pd.DataFrame, district_ids: list[int], channel_ids: list[int]) -> pd.DataFrame:
    """channel_id, district_id, source_slot, source_id: the lines and letterboxes of each channel.

    `sources` has source_id, channel_id, district_id (0: any), weight; a channel without one takes 未明确.
    """
    rows = []
    for channel_id in channel_ids:
        for district_id in district_ids:
            here = sources["district_id"].isin([NOT_STATED, district_id])
            mine = sources[(sources["channel_id"] == channel_id) & here]
            key = {
                "channel_id": channel_id,
                "district_id": district_id,
                "source_slot": np.arange(SOURCE_SLOTS),
            }
            drawn = slots(mine["weight"].to_numpy(float), SOURCE_SLOTS) if len(mine) else None
            source_id = NOT_STATED if drawn is None else mine["source_id"].to_numpy()[drawn]
            rows.append(pd.DataFrame({**key, "source_id": source_id}))
    return pd.concat(rows, ignore_index=True)


def _monthly(season: str) -> tuple[list[int], list[float]]:
    """Day of the year and factor at the middle of each month, one month overlapping at either end."""
    factors = MONTHS[season]
    middles = [15, 45, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349]
    return [-16, *middles, 380], [factors[-1], *factors, factors[0]]


def _weekly(stream: str, days: pd.DatetimeIndex, calendar: pd.DataFrame) -> Floats:
    factors = np.array(WEEKDAYS[stream])[days.day_of_week]
    workday = calendar["is_workday"].to_numpy()
    # A weekend day worked in return for a long break is as busy as a quiet Friday.
    factors = np.where(workday & (days.day_of_week >= 5), WEEKDAYS[stream][4] * 0.9, factors)
    factors = np.where(calendar["holiday"].notna(), HOLIDAY[stream], factors)
    return np.where(calendar["is_spring_festival"], SPRING_FESTIVAL[stream], factors)


def _during_events(story: Story, days: pd.DatetimeIndex, events: pd.DataFrame) -> Floats:
    """Visits gather round major events, until the pilot brings them below an ordinary day."""
    factors = np.ones(len(days))
    for event in frames.rows(events):
        inside = (days.date >= event.starts_on) & (days.date <= event.ends_on)
        factors[inside] = EVENT_BEFORE if event.starts_on < story.pilot else EVENT_SINCE
    return factors


def _festival(calendar: pd.DataFrame) -> Floats:
    """The pile-up on the working days after each Spring Festival."""
    factors = np.ones(len(calendar))
    on = pd.Series(calendar["day_on"].to_numpy())
    workday = calendar["is_workday"].to_numpy()
    festival = calendar["is_spring_festival"].to_numpy()
    lasts = on[festival & ~np.append(festival[1:], False)]
    for last in lasts:
        after = on.index[workday & (on > last).to_numpy() & (on <= last + timedelta(21)).to_numpy()]
        for position, factor in zip(after, REBOUND, strict=False):
            factors[position] = factor
    return factors
