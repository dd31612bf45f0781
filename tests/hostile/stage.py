"""What an attack finds: a suite, a reader with an open page, an export of theirs, and an attacker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.hostile.client import PATIENCE, Seen, Tab, Target, opened


@dataclass
class Stage:
    """A suite under attack. `victim` reads a page in an open `tab`; `attacker` has a cookie of their own."""

    target: Target
    victim: str
    attacker: str
    tab: Tab
    seen: Seen
    patience: float

    @cached_property
    def exported(self) -> str:
        """The address of a file that the victim has asked for."""
        return self.export()

    @property
    def session(self) -> str:
        """The id of the victim's session, as if it had been overheard."""
        return self.seen.session

    def export(self) -> str:
        """Lets the victim ask for the page's file; returns its address."""
        return export(self.tab, self.seen)


def export(tab: Tab, seen: Seen) -> str:
    """Presses the button that makes the file of the page in `tab`; returns the file's address."""
    button = next(key for key, name in seen.components.items() if name.endswith("download"))
    asked = BackMsg()
    pressed = asked.rerun_script.widget_states.widgets.add()
    pressed.id = f"$$STREAMLIT_INTERNAL_KEY_{button}__events"
    pressed.json_trigger_value = json.dumps({"event": "pressed", "value": True})
    return f"/export/{tab.run(asked).files[0]}"


@dataclass(frozen=True)
class Attempt:
    """One forged request or message. `succeeds` is True when it saw or did what it must not."""

    name: str
    succeeds: Callable[[Stage], bool]


@contextmanager
def staged(address: str, patience: float = PATIENCE) -> Iterator[Stage]:
    """Opens the victim's page on the suite at `address`; `patience` seconds without a close are none."""
    target = Target(address)
    victim, attacker = target.cookie(), target.cookie()
    with opened(target, victim) as tab:
        yield Stage(target, victim, attacker, tab, tab.run(), patience)
