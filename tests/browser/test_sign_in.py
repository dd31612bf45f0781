"""In a real browser: in by the provider's own page, named in the header, out, and not in again by itself."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.services.browser import SETTLE, Visit
from tests.services.issuer import settings
from tests.services.suite import free_port, serving

pytestmark = pytest.mark.browser

START_LIMIT = 60  # seconds
USERS: tuple[dict[str, object], ...] = (
    {"sub": "li", "name": "李处长", "realm_access": {"roles": ["qy-district"]}, "district": "余杭区"},
    {"sub": "wu", "name": "吴", "realm_access": {"roles": ["qy-auditor"]}},
    {"sub": "guest", "name": "访客", "realm_access": {"roles": []}},
)


@dataclass(frozen=True)
class Suite:
    """A suite that readers sign in to, its provider, the file of its sign-in and its record."""

    address: str
    provider: str
    file: Path
    records: Path

    def noted(self, user: str) -> list[str]:
        """What is on record of a user, in order."""
        with sqlite3.connect(f"file:{self.records}?mode=ro", uri=True) as connection:
            found = connection.execute("select action from audit where actor = ? order by audit_id", (user,))
            return [str(action) for (action,) in found]


@pytest.fixture(scope="module")
def suite(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    port, folder = free_port(), tmp_path_factory.mktemp("signing")
    users = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "-n",
        "true",
        "-p",
        str(port),
        *users,
    ]
    with (folder / "provider.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    provider = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_LIMIT
        while not _answers(provider):
            assert process.poll() is None, (folder / "provider.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        file, records = settings(folder, provider), folder / "records.db"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QINGYU_SIGN_IN", str(file))
            patch.setenv("QINGYU_RECORDS", str(records))
            with serving(demo_warehouse, folder / "log") as address:
                yield Suite(address, provider, file, records)
    finally:
        process.terminate()
        process.wait(15)


def _answers(provider: str) -> bool:
    try:
        return requests.get(f"{provider}/.well-known/openid-configuration", timeout=2).ok
    except requests.RequestException:
        return False


def sign_in(visit: Visit, suite: Suite, user: str, path: str = "/") -> None:
    """Opens `path` and signs in as `user` on the provider's page."""
    visit.page.goto(f"{suite.address}{path}")
    visit.page.wait_for_url(re.compile(f"^{suite.provider}/oauth2/authorize"))
    visit.page.locator("input[name=sub]").fill(user)
    visit.page.get_by_role("button", name="Authorize").click()


def test_in_by_a_deep_link_named_in_the_header_and_out(visit: Visit, suite: Suite) -> None:
    page = visit.page
    sign_in(visit, suite, "li", "/volume?lang=en&district=330110")
    expect(page.locator("h1")).to_have_text("Volume", timeout=SETTLE)
    visit.settle()
    assert page.url == f"{suite.address}/volume?lang=en&district=330110"
    page.get_by_role("button", name="District office · Yuhang District").click()
    expect(page.get_by_text("李处长")).to_be_visible()
    assert page.evaluate("document.cookie").find("qingyu") == -1, "no script reads the cookie"
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "qingyu_login"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["expires"] - time.time() <= 8 * 3600

    page.get_by_role("link", name="Sign out").click()
    page.wait_for_url(re.compile(f"^{suite.provider}/"))
    assert "token" not in page.url
    page.goto(suite.address)
    page.wait_for_url(re.compile(f"^{suite.provider}/oauth2/authorize"))
    # The copy that was made of the cookie opens nothing either.
    status = requests.get(
        f"{suite.address}/standing", cookies={"qingyu_login": cookie["value"]}, timeout=10
    ).status_code
    assert status == 401
    noted = suite.noted("li")
    assert noted[0] == "signed_in"
    assert "viewed" in noted
    assert noted[-1] == "signed_out"


def test_who_is_refused_reads_why_and_sees_nothing(visit: Visit, suite: Suite) -> None:
    sign_in(visit, suite, "guest")
    expect(visit.page.locator("body")).to_contain_text("您的账号在本系统没有角色")
    assert visit.page.url.startswith(f"{suite.address}/oauth2callback")
    visit.page.goto(f"{suite.address}/volume")
    visit.page.wait_for_url(re.compile(f"^{suite.provider}/oauth2/authorize"))
    assert suite.noted("guest") == ["sign_in_failed"]


def test_who_is_revoked_is_out_in_seconds(visit: Visit, suite: Suite) -> None:
    page = visit.page
    sign_in(visit, suite, "wu")
    visit.settle()
    expect(page.get_by_role("button", name="安全审计员")).to_be_visible(timeout=SETTLE)
    before, text = time.monotonic(), suite.file.read_text(encoding="utf-8")
    suite.file.write_text(text.replace("refused = []", 'refused = ["wu"]'), encoding="utf-8")
    page.wait_for_url(re.compile("/ended"), timeout=SETTLE)
    assert time.monotonic() - before < 10
    expect(page.locator("body")).to_contain_text("登录已被注销")
    assert suite.noted("wu")[-1] == "revoked"
