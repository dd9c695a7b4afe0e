"""Characters that look like others, or like nothing at all, and names that differ in nothing else."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Zero-width characters, soft hyphens, marks of direction, and byte order marks."""

_LOOKS_LIKE = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\uff02", '"'),
        "\u2026": "...",
        "\uff0e": ".",
        "\uff0c": ",",
        "\uff0b": "+",
        "\uff05": "%",
        "\uff04": "$",
        "\uff1a": ":",
        "\u066b": ".",
    }
)  # fmt: skip


def visible(text: str) -> str:
    """The text without invisible characters, with ordinary blanks, and none around it."""
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", text).replace("\u00a0", " ").replace("\u202f", " ").strip()


def ordinary(text: str) -> str:
    """The text in the characters of ASCII where they look alike, digits of all scripts included."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text).translate(_LOOKS_LIKE)
        text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    text = text.strip()
    for quote in "\"'":
        if len(text) > 1 and text[0] == text[-1] == quote:
            text = text[1:-1].strip()
    return text


@lru_cache(maxsize=10_000)
def alike(name: str) -> str:
    """What two names share that differ in case, blanks, underscores or signs alone."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", visible(name)).casefold() if sign.isalnum())


def known_name(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that a name is, but for its spelling; None if there is none."""
    names = list(known)
    if name in names:
        return name
    return {alike(other): other for other in names}.get(alike(name))
