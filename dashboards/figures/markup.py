"""The only file that writes HTML tags: whatever is not already Markup is escaped on its way in."""

from __future__ import annotations

import html
import re


class Markup(str):
    """Text that is safe to put into a page as HTML."""

    __slots__ = ()


Child = Markup | str | int | None

_TAG = re.compile(r"<[^>]*>")
_EMPTY = frozenset({"br", "line", "circle", "path", "polyline", "rect", "use"})


def escaped(text: object) -> Markup:
    """`text` with everything that HTML could mistake for markup replaced."""
    return text if isinstance(text, Markup) else Markup(html.escape(str(text), quote=True))


def tag(name: str, *children: Child, **attributes: object) -> Markup:
    """`<name …>children</name>`.

    An attribute's underscores become hyphens and a closing one is dropped (`class_`, `data_choose`); None
    and False leave it out, True writes the bare name. Children that are None are left out.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _EMPTY and not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def plain_text(markup: str) -> str:
    """The words of `markup` without its tags, for a label that is read out; other text as it is."""
    return html.unescape(_TAG.sub("", markup)) if isinstance(markup, Markup) else markup


def joined(*children: Child) -> Markup:
    """The children one after the other."""
    return Markup("".join(escaped(child) for child in children if child is not None))
