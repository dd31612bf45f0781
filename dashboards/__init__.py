"""What is seen: boards, their figures, and the gates to Streamlit."""
