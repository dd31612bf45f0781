"""Boards that open a leader's meeting."""
