"""How amounts are written in summaries, and the look of their tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

_BILLIONS_FROM_USD_M = 100_000.0


@dataclass(frozen=True)
class MoneyUnit:
    """The unit in which a table writes money.

    Attributes:
        word: M$ or B$.
        usd_m: millions of dollars in one of it.
        decimals: how many are shown.
    """

    word: str
    usd_m: float
    decimals: int

    def text(self, usd_m: float) -> str:
        """An amount without its unit; nothing is a dash."""
        text = f"{usd_m / self.usd_m:,.{self.decimals}f}"
        return text if text.strip("-0.") else "–"

    def full(self, usd_m: float) -> str:
        """An amount with its unit."""
        return f"{usd_m / self.usd_m:,.{self.decimals}f} {self.word}"


PRICES = {
    "LINEAR": "of the plan",
    "RELAXATION": "of the relaxation, in the long run: units and sites follow in fractions",
    "INTEGERS_HELD": "of the short run: the plan's whole units and open sites stay as they are",
}
"""By word of the PriceKind choice, which prices are shown."""

MILLIONS = MoneyUnit("M$", 1.0, 0)
BILLIONS = MoneyUnit("B$", 1000.0, 1)


def money_unit(amounts_usd_m: Iterable[float]) -> MoneyUnit:
    """The unit that suits the largest of some amounts."""
    largest = max((abs(amount) for amount in amounts_usd_m), default=0.0)
    return BILLIONS if largest >= _BILLIONS_FROM_USD_M else MILLIONS


def count(number: float) -> str:
    """A number of units or people: whole where it nearly is, nothing as a dash."""
    if abs(number) < 0.05:
        return "–"
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"


def people(number: float) -> str:
    """A number of people, in whole ones."""
    return count(round(number))


def change(number: float) -> str:
    """A difference, with its sign."""
    text = count(number)
    return f"+{text}" if number > 0 and text != "–" else text


def table(words: int, *columns: str) -> Table:
    """An empty table.

    Args:
        words: how many columns, from the left, hold words; the others hold numbers.
        columns: headings.
    """
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(columns):
        if position < words:
            made.add_column(heading, overflow="fold")
        else:
            made.add_column(heading, justify="right", no_wrap=True)
    return made


def section(title: str, made: Table, *notes: str) -> Group:
    """A table with a title above it and notes below."""
    return Group(Text(title, style="bold"), made, *map(Text, notes))
