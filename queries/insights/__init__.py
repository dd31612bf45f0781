"""Analysis, data → data: pure functions that know neither the screen nor the warehouse."""
