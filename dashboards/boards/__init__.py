"""One file, one board: the menu and the tests find it by its place."""
