"""Which calendar years each period of a plan stands for: the one place that knows.

A period is named by its last year and stands for the years after the period before, up to its own: after 2028, the
period 2030 stands for 2029 and 2030. The first stands for year 1 alone, and where the table periods has no rows every
year is a period. What is decided for a period holds in all its years, so what forbids in one of them forbids in all,
and what is allowed must be allowed in all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.errors import Finding

_MOST_YEARS = 40

Years = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calendar:
    """The periods of a plan.

    Attributes:
        years: the periods in rising order, each its last calendar year.
    """

    years: tuple[int, ...]

    @property
    def today(self) -> int:
        """The year before the first, which is period 0."""
        return self.years[0] - 1

    @cached_property
    def previous(self) -> dict[int, int]:
        """By period, the period before it; period 0 before the first."""
        return dict(zip(self.years, (self.today, *self.years), strict=False))

    @cached_property
    def first_years(self) -> dict[int, int]:
        """By period, the first calendar year that it stands for."""
        return {year: before + 1 for year, before in self.previous.items()}

    @cached_property
    def spans(self) -> dict[int, int]:
        """By period, how many years it stands for."""
        return {year: year - before for year, before in self.previous.items()}

    @cached_property
    def periods(self) -> dict[int, int]:
        """By calendar year of the plan, the period that it belongs to."""
        return {each: year for year, first in self.first_years.items() for each in range(first, year + 1)}

    def periods_of(self, years: pd.Series) -> pd.Series:
        """The period that each calendar year belongs to; a year after the last stays what it is."""
        given = years.to_numpy(dtype=np.int64)
        places = np.searchsorted(self.years, given)
        found = np.asarray([*self.years, 0], dtype=np.int64)[places]
        return pd.Series(np.where(places < len(self.years), found, given), index=years.index)

    def periods_until(self, years: pd.Series) -> pd.Series:
        """The last period that ends at or before each calendar year; period 0 if there is none."""
        places = np.searchsorted(self.years, years.to_numpy(dtype=np.int64), side="right")
        return pd.Series(np.asarray([self.today, *self.years], dtype=np.int64)[places], index=years.index)

    def periods_from(self, years: pd.Series) -> pd.Series:
        """The first period of which every year is at or after each calendar year; a year beyond all if none is."""
        given = years.to_numpy(dtype=np.float64)
        places = np.searchsorted(list(self.first_years.values()), given)
        found = np.asarray([*self.years, self.years[-1] + 1], dtype=np.float64)[places]
        return pd.Series(
            np.where(places < len(self.years), found, np.maximum(found, given)), index=years.index
        )

    def factors(self, rate_fraction: float) -> dict[int, float]:
        """Discount factor of each calendar year, 1 in year 1."""
        first = self.years[0]
        return {year: (1 + rate_fraction) ** (first - year) for year in range(first, self.years[-1] + 1)}

    def discount(self, rate_fraction: float) -> dict[int, float]:
        """By period, the sum of the discount factors of its years."""
        factors = self.factors(rate_fraction)
        return {
            year: sum(factors[each] for each in range(first, year + 1))
            for year, first in self.first_years.items()
        }


def calendar_of(tables: Mapping[str, pd.DataFrame]) -> Calendar:
    """The calendar of tables without findings."""
    periods = tables["periods"]["year"]
    if len(periods):
        return Calendar(tuple(sorted(int(year) for year in periods)))
    settings = tables["settings"].iloc[0]
    first = int(settings["first_year"])
    return Calendar(tuple(range(first, first + int(settings["year_count"]))))


def calendar_findings(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """Findings where settings and periods do not say together which years are planned.

    Args:
        tables: the typed tables of a problem; settings and periods have no findings of their own.
    """
    settings, years = tables["settings"].iloc[0], tables["periods"]["year"]
    first, count = int(settings["first_year"]), settings["year_count"]
    if years.empty and pd.isna(count):
        message = "neither year_count nor the table periods says which years are planned"
        return [_unclear("settings", "", "year_count", message, "Fill one of them.")]
    if years.empty:
        return []
    begins, ends = int(years.min()), int(years.max())
    findings = []
    if begins != first:
        message = f"the first period is {begins}, but year 1 is {first}"
        findings.append(
            _unclear("periods", str(begins), "year", message, f"Let the first period be {first}.")
        )
    planned = ends - begins + 1
    if planned > _MOST_YEARS:
        message = f"the periods end {planned} years after they begin, and a plan has at most {_MOST_YEARS}"
        findings.append(_unclear("periods", str(ends), "year", message, "Leave out the last periods."))
    elif not pd.isna(count) and int(count) != planned:
        message = f"{count} years are planned, but the periods from {begins} to {ends} are {planned}"
        fix = f"Leave year_count empty, or write {planned}."
        findings.append(_unclear("settings", "", "year_count", message, fix))
    return findings


def _unclear(table: str, key: str, column: str, message: str, fix: str) -> Finding:
    return Finding("PERIODS_UNCLEAR", table, key, column, "", message, fix)
