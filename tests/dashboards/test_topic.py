"""The command that writes reports on topics: files, record, exit codes, one sentence for every refusal."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from dashboards import commands
from dashboards import topic as command
from tests.services.commands import require_refusal
from tests.services.versions import two_versions
from warehouse.records import audit
from warehouse.records.audit import Wanted
from warehouse.records.opening import open_records, records_place
from warehouse.store import Store

SPRING = ("--from", "2026-02-01", "--until", "2026-04-30", "--format", "docx,json")
NAME = "topic-c1-city-2026-02-01-2026-04-30"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of 400 random cases, and a later version of 500 that is live."""
    return two_versions(tmp_path_factory.mktemp("command"), 400, 500)


def run(place: Path, to: Path, *arguments: str) -> int:
    return command.main(["--warehouse", str(place), "--to", str(to), *arguments])


def test_it_writes_what_it_says_without_cases_unless_asked(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place, tmp_path, "--topic", "c1", *SPRING) == commands.DONE
    assert sorted(one.name for one in tmp_path.iterdir()) == [f"{NAME}-zh.docx", f"{NAME}.json"]
    assert "城乡建设 · 杭州市 · 2026-02-01 至 2026-04-30" in capsys.readouterr().out
    before = (tmp_path / f"{NAME}.json").read_bytes()
    told = json.loads(before)
    assert (told["cases"], told["cases_of"], told["version"]) == ([], "left_out", Store(place).version())
    assert run(place, tmp_path, "--topic", "c1", *SPRING) == commands.DONE
    assert (tmp_path / f"{NAME}.json").read_bytes() == before
    # with cases it says something else, and what stands is not written over
    assert run(place, tmp_path, "--topic", "c1", "--cases", *SPRING) == commands.NOTHING_DONE
    assert "says something else than this one" in capsys.readouterr().err
    assert run(place, tmp_path, "--topic", "c1", "--cases", "--replace", *SPRING) == commands.DONE
    assert len(json.loads((tmp_path / f"{NAME}.json").read_bytes())["cases"]) == 8
    with closing(open_records(records_place())) as records:
        last = audit.listed(records, Wanted(), 4)
    assert [one.rows for one in last] == [8, 8, None, None]
    assert {one.words for one in last} == {"城乡建设 · 杭州市 · 2026-02-01 至 2026-04-30"}


def test_districts_grain_and_an_older_version(place: Path, tmp_path: Path) -> None:
    first = Store(place).versions()[0]
    chosen = ("--district", "330102", "--district", "330106", "--grain", "month", "--version", first)
    assert run(place, tmp_path, "--topic", "c1", *chosen, *SPRING, "--lang", "en") == commands.DONE
    told = json.loads((tmp_path / "topic-c1-330102-330106-2026-02-01-2026-04-30.json").read_bytes())
    assert (told["version"], told["grain"], told["districts"]) == (first, "month", ["330102", "330106"])
    assert len(told["trend"]) == 16
    assert (tmp_path / "topic-c1-330102-330106-2026-02-01-2026-04-30-en.docx").is_file()


def test_a_timer_asks_for_the_month_that_is_over(place: Path, tmp_path: Path) -> None:
    asked = ("--topic", "c1", "--span", "last_month", "--as-of", "2026-04-29", "--format", "json")
    assert run(place, tmp_path, *asked) == commands.DONE
    assert [one.name for one in tmp_path.iterdir()] == ["topic-c1-city-2026-03-01-2026-03-31.json"]


def test_categories_are_found_by_words(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place, tmp_path, "--find", "物业") == commands.DONE
    assert capsys.readouterr().out.splitlines()[0] == "c2  城乡建设 › 物业"
    assert run(place, tmp_path, "--find", "nothing of the kind") == commands.WRONG_COMMAND
    assert "try fewer words" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--topic", "c99"), commands.WRONG_COMMAND, "No category has the code 'c99'; did you mean"),
        (
            ("--topic", "c1", "--district", "999999"),
            commands.WRONG_COMMAND,
            "No district has the code '999999'",
        ),
        (("--topic", "c1", "--from", "2026-05-01"), commands.WRONG_COMMAND, "comes after 2026-04-30"),
        (("--topic", "c1", "--from", "2020-01-01"), commands.WRONG_COMMAND, "choose days from 2025-01-01"),
        (("--topic", "c1", "--as-of", "2027-01-01"), commands.WRONG_COMMAND, "choose days from 2025-01-01"),
        (
            ("--topic", "c7", "--from", "2025-01-01", "--until", "2025-01-01"),
            commands.NOTHING_DONE,
            "No item of this topic was registered there in that time",
        ),
        (("--topic", "c1", "--warehouse", "/nowhere/at/all"), commands.NOTHING_DONE, "No warehouse stands"),
    ],
)
def test_a_refusal_is_one_sentence(
    place: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    require_refusal(lambda to: run(place, to, *arguments), tmp_path / "none", capsys, code, said)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--topic", "c1", "--find", "x"),
        ("--topic", "c1", "--grain", "year"),
        ("--topic", "c1", "--span", "4w", "--from", "2026-04-01"),
    ],
)
def test_a_wrong_command_is_said_by_the_parser(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(list(arguments))
    assert caught.value.code == commands.WRONG_COMMAND
