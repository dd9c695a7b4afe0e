"""Units, currency signs and percent signs written into the cells of numbers."""

import re
from dataclasses import dataclass
from decimal import Decimal

from optimizer.tables.schema import Column

_PARTS = re.compile(r"(?P<before>[^\d.,+-]*)(?P<number>[+-]?[\d.,][\d.,' ]*?)\s*(?P<after>[^\d.,' ][^\d]*)?")
_OTHER_CURRENCIES = re.compile(r"[\u20a0-\u20bf\u00a3\u00a5]|\b(?:eur|gbp|jpy|krw|pln|euro|euros)\b")
_DOLLARS = re.compile(r"us\$|usd|dollars?|\$")
_A_YEAR = re.compile(r"\s*(?:/|\bper\b|\ba\b|\bp\.)\s*(?:years?|yrs?|annum|a\.?)\s*$")
_MILLIONS = {"million", "millions", "mio", "mln", "mn"}
_BILLIONS = {"billion", "billions", "bn", "bln", "mrd"}
_UNITS = {
    "persons": {"person", "persons", "people"},
    "days": {"d", "day", "days"},
    "yr": {"y", "yr", "yrs", "year", "years"},
    "points": {"point", "points", "pts"},
    "degrees": {"\u00b0", "deg", "degree", "degrees"},
}
_WITHOUT_DIMENSION = ("_fraction", "_factor", "_ratio")


@dataclass(frozen=True)
class Measure:
    """A number's text and what to multiply it by, to have it in the unit of its column."""

    number: str
    factor: Decimal
    is_percent: bool = False


@dataclass(frozen=True)
class WrongUnit:
    """Why a number with a unit cannot stand in a column, and what to write instead."""

    message: str
    fix: str


def measure(column: Column, text: str) -> Measure | WrongUnit | None:
    """Takes a unit off a number.

    Args:
        column: the column of the cell.
        text: the cell's text in ordinary characters.

    Returns:
        None if the text is a bare number, or is no number with a unit.
    """
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    number = parts["number"].strip()
    unit = f"{parts['before'].strip()} {(parts['after'] or '').strip()}".strip().casefold()
    if not unit:
        return None
    if unit == "%":
        if any(part in column.name for part in _WITHOUT_DIMENSION):
            return Measure(number, Decimal("0.01"), is_percent=True)
        message = "this is a percentage, in a column that holds no shares"
        return WrongUnit(message, f"Write it in the unit of {column.name}.")
    if "usd" in column.name:
        return _money(column, number, unit)
    if column.name.endswith("_per_yr"):
        unit = _A_YEAR.sub("", unit)
    own = column.name.removesuffix("_per_yr").rpartition("_")[2]
    return Measure(number, Decimal(1)) if unit in _UNITS.get(own, ()) else None


def _money(column: Column, number: str, unit: str) -> Measure | WrongUnit | None:
    if _OTHER_CURRENCIES.search(unit):
        fix = "Write it in dollars, and its original in the table sources."
        return WrongUnit("this is money of another currency than the column's", fix)
    if "_usd_m" not in column.name:
        return None
    if "_yr" in column.name:
        unit = _A_YEAR.sub("", unit)
    amount, dollars = _DOLLARS.subn("", unit)
    amount = amount.replace(" ", "").replace(".", "")
    if amount in _MILLIONS or (dollars and amount == "m"):
        return Measure(number, Decimal(1))
    if amount in _BILLIONS or (dollars and amount == "b"):
        return Measure(number, Decimal(1000))
    if dollars and not amount:
        message = "this may be dollars or the column's millions of dollars"
        return WrongUnit(message, "Write millions of dollars, without a sign.")
    return None
