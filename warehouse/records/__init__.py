"""What the suite itself writes down: who did what, notes on cases, decks; apart from the warehouse.

A publish replaces the warehouse and never touches this. Records are added and never changed: each holds the
hash of the one before it, so that whoever changes, removes or moves one is found out (`chain`). Decks are
changed by their readers, each change with its record.
"""
