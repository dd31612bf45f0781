"""Everything that can go wrong below the queries, each said in one sentence with its cure.

WarehouseError
├── WarehouseMissing      nothing has been published yet
├── WarehouseBusy         another process holds the file or the lock
├── WarehouseUnavailable  the engine does not answer
├── RecordsUnavailable    what was done cannot be written down, so it is not done
├── BadCity               a city's table, boundary or TOML is wrong (file, key or row)
├── BadMapping            a source mapping names what does not exist (file, key)
└── BadSource             a source file cannot be read at all (file, row, field)
"""


class WarehouseError(Exception):
    """Base of the tree; the message is one sentence that names the place and the cure."""


class WarehouseMissing(WarehouseError):
    """No published warehouse stands at the given place."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse file or its writer lock."""


class WarehouseUnavailable(WarehouseError):
    """The engine refused or did not answer."""


class RecordsUnavailable(WarehouseError):
    """The store of records cannot be opened, read or written."""


class BadCity(WarehouseError):
    """A city's configuration is wrong; names file and key or row."""


class BadMapping(WarehouseError):
    """A source mapping is wrong; names file and key."""


class BadSource(WarehouseError):
    """A source file cannot be read; names file and, where known, row and field."""
