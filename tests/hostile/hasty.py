"""The suite with a guard that loses its patience after two seconds."""

import streamlit as st

from dashboards.asgi import ENTRY, ended, guard, lifespan, routes
from dashboards.guard.logins import Limits, Logins

HASTY = Logins(Limits(idle=2, sweep=0.1), ended=ended)
app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[guard(HASTY)])
