"""Entry scripts that are served only to be measured."""
