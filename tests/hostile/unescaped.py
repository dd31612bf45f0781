"""The suite whose markup is not escaped: what the search for hostile markup on its pages is worth."""

import html

import streamlit as st

from dashboards.asgi import ENTRY, lifespan, routes
from dashboards.figures import markup
from tests.hostile.cast import gate


class Trusting:
    """Stands in for the module html."""

    unescape = staticmethod(html.unescape)

    @staticmethod
    def escape(text: str, quote: bool = True) -> str:
        """The text as it is."""
        del quote
        return text


vars(markup)["html"] = Trusting
app = st.App(ENTRY, lifespan=lifespan, routes=routes(), middleware=[gate])
