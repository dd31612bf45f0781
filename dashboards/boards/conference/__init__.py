"""Boards for the conference 会商."""
