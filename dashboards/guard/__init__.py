"""What stands between the network and Streamlit: whatever is not let in here never reaches it."""
