"""The prepared assets."""
