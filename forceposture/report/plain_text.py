"""Names and other text of a case, so that a terminal shows them and does nothing else."""

import unicodedata

_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"


def plain(text: str) -> str:
    """The text on one line, with every character that would steer a terminal written as its code.

    These are control characters, line ends, marks that turn the direction of writing, and lone surrogates. Joiners
    stay: some scripts spell with them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_code(sign) if _is_acting(sign) else sign for sign in text)


def _is_acting(sign: str) -> bool:
    return unicodedata.category(sign) in _ACTING and sign not in _JOINERS


def _code(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
