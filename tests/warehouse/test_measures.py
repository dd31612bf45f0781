"""A measure counts what its words say also where records are odd."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import update

from queries.execute import open_warehouse
from queries.question import Question
from queries.vocabulary import Period
from tests.queries import dozen
from warehouse.schema import backlog_item
from warehouse.store import Store

SHARE = "backlog_overdue_share"


def test_an_item_struck_off_unresolved_is_past_no_plan(tmp_path: Path) -> None:
    # on hand at the end: items 2, 4, 5, 6, of them 2, 4, 5 past their plan; struck off, 2 leaves both
    with Store(tmp_path).build() as connection:
        dozen.fill(connection)
        dropped = update(backlog_item).where(backlog_item.c.backlog_item_id == 2)
        connection.execute(dropped.values(struck_off_on=date(2026, 3, 20)))
    opened = open_warehouse(tmp_path)
    asked = Question((SHARE,), Period(dozen.AS_OF, dozen.AS_OF), dozen.AS_OF)
    row = opened.ask(asked).frame.iloc[0]
    opened.close()
    assert (row[f"{SHARE}_numerator"], row[f"{SHARE}_denominator"]) == (2, 3)
