"""How a change says which rows it means.

Either by their key, as findings name it, or by conditions on columns and on what rows refer to::

    BALTIC/BALTIC_ALONE/D30/HEAVY_GROUND/2026     a row
    BALTIC/*/*/HEAVY_GROUND|LIGHT_GROUND/*        rows, part by part
    theater=BALTIC, phase!=D0, year=2028..        rows, condition by condition; all must hold

A part, or the right side of a condition, is a list of patterns separated by "|". In a pattern * stands for any
characters and ? for one; numbers may be ranges such as 2028..2030, 2028.. or ..2030; text in double quotes is taken as
it is; (empty) is an empty cell.
"""

import json
import math
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>!=|[=|,/])|(?P<blank>\s+)|(?P<word>[^"=|,/\s!]+)"""
)
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?")


class UnreadableError(Exception):
    """A text of a change that cannot be read.

    Attributes:
        place: position of the first character that is not understood, from 0.
        expected: what should stand there.
    """

    def __init__(self, place: int, expected: str) -> None:
        self.place, self.expected = place, expected
        super().__init__(f"expected {expected} at {place}")


@dataclass(frozen=True)
class Pattern:
    """What a cell is compared with.

    Attributes:
        text: the pattern.
        is_literal: it was written in quotes, so that no character has a meaning of its own.
    """

    text: str
    is_literal: bool = False

    @property
    def names_one(self) -> bool:
        """Whether it is the name of one thing, which should be known."""
        return self.is_literal or not (re.search(r"[*?]", self.text) or self.text == "(empty)" or self.range)

    @property
    def names_key(self) -> bool:
        """Whether it can be a part of the key of a new row: one name or one number."""
        return self.is_literal or not re.search(r"[*?]|\.\.|\(empty\)", self.text)

    @property
    def range(self) -> tuple[float, float] | None:
        """The least and greatest number that it stands for; None where it is no number or range."""
        found = None if self.is_literal else _RANGE.fullmatch(self.text)
        if found is not None:
            low, high = found.groups()
            return (-math.inf if low is None else float(low), math.inf if high is None else float(high))
        try:
            number = float(self.text)
        except ValueError:
            return None
        return (number, number)

    def takes(self, cell: Any) -> bool:
        """Whether a plain cell, None if it is empty, is what the pattern says."""
        if cell is None:
            return self.text == "(empty)" and not self.is_literal
        if isinstance(cell, bool):
            return fnmatchcase(str(cell).lower(), self.text.lower())
        if isinstance(cell, int | float):
            limits = self.range
            return self.text == "*" if limits is None else limits[0] <= cell <= limits[1]
        return str(cell) == self.text if self.is_literal else fnmatchcase(str(cell), self.text)


@dataclass(frozen=True)
class Condition:
    """What a column, or an attribute of what a row refers to, must be: one of the patterns, or none of them."""

    name: str
    patterns: tuple[Pattern, ...]
    is_not: bool = False

    def holds(self, cell: Any) -> bool:
        """Whether it holds for a cell."""
        return any(pattern.takes(cell) for pattern in self.patterns) is not self.is_not


@dataclass(frozen=True)
class Selector:
    """Which rows of a table: by the parts of their key, or by conditions.

    Attributes:
        key: the patterns of each part; empty where rows are chosen by conditions.
        conditions: all must hold; none where all rows are meant.
    """

    key: tuple[tuple[Pattern, ...], ...] = ()
    conditions: tuple[Condition, ...] = ()


def parsed_selector(text: str) -> Selector:
    """Reads a selector.

    Raises:
        UnreadableError: it is none.
    """
    tokens = _tokens(text)
    if not tokens:
        return Selector()
    if any(sign in ("=", "!=") for sign, *_ in tokens):
        return Selector(conditions=tuple(_condition(part, len(text)) for part in _parted(tokens, ",", text)))
    return Selector(key=tuple(_patterns(part, len(text)) for part in _parted(tokens, "/", text)))


_Token = tuple[str, str, int]
"""Its sign, or "quoted" or "word"; its text; and where it stands."""


def _tokens(text: str) -> list[_Token]:
    tokens = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UnreadableError(place, "a closing quote" if text[place] == '"' else "a name or a pattern")
        kind = str(found.lastgroup)
        if kind == "quoted":
            tokens.append((kind, unquoted(found[0], place), place))
        elif kind != "blank":
            tokens.append((found[0] if kind == "sign" else kind, found[0], place))
        place = found.end()
    return tokens


def unquoted(text: str, place: int) -> str:
    """The text of double quotes with the escapes of JSON, which stand at that place.

    Raises:
        UnreadableError: an escape is none.
    """
    try:
        return str(json.loads(text))
    except json.JSONDecodeError as error:
        raise UnreadableError(place + error.pos, 'an escape of JSON, such as \\" or \\\\') from error


def _parted(tokens: list[_Token], sign: str, text: str) -> list[list[_Token]]:
    """The tokens between separators; none may be empty."""
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token[0] != sign:
            parts[-1].append(token)
        elif not parts[-1]:
            raise UnreadableError(token[2], "a name or a pattern")
        else:
            parts.append([])
    if not parts[-1]:
        raise UnreadableError(len(text), "a name or a pattern")
    return parts


def _condition(tokens: list[_Token], end: int) -> Condition:
    kind, name, place = tokens[0]
    if kind != "word":
        raise UnreadableError(place, "the name of a column")
    if len(tokens) < 2 or tokens[1][0] not in ("=", "!="):
        raise UnreadableError(tokens[1][2] if len(tokens) > 1 else end, "= or !=")
    return Condition(name, _patterns(tokens[2:], end), tokens[1][0] == "!=")


def _patterns(tokens: list[_Token], end: int) -> tuple[Pattern, ...]:
    patterns = []
    for number, (kind, text, place) in enumerate(tokens):
        if number % 2 and kind != "|":
            raise UnreadableError(place, "| between patterns")
        if not number % 2:
            if kind not in ("word", "quoted"):
                raise UnreadableError(place, "a name or a pattern")
            patterns.append(Pattern(text, kind == "quoted"))
    if len(tokens) % 2 == 0:
        raise UnreadableError(end, "a name or a pattern")
    return tuple(patterns)
