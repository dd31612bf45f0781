"""The suite without its guard: the entry that shows that the attempts of this folder can succeed."""

import streamlit as st

from dashboards.asgi import ENTRY, lifespan, routes

app = st.App(ENTRY, lifespan=lifespan, routes=routes())
