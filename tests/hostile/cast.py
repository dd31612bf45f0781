"""The suite with readers of every role: whoever comes in plays the role that a second cookie names."""

from dataclasses import dataclass

import streamlit as st

from dashboards.asgi import ENTRY, ended, guard, lifespan, routes
from dashboards.guard.identities import Demo, Reader, Scope, cookies
from dashboards.guard.logins import Limits, Logins

DISTRICT = "330110"


@dataclass(frozen=True)
class Cast(Demo):
    """The demo's identity, in which the role is given and not chosen."""

    def reader(self, scope: Scope) -> Reader | None:
        """As in the demo; the role is that of the cookie `role`."""
        reader = super().reader(scope)
        if reader is not None:
            role = cookies(scope).get("role", "")
            self.viewers.change(reader.login, role, (DISTRICT,) if role == "district" else ())
        return reader


gate = guard(Logins(Limits(), ended=ended))
gate.kwargs["identity"] = Cast("")
app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[gate])
