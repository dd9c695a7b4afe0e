"""The core rows of a problem as a linopy model: owning, stationing, basing, spending and the objective.

The rows and columns are those of the formulation's families for a problem without garrisons, group limits,
opening of sites, ramps and policy rules, relaxed: every column is continuous. The frames that say which
combinations exist are shared with the formulation; every block is stated here again. Needs and programs must be
there in all years or in none.
"""

from typing import Any

import linopy
import numpy as np
import pandas as pd
from linopy_columns import ROW, LongModel, numbered
from linopy_deployment import add_deployment, add_deterrence

from optimizer.formulation.families.programs import binding_programs
from optimizer.formulation.families.stationing import SETS, idle_sets
from optimizer.formulation.frames.allied_limits import limits
from optimizer.formulation.frames.housing import housing_salvage_rates, used_access
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index
from optimizer.formulation.frames.reach import Reach

SALVAGE = "salvage_usd_m_per_unit"


def linopy_model(index: Index, sparse: bool = True) -> Any:
    """Builds the linopy model of an index."""
    linopy.options["semantics"] = "v1"
    long = LongModel(index.years[0], len(index.years), sparse)
    reach = Reach(index)
    used = used_access(index)
    _add_force_structure(long, index)
    _add_stationing(long, index)
    _add_basing(long, index, used)
    add_deployment(long, index, reach)
    add_deterrence(long, index, reach)
    costs = _costs(index, used)
    _add_spending(long, index, costs)
    _add_objective(long, index, costs)
    return long.model


def _add_force_structure(long: LongModel, index: Index) -> None:
    forces, orders, years = index.forces, index.orders, long.years
    bounds = index.owned_bounds
    long.add_columns("owned", forces, FORCE, years + 1, bounds["least"].to_numpy(), bounds["most"].to_numpy())
    order = [*FORCE, "year"]
    long.add_columns("raised", orders, order, 1, 0.0, _limit(orders["maximum_raised_count_per_yr"]))
    most = np.repeat(_limit(forces["maximum_disbanded_count_per_yr"]), years)
    long.add_columns("disbanded", forces, FORCE, years, 0.0, most)
    salvageable = orders[orders[SALVAGE] > 0]
    long.add_columns("salvaged", salvageable, order, 1)

    rows = numbered(forces, FORCE)
    arriving = _by_year(orders.merge(rows, on=FORCE), "arrival_year", index)
    parts = [
        long.one_each("owned", rows, 1.0),
        long.one_each("owned", rows, -1.0, lag=1),
        long.one_each("disbanded", rows, 1.0),
        long.grouped("raised", arriving, -1.0, row_count=len(rows) * years),
    ]
    long.add_rows("force_balance", parts, "=", index.on_order["arriving_count"].to_numpy())
    _add_salvage(long, salvageable, FORCE, "salvaged", "raised", "owned")
    kept = binding_programs(index)
    parts = [long.one_each("owned", numbered(kept, FORCE), 1.0)]
    long.add_rows("program_kept", parts, ">=", kept["program_count"].to_numpy())


def _add_stationing(long: LongModel, index: Index) -> None:
    places, sets, years = index.places, index.set_forces, long.years
    lower, upper = _bounds(places["stationed_count"], years)
    long.add_columns("stationed", places, PLACE, years + 1, lower, upper)
    lower, upper = _bounds(sets["sets_owned_count"], years)
    long.add_columns("sets_owned", sets, FORCE, years + 1, lower, upper)
    order = [*FORCE, "year"]
    long.add_columns("sets_bought", index.set_orders, order, 1)
    salvageable = index.set_orders[index.set_orders[SALVAGE] > 0]
    long.add_columns("sets_salvaged", salvageable, order, 1)
    present = places.assign(persons=places["stationed_count"] * places["personnel_persons"])
    present = present.groupby(ACCESS, sort=False)["persons"].sum().reset_index()
    lower, upper = _bounds(present["persons"], years)
    long.add_columns("people", present, ACCESS, years + 1, lower, upper)

    rotating = places[places["rotation_ratio"] > 0]
    rows = numbered(rotating, FORCE)
    parts = [
        long.grouped(
            "stationed", rotating[[*PLACE, "rotation_ratio"]].merge(rows, on=FORCE), "rotation_ratio"
        ),
        long.one_each("owned", rows, -1.0),
    ]
    long.add_rows("rotation_base", parts, "<=")
    _add_reserved(long, index)
    kept = places[places["mode"] == "PREPOSITIONED"]
    rows = numbered(kept, FORCE)
    parts = [
        long.grouped("stationed", kept[PLACE].merge(rows, on=FORCE), 1.0),
        long.one_each("sets_owned", rows, -1.0),
    ]
    long.add_rows("sets_available", parts, "<=")
    rows = numbered(kept, SETS)
    idle = rows.merge(idle_sets(index), on=SETS, how="left")["idle_count"].to_numpy()
    parts = [
        long.grouped("stationed", kept[[*PLACE, "staging_area_id"]].merge(rows, on=SETS), 1.0),
        long.one_each("owned", rows, -1.0),
    ]
    long.add_rows("sets_with_units", parts, "<=", np.repeat(idle, years))
    rows = numbered(sets, FORCE)
    arriving = _by_year(index.set_orders.merge(rows, on=FORCE), "arrival_year", index)
    parts = [
        long.one_each("sets_owned", rows, 1.0),
        long.one_each("sets_owned", rows, -1.0, lag=1),
        long.grouped("sets_bought", arriving, -1.0, row_count=len(rows) * years),
    ]
    long.add_rows("sets_balance", parts, "<=")
    _add_salvage(long, salvageable, FORCE, "sets_salvaged", "sets_bought", "sets_owned")
    rows = numbered(places, ACCESS)
    here = places[[*PLACE, "personnel_persons"]].merge(rows, on=ACCESS)
    parts = [long.one_each("people", rows, -1.0), long.grouped("stationed", here, "personnel_persons")]
    long.add_rows("people_present", parts, "=")


def _add_reserved(long: LongModel, index: Index) -> None:
    """Units that stand with other actors are not reserved."""
    places = index.places.merge(index.forces[[*FORCE, "reserved_count"]], on=FORCE)
    is_abroad = (places["host_actor_id"] != places["actor_id"]) & (places["mode"] != "PREPOSITIONED")
    abroad = places[is_abroad & (places["reserved_count"] > 0)]
    rows = numbered(abroad, FORCE)
    if rows.empty:
        return
    reserved = abroad.drop_duplicates(FORCE)["reserved_count"].to_numpy(float)
    parts = [
        long.grouped("stationed", abroad[PLACE].merge(rows, on=FORCE), 1.0),
        long.one_each("owned", rows, -1.0),
    ]
    long.add_rows("reserved_at_home", parts, "<=", -np.repeat(reserved, long.years))


def _add_basing(long: LongModel, index: Index, used: pd.DataFrame) -> None:
    years = long.years
    lower, upper = _bounds(used["housing_today_persons"], years, used["housing_most_persons"])
    long.add_columns("housing", used, ACCESS, years + 1, lower, upper)
    long.add_columns("housing_built", used, ACCESS, years)
    long.add_columns("housing_released", used, ACCESS, years)
    salvageable = housing_salvage_rates(index)
    long.add_columns("housing_salvaged", salvageable, [*ACCESS, "year"], 1)

    rows = numbered(used, ACCESS)
    parts = [long.one_each("people", rows, 1.0), long.one_each("housing", rows, -1.0)]
    long.add_rows("housing_need", parts, "<=")
    parts = [
        long.one_each("housing", rows, 1.0),
        long.one_each("housing", rows, -1.0, lag=1),
        long.one_each("housing_built", rows, -1.0),
        long.one_each("housing_released", rows, 1.0),
    ]
    long.add_rows("housing_balance", parts, "=")
    limited = used.loc[used["capacity_persons"].notna(), [*ACCESS, "capacity_persons"]]
    rows = numbered(limited, ["site_id"])
    capacity = limited.drop_duplicates("site_id")["capacity_persons"].to_numpy(float)
    parts = [long.grouped("housing", limited.merge(rows, on="site_id"), 1.0)]
    long.add_rows("site_capacity", parts, "<=", np.repeat(capacity, years))
    _add_salvage(long, salvageable, ACCESS, "housing_salvaged", "housing_built", "housing")


def _add_salvage(
    long: LongModel, salvageable: pd.DataFrame, by: list[str], salvaged: str, added: str, stock: str
) -> None:
    """What is salvaged was added, and is still there at the end."""
    rows = numbered(salvageable, by)
    orders = salvageable[[*by, "year"]].merge(rows, on=by)
    columns = long.columns[stock]
    last = rows.merge(columns.keys, on=by)
    last_positions = last["item"].to_numpy() * columns.periods + columns.periods - 1
    left = columns.variable.isel({stock: last_positions}).rename({stock: ROW})
    parts = [long.grouped(salvaged, orders, 1.0), -1.0 * left.assign_coords({ROW: last[ROW].to_numpy()})]
    long.add_rows(f"{salvaged}_kept", parts, "<=")

    columns = long.columns[added]
    each = salvageable[[*by, "year"]].assign(**{ROW: np.arange(len(salvageable))})
    if "year" in columns.keys:
        positions = each.merge(columns.keys, on=[*by, "year"])["item"].to_numpy()
    else:
        item = each.merge(columns.keys, on=by)["item"].to_numpy()
        positions = item * columns.periods + (each["year"] - long.first_year).to_numpy()
    bought = columns.variable.isel({added: positions}).rename({added: ROW})
    parts = [long.one_each(salvaged, each, 1.0), -1.0 * bought.assign_coords({ROW: each[ROW].to_numpy()})]
    long.add_rows(f"{salvaged}_added", parts, "<=")


def _costs(index: Index, used: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By columns, what an actor pays for one: its keys, ``cost``, and for orders the year it is paid in."""

    def rated(frame: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
        costly = frame[frame[column] > 0]
        return costly[by].assign(cost=costly[column])

    def paid(frame: pd.DataFrame, cost: str, lead_time: str) -> pd.DataFrame:
        costly = frame[frame[cost] > 0]
        parts = costly[lead_time].clip(lower=1)
        costly = costly[[*FORCE, "year"]].assign(cost=costly[cost] / parts)
        payments = costly.loc[costly.index.repeat(parts)]
        return payments.assign(paid_year=payments["year"] + payments.groupby(level=0).cumcount())

    forces = index.forces
    return {
        "owned": rated(forces, FORCE, "own_cost_usd_m_per_unit_yr"),
        "disbanded": rated(forces, FORCE, "disband_cost_usd_m_per_unit"),
        "raised": paid(index.orders, "raise_cost_usd_m_per_unit", "lead_time_yr"),
        "sets_owned": rated(index.set_forces, FORCE, "set_upkeep_cost_usd_m_per_set_yr"),
        "sets_bought": paid(index.set_orders, "set_purchase_cost_usd_m_per_set", "set_lead_time_yr"),
        "stationed": rated(index.places, PLACE, "stationing_cost_usd_m_per_unit_yr"),
        "housing": rated(used, ACCESS, "housing_cost_usd_m_per_person_yr"),
        "housing_built": rated(used, ACCESS, "housing_build_cost_usd_m_per_person"),
    }


def _add_spending(long: LongModel, index: Index, costs: dict[str, pd.DataFrame]) -> None:
    frame = limits(index)
    known = frame[(frame["year"] != index.today) | frame["spending_usd_m"].notna()]
    is_today = (known["year"] == index.today).to_numpy()
    published = known["spending_usd_m"].to_numpy(float)
    lower, upper = np.where(is_today, published, 0.0), np.where(is_today, published, np.inf)
    long.add_columns("spending", known, ["actor_id", "year"], 1, lower, upper)

    years = frame[frame["year"] != index.today].reset_index(drop=True)
    rows = years[["actor_id", "year"]].assign(**{ROW: np.arange(len(years))})
    actors = numbered(years, ["actor_id"])
    parts = [long.one_each("spending", rows, 1.0)]
    for name, cost in costs.items():
        if cost.empty:
            continue
        spent = cost.merge(actors, on="actor_id")
        if "paid_year" in spent:
            spent = _by_year(spent, "paid_year", index)
        parts.append(long.grouped(name, spent.assign(cost=-spent["cost"]), "cost", row_count=len(years)))
    long.add_rows("spending_identity", parts, "=", years["other_spending_usd_m"].to_numpy(float))
    capped = years[years["spending_ceiling_fraction"].notna()].reset_index(drop=True)
    ceiling = (capped["spending_ceiling_fraction"] * capped["gdp_usd_m"]).to_numpy(float)
    rows = capped[["actor_id", "year"]].assign(**{ROW: np.arange(len(capped))})
    long.add_rows("spending_ceiling", [long.one_each("spending", rows, 1.0)], "<=", ceiling)


def _add_objective(long: LongModel, index: Index, costs: dict[str, pd.DataFrame]) -> None:
    """The lead actor's discounted cost, less salvage, and the price of what is missing."""
    discount = np.array([index.discount[year] for year in index.years])
    salvage = {
        "salvaged": index.orders.rename(columns={SALVAGE: "cost"}),
        "sets_salvaged": index.set_orders.rename(columns={SALVAGE: "cost"}),
        "housing_salvaged": housing_salvage_rates(index).rename(columns={"salvage_usd_m_per_person": "cost"}),
    }
    interests = index.problem["interests"].rename(columns={"interest_usd_m_per_point_yr": "cost"})
    parts = []

    def add(name: str, frame: pd.DataFrame, factor: np.ndarray | float) -> None:
        positions, weights, rows = long.entries(name, frame.assign(**{ROW: 0}), "cost")
        weights = weights * (factor if isinstance(factor, float) else factor[rows])
        variable = long.columns[name].variable.isel({name: positions})
        parts.append((variable * long.weights(name, positions, weights)).sum())

    for name, frame in costs.items():
        mine = frame[frame["actor_id"] == index.lead]
        if mine.empty:
            continue
        if "paid_year" in mine:
            paid = discount[(mine["paid_year"] - index.years[0]).to_numpy()]
            add(name, mine.assign(cost=mine["cost"] * paid), 1.0)
        else:
            add(name, mine, discount)
    for name, frame in salvage.items():
        mine = frame[(frame["actor_id"] == index.lead) & (frame["cost"] > 0)]
        add(name, mine, -float(discount[-1]))
    if len(interests):
        add("unmet", interests, discount)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    long.model.add_objective(total)


def _limit(most: pd.Series) -> np.ndarray:
    return most.fillna(np.inf).to_numpy(float)


def _bounds(today: pd.Series, years: int, most: pd.Series | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds by key and period: fixed today, from 0 to ``most`` later."""
    lower, upper = np.zeros((len(today), years + 1)), np.full((len(today), years + 1), np.inf)
    lower[:, 0] = upper[:, 0] = today
    if most is not None:
        upper[:, 1:] = most.to_numpy(float)[:, None]
    return lower.ravel(), upper.ravel()


def _by_year(frame: pd.DataFrame, column: str, index: Index) -> pd.DataFrame:
    """Rows by item to rows by item and year, the year being in ``column``."""
    row = frame[ROW] * len(index.years) + frame[column] - index.years[0]
    return frame.assign(**{ROW: row})
