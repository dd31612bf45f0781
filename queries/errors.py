"""Everything that can go wrong when a question is asked, each said in one sentence with its cure.

QueryError
├── UnknownMetric       the catalogue holds no such key
├── UnknownDimension    no such dimension, or it does not exist for this metric's table
├── BadQuestion         the question contradicts itself
├── NotAllowed          outside what the reader may see
├── UnknownRole         the policy knows no such role
├── UnknownReader       nobody is signed in on this page
├── BadEdition          no bulletin is made of such a period
└── BadPolicy           a policy file is wrong (file, key, what is allowed)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class QueryError(Exception):
    """Base of the tree; the message is one sentence that names the place and the cure."""


class UnknownMetric(QueryError):
    """The catalogue holds no metric of that key."""


class UnknownDimension(QueryError):
    """No dimension of that key exists, or not for the metric's table."""


class BadQuestion(QueryError):
    """The question contradicts itself."""


class NotAllowed(QueryError):
    """The reader may not see it."""


class UnknownRole(QueryError):
    """The policy knows no such role."""


class UnknownReader(QueryError):
    """Nobody is signed in on this page."""


class BadEdition(QueryError):
    """No bulletin can be made of that period, or of that pair."""


class BadPolicy(QueryError):
    """A policy file is wrong; names file, key and what is allowed."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A closing clause that names the nearest known keys."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.5) or names[:8]
    return "did you mean " + ", ".join(near) + "?"
