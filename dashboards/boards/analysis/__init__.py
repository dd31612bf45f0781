"""Boards that warn early and dig deeper."""
