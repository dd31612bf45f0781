"""The suite whose readers are bound to nothing: what the search for fields outside their right is worth."""

import streamlit as st

from dashboards import access
from dashboards.asgi import ENTRY, lifespan, routes
from queries.scope import CITY
from tests.hostile.cast import gate

access.scope = lambda districts: CITY  # noqa: ARG005
app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[gate])
