"""Makes the services available to every test by naming their fixture; a busy machine fails no property."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from warehouse.records.opening import PLACE_VARIABLE

pytest_plugins = [
    "tests.services.postgresql",
    "tests.services.suite",
    "tests.services.clickhouse",
    "tests.services.engines",
    "tests.services.second_city",
    "tests.services.browser",
]

# No test ever fails on time: the default deadline of 200 ms an example would.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def _records_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests do is written down apart: in a file that goes with them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PLACE_VARIABLE, str(tmp_path_factory.mktemp("records") / "records.db"))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that open a browser come last: its loop runs on in this process, and no other can run then."""
    opening = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path in opening)


_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _the_main_module_stays() -> None:
    """A page drawn by a test leaves its script as the main module, which new processes run again."""
    sys.modules["__main__"] = _MAIN
