"""Persons become keys that only the secret can make, and leave free text."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from warehouse.errors import WarehouseError
from warehouse.people import (
    SECRET_VARIABLE,
    add_secret,
    keyed,
    mask,
    mask_numbers,
    person_key,
    read_secrets,
    rekeyed,
)

SECRET = bytes(range(32))
OTHER = bytes(range(1, 33))
IDENTITY = "33010619900101123X"


@pytest.fixture(autouse=True)
def _no_secret_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


def test_the_same_person_has_one_key_however_the_number_is_typed() -> None:
    typed = [IDENTITY, IDENTITY.lower(), "３３０１０６１９９００１０１１２３Ｘ", " 330106 19900101 123X "]
    keys = {person_key(SECRET, identity, None, None) for identity in typed}
    assert len(keys) == 1


def test_the_identity_number_decides_before_telephone_and_name() -> None:
    assert person_key(SECRET, IDENTITY, "13800000001", "甲") == person_key(
        SECRET, IDENTITY, "13900000002", "乙"
    )


def test_without_identity_number_telephone_and_name_together_are_the_person() -> None:
    key = person_key(SECRET, None, "138-0000-0001", "张三")
    assert key == person_key(SECRET, "", "+86 13800000001", "张 三")
    assert key != person_key(SECRET, None, "138-0000-0001", "李四")
    assert key != person_key(SECRET, None, "138-0000-0002", "张三")


@pytest.mark.parametrize(
    ("identity", "phone", "name"),
    [(None, None, None), ("", "", "张三"), ("不详", "无", "张三"), ("1234", "110", None)],
)
def test_a_name_or_a_scrap_alone_is_nobody(identity: str | None, phone: str | None, name: str | None) -> None:
    assert person_key(SECRET, identity, phone, name) is None


def test_keys_fit_a_signed_bigint_and_depend_on_the_secret_and_the_purpose() -> None:
    keys = [keyed(SECRET, "identity", str(number)) for number in range(2000)]
    assert all(0 <= key < 2**63 for key in keys)
    assert max(keys) > 2**62  # all 63 bits are used
    assert len(set(keys)) == 2000
    assert keyed(SECRET, "identity", "1") != keyed(OTHER, "identity", "1")
    assert keyed(SECRET, "identity", "1") != keyed(SECRET, "phone", "1")
    assert keyed(SECRET, "matter", "1", "23") != keyed(SECRET, "matter", "12", "3")


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "person.key"
    (secret,) = read_secrets(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_secrets(path) == (secret,)


def test_a_secret_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "person.key"
    read_secrets(path)
    path.chmod(0o640)
    with pytest.raises(WarehouseError, match="chmod 600"):
        read_secrets(path)


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31, "00" * 65])
def test_a_damaged_secret_is_refused_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "person.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(WarehouseError, match="restore the original secret"):
        read_secrets(path)
    assert path.read_text() == content


def test_the_environment_may_hold_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET.hex())
    assert read_secrets(tmp_path / "person.key") == (SECRET,)
    assert not (tmp_path / "person.key").exists()


def test_a_later_secret_stands_after_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "person.key"
    first = read_secrets(path)
    later = add_secret(path)
    assert read_secrets(path) == (*first, later)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv(SECRET_VARIABLE, f"{SECRET.hex()},{OTHER.hex()}")
    assert read_secrets(path) == (SECRET, OTHER)
    with pytest.raises(WarehouseError, match="add a comma"):
        add_secret(path)


def test_keys_under_another_secret_are_other_keys_of_as_many_persons() -> None:
    keys = [keyed(SECRET, "identity", str(number)) for number in range(2000)]
    again = rekeyed(OTHER, keys)
    assert len(set(again)) == 2000
    assert not set(again) & set(keys)
    assert again != rekeyed(SECRET, keys)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证33010619900101123X号", "身份证＊号"),
        ("身份证 330106 19900101 1234", "身份证 ＊"),
        ("电话１３８００００１１１１请回电", "电话＊请回电"),
        ("电话138-0000-1111，座机0571-87654321", "电话＊，座机＊"),
        ("电话一三八零零零零一一一一", "电话＊"),
        ("卡号6222 0212 0001 2345 678", "卡号＊"),
        ("邮箱zhang.san@example.com", "邮箱＊"),
        ("微信号：zhangsan_88 联系", "＊ 联系"),
        ("文三路123号3幢2单元501室漏水", "文三路＊漏水"),
        ("翠苑一区十二幢三单元", "翠苑一区＊"),
        ("张三丰先生反映噪音", "＊先生反映噪音"),
        ("欧阳女士来电", "＊女士来电"),
        ("联系人：李四，反映停车难", "联系人：＊，反映停车难"),
        ("市民王小二反映停车难", "市民＊反映停车难"),
        ("我叫赵六，要求退款", "我叫＊，要求退款"),
        ("Call Mr. John Smith at 12 Ruskin St now", "Call Mr ＊ at ＊ now"),
        ("第一行\n第二行\x00", "第一行 第二行 "),
    ],
)
def test_what_names_a_person_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "反映某小区地下车库渗水问题",
        "2026-01-05 10:20 停水至 2026/1/6",
        "地铁12号线夜间施工",
        "市民反映公交线路调整",
        "要求退款1500元，共320户业主",
        "第3号台风期间积水",
        "Street Light Outages",
    ],
)
def test_ordinary_words_stay_readable(text: str) -> None:
    assert mask(text) == text


def test_the_rows_own_name_and_address_are_masked_wherever_they_stand() -> None:
    text = "诸暨籍务工者买买提住在丁桥安置房东门，买买提要求讨薪"
    assert mask(text, ["买买提", "丁桥安置房东门", ""]) == "诸暨籍务工者＊住在＊，＊要求讨薪"


def test_names_of_things_lose_only_numbers() -> None:
    assert mask_numbers("西湖区文一路123号派出所 13800001111") == "西湖区文一路123号派出所 ＊"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000,
        "a" * 1_000_000,
        "a.b-" * 200_000 + "@",
        "姓名" + " " * 200_000,
        "QQ" + " " * 200_000 + ":",
        "一" * 200_000,
        "1-" * 300_000,
        "Mr" + " " * 200_000,
    ],
    ids=["digits", "letters", "account", "blanks", "chat", "numerals", "separators", "title"],
)
def test_a_cell_of_any_length_is_masked_in_the_time_it_takes_to_read_it(text: str) -> None:
    """Before, a run was tried again from each of its signs: hours for a damaged cell of a megabyte."""
    mask(text)
