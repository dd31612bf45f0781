"""What a board's cards say: from answers and insights to words and figures; nothing here knows Streamlit."""
