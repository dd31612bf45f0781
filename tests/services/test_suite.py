"""The suite starts over a small demo city and opens in a browser without leaving the host."""

import pytest

from tests.services.browser import Visit


@pytest.mark.browser
def test_first_page_opens_cleanly(suite_url: str, visit: Visit) -> None:
    visit.open(suite_url)
    visit.page.wait_for_selector("h1")
    visit.require_clean()
