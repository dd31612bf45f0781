"""Only what is on the list is served."""

from __future__ import annotations

import pytest

from dashboards.guard.routes import Route, route
from dashboards.navigation import all_boards

TOKEN = "A" * 42 + "-"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", Route.PAGE),
        ("/first.js", Route.FILE),
        ("/favicon.png", Route.FILE),
        ("/static/js/index.DormvYxC.js", Route.FILE),
        ("/assets/fonts/noto-sans-sc/noto-sans-sc.css", Route.FILE),
        ("/_stcore/health", Route.HEALTH),
        ("/_stcore/host-config", Route.HOST_CONFIG),
        ("/standing", Route.STANDING),
        ("/ended", Route.ENDED),
        (f"/export/{TOKEN}", Route.EXPORT),
        *((f"/{board.key}", Route.PAGE) for board in all_boards()),
    ],
)
def test_what_the_suite_needs(path: str, expected: Route) -> None:
    assert route("GET", path, signs_in=False) is expected
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get"):
        assert route(method, path, signs_in=True) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/media/x.csv",
        "/_stcore/upload_file/a/b",
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/stream",
        "/_stcore/bidi-components/x/y.js",
        "/component/x/index.html",
        "/app/static/x",
        "/assets/cities/hangzhou/regions.csv",
        "/static/",
        "/static/../pyproject.toml",
        "/static/..",
        "/static/.env",
        "/static/a/../b",
        "/static//js/a.js",
        "/static/js/a.js\n",
        "/static/js\\a.js",
        "/assets/fonts/",
        "/.git/config",
        "/volume/",
        "/volume\n",
        "/Volume",
        "//",
        "//evil.example",
        "/export/",
        f"/export/{TOKEN}x",
        f"/export/{TOKEN[1:]}",
        f"/export/{TOKEN}/",
        f"/export/../{TOKEN}",
        "/first.js/",
        "/_stcore/health/",
        "/volume/_stcore/stream",
        "/诉求",
        "/volume%00",
        "/oauth2callback/x",
    ],
)
def test_what_is_not_on_the_list(path: str) -> None:
    assert route("GET", path, signs_in=True) is None


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/oauth2callback"])
def test_the_sign_in_is_there_only_with_a_sign_in(path: str) -> None:
    assert route("GET", path, signs_in=False) is None
    assert route("GET", path, signs_in=True) in {Route.SIGN_IN, Route.SIGN_OUT}
