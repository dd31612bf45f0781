"""Boards of the grassroots platforms: each a source system with a table and a board of its own."""
