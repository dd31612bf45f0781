"""The suite with readers of every role, of whom nobody asks what they may open: what the checks are worth."""

import streamlit as st

from dashboards import access
from dashboards.asgi import ENTRY, lifespan, routes
from tests.hostile.cast import gate

access.may_open = lambda board: True  # noqa: ARG005
app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[gate])
