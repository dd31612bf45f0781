"""What the suite costs, as ratios within one run on one machine; never a test of absolute time."""
