"""The suite's tests: each stands at the same path as what it tests."""
