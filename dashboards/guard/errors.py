"""What can be wrong with the guard's settings, and with those who want to come in.

Unguarded                 the suite must not start like this
├── the address is open to a network and nobody signs in
├── an origin is not written as scheme, host and port, or would carry a sign-in unencrypted
└── the file of the sign-in can be read by others
NotAdmitted               somebody is not let in, with the sentence they read
└── ProviderAway          nobody can be let in: the identity provider does not answer
"""

from __future__ import annotations

from queries.vocabulary import Text


class Unguarded(Exception):
    """The suite must not start like this; the message is the one sentence its operator needs."""


class NotAdmitted(Exception):
    """Somebody is not let in: `said` is what they read, `user` who they are if that is known.

    The message is for the log and the record; it names no secret and repeats nothing that a client sent.
    """

    def __init__(self, said: Text, message: str, user: str = "") -> None:
        super().__init__(message)
        self.said = said
        self.user = user


class ProviderAway(NotAdmitted):
    """The identity provider does not answer, or not as OpenID Connect wants it."""
