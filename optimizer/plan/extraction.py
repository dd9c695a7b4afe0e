"""From column values to a plan's tables, keyed by names."""

import numpy as np
import pandas as pd

from optimizer.formulation.families.exposure import exposed_years
from optimizer.formulation.frames.allied_limits import limits
from optimizer.formulation.frames.hosted_forces import hosted_places
from optimizer.formulation.frames.index import ACCESS, CONVERSION, FORCE, PLACE, Index
from optimizer.formulation.frames.nuclear_options import CHOICE, reductions
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import HELD, Reach, reach_of
from optimizer.formulation.frames.responses import floors
from optimizer.formulation.frames.rules import rule_years
from optimizer.plan.clean_numbers import clean, clean_table
from optimizer.plan.cost_views import cost_views
from optimizer.plan.deployment_shares import deployments_by_actor
from optimizer.plan.exposure import exposure_results
from optimizer.plan.force_changes import force_changes
from optimizer.plan.ledger import ledger
from optimizer.plan.support import support_results
from optimizer.plan.transition import handover_results, stability_results
from optimizer.plan.unmet_needs import unmet_needs
from optimizer.solver.matrix import Floats, Matrix
from optimizer.tables.schema import SOLUTION_TABLES

_SIGNED = ("quantity", "target", "willingness")


class Values:
    """Values of a matrix's columns, block by block; whole ones exactly so unless relaxed."""

    def __init__(self, matrix: Matrix, columns: Floats, is_relaxed: bool) -> None:
        self._matrix = matrix
        whole = matrix.is_integer & (not is_relaxed)
        self._columns = clean(np.where(whole, np.round(columns), columns))

    def of(self, block: str, names: list[str], value: str = "value") -> pd.DataFrame:
        """The keys of a block under the given names, and its values, never below 0 but for what has a sign."""
        columns = self._matrix.columns[block]
        frame = pd.DataFrame(list(columns.keys), columns=names)
        found = self._columns[columns.positions]
        return frame.assign(**{value: found if block in _SIGNED else found.clip(min=0.0)})


def plan_tables(
    index: Index, matrix: Matrix, columns: Floats, is_relaxed: bool, row_duals: Floats | None
) -> dict[str, pd.DataFrame]:
    """Writes out a plan.

    Args:
        index: the index of the problem.
        matrix: the program.
        columns: value of each column.
        is_relaxed: whether counts need not be whole.
        row_duals: duals of a linear program, for prices; None without.

    Returns:
        Every table of a solution by name, typed as the schema says, sorted by key, without rows of nothing.
    """
    values = Values(matrix, columns, is_relaxed)
    reach = reach_of(index)
    stationed = _stationed_forces(index, values)
    tables = {
        "owned_forces": _owned_forces(index, values, stationed),
        "conversion_results": values.of("converted", [*CONVERSION, "year"], "converted_count"),
        "stationed_forces": stationed,
        "site_uses": _site_uses(index, values),
        "garrison_supplies": values.of("garrisoned", ["garrison_id", *PLACE, "year"], "garrisoned_persons"),
        "deployments": deployments_by_actor(
            reach,
            values.of("deployed", [*HELD, "year"]),
            values.of("units", [*FORCE, "source_id", "year"]),
            values.of("ready", [*FORCE, "phase_id", "year"]),
        ),
        "spending_results": _spending_results(index, values),
        "command_results": values.of("held", ["command_id", "actor_id", "year"], "held_fraction"),
        "presence_results": values.of("presence", ["theater_id", "year"], "presence_points"),
        "nuclear_results": _nuclear_results(values),
    }
    if len(index.problem["policy_rules"]):
        tables["policy_rule_results"] = _policy_rule_results(index, values)
    if len(index.problem["responses"]):
        tables["response_results"] = _response_results(index, values)
    if len(index.problem["billing"]):
        tables["billing_results"] = _billing_results(index, values, stationed)
    if exposed_years(index):
        tables["exposure_results"] = exposure_results(index, tables)
    needs = _requirement_results(index, reach, tables["deployments"], matrix, row_duals)
    needs = _with_bonus(needs, index, values)
    tables["requirement_results"] = _with_reductions(needs, index, tables["nuclear_results"])
    tables["support_results"] = support_results(index, tables["deployments"])
    tables["unmet_needs"] = unmet_needs(index.problem, tables["requirement_results"])
    tables = {name: _typed(name, frame) for name, frame in tables.items()}
    if len(index.problem["handovers"]):
        tables["handover_results"] = _typed("handover_results", handover_results(index, tables))
    if len(index.problem["stability_limits"]):
        tables["stability_results"] = _typed("stability_results", stability_results(index, tables))
    tables["ledger"] = _typed("ledger", ledger(index.problem, tables))
    tables["cost_views"] = _typed("cost_views", cost_views(index.problem, tables))
    tables["force_changes"] = _typed("force_changes", force_changes(index, tables))
    return {name: tables.get(name, table.empty()) for name, table in SOLUTION_TABLES.items()}


def _owned_forces(index: Index, values: Values, stationed: pd.DataFrame) -> pd.DataFrame:
    key = [*FORCE, "year"]
    frame = values.of("owned", key, "owned_count")
    raised = values.of("raised", key, "raised_count")
    orders = index.orders[[*key, "arrival_year"]].merge(raised, on=key)
    orders = orders.drop(columns="year").rename(columns={"arrival_year": "year"})
    on_order = index.on_order.rename(columns={"arriving_count": "raised_count"})
    arrived = pd.concat([orders, on_order]).groupby(key)["raised_count"].sum().rename("arrived_count")
    arrivals = index.conversion_orders[[*CONVERSION, "year", "arrival_year"]].merge(
        values.of("converted", [*CONVERSION, "year"]), on=[*CONVERSION, "year"]
    )
    away = stationed[stationed["mode"] != "PREPOSITIONED"].groupby(key)["stationed_count"].sum()
    for part in (
        raised,
        arrived.reset_index(),
        _converted(arrivals, "to_unit_type_id", "converted_in_count"),
        _converted(arrivals, "from_unit_type_id", "converted_out_count"),
        away.rename("away").reset_index(),
        values.of("disbanded", key, "disbanded_count"),
        values.of("sets_owned", key, "sets_owned_count"),
        values.of("sets_bought", key, "sets_bought_count"),
    ):
        frame = frame.merge(part, on=key, how="left")
    frame = frame.fillna(0.0)
    frame["home_count"] = (frame["owned_count"] - frame["away"]).clip(lower=0.0)
    return frame


def _converted(arrivals: pd.DataFrame, unit_type: str, count: str) -> pd.DataFrame:
    """Units converted by actor, kind (before or after) and the year in which they arrive."""
    by_force = arrivals.groupby(["actor_id", unit_type, "arrival_year"])["value"].sum().reset_index()
    return by_force.set_axis([*FORCE, "year", count], axis="columns")


def _stationed_forces(index: Index, values: Values) -> pd.DataFrame:
    frame = values.of("stationed", [*PLACE, "year"], "stationed_count")
    frame = frame.merge(index.places[[*PLACE, "personnel_persons"]], on=PLACE)
    return frame.assign(stationed_persons=frame["stationed_count"] * frame["personnel_persons"])


def _site_uses(index: Index, values: Values) -> pd.DataFrame:
    key = [*ACCESS, "year"]
    years = pd.DataFrame({"year": index.periods})
    frame = index.access[[*ACCESS, "unassigned_persons", "has_opening"]].merge(years, how="cross")
    for part in (
        values.of("people", key, "stationed_persons"),
        values.of("housing", key, "housing_persons"),
        values.of("housing_built", key, "housing_built_persons"),
        values.of("housing_released", key, "housing_released_persons"),
        values.of("open", key, "open_fraction"),
    ):
        frame = frame.merge(part, on=key, how="left")
    frame["open_fraction"] = frame["open_fraction"].fillna(0.0).where(frame["has_opening"])
    return frame.fillna(dict.fromkeys(frame.columns[4:], 0.0) | {"open_fraction": np.nan})


def _spending_results(index: Index, values: Values) -> pd.DataFrame:
    key = ["actor_id", "year"]
    frame = values.of("spending", key, "spending_usd_m")
    frame = frame.merge(limits(index).drop(columns="spending_usd_m"), on=key)
    frame["spending_fraction"] = frame["spending_usd_m"] / frame["gdp_usd_m"].where(frame["gdp_usd_m"] > 0)
    return frame.rename(columns={"spending_ceiling_fraction": "ceiling_fraction"})


def _policy_rule_results(index: Index, values: Values) -> pd.DataFrame:
    key = ["policy_rule_id", "year"]
    frame = values.of("quantity", key, "quantity")
    violation = pd.concat([values.of("violation", key), values.of("excess", key)])
    violation = violation.groupby(key)["value"].sum().rename("violation").reset_index()
    frame = frame.merge(violation, on=key, how="left").fillna({"violation": 0.0})
    rules = rule_years(index)[[*key, "value"]]
    return frame.merge(rules, on=key)


def _response_results(index: Index, values: Values) -> pd.DataFrame:
    key = ["actor_id", "year"]
    frame = values.of("target", key, "target_usd_m")
    frame = frame.merge(values.of("willingness", key, "willingness_usd_m"), on=key)
    return frame.merge(floors(index)[[*key, "floor_usd_m"]], on=key)


def _billing_results(index: Index, values: Values, stationed: pd.DataFrame) -> pd.DataFrame:
    host_year = ["host_actor_id", "year"]
    frame = values.of("billed", ["actor_id", *host_year], "billed_usd_m")
    frame = frame.merge(values.of("incremental", host_year, "incremental_usd_m"), on=host_year)
    people = stationed.merge(hosted_places(index)[[*PLACE, "host_actor_id"]], on=PLACE)
    people = people.groupby(host_year)["stationed_persons"].sum().reset_index()
    return frame.merge(people, on=host_year, how="left").fillna({"stationed_persons": 0.0})


def _with_bonus(needs: pd.DataFrame, index: Index, values: Values) -> pd.DataFrame:
    """Requirement results with bonus_points, and what is missing less them."""
    if index.problem["commands"].empty:
        return needs.assign(bonus_points=0.0)
    bonus = values.of("bonus", ["command_id", "actor_id", *NEED[1:], "year"], "bonus_points")
    bonus = bonus.merge(index.problem["commands"][["command_id", "theater_id"]], on="command_id")
    by_need = bonus.groupby([*NEED, "year"])["bonus_points"].sum().reset_index()
    frame = needs.merge(by_need, on=[*NEED, "year"], how="left").fillna({"bonus_points": 0.0})
    missing = frame["shortfall_points"] - frame["bonus_points"]
    frame["shortfall_points"] = missing.where(missing > 1e-6 * frame["required_points"], 0.0)
    return frame


def _nuclear_results(values: Values) -> pd.DataFrame:
    key = [*CHOICE, "year"]
    chosen = values.of("nuclear_choice", key, "chosen_fraction")
    chosen = chosen.merge(values.of("program_start", key, "started_fraction"), on=key, how="left")
    return chosen.fillna({"started_fraction": 0.0})


def _with_reductions(needs: pd.DataFrame, index: Index, chosen: pd.DataFrame) -> pd.DataFrame:
    """Requirement results with reduction_points, and what is missing less them."""
    if index.problem["nuclear_reductions"].empty:
        return needs.assign(reduction_points=0.0)
    lowered = reductions(index, needs).merge(chosen, on=[*CHOICE, "year"])
    lowered["reduction_points"] = lowered["lowered_points"] * lowered["chosen_fraction"]
    by_need = lowered.groupby([*NEED, "year"])["reduction_points"].sum().reset_index()
    frame = needs.merge(by_need, on=[*NEED, "year"], how="left").fillna({"reduction_points": 0.0})
    frame["reduction_points"] = frame[["reduction_points", "required_points"]].min(axis="columns")
    missing = frame["shortfall_points"] - frame["reduction_points"]
    is_needed = frame["reduction_points"] < frame["required_points"]
    frame["shortfall_points"] = missing.where(is_needed & (missing > 1e-6 * frame["required_points"]), 0.0)
    return frame


def _requirement_results(
    index: Index, reach: Reach, deployments: pd.DataFrame, matrix: Matrix, row_duals: Floats | None
) -> pd.DataFrame:
    key = [*NEED, "year"]
    quality = index.forces[[*FORCE, "quality_factor"]]
    there = deployments.merge(quality, on=FORCE)
    gained = there.merge(reach.useful, on=["unit_type_id", "theater_id", "phase_id", "scenario_id"])
    earlier = there.rename(columns={"phase_id": "earlier_phase_id"})
    lost = earlier.merge(reach.lost_fractions, on=["unit_type_id", "earlier_phase_id"])
    lost = lost.merge(reach.useful, on=["unit_type_id", "theater_id", "phase_id", "scenario_id"])
    lost["quality_factor"] *= -lost["lost_fraction"]
    both = pd.concat([gained, lost])
    both["points"] = both["deployed_count"] * both["type_points"] * both["quality_factor"]
    is_lead = both["actor_id"] == index.lead

    frame = reach.needs
    for name, part in (("lead_points", both[is_lead]), ("allied_points", both[~is_lead])):
        points = part.groupby(key)["points"].sum().rename(name).reset_index()
        frame = frame.merge(points, on=key, how="left").fillna({name: 0.0})
    cap = (frame["maximum_lead_fraction"] * frame["required_points"]).fillna(np.inf)
    frame["lead_points"] = np.minimum(frame["lead_points"], cap)
    missing = frame["required_points"] - frame["lead_points"] - frame["allied_points"]
    frame["shortfall_points"] = missing.where(missing > 1e-6 * frame["required_points"], 0.0)
    if row_duals is not None and "deterrence" in matrix.rows:
        rows = matrix.rows["deterrence"]
        prices = pd.DataFrame(list(rows.keys), columns=key).assign(dual=row_duals[rows.positions])
        frame = frame.merge(prices, on=key, how="left")
        frame["price_usd_m_per_point"] = frame["dual"] / frame["year"].map(index.discount)
    return frame


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of the table of that name, sorted by key, without rows in which every number is 0 or empty.

    A rule that is kept at 0, such as "none are left there", keeps its row.
    """
    table = SOLUTION_TABLES[name]
    if frame.empty:
        return table.empty()
    frame = clean_table(table, frame)
    if name != "policy_rule_results":
        numbers = frame[[c.name for c in table.columns if c.type == "number"]].to_numpy(dtype="float64")
        frame = frame[((numbers != 0.0) & ~np.isnan(numbers)).any(axis=1)]
    return frame.sort_values(table.key, ignore_index=True)
