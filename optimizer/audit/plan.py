"""The plan under audit beside the input it answers, with what several rules look at."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from optimizer.audit.amounts import Amounts, Key
from optimizer.objectives import Asked
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES, SOLUTION_TABLES, Column

FORCE = ("actor_id", "unit_type_id")
SITE = ("actor_id", "site_id")
SETS = "PREPOSITIONED"

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """A plan and its problem.

    Attributes:
        problem: the problem, its defaults filled in.
        tables: the plan's tables by name.
        is_relaxed: whether counts need not be whole.
        asked: what was asked of the plan.
        drawn: what was read or drawn up of it already, by name.
    """

    problem: Problem
    tables: Mapping[str, pd.DataFrame]
    is_relaxed: bool
    asked: Asked
    drawn: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, draw: Callable[[], T]) -> T:
        """What is drawn up under a name, now or before; nobody changes it."""
        if name not in self.drawn:
            self.drawn[name] = draw()
        return cast("T", self.drawn[name])

    def cells(self, table: str, column: str) -> list[Any]:
        """The cells of a column of the input or of the plan; an empty text is "", an empty number not a number."""
        return self.once(f"{table}.{column}", lambda: self._read(table, column))

    def given(self, table: str, column: str) -> Amounts:
        """A number of the input by the key of its table, where it is not empty."""

        def read() -> Amounts:
            numbers = zip(self._keys(table), self.cells(table, column), strict=True)
            given = ((key, number) for key, number in numbers if not math.isnan(number))
            return Amounts(PROBLEM_TABLES[table].key, given)

        return self.once(f"given {table}.{column}", read)

    def rate(self, source_column: str) -> Amounts:
        """The same of a column that is named with its table."""
        table, _, column = source_column.partition(".")
        return self.given(table, column)

    def words(self, table: str, column: str) -> dict[Key, str]:
        """A text of the input by the key of its table."""
        return dict(zip(self._keys(table), self.cells(table, column), strict=True))

    def pairs(self, table: str, *columns: str) -> Amounts:
        """What stands together in the input: 1 for the cells of the columns in each row where none is empty."""
        rows = zip(*(self.cells(table, column) for column in columns), strict=True)
        return Amounts(columns, {row: 1.0 for row in rows if "" not in row})

    def rows(self, table: str) -> list[SimpleNamespace]:
        """The rows of a table of the input, their cells under the names of the columns."""
        names = list(PROBLEM_TABLES[table].by_name)
        cells = zip(*(self.cells(table, name) for name in names), strict=True)
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cells]

    def shown(self, table: str, column: str) -> Amounts:
        """A number of the plan by the key of its table, period 0 too; an empty one is 0."""

        def read() -> Amounts:
            numbers = zip(self._keys(table), self.cells(table, column), strict=True)
            shown = ((key, 0.0 if math.isnan(number) else number) for key, number in numbers)
            return Amounts(SOLUTION_TABLES[table].key, shown)

        return self.once(f"shown {table}.{column}", read)

    def planned(self, table: str, column: str) -> Amounts:
        """The same in years 1…n."""
        return self.once(f"planned {table}.{column}", lambda: self.shown(table, column).inside(self.years))

    def carried(self, table: str, column: str) -> Amounts:
        """A yearly number of the input in period 0 and every year: the last one given by then."""
        given = self.given(table, column)
        carried = Amounts(given.names)
        for key, number in sorted(given.items(), key=lambda item: item[0][-1]):
            carried.update({(*key[:-1], year): number for year in self.all_years if year >= key[-1]})
        return carried

    def is_freed(self, lever: str, key: str, year: int) -> bool:
        """Whether a lever may move in every year of a period."""
        return self.begins.get(year, year) >= self.given("freed_levers", "first_year").get(
            (lever, key), math.inf
        )

    def after(self, amounts: Amounts) -> Amounts:
        """The amounts of the period before; the period is the last part of their keys."""
        following = {before: year for year, before in self.previous.items()}
        moved = ((key, following.get(key[-1]), amount) for key, amount in amounts.items())
        return Amounts(
            amounts.names, {(*key[:-1], year): amount for key, year, amount in moved if year is not None}
        )

    def in_periods(self, amounts: Amounts) -> Amounts:
        """Amounts of calendar years by the period that these belong to; the year is the last part of their keys."""
        found = Amounts(amounts.names)
        for key, amount in amounts.items():
            if key[-1] in self.period:
                found[(*key[:-1], self.period[key[-1]])] += amount
        return found

    @cached_property
    def lead(self) -> str:
        """The lead actor."""
        return str(self.problem.settings["lead_actor_id"])

    @cached_property
    def whole(self) -> Amounts:
        """1 for each actor and unit type of which it has whole units only."""
        counted = self.given("unit_types", "is_counted").positive()
        for_lead_only = self.given("unit_types", "is_counted_for_lead_only").positive()
        forces = self.pairs("actors", "actor_id") * counted
        return forces.where(lambda actor, unit: actor == self.lead or (unit,) not in for_lead_only)

    @cached_property
    def today(self) -> int:
        """Period 0."""
        return self.problem.today

    @cached_property
    def period(self) -> dict[int, int]:
        """By calendar year of the plan, the period that ends in it or next after it."""
        first = int(self.problem.settings["first_year"])
        ends = sorted(self.cells("periods", "year"))
        ends = ends or list(range(first, first + int(self.problem.settings["year_count"])))
        return {year: min(end for end in ends if end >= year) for year in range(first, ends[-1] + 1)}

    @cached_property
    def begins(self) -> dict[int, int]:
        """By period, its first calendar year."""
        return {
            end: min(year for year in self.period if self.period[year] == end) for end in self.period.values()
        }

    @cached_property
    def previous(self) -> dict[int, int]:
        """By period, the one before; period 0 before the first."""
        return {year: first - 1 for year, first in self.begins.items()}

    @cached_property
    def span(self) -> Amounts:
        """By period, how many years it stands for."""
        return Amounts(("year",), {(year,): float(year - first + 1) for year, first in self.begins.items()})

    @cached_property
    def factor(self) -> dict[int, float]:
        """Discount factor of each calendar year, 1 in year 1."""
        growth, first = 1.0 + float(self.problem.settings["discount_rate_fraction"]), min(self.period)
        return {year: 1.0 / growth ** (year - first) for year in self.period}

    @cached_property
    def discount(self) -> Amounts:
        """By period, the sum of the factors of its years."""
        return self.in_periods(Amounts(("year",), {(year,): factor for year, factor in self.factor.items()}))

    @cached_property
    def years(self) -> Amounts:
        """1 for each year 1…n."""
        return Amounts(("year",), {(year,): 1.0 for year in self.problem.years})

    @cached_property
    def periods(self) -> Amounts:
        """1 for period 0 and each year 1…n."""
        return Amounts(("year",), {(year,): 1.0 for year in self.all_years})

    @cached_property
    def all_years(self) -> list[int]:
        """Period 0 and years 1…n."""
        return [self.problem.today, *self.problem.years]

    @cached_property
    def stationed(self) -> Amounts:
        """Units and sets stationed, period 0 too."""
        return self.shown("stationed_forces", "stationed_count")

    @cached_property
    def away(self) -> Amounts:
        """The units among them."""
        return self.stationed.where(lambda actor, unit, site, mode, year: mode != SETS)

    @cached_property
    def sets(self) -> Amounts:
        """The sets among them."""
        return self.stationed.having(mode=SETS)

    @cached_property
    def persons(self) -> Amounts:
        """People of those stationed."""
        return self.stationed * self.given("unit_type_modes", "personnel_persons")

    @cached_property
    def people(self) -> Amounts:
        """People by actor, site and year; period 0 too."""
        return self.persons.summed(*SITE, "year")

    @cached_property
    def at_home(self) -> Amounts:
        """By force and year, units owned and not stationed; period 0 too."""
        return self.shown("owned_forces", "owned_count") - self.away.summed(*FORCE, "year")

    @cached_property
    def host(self) -> dict[str, str]:
        """The host of each site."""
        return dict(zip(self.cells("sites", "site_id"), self.cells("sites", "host_actor_id"), strict=True))

    @cached_property
    def area(self) -> dict[str, str]:
        """The staging area of each site."""
        return dict(zip(self.cells("sites", "site_id"), self.cells("sites", "staging_area_id"), strict=True))

    @cached_property
    def area_theater(self) -> dict[str, str]:
        """The theater of each staging area, empty if it lies in none."""
        areas = self.cells("staging_areas", "staging_area_id")
        return dict(zip(areas, self.cells("staging_areas", "theater_id"), strict=True))

    @cached_property
    def site_theater(self) -> dict[str, str]:
        """The theater of each site, empty if it lies in none."""
        return {site: self.area_theater[area] for site, area in self.area.items()}

    @cached_property
    def theaters(self) -> Amounts:
        """1 for each site and its theater, which is empty if it lies in none."""
        return Amounts(("site_id", "theater_id"), dict.fromkeys(self.site_theater.items(), 1.0))

    @cached_property
    def points(self) -> Amounts:
        """Points by actor, unit type and capability, those of one unit at its owner's quality."""
        effect = self.given("actor_unit_types", "effect_factor") * self.given("actors", "quality_factor")
        return effect * self.given("unit_capabilities", "capability_points")

    @cached_property
    def points_in_theater(self) -> Amounts:
        """The same by theater, too, with what the theater does to the unit type."""
        factor = self.given("unit_type_theaters", "theater_factor")
        everywhere = self.points * self.pairs("theaters", "theater_id")
        return Amounts(
            everywhere.names,
            {
                (actor, unit, capability, theater): points * factor.get((unit, theater), 1.0)
                for (actor, unit, capability, theater), points in everywhere.items()
            },
        )

    def _keys(self, table: str) -> list[Key]:
        schema = (PROBLEM_TABLES if table in PROBLEM_TABLES else SOLUTION_TABLES)[table]
        return list(zip(*(self.cells(table, name) for name in schema.key), strict=True))

    def _read(self, table: str, column: str) -> list[Any]:
        if table in PROBLEM_TABLES:
            return plain(PROBLEM_TABLES[table].by_name[column], self.problem[table][column])
        return plain(SOLUTION_TABLES[table].by_name[column], self.tables[table][column])


def plain(column: Column, cells: pd.Series) -> list[Any]:
    """Cells as text and numbers of Python; an empty text is "", an empty number not a number."""
    if cells.dtype != column.pandas_type:
        cells = cells.astype(column.pandas_type)
    if column.type in ("text", "choice"):
        return [cell if cell == cell else "" for cell in cells.to_list()]
    numbers: list[Any] = cells.to_numpy(dtype="float64", na_value=np.nan).tolist()
    if column.type == "integer":
        return [int(number) if number == number else number for number in numbers]
    return numbers
