"""What holds for the project as a whole: contracts, gates, names, pins, settings and documents."""
