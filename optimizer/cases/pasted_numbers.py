"""From the text of a cell to its number, whatever separates thousands and decimals.

A text may be read with a decimal point or with a decimal comma. Most texts leave one reading: ``0,02`` and
``1,234.5`` do. ``250,000`` leaves two, a thousandfold apart: only what else the file holds can tell them apart.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from optimizer.tables.schema import Column

_PLAIN = re.compile(r"[+-]?\d+")
_DECIMAL = {
    ".": re.compile(
        r"[+-]?(?=\.?\d)(?:\d+|[1-9]\d{0,2}(?:([,' ])\d{3})(?:\1\d{3})*)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?"
    ),
    ",": re.compile(
        r"[+-]?(?=,?\d)(?:\d+|[1-9]\d{0,2}(?:([.' ])\d{3})(?:\1\d{3})*)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?"
    ),
}
"""By the decimal mark, how a number may be written; groups of three digits are separated alike."""

POINT, COMMA = ".", ","


@dataclass(frozen=True)
class Readings:
    """What a text may mean.

    Attributes:
        text: the text.
        by_mark: the number under each decimal mark that allows one.
    """

    text: str
    by_mark: dict[str, Decimal]

    @property
    def is_sure(self) -> bool:
        """Whether there is one number that the text can be."""
        return len(set(self.by_mark.values())) == 1

    @property
    def shows(self) -> str:
        """The decimal mark that the text gives away; empty if it could be either."""
        return next(iter(self.by_mark)) if len(self.by_mark) == 1 else ""


def readings(text: str) -> Readings:
    """The numbers that a text in ordinary characters may be; none if it is no number."""
    if _PLAIN.fullmatch(text):
        return Readings(text, {POINT: Decimal(text), COMMA: Decimal(text)})
    by_mark = {}
    for mark, pattern in _DECIMAL.items():
        if pattern.fullmatch(text):
            grouped = "".join(sign for sign in text if sign == mark or sign not in ".,' ")
            by_mark[mark] = Decimal(grouped.replace(mark, "."))
    return Readings(text, by_mark)


def within(column: Column, read: Readings, factor: Decimal) -> Readings:
    """The readings that the column allows, times a factor, by its range and type; all if it allows none."""
    allowed = {
        mark: number
        for mark, number in read.by_mark.items()
        if (column.minimum is None or number * factor >= Decimal(column.minimum))
        and (column.maximum is None or number * factor <= Decimal(column.maximum))
        and (column.type != "integer" or number == number.to_integral_value())
    }
    return Readings(read.text, allowed or read.by_mark)


@dataclass(frozen=True)
class Marks:
    """Which decimal marks are at work where a cell stands.

    Attributes:
        of_table: those that the numbers of its table give away.
        of_column: likewise of its column.
        usual: the mark of the format; empty where the format has none.
    """

    of_table: frozenset[str]
    of_column: frozenset[str]
    usual: str


def decided(read: Readings, marks: Marks) -> str:
    """The decimal mark under which a text that allows two is read; empty if nothing decides.

    A comma is never the usual mark, so whatever the table's mark is decides what it is. A point is the usual
    mark: ``1.335`` is what it looks like, but ``250.000`` looks like a quarter of a million, for who writes
    decimals that are zero? Only a column that writes decimals with points makes it a decimal.
    """
    if len(marks.of_table) > 1:
        return ""
    if marks.of_table == {COMMA} or COMMA in read.text:
        return next(iter(marks.of_table), "")
    ends_in_zero = read.text.rstrip().endswith("0")
    if POINT in marks.of_column or (not ends_in_zero and (marks.usual == POINT or POINT in marks.of_table)):
        return POINT
    return ""


def two_readings(read: Readings) -> tuple[str, str]:
    """What is said of a text that allows two numbers, and what to write instead."""
    few, many = (plain_text(number) for number in sorted(set(read.by_mark.values()), key=abs))
    message = "this may be two numbers, since nothing in the table says what separates thousands"
    return message, f"Write {few} or {many}, without separators of thousands."


def plain_text(number: Decimal) -> str:
    """A number in digits with a decimal point, without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
