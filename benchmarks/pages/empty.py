"""A page with one word, in a process that holds all the suite's packages: what Streamlit itself costs."""

import streamlit as st

from dashboards.navigation import all_boards

all_boards()
st.text("晴雨")
