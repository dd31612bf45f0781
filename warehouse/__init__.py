"""What is stored and how it gets there: schema, measures, roll-ups, engines, ingest and the demo city."""
