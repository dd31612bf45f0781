"""Pure builders from data to figure: nothing here knows Streamlit, a database or a reader."""
