"""The server's entry: guard, page and assets; it warms up before the first reader and collects garbage.

streamlit run dashboards/asgi.py
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
import streamlit as st
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response

ROOT = Path(__file__).resolve().parent.parent
ENTRY = Path(__file__).with_name("app.py")
# Each its own route, since a browser asks for them anew with a release.
_FILES = {"first.js": "text/javascript", "present.js": "text/javascript", "present.css": "text/css"}
# `streamlit run` puts only this folder on the path.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from dashboards import access, record  # noqa: E402
from dashboards.guard.addresses import addresses, require_private  # noqa: E402
from dashboards.guard.admittance import settings_file  # noqa: E402
from dashboards.guard.errors import Unguarded  # noqa: E402
from dashboards.guard.exports import EXPORTS  # noqa: E402
from dashboards.guard.guard import Guard  # noqa: E402
from dashboards.guard.identities import Demo  # noqa: E402
from dashboards.guard.logins import Ending, Limits, Logins  # noqa: E402
from dashboards.guard.sign_in import SignIn  # noqa: E402
from dashboards.guard.viewers import VIEWERS, Viewer  # noqa: E402
from queries.errors import BadPolicy  # noqa: E402
from queries.policies import read_roles  # noqa: E402
from warehouse.errors import RecordsUnavailable  # noqa: E402
from warehouse.records.audit import Action  # noqa: E402

LOG = logging.getLogger("qingyu.dashboards")
# Seconds between two full collections; after each page they would cost it 100 ms.
COLLECTED_EVERY = 30
# Seconds a browser may keep a font or an image without asking again.
KEPT_FOR = 7 * 24 * 3600


class Assets(StaticFiles):
    """Files that change only with a release: the browser may keep them for a week."""

    def file_response(self, *arguments: object, **named: object) -> Response:
        """The file with a lifetime on it."""
        response = super().file_response(*arguments, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
        return response


class BoardName(Convertor[str]):
    """The part of an address that may name a board: letters and low lines, no dot and nothing below it."""

    regex = "[a-z][a-z_]*"

    def convert(self, value: str) -> str:
        """The name as it stands."""
        return value

    def to_string(self, value: str) -> str:
        """The name as it stands."""
        return value


register_url_convertor("board", BoardName())


def shell() -> str:
    """Streamlit's index with our first script before its own: what every page begins as."""
    index = Path(st.__file__).parent / "static" / "index.html"
    before, head, after = index.read_text(encoding="utf-8").partition("<head>")
    if not head:
        raise RuntimeError(f"{index} has no <head>; install the pinned version of streamlit")
    return f'{before}{head}<script src="./first.js"></script>{after}'


def routes() -> list[BaseRoute]:
    """The page with its first script, fonts and images; neither warehouse nor region tables are served."""
    page = shell()

    async def show(_request: Request) -> HTMLResponse:
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    async def file(request: Request) -> FileResponse:
        name = request.url.path.rpartition("/")[2]
        place = Path(__file__).with_name(name)
        return FileResponse(place, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})

    return [
        Route("/", show),
        *(Route(f"/{name}", file) for name in _FILES),
        Route("/{name:board}", show),
        *(
            Mount(f"/assets/{folder}", Assets(directory=ROOT / "assets" / folder))
            for folder in ("fonts", "images")
        ),
    ]


def guard(logins: Logins) -> Middleware:
    """What every request and every message passes before Streamlit sees it.

    Ends the process with one sentence when a network would reach a suite that nobody signs in to, when the
    policy does not say who may see what, when the settings of the sign-in are wrong, or when what is done
    cannot be written down.
    """
    settings = settings_file()
    try:
        first, found = read_roles().first, addresses(os.environ)
        require_private(st.get_option("server.address"), found, settings is not None)
        is_secure = any(origin.startswith("https:") for origin in found.origins)
        desk = SignIn(settings, access.roles, logins, note, is_secure=is_secure) if settings else None
        record.records()
    except (Unguarded, BadPolicy, RecordsUnavailable) as reason:
        sys.exit(f"Stopped: {str(reason).rstrip('.')}.")
    return Middleware(
        Guard,
        addresses=found,
        identity=desk or Demo(first.key),
        logins=logins,
        exports=EXPORTS,
        present=present,
        page=shell(),
        entry=str(ENTRY),
        desk=desk,
    )


def present(login: str, deck: int, now: str, is_speaker: bool) -> str | None:
    """The page of a deck for the wall or the speaker; None when the reader may not see it.

    That it is shown is on record before. Raises RecordsUnavailable and what is wrong with the policy.
    """
    from dashboards import deck_file  # noqa: PLC0415 - boards touch caches, which stand with the runtime

    found = VIEWERS.known(login)
    return None if found is None else deck_file.present(found[0], deck, now, is_speaker=is_speaker)


def note(viewer: Viewer | None, what: str, why: str) -> None:
    """Writes down what happened at the gate; raises RecordsUnavailable."""
    record.noted_of(viewer, Action(what), words=why)


def ended(login: str, why: Ending) -> None:
    """Forgets who was behind a login that is over, and writes that down of those who had signed in."""
    viewer = VIEWERS.forget(login)
    EXPORTS.withdraw(login)
    if viewer is None or viewer.is_demo:
        return
    try:
        note(viewer, Action.REVOKED if why is Ending.REVOKED else Action.SIGNED_OUT, why.value)
    except RecordsUnavailable as wrong:
        LOG.error("The end of a login of %s was not written down: %s", viewer.user, wrong)


def warm_up() -> None:
    """Imports every board, checks every policy and asks what the first reader will ask.

    What is wrong is said in the log now and on the page later, in one sentence; it does not stop the start.
    """
    from dashboards import data  # noqa: PLC0415 - caches may be touched only once the server's runtime stands
    from dashboards.navigation import all_boards, check_boards  # noqa: PLC0415
    from queries.errors import QueryError  # noqa: PLC0415
    from queries.policies import check_all  # noqa: PLC0415
    from warehouse.errors import WarehouseError  # noqa: PLC0415

    all_boards()
    try:
        check_all()
        check_boards()
        warehouse = data.city_warehouse()
        data.boundaries(warehouse)
        data.city_index(warehouse, warehouse.info.as_of)
    except (QueryError, WarehouseError) as wrong:
        LOG.error("Not ready: %s", wrong)
    # What stands now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()


def collect(stop: threading.Event) -> None:
    """Frees the memory of closed sessions until `stop` is set."""
    while not stop.wait(COLLECTED_EVERY):
        gc.collect()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warms up before the port opens and collects garbage in one thread until the server stops."""
    await anyio.to_thread.run_sync(warm_up)
    stop = threading.Event()
    collector = threading.Thread(target=collect, args=(stop,), name="garbage", daemon=True)
    collector.start()
    try:
        yield
    finally:
        stop.set()


app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[guard(Logins(Limits(), ended=ended))])
