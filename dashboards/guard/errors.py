"""What can be wrong with the guard's settings.

Unguarded
├── the address is open to a network and nobody signs in
└── an origin is not written as scheme, host and port
"""


class Unguarded(Exception):
    """The suite must not start like this; the message is the one sentence its operator needs."""
