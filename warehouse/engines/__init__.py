"""One file per database engine: how it is opened, tuned and made to say what is wrong."""
