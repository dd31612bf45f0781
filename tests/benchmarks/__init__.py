"""The benchmarks run, and refuse to measure pages that do not say the same."""
