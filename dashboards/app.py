"""The entry script: runs once for every action of a reader."""

import base64
from pathlib import Path

import streamlit as st

from dashboards.navigation import open_board

_SVG = Path(__file__).resolve().parent.parent / "assets" / "images" / "mark.svg"
# Inside the page: as a file Streamlit would serve it from /media, which is closed.
_MARK = f"data:image/svg+xml;base64,{base64.b64encode(_SVG.read_bytes()).decode('ascii')}"

st.set_page_config(page_title="晴雨 Qingyu", page_icon=_MARK, layout="wide")
st.logo(_MARK, size="small")
open_board()
