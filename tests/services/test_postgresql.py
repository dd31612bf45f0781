"""The private PostgreSQL answers, speaks Chinese, and is gone afterwards."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.services.postgresql import binaries, server

pytestmark = pytest.mark.postgresql


def test_answers_in_chinese(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT char_length('晴雨')")).scalar_one() == 2
    engine.dispose()


def test_leaves_nothing_behind() -> None:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server here: initdb is neither in PATH nor under /usr/lib/postgresql")
    with server(programs) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            folder = connection.execute(text("SHOW data_directory")).scalar_one()
        engine.dispose()
    assert not Path(folder).exists()
