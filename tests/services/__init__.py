"""What tests need running beside them: a PostgreSQL server, the suite itself, a browser."""
