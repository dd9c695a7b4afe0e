"""Changes as a line of text, as they stand at the command and in files.

::

    requirements[theater=BALTIC].required_points *= 1.2
    settings.discount_rate_fraction = 0.03
    add interests[BALTIC/AIR]: interest_usd_m_per_point_yr=0
    delete garrison_actors[BATTLEGROUP_POLAND/USA]

``selectors`` says what stands in the brackets; without them all rows are meant.
"""

import re

from optimizer.changes.change import EMPTY, SIGNS, Change, Operation
from optimizer.changes.selectors import UnreadableError, parsed_selector, unquoted
from optimizer.errors import Finding, ProblemError

HOW_TO_WRITE = "Write it like requirements[theater=BALTIC].required_points*=1.2"

_START = re.compile(r"\s*(?:(?P<row>add|delete)\s+)?(?P<table>\w+)\s*")
_COLUMN = re.compile(r"\.\s*(?P<column>\w+)\s*")
_SIGN = re.compile(r"(\*=|/=|\+=|-=|=)\s*")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_CELL = re.compile(rf'\s*(?P<column>\w+)\s*=\s*(?P<value>{_QUOTED}|[^",]*)\s*(?P<end>,|$)')
_INSIDE = re.compile(rf'\[(?:{_QUOTED}|[^"\]])*\]')


def change_of_text(text: str, origin: str = "", sentence: str = "") -> Change:
    """Reads a change.

    Args:
        text: the line.
        origin: where it is written, as findings name it.
        sentence: why, for people.

    Raises:
        ProblemError: it is none; the finding says at which character.
    """
    try:
        return _change(text, origin, sentence)
    except UnreadableError as error:
        where = f"{origin}: " if origin else ""
        message = f"{where}{error.expected} was expected at character {error.place + 1}"
        raise ProblemError(
            [Finding("CHANGE_UNREADABLE", "", "", "", text[:80], message, f"{HOW_TO_WRITE}.")]
        ) from error


def _change(text: str, origin: str, sentence: str) -> Change:
    start = _START.match(text)
    if start is None:
        raise UnreadableError(len(text) - len(text.lstrip()), "the name of a table")
    place, selector = start.end(), ""
    if text[place : place + 1] == "[":
        inside = _INSIDE.match(text, place)
        if inside is None:
            raise UnreadableError(len(text), "a closing ]")
        end = inside.end() - 1
        selector = text[place + 1 : end].strip()
        if not selector:
            raise UnreadableError(place + 1, "a key or a condition")
        _check_selector(text, place + 1, end)
        place = end + 1
        place += len(text[place:]) - len(text[place:].lstrip())
    if start["row"] == "delete":
        _check_end(text, place)
        return Change(start["table"], Operation.DELETE_ROW, selector, sentence=sentence, origin=origin)
    if start["row"] == "add":
        value = ""
        if text[place:].strip():
            if text[place] != ":":
                raise UnreadableError(place, ": before the cells of the row")
            value = text[place + 1 :].strip()
        return Change(start["table"], Operation.ADD_ROW, selector, "", value, sentence, origin)
    column = _COLUMN.match(text, place)
    if column is None:
        raise UnreadableError(place, "a point and the name of a column")
    sign = _SIGN.match(text, column.end())
    if sign is None:
        raise UnreadableError(column.end(), f"one of {' '.join(SIGNS)}")
    value = _value(text, sign.end())
    return Change(start["table"], SIGNS[sign[1]], selector, column["column"], value, sentence, origin)


def _check_selector(text: str, start: int, end: int) -> None:
    try:
        parsed_selector(text[start:end])
    except UnreadableError as error:
        raise UnreadableError(start + error.place, error.expected) from error


def _check_end(text: str, place: int) -> None:
    if text[place:].strip():
        raise UnreadableError(place, "nothing more")


def _value(text: str, place: int) -> str:
    """The value that begins there, out of its quotes if it has some."""
    value = text[place:].strip()
    if not value:
        raise UnreadableError(place, f"a value, or {EMPTY} to empty the cell")
    if not value.startswith('"'):
        return value
    if not re.fullmatch(_QUOTED, value, re.DOTALL):
        raise UnreadableError(len(text), "a closing quote, and nothing more")
    return unquoted(value, place)


def cells_of_text(text: str) -> dict[str, str]:
    """The cells of a row, written as "column=value, column=value"; values with commas stand in quotes.

    Raises:
        UnreadableError: the text is none of this, or gives a column twice.
    """
    cells: dict[str, str] = {}
    place = 0
    while text[place:].strip():
        found = _CELL.match(text, place)
        if found is None:
            raise UnreadableError(place, "column=value")
        if found["column"] in cells:
            raise UnreadableError(found.start("column"), "a column that is not given yet")
        value = found["value"].strip()
        cells[found["column"]] = unquoted(value, found.start("value")) if value.startswith('"') else value
        place = found.end()
    return cells
