"""How numbers are written: what is not zero never looks like zero, and zero never has a sign."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = 1e-6
"""What no plan can tell from 0: the solver keeps rows to about this."""

_BILLIONS_FROM_USD_M = 100_000.0
_WHOLE_MILLIONS_FROM_USD_M = 1000.0
_DASH = "–"


def fixed(number: float, decimals: int, nothing: float = NOTHING) -> str:
    """A number with so many decimals: nothing as a dash, less than they can show as ``<0.1`` or ``>-0.1``."""
    if abs(number) <= nothing:
        return _DASH
    text = f"{number:,.{decimals}f}"
    if text.strip("-0."):
        return text
    least = f"{10.0**-decimals:.{decimals}f}"
    return f"<{least}" if number > 0 else f">-{least}"


def count(number: float) -> str:
    """A number of units or points: whole ones without decimals, others with one."""
    is_whole = abs(number - round(number)) <= NOTHING * max(1.0, abs(number) * 1e-3)
    return fixed(number, 0 if is_whole else 1)


def people(number: float) -> str:
    """A number of people, in whole ones."""
    return fixed(number, 0)


def figure(number: float) -> str:
    """A number of any size and unit: four digits that count, and all before the point."""
    if abs(number) <= NOTHING * 1e-3:
        return _DASH
    decimals = max(0, 3 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(part: float) -> str:
    """A part of a whole in percent: only all of it is 100%, and only none of it is 0%."""
    if NOTHING < part < 0.005:
        return "<1%"
    if 0.995 <= part < 1 - NOTHING:
        return ">99%"
    return f"{abs(part):.0%}"


def at_most(part: float) -> str:
    """A part of a whole in percent, never written smaller than it is: two decimals, or the first that counts."""
    percent = part * 100
    decimals = 2 if percent >= 0.01 or percent <= 0 else -math.floor(math.log10(percent))
    return f"{math.ceil(round(percent * 10**decimals, 6)) / 10**decimals:,.{decimals}f}%"


def change(number: float) -> str:
    """A difference of counts, with its sign."""
    return _signed(count(number), number)


def change_of_people(before: float, after: float) -> str:
    """The difference of two numbers of people, as far as whole ones show it."""
    difference = float(round(after) - round(before))
    return _signed(people(difference), difference)


def counted(number: int, word: str) -> str:
    """A number of things; more than one have an s."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


@dataclass(frozen=True)
class MoneyUnit:
    """The unit in which a table writes money.

    Attributes:
        word: M$ or B$.
        usd_m: millions of dollars in one of it.
        decimals: how many are shown.
        nothing_usd_m: what sums of such amounts cannot tell from 0.
    """

    word: str
    usd_m: float
    decimals: int
    nothing_usd_m: float

    def text(self, usd_m: float) -> str:
        """An amount without its unit; nothing is a dash."""
        return fixed(usd_m / self.usd_m, self.decimals, self.nothing_usd_m / self.usd_m)

    def full(self, usd_m: float) -> str:
        """An amount with its unit."""
        text = self.text(usd_m)
        return f"{'0' if text == _DASH else text} {self.word}"

    def change(self, before: float, after: float) -> str:
        """The difference of two amounts as they are shown, with its sign."""
        shown = [round(amount / self.usd_m, self.decimals) for amount in (before, after)]
        difference = (shown[1] - shown[0]) * self.usd_m or after - before
        return _signed(self.text(difference), difference)


MILLIONS = MoneyUnit("M$", 1.0, 0, NOTHING)
PARTS_OF_MILLIONS = MoneyUnit("M$", 1.0, 1, NOTHING)
BILLIONS = MoneyUnit("B$", 1000.0, 1, 1e-3)


def money_unit(amounts_usd_m: Iterable[float]) -> MoneyUnit:
    """The unit that suits the largest of some amounts."""
    largest = max((abs(amount) for amount in amounts_usd_m), default=0.0)
    if largest >= _BILLIONS_FROM_USD_M:
        return BILLIONS
    return MILLIONS if largest >= _WHOLE_MILLIONS_FROM_USD_M else PARTS_OF_MILLIONS


def spans(years: list[int], periods: list[int]) -> str:
    """Years as spans of periods that follow each other."""
    spans: list[list[int]] = []
    for year in years:
        place = periods.index(year)
        if spans and spans[-1][1] == periods[place - 1] and place:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _signed(text: str, number: float) -> str:
    if number <= 0 or text == _DASH:
        return text
    return f"<+{text[1:]}" if text.startswith("<") else f"+{text}"
