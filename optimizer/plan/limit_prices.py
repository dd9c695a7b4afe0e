"""What limits that bind cost the lead actor: from the duals of their rows, and the reduced costs of their bounds.

A limit's price is the sum of what it does wherever it stands::

    price[r,t]        = room[r,t]·|dual[r,t]| / discount[t]                    r a row whose right side is the limit
    price[bound,t]    = room·|reduced cost| / discount[t]                      where the column is at its limit
    garrison[q,t]     = ( |dual[requirement]| + Σ_a least[a]·|dual[share_least,a]| − Σ_a most[a]·|dual[share_most,a]| )
                        / discount[t]
    reserve[a,g,t]    = ( Σ_r Σ_{p,s} available[a,s]·|dual[r,a,g,p,s,t]| + bound[a,g,t] ) / discount[t]
    of a theater k    = reserve[a,g,t] − Σ_r Σ_{p,s} available[a,s]·|dual[r,a,g,k,p,s,t]| / discount[t]

room is how much of the right side one unit of the limit is: the years of a period, where the limit is one by the year.
least and most are an actor's shares of the garrison, bound the reduced cost of units owned at what is reserved.
"""

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from optimizer.formulation.frames.housing import units_with_room, used_access
from optimizer.formulation.frames.index import ACCESS, FORCE, Index
from optimizer.plan.clean_numbers import clean_table
from optimizer.plan.written_tables import Key
from optimizer.solver.matrix import Floats, Matrix
from optimizer.tables.keyed import joined, keys, values
from optimizer.tables.schema import SOLUTION_TABLES

PEOPLE, MONEY, UNIT, POINT = "1,000 people", "1 B$ a year", "1 unit", "1 point"
SIZES = {PEOPLE: 1000.0, MONEY: 1000.0, UNIT: 1.0, POINT: 1.0, "1 move": 1.0, "1% of GDP": 0.01}
"""By what a price is of, how much of the tables' own unit it is."""

_RULE_UNITS = {
    "OWNED_COUNT": UNIT,
    "STATIONED_COUNT": UNIT,
    "STATIONED_PERSONS": PEOPLE,
    "RAISED_COUNT": UNIT,
    "DISBANDED_COUNT": UNIT,
    "SPENDING_USD_M": MONEY,
    "OWNED_POINTS": POINT,
    "SPENDING_FRACTION": "1% of GDP",
    "BILLED_USD_M": MONEY,
}
_FOREIGN = "FOREIGN"
_NOTHING_USD_M = 1e-3
_ALMOST_OPEN = 1e-6
_DUAL = 1e-5
"""What of a price no solver can tell from 0: M$, and part of the greatest."""


class _Limit(NamedTuple):
    """What the rows, or the columns at their bound, of a block limit.

    Attributes:
        kind: a word of the LimitKind choice.
        unit: what a price is of.
        key: columns of the table that the block's key fills, the year apart.
        is_by_year: whether the limit is one by the year, which a period multiplies.
    """

    kind: str
    unit: str
    key: tuple[str, ...]
    is_by_year: bool = False


_GROUP = ("site_group_id", "actor_id")
_ROWS = {
    "spending_ceiling": _Limit("SPENDING_CEILING", MONEY, ("actor_id",)),
    "spending_ramp": _Limit("SPENDING_RAMP", MONEY, ("actor_id",), is_by_year=True),
    "spending_willing": _Limit("WILL", MONEY, ("actor_id",)),
    "program_kept": _Limit("PROGRAM", UNIT, ("actor_id", "unit_type_id")),
    "presence_kept": _Limit("PRESENCE", UNIT, (*FORCE, "site_group_id", "limit_id")),
    "presence_path": _Limit("PRESENCE_PATH", PEOPLE, _GROUP),
    "site_group_ceiling": _Limit("CEILING", PEOPLE, _GROUP),
    "withdrawal_pace": _Limit("WITHDRAWAL", PEOPLE, _GROUP, is_by_year=True),
    "site_capacity": _Limit("CAPACITY", PEOPLE, ("site_group_id",)),
    "facility_capacity": _Limit("FACILITY", UNIT, ("site_group_id", "limit_id")),
    "lift_capacity": _Limit("LIFT", POINT, ("limit_id", "phase_id", "scenario_id")),
    "garrison_share_least": _Limit("GARRISON_SHARE", PEOPLE, ("limit_id", "actor_id")),
    "garrison_share_most": _Limit("GARRISON_SHARE", PEOPLE, ("limit_id", "actor_id")),
    "exposure_cap": _Limit("EXPOSURE", POINT, ()),
    "stability": _Limit("MOVES", "1 move", ("actor_id",), is_by_year=True),
}
_RULE_BLOCKS = ("policy_rule_at_most", "policy_rule_at_least", "policy_rule_equal")
_BOUNDS = {
    "raised": _Limit("RAISING", UNIT, tuple(FORCE), is_by_year=True),
    "disbanded": _Limit("DISBANDING", UNIT, tuple(FORCE), is_by_year=True),
    "converted": _Limit("CONVERTING", UNIT, ("actor_id", "limit_id", "unit_type_id"), is_by_year=True),
}
_OWNING = _Limit("OWNING", UNIT, tuple(FORCE))
_HOUSING = _Limit("HOUSING", PEOPLE, ("actor_id", "site_group_id"))
_HOME_RESERVES = (
    "deployable",
    "ready_free",
    "reserved_at_home",
    "deployed_beyond_reserves",
    "stationed_beyond_reserves",
)
"""Rows that subtract reserved units from those owned; their keys begin with the force and end with the year."""
_THEATER_RESERVES = ("deployed_from_reserve", "stationed_from_reserve")
"""Rows on whose right side units kept for a theater stand; their keys begin with force and theater."""


def limit_prices(index: Index, matrix: Matrix, columns: Floats, row_duals: Floats | None) -> pd.DataFrame:
    """The table of that name; empty without duals.

    Args:
        index: the index of the problem.
        matrix: the program.
        columns: value of each column in the plan.
        row_duals: duals of a linear program.
    """
    table = SOLUTION_TABLES["limit_prices"]
    if row_duals is None:
        return table.empty()
    duals = _Duals(index, matrix, columns, row_duals)
    rows = [
        *duals.of_rows(),
        *duals.of_rules(),
        *duals.of_garrisons(),
        *duals.of_bounds(),
        *duals.of_reserves(),
    ]
    frame = pd.DataFrame(rows, columns=[*table.key, "unit", "price_usd_m_per_unit"])
    # The two sides of a garrison's share, and of a rule, are rows of one limit.
    sums = frame.groupby([*table.key, "unit"], dropna=False)["price_usd_m_per_unit"].sum().reset_index()
    price = sums["price_usd_m_per_unit"]
    nothing = max(_NOTHING_USD_M, _DUAL * float(price.max())) if len(price) else 0.0
    return clean_table(table, sums[price > nothing].reset_index(drop=True))


class _Duals:
    """The duals of a plan by block, and the rows of the table that follow from them."""

    def __init__(self, index: Index, matrix: Matrix, columns: Floats, row_duals: Floats) -> None:
        self._index, self._matrix, self._columns, self._duals = index, matrix, columns, row_duals
        reduced = matrix.objective - matrix.coefficients.T @ row_duals
        # Whole columns are held where prices are found, so that their reduced costs are of no limit.
        self._reduced = np.where(matrix.is_integer, 0.0, reduced)

    def of_rows(self) -> list[tuple[Any, ...]]:
        """Prices of limits that are the right side of a row."""
        return [
            self._row(limit, key, abs(dual))
            for block, limit in _ROWS.items()
            for key, _, dual in self._of_block(block)
        ]

    def of_rules(self) -> list[tuple[Any, ...]]:
        """Prices of the planners' own rules."""
        quantities = values(self._index.problem["policy_rules"], ["policy_rule_id"], "quantity")
        return [
            self._row(_Limit("RULE", _RULE_UNITS[str(quantities[key[0]])], ("limit_id",)), key, abs(dual))
            for block in _RULE_BLOCKS
            for key, _, dual in self._of_block(block)
        ]

    def of_garrisons(self) -> list[tuple[Any, ...]]:
        """Prices of garrisons: one more person is asked of them, and a part of that of their suppliers."""
        required = values(self._index.problem["garrisons"], ["garrison_id"], "required_persons")
        price: dict[Key, float] = defaultdict(float)
        for block, sign, limits in (
            ("garrison_requirement", 1.0, self._matrix.row_lower),
            ("garrison_share_least", 1.0, self._matrix.row_lower),
            ("garrison_share_most", -1.0, self._matrix.row_upper),
        ):
            for key, row, dual in self._of_block(block):
                if required[key[0]] > 0:
                    price[key[0], key[-1]] += sign * abs(dual) * limits[row] / required[key[0]]
        limit = _Limit("GARRISON", PEOPLE, ("limit_id",))
        return [self._row(limit, key, usd_m) for key, usd_m in price.items()]

    def of_bounds(self) -> list[tuple[Any, ...]]:
        """Prices of limits that are bounds, of columns that are at them and would go beyond."""
        rows = [
            self._row(limit, key, -reduced)
            for block, limit in _BOUNDS.items()
            for key, reduced in self._of_columns(block)
            if reduced < 0
        ]
        for key, reduced in self._of_columns("owned"):
            if reduced < 0:
                rows += self._of_most_owned(key, -reduced)
        opened = self._matrix.columns["open"]
        # A relaxed plan may run a part of a site: a greater limit would then save a part of being open, room or not.
        parts = zip(opened.keys, self._columns[opened.positions].tolist(), strict=True)
        is_open = {key for key, part in parts if part > 1 - _ALMOST_OPEN}
        for key, reduced in self._of_columns("housing"):
            if reduced < 0:
                rows += self._of_room(key, -reduced)
        for key, _, dual in self._of_block("housing_open"):
            if key in is_open:
                rows += self._of_room(key, abs(dual))
        return rows

    def _of_most_owned(self, key: Key, dual: float) -> list[tuple[Any, ...]]:
        """What a bound of units owned costs: of the limit on them, or of those on all orders that arrive by then."""
        if key in self._limited:
            return [self._row(_OWNING, key, dual)]
        return [
            self._row(_BOUNDS["raised"], (*key[:2], year), dual)
            for year, arrival in self._orders.get(key[:2], ())
            if arrival <= key[-1]
        ]

    def _of_room(self, key: Key, dual: float) -> list[tuple[Any, ...]]:
        """What the bound of an actor's room costs: of its own limit, of the site's capacity, or of its units."""
        match self._rooms[key[:2]]:
            case "own":
                return [self._row(_HOUSING, key, dual)]
            case "site":
                return [self._row(_ROWS["site_capacity"], key[1:], dual)]
        rows = []
        for unit_type, facility, persons in self._room_for.get(key[:2], ()):
            if facility is None:
                rows += self._of_most_owned((key[0], unit_type, self._index.years[-1]), dual * persons)
            else:
                rows.append(self._row(_ROWS["facility_capacity"], (key[1], facility, key[2]), dual * persons))
        return rows

    @cached_property
    def _limited(self) -> set[Key]:
        """Forces and years in which the limit on units owned holds before those on orders do."""
        forces = self._index.forces[[*FORCE, "maximum_owned_count"]]
        bounds = joined(self._index.owned_bounds, forces, FORCE)
        return set(keys(bounds[bounds["maximum_owned_count"] <= bounds["reached"]], [*FORCE, "year"]))

    @cached_property
    def _orders(self) -> dict[Key, list[tuple[int, int]]]:
        """By force, the years in which its orders are placed and arrive."""
        found = defaultdict(list)
        for *force, year, arrival in keys(self._index.orders, [*FORCE, "year", "arrival_year"]):
            found[tuple(force)].append((year, arrival))
        return found

    @cached_property
    def _rooms(self) -> dict[Key, str]:
        """By actor and site, whether its own limit, the site's capacity or its units hold its room."""
        used = used_access(self._index)
        most = used["housing_most_persons"]
        kinds = np.where(used["capacity_persons"] <= most, "site", "units")
        kinds = np.where(used["limit_persons"] <= most, "own", kinds)
        return dict(zip(keys(used, ACCESS), kinds.tolist(), strict=True))

    @cached_property
    def _room_for(self) -> dict[Key, list[tuple[str, str | None, float]]]:
        """By actor and site, the kinds of units that have room there: kind, the facility that limits it, and people."""
        units = units_with_room(self._index)
        is_full = units["capacity_count"] <= units["most_count"]
        units["facility"] = units["facility_id"].astype("object").where(is_full, None)
        units = units.sort_values("persons", kind="stable").drop_duplicates(
            [*ACCESS, "unit_type_id"], keep="last"
        )
        found = defaultdict(list)
        for *access, unit_type, facility, persons in keys(
            units, [*ACCESS, "unit_type_id", "facility", "personnel_persons"]
        ):
            found[tuple(access)].append((unit_type, facility, persons))
        return found

    def of_reserves(self) -> list[tuple[Any, ...]]:
        """Prices of units reserved for home, and of those kept for theaters."""
        price = self._of_reserved_units()
        reserved = values(self._index.forces, FORCE, "reserved_count")
        home = _Limit("RESERVE", UNIT, tuple(FORCE))
        rows = [self._row(home, key, usd_m) for key, usd_m in price.items() if reserved[key[:-1]] > 0]
        kept = values(self._index.theater_reserves, [*FORCE, "theater_id", "year"], "reserved_count")
        worth: dict[Key, float] = defaultdict(float)
        for block in _THEATER_RESERVES:
            for key, row, dual in self._of_block(block):
                reserve = (*key[:3], key[-1])
                if kept.get(reserve, 0.0) > 0:
                    worth[reserve] += abs(dual) * self._matrix.row_upper[row] / kept[reserve]
        of_theater = _Limit("THEATER_RESERVE", UNIT, (*FORCE, "limit_id"))
        return rows + [
            self._row(of_theater, key, price[*key[:2], key[-1]] - worth[key])
            for key, count in kept.items()
            if count > 0
        ]

    def _of_reserved_units(self) -> dict[Key, float]:
        """By force and year, what one more unit costs of which every row that subtracts reserves takes one less."""
        price: dict[Key, float] = defaultdict(float)
        for key, reduced in self._of_columns("owned"):
            price[key] += max(reduced, 0.0)
        owned, coefficients = self._matrix.columns["owned"], self._matrix.coefficients
        column = dict(zip(owned.keys, owned.positions.tolist(), strict=True))
        for block in _HOME_RESERVES:
            for key, row, dual in self._of_block(block):
                force = (*key[:2], key[-1])
                price[force] += abs(dual) * abs(float(coefficients[row, column[force]]))
        return price

    def _of_block(self, block: str) -> list[tuple[Key, int, float]]:
        """Key, position and dual of a block's rows that have a dual."""
        rows = self._matrix.rows.get(block)
        if rows is None:
            return []
        found = zip(rows.keys, rows.positions.tolist(), self._duals[rows.positions].tolist(), strict=True)
        return [row for row in found if row[2]]

    def _of_columns(self, block: str) -> list[tuple[Key, float]]:
        """Key and reduced cost of a block's columns of years 1…n that have one."""
        columns = self._matrix.columns.get(block)
        if columns is None:
            return []
        found = zip(columns.keys, self._reduced[columns.positions].tolist(), strict=True)
        return [(key, reduced) for key, reduced in found if reduced and key[-1] != self._index.today]

    def _row(self, limit: _Limit, key: Key, dual: float) -> tuple[Any, ...]:
        """A row of the table, of a discounted price for one of the limit's right side."""
        cells: dict[str, Any] = dict(zip((*limit.key, "year"), key, strict=True))
        year = cells["year"]
        room = self._index.problem.calendar.spans[year] if limit.is_by_year else 1
        price = dual * room * SIZES[limit.unit] / self._index.discount[year]
        if cells.get("actor_id") == _FOREIGN:
            cells |= {"actor_id": None, "limit_id": _FOREIGN}
        names = SOLUTION_TABLES["limit_prices"].key[1:]
        return (limit.kind, *(cells.get(name) for name in names), limit.unit, price)
