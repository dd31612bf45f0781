"""The empty page, served as the suite serves its own: warmed up, frozen, collected by one thread."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # `streamlit run` puts only this folder on the path
    sys.path.insert(0, str(ROOT))

from dashboards.asgi import lifespan  # noqa: E402

app = st.App(Path(__file__).with_name("empty.py"), lifespan=lifespan)
