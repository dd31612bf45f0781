"""Boards about the numbers themselves."""
