"""The command `python -m dashboards.topic`: write a report on one topic, or find the code of a category.

Exit codes: 0 done, 1 nothing was written, 2 the command or the policy is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from dashboards import numbers
from dashboards.cards.topic import path_text, place_text, topic_document
from dashboards.cards.topic_choices import OWN_DAYS, SPANS, days_of, grain_of, topic_of
from dashboards.cards.topic_page import file_name, trend_figure
from dashboards.commands import (
    DONE,
    NOTHING_DONE,
    Content,
    add_choices,
    place_of,
    ran,
    said_as_of,
    say,
    write,
)
from queries.errors import BadQuestion, did_you_mean
from queries.execute import Warehouse, open_warehouse
from queries.topic_content import TopicReport, canonical
from queries.topic_report import topic_report
from queries.topics import categories, category
from queries.vocabulary import Grain, Period, Text

FOLDER = Path("var/reports")
FOUR_WEEKS = timedelta(days=27)
_CODES = (
    "Exit codes: 0 done, 1 nothing was written (a sentence says why), 2 the command or the policy is wrong."
)
_SAID = Text("{path} · {place} · {period}", "{path} · {place} · {period}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; an error is one sentence on stderr, never a traceback."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if (chosen.topic is None) == (chosen.find is None):
        parser.error("--topic with the code of a category is needed, or --find with words of its name")
    if chosen.span and (chosen.since or chosen.until):
        parser.error("--span says which days; leave out --from and --until")
    return ran(partial(_find if chosen.find is not None else _write, chosen), chosen.to)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.topic",
        description="Write a report (专题分析) on one category in some districts over some days as DOCX, PDF "
        "and JSON.",
        epilog=_CODES,
    )
    parser.add_argument("--topic", metavar="CODE", help="the code of a category of any level")
    parser.add_argument("--find", metavar="WORDS", help="list the categories whose name or code holds WORDS")
    parser.add_argument(
        "--district", action="append", default=[], metavar="CODE", help="may be repeated (default: the city)"
    )
    parser.add_argument(
        "--from",
        dest="since",
        type=date.fromisoformat,
        metavar="DAY",
        help="default: four weeks up to --until",
    )
    parser.add_argument(
        "--span",
        choices=[one for one in SPANS if one != OWN_DAYS],
        help="instead of days: what it means on the as-of day",
    )
    parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="default: the as-of day")
    parser.add_argument(
        "--grain", choices=[one.value for one in (Grain.DAY, Grain.WEEK, Grain.MONTH)], help="of the trend"
    )
    parser.add_argument(
        "--cases", action="store_true", help="with cases in point, masked; the record says how many"
    )
    add_choices(parser, FOLDER)
    return parser


def _find(chosen: argparse.Namespace) -> int:
    sought = chosen.find.casefold()
    with closing(open_warehouse(place_of(chosen), chosen.version)) as opened:
        told = [f"{code}  {path_text(one.path, chosen.lang)}" for code, one in categories(opened).items()]
    found = [line for line in told if sought in line.casefold()]
    for line in found:
        say(line)
    if not found:
        raise BadQuestion(
            f'No category holds {chosen.find!r}; try fewer words, or --find "" for all of them.'
        )
    return DONE


def _write(chosen: argparse.Namespace) -> int:
    with closing(open_warehouse(place_of(chosen), chosen.version)) as opened:
        as_of = chosen.as_of or opened.info.as_of
        report = _report(opened, chosen, as_of)
        said_as_of(as_of, opened)
    if report.is_empty:
        print("No item of this topic was registered there in that time; choose more days.", file=sys.stderr)
        return NOTHING_DONE
    said = _SAID.zh.format(
        path=path_text(report.path, "zh"),
        place=place_text(report, "zh"),
        period=numbers.period_text(report.period, "zh"),
    )
    say(said)
    document = topic_document(report, chosen.lang, trend=trend_figure(report, chosen.lang))
    items = len(report.cases) if chosen.cases else None
    content = Content(file_name(report), canonical(report), document, said, report.version, as_of, items)
    write(content, chosen)
    return DONE


def _report(opened: Warehouse, chosen: argparse.Namespace, as_of: date) -> TopicReport:
    members = opened.members("district")
    keys = dict(zip(members["code"].astype(str), members["id"].astype(int), strict=True))
    if strange := next((code for code in chosen.district if code not in keys), None):
        raise BadQuestion(f"No district has the code {strange!r}; {did_you_mean(strange, keys)}")
    period = _period(opened.info.data_from, as_of, chosen)
    grain = Grain(chosen.grain) if chosen.grain else grain_of(period)
    districts = tuple(sorted({keys[code] for code in chosen.district}))
    topic = topic_of(opened, category(opened, chosen.topic), districts, period, grain)
    return topic_report(opened, topic, as_of, with_cases=chosen.cases)


def _period(first: date, as_of: date, chosen: argparse.Namespace) -> Period:
    if chosen.span:
        return days_of(chosen.span, as_of, first)
    until = chosen.until or as_of
    since = chosen.since or max(first, until - FOUR_WEEKS)
    if since > until:
        raise BadQuestion(f"{since} comes after {until}; give --from a day that is not after --until.")
    return Period(since, until)


if __name__ == "__main__":
    sys.exit(main())
