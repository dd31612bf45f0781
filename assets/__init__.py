"""What the suite shows besides numbers: region tables, boundaries, fonts, images; and their preparation."""
