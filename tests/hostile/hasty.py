"""The suite with a guard that loses its patience after two seconds."""

from pathlib import Path

import streamlit as st

from dashboards.asgi import ENTRY, guard, lifespan, routes
from dashboards.guard.logins import Limits

app = st.App(Path(ENTRY), lifespan=lifespan, routes=routes(), middleware=[guard(Limits(idle=2, sweep=0.1))])
