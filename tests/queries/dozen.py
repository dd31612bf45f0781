"""A warehouse of seventeen cases, six backlog items, six issues and twelve reviews, readable here as tables.

Every number that the tests of the queries expect is worked out by hand from these tables and METRICS.md.
`-` is nothing; a time is yymmdd.hh, a day yymmdd; `T`, `F` are yes and no.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert

from queries.answer import Answer
from warehouse import reference, rollups
from warehouse import schema as s
from warehouse.calendars import load_calendar
from warehouse.cities import City, load_regions, read_city
from warehouse.schema import RegionLevel

DATA_FROM, AS_OF = date(2025, 1, 1), date(2026, 4, 30)
Row = dict[str, Any]

# Who came, where, with what. person/matter: same letters are the same person and the same matter;
# again: repeat number, days since the previous item, first case; heads; leaf: category.
WHO = """
id district street   village      unit channel source purpose leaf person/matter again      heads
 1 上城     清波街道 清波门社区     1       1      1       1    5     P/p         0/-/1       1
 2 西湖     三墩镇   -              2       2      2       3    6     B/b         0/-/2       1
 3 萧山     城厢街道 -              3       5      3       1    2     C/c         0/-/3       1
 4 上城     清波街道 清波门社区     1       1      1       4    5     A/a         0/-/4       1
 5 上城     湖滨街道 -              1       1      1       1    3     D/d         0/-/5       1
 6 西湖     三墩镇   -              2       2      2       3    6     B/f         0/-/6       1
 7 上城     清波街道 清波门社区     1       1      1       4    5     A/a         1/100/4     1
 8 萧山     城厢街道 -              3       5      3       1    2     C/c         1/116/3     3
 9 淳安     -        -              0       5      3       2    7     F/g         0/-/9       6
10 -        -        -              0       1      1       0    0     -/-         0/-/10      1
11 上城     湖滨街道 -              1       7      4       1    4     D/h         0/-/11      2
12 西湖     三墩镇   -              2       5      3       2    1     B/i         0/-/12      8
13 西湖     三墩镇   -              2       3      2       1    1     B/i         1/2/12      1
14 上城     湖滨街道 -              1       7      4       1    3     D/d         1/35/5      1
15 萧山     -        -              3       6      3       5    6     H/j         0/-/15      1
16 西湖     三墩镇   -              2       2      2       3    6     B/f         1/49/6      1
17 上城     清波街道 清波门社区     1       1      1       4    5     A/a         2/49/4      1
"""

# What kind of item it is: of a petition channel, filed online, skip-level or collective visit, and so on.
KIND = """
id petition online skip collective litigation counted
 1    F       F      F      F          F         T
 2    F       T      F      F          F         T
 3    T       F      F      F          F         T
 4    F       F      F      F          F         T
 5    F       F      F      F          F         T
 6    F       T      F      F          F         T
 7    F       F      F      F          F         T
 8    T       F      T      F          F         T
 9    T       F      F      T          T         T
10    F       F      F      F          F         F
11    T       T      F      F          F         T
12    T       F      T      T          F         T
13    F       T      F      F          T         T
14    T       T      F      F          F         T
15    T       F      F      F          F         T
16    F       T      F      F          F         T
17    F       F      F      F          F         T
"""

# What happened, and when the same matter was registered again after closing.
WHEN = """
id registered transferred accepted  notified  replied   closed    evaluated returned
 1 250303.09  250303.10   250304.09 250304.10 250312.09 250313.09 250320.09  -
 2 250320.09  250320.11   250321.09 250321.10 250401.09 250402.09 250405.09  -
 3 251110.09  251110.10   251111.09 251111.10 251119.09 251120.09 251125.09  260306
 4 251124.09  251125.09   251126.09 251126.10 251203.09 251204.09 251210.09  260304
 5 260218.09  260224.09   260225.09 260226.09 260304.21 260305.09 260308.09  260325
 6 260302.09  260302.10   260302.15 260303.09 260308.09 260312.09 260315.09  260420
 7 260304.09  260305.09   260306.21 260307.09 260314.21 260316.09 260320.09  260422
 8 260306.09  260306.12   260307.18 260325.09 260318.09 260320.09 260328.09  -
 9 260309.09  260309.15   260312.09  -         -         -         -         -
10 260310.09  260310.09   260310.11 260310.12 260310.21 260311.09 260313.21  -
11 260311.09  260312.09   260313.15 260314.09 260315.09 260330.09 260331.09  -
12 260316.09  260316.15    -         -         -         -         -         -
13 260318.09  260318.15    -         -         -        260330.15 260331.12  -
14 260325.09  260325.10   260325.17 260326.09 260409.09 260410.09 260415.09  -
15 260331.23  260401.09   260402.09 260402.10  -        260425.09  -         -
16 260420.09  260420.10   260420.11 260420.12  -         -         -         -
17 260422.09  260422.10    -         -         -         -         -         -
"""

DUE = """
id accept    notify    reply
 1 250318.23 250318.23 250402.23
 2 250404.23 250404.23 250419.23
 3 251125.23 251125.23 251210.23
 4 251209.23 251209.23 251224.23
 5 260305.23 260305.23 260320.23
 6 260317.23 260317.23 260331.23
 7 260319.23 260319.23 260313.23
 8 260321.23 260321.23 260330.23
 9 260311.23 260324.23 260331.23
10 260325.23 260325.23 260311.23
11 260313.15 260326.23 260410.23
12 260331.23 260401.23 260325.23
13 260402.23 260402.23 260328.23
14 260409.23 260409.23 260424.23
15 260415.23 260415.23 260430.23
16 260505.23 260505.23 260520.23
17 260507.23 260507.23 260522.23
"""

# How it ended. satisfaction: 1 satisfied 2 mostly 3 dissatisfied 4 other 5 not rated in time;
# refused and resent: times a unit sent it back, times it was sent again.
END = """
id resolved contacted satisfaction callback publishable published refused resent
 1    T        T          1           T         T          T         0      0
 2    T        T          3           T         T          F         0      0
 3    T        T          1           T         T          T         0      0
 4    T        F          2           T         T          T         0      0
 5    T        T          1           T         T          T         0      0
 6    T        F          2           T         T          T         0      0
 7    F        F          3           T         T          T         1      1
 8    T        T          5           F         T          F         0      0
 9    -        -          -           F         F          F         0      1
10    T        T          1           F         T          T         0      0
11    F        T          2           F         F          T         0      0
12    -        -          -           F         F          F         2      2
13    -        F          4           T         T          F         0      0
14    T        T          2           T         T          T         0      0
15    T        -          -           F         F          F         0      0
16    -        -          -           F         F          F         0      0
17    -        -          -           F         F          F         0      0
"""

# clears: people, demand, duty, work, plan
BACKLOG = """
id level district street   leaf leader  first  assigned planned resolved struck_off returned clears
 1   1   上城     清波街道   1   区长   190501  250110  260304   260303    260320      -      TTTTT
 2   2   上城     湖滨街道   1   区长   220601  250110  260306    -         -          -      TTTTT
 3   3   西湖     三墩镇     6   书记   240115  250601  260320   260318    260319    260329   TTFTT
 4   3   淳安     -          6   县长   250801  260201  260415    -         -          -      FFFFF
 5   3   萧山     城厢街道   1   区长   240901  260405  260428    -         -          -      TTTTT
 6   3   萧山     城厢街道   1   区长   230601  250601  260327   260330     -          -      TTTTT
"""

ISSUES = """
id level district severity opened planned signed struck_off returned
 1   1   上城        3     260105  260630    -        -         -
 2   2   西湖        3     251001  260401  260313  260315     260325
 3   3   萧山        2     260110  260801    -        -         -
 4   3   淳安        3     260331  260901    -        -         -
 5   3   上城        1     250301  250630  250610  250612     260301
 6   3   西湖        2     251101  260320    -        -         -
"""

# What was reported of an issue on a Monday; clears: people, demand, duty, work, plan.
ISSUE_WEEKS = """
id week   stage planned clears consulted
 1 260302   2      2    TTFFF      T
 1 260309   3      2    TTTFF      F
 2 260309   5      5    TTTTT      T
 2 260330   3      6    TTTTF      T
 6 260302   4      5    TTTTT      F
 6 260406   4      6    TTTTT      T
"""

# kind: 1 public 2 expert 3 third party 4 self 5 comment of the superior
REVIEWS = """
id kind case district unit reviewed score
 1   1    5   上城     1    260310    80
 2   1    6   西湖     2    260316    90
 3   1    7   上城     1    260331    85
 4   1    8   萧山     3    260401    10
 5   2    5   上城     1    260301    70
 6   2    6   西湖     2    260320    75
 7   3    5   上城     1    260312    88
 8   4    5   上城     1    260306    95
 9   4    6   西湖     2    260313    91
10   4    7   上城     1    260317    93
11   4    8   萧山     3    260321   100
12   5    5   上城     1    260331    60
"""

# What some of the items are called; the sign of a wildcard stands for itself.
TITLES = """
id title
 1 反映停车费上涨问题
 6 催讨工资_100%未发
 7 再次反映停车费问题
 8 物业收费不公开
"""

# What items said before a later batch said otherwise.
HISTORY = """
id case superseded old
 1   7   260305.20 {"unit_id":2,"person_key":41,"reply_due_at":"2026-03-12T23:00:00"}
 2   7   260310.20 {"unit_id":3,"accepted_at":null}
 3   8   260312.20 {"people":2}
"""

# A tree to level 5, one to level 2; 0 is 未明确. ancestors: levels 1 to 4, a category itself below its level.
CATEGORIES = """
id level parent name     ancestors
 0   0     0    未明确    0/0/0/0
 1   1     0    城乡建设  1/1/1/1
 2   2     1    物业      1/2/2/2
 3   3     2    收费      1/2/3/3
 4   4     3    涨价      1/2/3/4
 5   5     4    停车费    1/2/3/4
 6   1     0    劳动      6/6/6/6
 7   2     6    欠薪      6/7/7/7
"""

UNITS = """
id level parent district name
 0   0     0    -        未明确
 1   4     0    上城     上城住建局
 2   4     0    西湖     西湖人社局
 3   4     0    萧山     萧山住建局
"""

SOURCES = """
id channel name
 0    0    未明确
 1    1    市热线
 2    2    浙里办
 3    5    信访大厅
 4    7    网上信访
"""


def rows_of(table: str) -> Iterator[dict[str, str]]:
    """The lines of a text table as dicts by its first line."""
    head, *lines = table.strip().splitlines()
    for line in lines:
        yield dict(zip(head.split(), line.split(), strict=True))


def _day(text: str) -> date | None:
    return None if text == "-" else datetime.strptime(text, "%y%m%d").date()


def _time(text: str) -> datetime | None:
    return None if text == "-" else datetime.strptime(text, "%y%m%d.%H")


def _date_of(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _flag(text: str) -> bool | None:
    return {"T": True, "F": False, "-": None}[text]


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


class _Places:
    """Region ids by name, from the city's own table: a street inside its district, `-` is 未明确 (0)."""

    def __init__(self) -> None:
        rows = read_city("hangzhou").regions
        places = zip(rows["parent_id"], rows["name_zh"], rows["region_id"], strict=True)
        self._ids = {(int(parent), name): int(one) for parent, name, one in places}

    def __call__(self, *names: str) -> list[int]:
        """Ids of a path below the city: district, street, village; 0 from the first `-` on."""
        found, parent = [], 1
        for level, name in enumerate(names):
            parent = 0 if name == "-" else self._ids[parent, _district_name(name) if level == 0 else name]
            found.append(parent)
        return found


def _district_name(short: str) -> str:
    return f"{short}县" if short == "淳安" else f"{short}区"


def district(short: str) -> int:
    """The id of a district by its short name in the tables above."""
    return _Places()(short)[0]


def street(district: str, name: str) -> int:
    """The id of a street."""
    return _Places()(district, name)[1]


def case_rows() -> list[Row]:
    """The seventeen cases with every column of schema.cases."""
    places, letters = _Places(), "-abcdefghijklmnopqrstuvwxyz"
    ancestors = {one["id"]: [int(a) for a in one["ancestors"].split("/")] for one in rows_of(CATEGORIES)}
    titles = {one["id"]: one["title"] for one in rows_of(TITLES)}
    found: list[Row] = []
    tables = (rows_of(WHO), rows_of(KIND), rows_of(WHEN), rows_of(DUE), rows_of(END))
    for who, kind, when, due, end in zip(*tables, strict=True):
        if len({who["id"], kind["id"], when["id"], due["id"], end["id"]}) != 1:
            raise ValueError(f"the tables part at case {who['id']}; give every case one line in each")
        district_id, street_id, village_id = places(who["district"], who["street"], who["village"])
        person, matter = who["person/matter"].split("/")
        again, since, first = who["again"].split("/")
        moments = {f"{name}_at": _time(when[name]) for name in WHEN.split()[1:8]}
        dues = {f"{name}_due_at": _time(due[name]) for name in DUE.split()[1:4]}
        days = {
            f"{name}_on": _date_of(moments[f"{name}_at"])
            for name in ("registered", "transferred", "closed", "evaluated")
        }
        found.append(
            {
                "case_id": int(who["id"]),
                "source_case_no": f"no-{who['id']}",
                "source_id": int(who["source"]),
                "channel_id": int(who["channel"]),
                "purpose_id": int(who["purpose"]),
                "category_id": int(who["leaf"]),
                "category1_id": ancestors[who["leaf"]][0],
                "category2_id": ancestors[who["leaf"]][1],
                "district_id": district_id,
                "street_id": street_id,
                "village_id": village_id,
                "unit_id": int(who["unit"]),
                "urgency": 1,
                **{
                    f"is_{name}": _flag(kind[name])
                    for name in ("petition", "online", "litigation", "counted")
                },
                **{f"is_{name}": _flag(kind[name]) for name in ("collective",)},
                "is_skip_level": _flag(kind["skip"]),
                "exclusion": None if kind["counted"] == "T" else "工单作废",
                **moments,
                **dues,
                **days,
                **{name.replace("_at", "_on"): _date_of(moment) for name, moment in dues.items()},
                "is_extended": False,
                "person_key": None if person == "-" else letters.index(person.lower()),
                "matter_key": None if matter == "-" else letters.index(matter),
                "first_case_id": int(first),
                "repeat_no": int(again),
                "days_since_previous": _number(since),
                "returned_on": _day(when["returned"]),
                "people": int(who["heads"]),
                "people_involved": int(who["heads"]),
                "competent_level": 5,
                "visited_level": 3,
                "outcome": None,
                "resolution_round": None,
                "is_resolved": _flag(end["resolved"]),
                "is_contacted": _flag(end["contacted"]),
                "satisfaction": _number(end["satisfaction"]),
                "is_valid_callback": _flag(end["callback"]),
                "is_publishable": _flag(end["publishable"]),
                "is_published": _flag(end["published"]),
                "returned_count": int(end["refused"]),
                "redispatched_count": int(end["resent"]),
                **dict.fromkeys(("lon", "lat", "h3", "detail")),
                "title": titles.get(who["id"]),
                "batch_id": 1,
            }
        )
    return found


def random_cases(seed: int, number: int) -> list[Row]:
    """As many cases as asked for, drawn from the seventeen: days moved, kinds and endings mixed."""
    draw = random.Random(seed)
    models = case_rows()
    found: list[Row] = []
    for key in range(1, number + 1):
        who, kind, when, end = (draw.choice(models) for _ in range(4))
        # somewhere between January 2025 and April 2026, so that years and months compare
        days = timedelta(days=draw.randrange(480)) - (when["registered_at"] - datetime(2025, 1, 1, 9))
        row = {name: end[name] for name in end}
        for model, names in ((who, _OF_WHO), (kind, _OF_KIND)):
            row |= {name: model[name] for name in names}
        moved = {name: when[name] for name in when if name.endswith(("_at", "_on"))}
        row |= {name: None if value is None else value + days for name, value in moved.items()}
        row |= {"case_id": key, "first_case_id": key, "repeat_no": draw.choice((0, 0, 0, 1, 2))}
        if row["closed_on"] is not None:
            later = draw.choice((None, 0, 1, 29, 30, 31, 90, 91, 200))
            row["returned_on"] = None if later is None else row["closed_on"] + timedelta(days=later)
        found.append(row)
    return found


_OF_WHO = ("district_id", "street_id", "village_id", "unit_id", "person_key", "people")
_OF_KIND = (
    *("channel_id", "source_id", "purpose_id", "category_id", "category1_id", "category2_id"),
    *("is_petition", "is_online", "is_skip_level", "is_collective", "is_litigation", "is_counted"),
)


def _backlog_rows() -> Iterator[Row]:
    places = _Places()
    for one in rows_of(BACKLOG):
        district_id, street_id = places(one["district"], one["street"])
        yield {
            "backlog_item_id": int(one["id"]),
            "case_id": None,
            "list_level": int(one["level"]),
            "district_id": district_id,
            "street_id": street_id,
            "category1_id": int(one["leaf"]),
            "unit_id": 0,
            "leader": one["leader"],
            "people_involved": 1,
            "first_registered_on": _day(one["first"]),
            **{f"{name}_on": _day(one[name]) for name in ("assigned", "planned", "resolved", "returned")},
            "verified_on": None,
            "struck_off_on": _day(one["struck_off"]),
            **_clears(one["clears"]),
        }


def _clears(marks: str) -> Row:
    names = ("people", "demand", "duty", "work", "plan")
    return {f"is_{name}_clear": _flag(mark) for name, mark in zip(names, marks, strict=True)}


def _issue_rows() -> Iterator[Row]:
    for one in rows_of(ISSUES):
        yield {
            "major_issue_id": int(one["id"]),
            "name_zh": f"问题{one['id']}",
            "name_en": f"Issue {one['id']}",
            "list_level": int(one["level"]),
            "district_id": district(one["district"]),
            "street_id": 0,
            "category1_id": 1,
            "severity": int(one["severity"]),
            "people_involved": 1,
            "leader": "区长",
            "opened_on": _day(one["opened"]),
            "planned_on": _day(one["planned"]),
            "signed_off_on": _day(one["signed"]),
            "struck_off_on": _day(one["struck_off"]),
            "returned_on": _day(one["returned"]),
        }


def _issue_week_rows() -> Iterator[Row]:
    issues = {one["id"]: one for one in rows_of(ISSUES)}
    for one in rows_of(ISSUE_WEEKS):
        yield {
            "major_issue_id": int(one["id"]),
            "week_on": _day(one["week"]),
            "list_level": int(issues[one["id"]]["level"]),
            "district_id": district(issues[one["id"]]["district"]),
            "stage": int(one["stage"]),
            "planned_stage": int(one["planned"]),
            **_clears(one["clears"]),
            "is_consulted": _flag(one["consulted"]),
        }


def _review_rows() -> Iterator[Row]:
    for one in rows_of(REVIEWS):
        yield {
            "review_id": int(one["id"]),
            "kind": int(one["kind"]),
            "case_id": int(one["case"]),
            "district_id": district(one["district"]),
            "unit_id": int(one["unit"]),
            "reviewed_on": _day(one["reviewed"]),
            "score": int(one["score"]),
        }


def _history_rows() -> Iterator[Row]:
    for one in rows_of(HISTORY):
        yield {
            "case_history_id": int(one["id"]),
            "case_id": int(one["case"]),
            "batch_id": 1,
            "superseded_at": _time(one["superseded"]),
            "old_values": one["old"],
        }


def _category_rows() -> Iterator[Row]:
    for one in rows_of(CATEGORIES):
        yield {
            "category_id": int(one["id"]),
            "code": f"c{one['id']}",
            "level": int(one["level"]),
            "parent_id": int(one["parent"]),
            "name_zh": one["name"],
            "name_en": f"Category {one['id']}",
            **{f"category{level}_id": int(a) for level, a in enumerate(one["ancestors"].split("/"), start=1)},
            "taxonomy": "dozen",
        }


def _unit_rows() -> Iterator[Row]:
    places = _Places()
    for one in rows_of(UNITS):
        yield {
            "unit_id": int(one["id"]),
            "code": f"u{one['id']}",
            "name_zh": one["name"],
            "name_en": f"Unit {one['id']}",
            "level": int(one["level"]),
            "parent_id": int(one["parent"]),
            "district_id": places(one["district"])[0],
            "peer_group": "bureau",
        }


def _source_rows() -> Iterator[Row]:
    for one in rows_of(SOURCES):
        yield {
            "source_id": int(one["id"]),
            "code": f"s{one['id']}",
            "name_zh": one["name"],
            "name_en": f"Source {one['id']}",
            "channel_id": int(one["channel"]),
        }


INFO: Row = {
    "version": "dozen",
    "city": "hangzhou",
    "built_at": datetime(2026, 4, 30, 23),
    "data_from_on": DATA_FROM,
    "as_of_on": AS_OF,
    "is_demo": True,
    "full_scale": 1.0,
    "seed": None,
}


def _smaller(city: City) -> City:
    """The city without the thousands of villages that no case names; keys stay what they are."""
    rows = city.regions
    kept = (rows["level"] < RegionLevel.VILLAGE) | (rows["parent_id"] == street("上城", "清波街道"))
    return replace(city, regions=rows[kept])


def frame_without_facts(connection: Connection) -> None:
    """Makes every table and fills those that are not facts: info, calendar and dimensions."""
    tables = [table for name, table in s.METADATA.tables.items() if not name.startswith("rollup")]
    s.METADATA.create_all(connection, tables=tables)
    connection.execute(insert(s.warehouse_info), [INFO])
    load_regions(connection, _smaller(read_city("hangzhou")))
    load_calendar(connection, date(2024, 1, 1), date(2026, 12, 31))
    reference.load_reference(connection)
    filled: tuple[tuple[Table, Iterator[Row]], ...] = (
        (s.category, _category_rows()),
        (s.unit, _unit_rows()),
        (s.source, _source_rows()),
    )
    for table, rows in filled:
        connection.execute(insert(table), list(rows))


def only_row(answer: Answer) -> Row:
    """The one row of an answer that splits nothing, by column."""
    (row,) = answer.frame.itertuples(index=False, name=None)
    return dict(zip(answer.frame.columns, row, strict=True))


def fill(connection: Connection, cases: list[Row] | None = None) -> None:
    """Makes the whole warehouse, roll-ups included; with `cases` instead of the seventeen where given."""
    frame_without_facts(connection)
    facts = (
        (s.cases, case_rows() if cases is None else cases),
        (s.backlog_item, list(_backlog_rows())),
        (s.major_issue, list(_issue_rows())),
        (s.major_issue_week, list(_issue_week_rows())),
        (s.review, list(_review_rows())),
        (s.case_history, list(_history_rows())),
    )
    for table, rows in facts:
        connection.execute(insert(table), rows)
    rollups.rebuild(connection)
