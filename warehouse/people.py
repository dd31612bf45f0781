"""The only file that turns a person into a key, and that masks persons in free text.

The key is a keyed hash: whoever holds the warehouse but not the secret cannot test whether a given person is
in it. Masking is by rule and errs on the side of too much; what it finds is listed at `mask`, what it cannot
find is a name in running text without a form of address, a label, or a column that says whose it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from warehouse.errors import WarehouseError

SECRET_VARIABLE = "QINGYU_PERSON_KEY"  # noqa: S105 (the name of the variable, not a secret)
SECRET_BYTES = 32
MASK = "＊"

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛"
    "邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝"
    "路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂"
    "全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝楼"
)
_COMPOUND_SURNAMES = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|端木|南宫"
_NAME = rf"(?:(?:{_COMPOUND_SURNAMES})|[{_SURNAMES}])"
_CHINESE = "\u4e00-\u9fff"
_DIGITS_IN_WORDS = "零〇一二三四五六七八九幺两"

# No part of a pattern below is tried again from within what it has read: a cell of millions of digits or
# blanks, which a damaged export may hold, would take hours.
# Seven digits is the shortest telephone number. A date written with separators is left readable.
_DATE_OR_NUMBER = re.compile(
    r"(?P<date>(?<!\d)(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])(?!\d))"
    rf"|\d(?:[ \u3000.·()（）－-]{{0,2}}\d){{6,}}[Xx]?|[{_DIGITS_IN_WORDS}]{{7,}}"
)
_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?:QQ|qq|微信|VX|vx)号?码?\s*+[:：]?\s*+[A-Za-z0-9_-]{5,}"
)
_DOOR = re.compile(
    r"(?:[A-Za-z]?\d+(?:[-－]\d+)*[A-Za-z]?|(?<![一二三四五六七八九十百甲乙丙丁])[一二三四五六七八九十百甲乙丙丁]++(?=幢|栋|单元|弄))"
    r"(?:号楼|号院|号(?!线|门|文|令|公告|台风)|幢|栋|弄|单元|室)"
    r"(?:[A-Za-z]?\d+(?:[-－]\d+)*(?:室|号|层|楼|单元|幢|栋)?)*"
)
_STREET_ADDRESS = re.compile(
    r"\b\d{1,5}[A-Za-z]?(?:-\d+)?\s+(?:[A-Z][\w.']*\s+){1,4}"
    r"(?:St|Street|Ave|Avenue|Rd|Road|Dr|Drive|Ln|Lane|Blvd|Boulevard|Pl|Place|Plz|Ct|Court|Sq|Ter|Way|Pkwy|Hwy)\b"
)
_ADDRESSED_NAME = re.compile(
    rf"{_NAME}[{_CHINESE}]{{0,2}}?(?=先生|女士|小姐|同志|师傅|老师|医生|大爷|大妈|大伯|阿姨|奶奶|爷爷|老人)"
)
_LABELLED_NAME = re.compile(
    r"(?P<label>(?:姓名|联系人|来电人|来访人|来信人|诉求人|投诉人|信访人|举报人|反映人|申请人|当事人|户主|业主|市民|居民|村民"
    r"|群众|我叫|我是|本人|名叫)\s*+[:：为是叫]?+\s*+)"
    rf"{_NAME}[{_CHINESE}]{{1,2}}?(?=[，,。.；;、：:\s（()）]|先生|女士|反映|来电|来访|来信|投诉|举报|称|说|要求|咨询|身份|电话|手机|$)"
)
_ENGLISH_NAME = re.compile(r"\b(?P<label>Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?")
_MASKS = re.compile(f"{MASK}+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")

_IDENTITY = re.compile(r"\d{17}[\dX]|\d{15}|[A-Z]{1,2}\d{6,10}")
_PHONE_PREFIX = re.compile(r"^(?:\+?86|0086)(?=1\d{10}$)")


def read_secrets(path: Path, variable: str = SECRET_VARIABLE) -> tuple[bytes, ...]:
    """Return secrets, first to last: those of the environment's `variable`, else of the file at `path`.

    Each is hexadecimal, in the variable separated by commas, in the file one a line. The file is created with
    one secret and mode 0600 when it does not exist. Losing or changing a secret breaks the link between items
    already loaded and items to come, so keep a copy apart from the warehouse.

    Raises WarehouseError when a secret is too short or others may read the file.
    """
    given = os.environ.get(variable)
    if given is not None:
        return _decoded(given.split(","), f"The environment variable {variable}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        created = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise WarehouseError(
                f"{path} can be read by others than its owner; run `chmod 600 {path}`."
            ) from None
        return _decoded(path.read_text(encoding="ascii", errors="strict").splitlines(), str(path))
    return (_write_new(created),)


def add_secret(path: Path) -> bytes:
    """Add one more secret to the file at `path`, on disk when this returns, and return it.

    Raises WarehouseError where the secrets stand in the environment, which only its owner can change.
    """
    if SECRET_VARIABLE in os.environ:
        raise WarehouseError(
            f"The secrets stand in {SECRET_VARIABLE}; add a comma and {SECRET_BYTES * 2} random hexadecimal "
            "digits to it, and run this again."
        )
    return _write_new(os.open(path, os.O_WRONLY | os.O_APPEND))


def has_secrets(path: Path) -> bool:
    """Say whether a secret is there already, so that a lost one is not silently replaced by a new one."""
    return SECRET_VARIABLE in os.environ or path.exists()


def _write_new(descriptor: int) -> bytes:
    secret = secrets.token_bytes(SECRET_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return secret


def _decoded(written: Sequence[str], place: str) -> tuple[bytes, ...]:
    try:
        found = tuple(bytes.fromhex(one.strip()) for one in written)
    except ValueError:
        found = ()
    if not found or not all(SECRET_BYTES <= len(one) <= hashlib.blake2b.MAX_KEY_SIZE for one in found):
        raise WarehouseError(
            f"{place} does not hold {SECRET_BYTES * 2} to {hashlib.blake2b.MAX_KEY_SIZE * 2} hexadecimal "
            "digits for each secret; restore the original secret from its copy."
        )
    return found


def mark(secret: bytes) -> int:
    """Return by what a secret is recognised, without being told by it."""
    return keyed(secret, "mark")


def rekeyed(secret: bytes, keys: Sequence[int | None]) -> list[int | None]:
    """Return what the `keys` become under one more secret; who has none stays without."""
    return [None if key is None else keyed(secret, "rekey", str(key)) for key in keys]


def person_key(secret: bytes, identity: str | None, phone: str | None, name: str | None) -> int | None:
    """Return the 63-bit key of a person: from the identity number, else from telephone and name, else None.

    A name alone is not a person: two people called 王伟 must not become one.
    """
    number = _plain(identity).upper() if identity else ""
    if _IDENTITY.fullmatch(number):
        return keyed(secret, "identity", number)
    dialled = _PHONE_PREFIX.sub("", re.sub(r"[^\d+]", "", _plain(phone))) if phone else ""
    if len(dialled) >= 7:
        return keyed(secret, "phone", dialled, _plain(name) if name else "")
    return None


def keyed(secret: bytes, purpose: str, *parts: str) -> int:
    """Return a 63-bit keyed hash (BLAKE2b, RFC 7693) of `parts`, different for every `purpose`."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8, key=secret, person=purpose.encode())
    return int.from_bytes(digest.digest(), "big") >> 1


def mask(text: str, known: Iterable[str] = ()) -> str:
    """Return `text` with what identifies a person replaced by ＊.

    Masked are: the strings of `known` (the row's own name, number, address), every run of seven or more
    digits with or without separators or in Chinese numerals (identity numbers, telephones, bank cards),
    e-mail and chat accounts, house, unit and room numbers, street addresses in English, and names after a
    label (联系人：…) or before a form of address (…女士). Control characters become blanks.
    """
    shown = _UNPRINTABLE.sub(" ", text)
    for part in sorted(known, key=len, reverse=True):
        if len(part) > 1:
            shown = shown.replace(part, MASK)
    shown = _ACCOUNT.sub(MASK, shown)
    shown = mask_numbers(shown)
    shown = _DOOR.sub(MASK, shown)
    shown = _STREET_ADDRESS.sub(MASK, shown)
    shown = _LABELLED_NAME.sub(lambda found: found["label"] + MASK, shown)
    shown = _ADDRESSED_NAME.sub(MASK, shown)
    shown = _ENGLISH_NAME.sub(lambda found: f"{found['label']} {MASK}", shown)
    return _MASKS.sub(MASK, shown)


def mask_numbers(text: str) -> str:
    """Return `text` with runs of seven or more digits masked.

    For names of things, such as units, where a careless export may have put a telephone number.
    """
    return _DATE_OR_NUMBER.sub(lambda found: found["date"] or MASK, text)


def _plain(written: str) -> str:
    """Full-width to half-width, and no blanks: how the same number typed twice becomes the same."""
    return "".join(unicodedata.normalize("NFKC", written).split())
