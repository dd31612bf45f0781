"""The entry script: runs once for every action of a reader."""

from pathlib import Path

import streamlit as st

from dashboards.navigation import open_board

_MARK = str(Path(__file__).resolve().parent.parent / "assets" / "images" / "favicon.png")

st.set_page_config(page_title="晴雨 Qingyu", page_icon=_MARK, layout="wide")
st.logo(_MARK, size="small")
open_board()
