"""Loading as a whole: what reaches the warehouse, what never does, and when nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, func, select, text

from tests.warehouse.ingest.conftest import HEADER, MAPPING, Desk
from warehouse import rollups
from warehouse.errors import BadMapping, BadSource, WarehouseError
from warehouse.ingest import loading, staging
from warehouse.schema import (
    METADATA,
    batch,
    calendar,
    cases,
    category,
    region,
    source,
    unit,
    warehouse_info,
)

FIRST = f"{HEADER}\nA1,2026-03-01 10:00:00,,路灯\nA2,2026-03-04 10:00:00,,停车\n"
SECOND = f"{HEADER}\nA2,2026-03-04 10:00:00,,停车\nA3,2026-05-01 10:00:00,2026-05-02,井盖\n"


def names(desk: Desk, key: str) -> list[str]:
    """The name of each case's member of a dimension, in the order of the source's numbers."""
    table = {
        "district_id": region,
        "street_id": region,
        "unit_id": unit,
        "category_id": category,
        "source_id": source,
    }[key]
    own = {"region": "region_id", "unit": "unit_id", "category": "category_id", "source": "source_id"}[
        table.name
    ]
    query = select(table.c.name_zh).join_from(cases, table, cases.c[key] == table.c[own])
    return [row[0] for row in desk.ask(query.order_by(cases.c.source_case_no))]


# the warehouse as a whole


def test_a_first_load_makes_a_whole_warehouse_of_the_mappings_city(desk: Desk) -> None:
    report = desk.load(FIRST)
    assert report.batch_id == 1
    info = desk.ask(
        select(
            warehouse_info.c.city,
            warehouse_info.c.is_demo,
            warehouse_info.c.full_scale,
            warehouse_info.c.data_from_on,
            warehouse_info.c.as_of_on,
            warehouse_info.c.version,
        )
    )
    assert info == [("boston", False, 1.0, date(2026, 3, 1), date(2026, 3, 4), desk.store.version())]
    days = desk.ask(select(func.min(calendar.c.day_on), func.max(calendar.c.day_on), func.count()))
    assert days == [(date(2025, 1, 1), date(2027, 12, 31), 365 * 3)]
    for table in (region, unit, category, source):
        key = table.c[f"{table.name}_id"]
        assert desk.ask(select(table.c.name_zh).where(key == 0)) == [("未明确",)]
    rolled = desk.ask(select(text("sum(cases)")).select_from(text("rollup_registered_street")))
    assert rolled == [(2,)]


def test_every_table_of_the_schema_is_there_as_declared(desk: Desk) -> None:
    desk.load(FIRST)
    found = desk.ask(
        select(text("table_name"), text("column_name")).select_from(text("information_schema.columns"))
    )
    declared = {(table.name, one.name) for table in METADATA.tables.values() for one in table.columns}
    assert set(found) == declared


def test_a_second_file_is_appended_and_what_is_known_already_is_a_duplicate(desk: Desk) -> None:
    desk.load(FIRST)
    report = desk.load(SECOND, name="april.csv")
    assert (report.batch_id, report.tally.rows_loaded) == (2, 1)
    assert dict(report.tally.reasons) == {("duplicate", staging.IN_BATCH): 1}
    assert desk.column("source_case_no") == ["A1", "A2", "A3"]
    assert desk.column("case_id") == [1, 2, 3]
    assert desk.column("batch_id") == [1, 1, 2]
    assert desk.ask(select(warehouse_info.c.data_from_on, warehouse_info.c.as_of_on)) == [
        (date(2026, 3, 1), date(2026, 5, 1))
    ]
    assert desk.ask(select(func.count()).select_from(batch)) == [(2,)]


def test_the_same_file_again_changes_nothing_and_says_so(desk: Desk) -> None:
    desk.load(FIRST)
    version = desk.store.version()
    desk.said.clear()
    report = desk.load(FIRST, name="another name.csv")
    assert "batch 1, export.csv" in report.already
    assert desk.store.version() == version
    assert any("already loaded" in line for line in desk.said)


def test_a_file_without_a_new_row_changes_nothing(desk: Desk) -> None:
    desk.load(FIRST)
    version = desk.store.version()
    with pytest.raises(BadSource, match="was whole and new, so nothing was published"):
        desk.load(FIRST.replace("\n", "\r\n"))
    assert desk.store.version() == version
    assert any("duplicate 重复 2" in line for line in desk.said)


def test_an_account_that_does_not_add_up_is_not_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging.Stage, "_known_already", lambda *_: [])
    with pytest.raises(WarehouseError, match="do not add up: read 3, loaded 2, stored 2, superseded 0"):
        desk.load(FIRST + "A1,2026-03-01 10:00:00,,路灯\n")
    assert not list(desk.folder.glob("var/warehouse/*.duckdb*"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_demo": True}, "holds the demo city, .*; set QINGYU_WAREHOUSE to another directory"),
        ({"city": "hangzhou"}, "holds the city hangzhou, not boston; set QINGYU_WAREHOUSE"),
    ],
)
def test_a_demo_or_another_city_is_not_mixed_with(desk: Desk, changed: dict[str, object], said: str) -> None:
    desk.load(FIRST)
    with desk.store.build(copy_newest=True) as connection:
        connection.execute(warehouse_info.update().values(**changed))
    with pytest.raises(WarehouseError, match=said):
        desk.load(SECOND)


def test_a_warehouse_of_an_older_suite_is_said_before_anything_is_read(desk: Desk) -> None:
    desk.load(FIRST)
    with desk.store.build(copy_newest=True) as connection:
        connection.exec_driver_sql("ALTER TABLE batch DROP COLUMN rows_superseded")
    version = desk.store.version()
    with pytest.raises(WarehouseError, match=r"older suite \(it lacks batch\.rows_superseded\); build the"):
        desk.load(SECOND)
    assert desk.store.version() == version


def test_a_failure_in_the_middle_leaves_the_live_version(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(FIRST)
    version = desk.store.version()

    def fail(connection: Connection) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rollups, "rebuild", fail)
    with pytest.raises(ZeroDivisionError):
        desk.load(SECOND)
    assert desk.store.version() == version
    assert desk.column("source_case_no") == ["A1", "A2"]


def test_a_fixed_as_of_is_kept(desk: Desk, columns: Callable[..., str]) -> None:
    desk.load(FIRST, columns("as_of = 2026-03-31\n"))
    assert desk.ask(select(warehouse_info.c.as_of_on)) == [(date(2026, 3, 31),)]


# persons


IDENTITY, PHONE, NAME, ADDRESS = "33010619900101123X", "13812345678", "买买提", "丁桥街道花园小区十二幢"
PERSONS = f"""编号,登记,办结,标题,姓名,电话,证件,地址,单位
P1,2026-03-01,2026-03-05,{NAME}反映{ADDRESS}漏水 电话{PHONE},{NAME},{PHONE},{IDENTITY},{ADDRESS},甲局{PHONE}
P2,2026-03-20,,再次反映,{NAME},,{IDENTITY.lower()},{ADDRESS},甲局
P3,2026-03-21,,另一件事,{NAME},,{IDENTITY},别处,甲局
P4,2026-03-22,,他人,李四,{PHONE},,{ADDRESS},甲局
P5,2026-03-23,,无名,{NAME},,,{ADDRESS},甲局
P6,,,{NAME}没有登记时间,{NAME},{PHONE},{IDENTITY},{ADDRESS},甲局
"""
PERSONAL = {
    "person_identity": "证件",
    "person_phone": "电话",
    "person_name": "姓名",
    "address": "地址",
    "unit": "单位",
}


def test_no_name_number_or_address_reaches_the_file(desk: Desk, columns: Callable[..., str]) -> None:
    desk.load(PERSONS, columns(**PERSONAL))
    stored = desk.store.current().read_bytes()
    assert "甲局".encode() in stored  # the search would find what is there
    for planted in (IDENTITY, IDENTITY.lower(), PHONE, NAME, ADDRESS, "李四"):
        assert planted.encode() not in stored
        assert not any(planted in line for line in desk.said)
    assert desk.column("title")[0] == "＊反映＊漏水 电话＊"
    assert names(desk, "unit_id")[0] == "甲局＊"
    held = {path for path in (desk.folder / "var").rglob("*") if path.is_file()}
    assert {path.parent.name for path in held if PHONE.encode() in path.read_bytes()} == {"rejected"}


def test_the_same_person_with_the_same_matter_is_a_repeat(desk: Desk, columns: Callable[..., str]) -> None:
    desk.load(PERSONS, columns(**PERSONAL))
    persons = desk.column("person_key")
    assert persons[0] == persons[1] == persons[2] is not None
    assert persons[3] not in (None, persons[0])
    assert persons[4] is None  # a name alone is nobody
    assert desk.column("repeat_no") == [0, 1, 0, 0, 0]
    assert desk.column("first_case_id") == [1, 1, 3, 4, 5]
    assert desk.column("days_since_previous") == [None, 19, None, None, None]
    assert desk.column("returned_on")[0] == date(2026, 3, 20)


def test_a_person_is_recognised_in_a_later_file(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns(**PERSONAL)
    head, *rows = PERSONS.splitlines()
    desk.load("\n".join((head, rows[0])), mapping)
    desk.load("\n".join((head, rows[1])), mapping)
    assert desk.column("repeat_no") == [0, 1]


def test_a_lost_secret_is_not_replaced_silently(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns(**PERSONAL)
    head, *rows = PERSONS.splitlines()
    desk.load("\n".join((head, rows[0])), mapping)
    (desk.folder / "var" / "person.key").unlink()
    with pytest.raises(WarehouseError, match=r"person\.key is missing, .*; restore it from its copy"):
        desk.load("\n".join((head, rows[1])), mapping)
    assert not (desk.folder / "var" / "person.key").exists()


def test_a_mapping_without_persons_needs_no_secret(desk: Desk) -> None:
    desk.load(FIRST)
    assert not (desk.folder / "var" / "person.key").exists()
    assert desk.column("person_key") == [None, None]


def test_free_text_is_masked_even_where_no_column_names_a_person(desk: Desk) -> None:
    desk.load(FIRST.replace("路灯", "路灯坏了，请打13812345678"))
    assert desk.column("title") == ["路灯坏了，请打＊", "停车"]


def test_the_link_of_the_source_decides_what_is_the_same_matter(
    desk: Desk, columns: Callable[..., str]
) -> None:
    content = (
        "编号,登记,办结,标题,证件,关联\n"
        f"L1,2026-03-01,,a,{IDENTITY},K1\nL2,2026-03-02,,b,{IDENTITY},K1\nL3,2026-03-03,,c,{IDENTITY},\n"
        f"L4,2026-03-04,,d,{IDENTITY},\n"
    )
    desk.load(content, columns(person_identity="证件", matter="关联"))
    assert desk.column("repeat_no") == [0, 1, 0, 0]
    assert [key is None for key in desk.column("matter_key")] == [False, False, True, True]


# joining


def test_a_village_without_its_street_is_looked_up_in_its_district(desk: Desk) -> None:
    content = (
        "工单编号,登记时间,区县,镇街,村社\n"
        "V1,2026-03-01,,,保亭社区\n"  # one in the city, in 翠苑街道
        "V2,2026-03-01,余杭区,,保亭社区\n"
        "V3,2026-03-01,余杭区,,东风村委会\n"  # four in the city, one in 余杭区
        "V4,2026-03-01,萧山区,,东风村委会\n"  # two in 萧山区
    )
    report = loading.load(desk.store, desk.file(content), "canonical", desk.said.append)
    assert names(desk, "district_id") == ["西湖区", "余杭区", "余杭区", "萧山区"]
    assert names(desk, "street_id") == ["翠苑街道", "未明确", "仁和街道", "未明确"]
    assert report.tally.reasons["repaired", "village: not a listed value"] == 2


def test_regions_join_by_district_and_name_and_what_is_unknown_is_said(desk: Desk) -> None:
    content = (
        "工单编号,登记时间,区县,镇街,村社\n"
        "R1,2026-03-01,西湖区,翠苑街道,\n"
        "R2,2026-03-01,330106,翠苑街道,\n"
        "R3,2026-03-01,,翠苑街道,\n"
        "R4,2026-03-01,余杭区,翠苑街道,\n"
        "R5,2026-03-01,虚构区,,\n"
        "R6,2026-03-01,xihu district,,\n"
        "R7,2026-03-01,,,\n"
    )
    report = loading.load(desk.store, desk.file(content), "canonical", desk.said.append)
    assert names(desk, "district_id") == [
        "西湖区",
        "西湖区",
        "西湖区",
        "余杭区",
        "未明确",
        "西湖区",
        "未明确",
    ]
    assert names(desk, "street_id") == ["翠苑街道"] * 3 + ["未明确"] * 4
    assert report.tally.reasons["repaired", "street: not a listed value"] == 1
    assert report.tally.reasons["repaired", "district: not a listed value"] == 1
    assert dict(report.tally.unlisted["district"]) == {"虚构区": 1}
    assert "转送时间" in report.missing


def test_categories_grow_by_level_and_repeat_themselves_below_their_own(
    desk: Desk, columns: Callable[..., str]
) -> None:
    content = (
        "编号,登记,办结,标题,一,二\nC1,2026-03-01,,a,城建,路灯\nC2,2026-03-01,,b,城建,\n"
        "C3,2026-03-01,,c,,路灯\nC4,2026-03-01,,d,环保,路灯\n"
    )
    report = desk.load(content, columns(category1="一", category2="二"))
    found = desk.ask(
        select(
            category.c.name_zh,
            category.c.level,
            category.c.parent_id,
            category.c.category1_id,
            category.c.category2_id,
            category.c.category4_id,
        ).order_by(category.c.category_id)
    )
    assert found == [
        ("未明确", 0, 0, 0, 0, 0),
        ("城建", 1, 0, 1, 1, 1),
        ("路灯", 2, 1, 1, 2, 2),
        ("环保", 1, 0, 3, 3, 3),
        ("路灯", 2, 3, 3, 4, 4),
    ]
    assert desk.column("category_id") == [2, 1, 0, 4]
    assert desk.column("category1_id") == [1, 1, 0, 3]
    assert desk.column("category2_id") == [2, 1, 0, 4]
    assert dict(report.tally.reasons) == {("repaired", "category2: no level above it"): 1}


def test_a_category_written_as_a_path(desk: Desk, columns: Callable[..., str]) -> None:
    content = (
        "编号,登记,办结,标题,类\n"
        "C1,2026-03-01,,a,城建 / 路灯/不亮\nC2,2026-03-01,,b,城建\nC3,2026-03-01,,c,\n"
    )
    desk.load(content, columns(category="{ from = '类', separator = '/' }"))
    assert names(desk, "category_id") == ["不亮", "城建", "未明确"]
    assert desk.column("category1_id") == [1, 1, 0]


def test_members_already_there_are_found_again(desk: Desk, columns: Callable[..., str]) -> None:
    mapping = columns(unit="单位", unit_parent="部门", source="来源", category1="类")
    head = "编号,登记,办结,标题,单位,部门,来源,类\n"
    desk.load(head + "U1,2026-03-01,,a,一科,甲局,热线,城建\n", mapping)
    rows = "U2,2026-03-02,,b,一科,乙局,热线,城建\nU3,2026-03-02,,c,,甲局,信箱,环保\n"
    desk.load(head + rows + "U4,2026-03-03,,d,一科,甲局,,\n", mapping)
    assert desk.column("unit_id") == [2, 4, 1, 2]  # 甲局 1, its 一科 2, 乙局 3, its 一科 4
    assert desk.column("source_id") == [1, 1, 2, 0]
    assert desk.column("category1_id") == [1, 1, 2, 0]


def test_a_unit_belongs_to_the_district_whose_name_it_begins_with(desk: Desk) -> None:
    content = (
        "工单编号,登记时间,承办单位,单位层级\nU1,2026-03-01,西湖区城管局,区县\nU2,2026-03-01,市城管局,\n"
    )
    loading.load(desk.store, desk.file(content), "canonical", desk.said.append)
    found = desk.ask(
        select(unit.c.name_zh, unit.c.level, unit.c.peer_group, region.c.name_zh)
        .join_from(unit, region, unit.c.district_id == region.c.region_id)
        .where(unit.c.unit_id > 0)
        .order_by(unit.c.unit_id)
    )
    assert found == [("西湖区城管局", 4, "district", "西湖区"), ("市城管局", 3, "city", "未明确")]


@pytest.mark.parametrize(
    ("unknown", "loaded", "channels"),
    [
        ("", 3, [7, 0, 0]),
        ("unknown = 'reject'", 2, [7, 0]),
        ("default = 'hotline_call'", 3, [7, 1, 1]),
    ],
)
def test_a_word_in_no_list_is_treated_as_the_mapping_says(
    desk: Desk, columns: Callable[..., str], unknown: str, loaded: int, channels: list[int]
) -> None:
    content = "编号,登记,办结,标题,渠道\nK1,2026-03-01,,a,网信\nK2,2026-03-01,,b,飞鸽\nK3,2026-03-01,,c,\n"
    rule = f"{{ from = '渠道', values = {{ '网信' = 'petition_online' }}, {unknown} }}".replace(",  }", " }")
    report = desk.load(content, columns(channel=rule))
    assert report.tally.rows_loaded == loaded
    assert desk.column("channel_id") == channels
    assert desk.column("is_petition")[0] is True
    assert desk.column("is_online")[0] is True
    assert ("飞鸽" in report.tally.unlisted.get("channel", {})) == ("default" not in unknown)


@pytest.mark.parametrize(
    ("unknown", "units"), [("", [1, 2]), ("unknown = 'not_stated'", [1, 0]), ("unknown = 'reject'", [1])]
)
def test_an_open_dimension_may_be_closed_by_the_mapping(
    desk: Desk, columns: Callable[..., str], unknown: str, units: list[int]
) -> None:
    content = "编号,登记,办结,标题,单位\nK1,2026-03-01,,a,城管\nK2,2026-03-01,,b,别的\n"
    rule = f"{{ from = '单位', values = {{ '城管' = '城管局' }}, {unknown} }}".replace(",  }", " }")
    desk.load(content, columns(unit=rule))
    assert desk.column("unit_id") == units
    assert names(desk, "unit_id")[0] == "城管局"


def test_a_constant_fills_a_column(desk: Desk, columns: Callable[..., str]) -> None:
    desk.load(FIRST, columns(channel="{ constant = '来访' }", people="{ constant = '6' }"))
    assert desk.column("channel_id") == [5, 5]
    assert desk.column("is_collective") == [True, True]  # a visit of five heads or more


def test_collective_and_skip_level_visits_are_derived_unless_stated(
    desk: Desk, columns: Callable[..., str]
) -> None:
    mapping = columns(
        "collective_from = 3\n",
        channel="渠道",
        people="人",
        visited_level="到",
        competent_level="管",
        is_collective="集",
    )
    content = (
        "编号,登记,办结,标题,渠道,人,到,管,集\nV1,2026-03-01,,,来访,3,市,镇街,\nV2,2026-03-01,,,来访,2,区县,镇街,\n"
        "V3,2026-03-01,,,来信,9,省,镇街,\nV4,2026-03-01,,,来访,9,,镇街,否\n"
    )
    desk.load(content, mapping)
    assert desk.column("is_collective") == [True, False, False, False]
    assert desk.column("is_skip_level") == [True, False, False, False]


# deriving


def test_a_profile_fills_the_deadlines_the_source_leaves_open(
    desk: Desk, columns: Callable[..., str]
) -> None:
    content = (
        "编号,登记,办结,标题,限,受理\n"
        "D1,2026-03-10,,a,2026-04-01 12:00,2026-03-12\nD2,2026-03-10,,b,,2026-03-12\n"
    )
    mapping = columns("deadlines = 'national_2022'\n", reply_due_at="限", accepted_at="受理")
    desk.load(content, mapping)
    assert desk.column("reply_due_at") == [datetime(2026, 4, 1, 12), datetime(2026, 5, 11, 23, 59, 59)]
    assert desk.column("reply_due_on") == [date(2026, 4, 1), date(2026, 5, 11)]
    assert desk.column("accept_due_on") == [date(2026, 3, 25)] * 2


def test_coordinates_become_wgs84_and_default_points_are_no_place(
    desk: Desk, columns: Callable[..., str]
) -> None:
    mapping = columns(
        "coordinate_system = 'GCJ-02'\nabsent_coordinates = [[120.0, 30.0]]\n", lon="经", lat="纬"
    )
    content = (
        "编号,登记,办结,标题,经,纬\nG1,2026-03-01,,a,116.41024449916938,39.91640428150164\n"
        "G2,2026-03-01,,b,120.0,30.0\nG3,2026-03-01,,c,116.4,\nG4,2026-03-01,,d,39.9,116.4\n"
    )
    report = desk.load(content, mapping)
    assert desk.column("lon")[0] == pytest.approx(116.404, abs=1e-9)
    assert desk.column("lat")[0] == pytest.approx(39.915, abs=1e-9)
    assert desk.column("lon")[1:] == [None] * 3
    assert [cell is None for cell in desk.column("h3")] == [False, True, True, True]
    assert dict(report.tally.reasons) == {
        ("repaired", "lon, lat: default coordinate"): 1,
        ("repaired", "lat: not readable"): 1,
    }


def test_a_missing_source_column_stops_before_anything_is_made(
    desk: Desk, columns: Callable[..., str]
) -> None:
    with pytest.raises(BadMapping, match=r"'渠道', which .*export\.csv does not have"):
        desk.load(FIRST, columns(channel="渠道"))
    assert not (desk.folder / "var").exists()


def test_columns_that_nobody_reads_are_named_unless_personal(desk: Desk) -> None:
    report = desk.load("编号,登记,办结,标题,备注,姓名\nA1,2026-03-01,,a,b,c\n", MAPPING)
    assert report.unread == ("备注",)


def test_like_titles_are_masked_by_what_their_own_rows_say(desk: Desk, columns: Callable[..., str]) -> None:
    content = (
        "编号,登记,办结,标题,姓名,地址\n"
        "T1,2026-03-01,,花园小区 东区停车难,买买提,\nT2,2026-03-01,,花园小区 东区停车难,,花园小区 东区\n"
        'T3,2026-03-01,,花园小区 东区停车难,,\nT4,2026-03-01,,"花园小区\n东区停车难",,花园小区 东区\n'
    )
    desk.load(content, columns(person_name="姓名", address="地址"))
    plain, hidden = "花园小区 东区停车难", "＊停车难"
    assert desk.column("title") == [plain, hidden, plain, hidden]
