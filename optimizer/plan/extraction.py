"""From column values to a plan's tables, keyed by names."""

import math
from collections import defaultdict

import numpy as np
import pandas as pd

from optimizer.formulation.families.exposure import exposed_years
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, limits
from optimizer.formulation.frames.home_room import forces_paid_for
from optimizer.formulation.frames.hosted_forces import HOST, hosted_places
from optimizer.formulation.frames.index import ACCESS, CONVERSION, FORCE, PLACE, Index
from optimizer.formulation.frames.reach import reach_of
from optimizer.formulation.frames.rules import RULE, rule_years
from optimizer.plan.clean_numbers import clean
from optimizer.plan.cost_views import cost_views
from optimizer.plan.deployment_shares import deployments_by_actor
from optimizer.plan.exposure import exposure_results
from optimizer.plan.force_changes import force_changes
from optimizer.plan.ledger import ledger
from optimizer.plan.limit_prices import limit_prices
from optimizer.plan.need_prices import need_prices
from optimizer.plan.requirements import requirement_results
from optimizer.plan.responses import response_results
from optimizer.plan.support import support_results
from optimizer.plan.transition import handover_results, stability_results
from optimizer.plan.unmet_needs import unmet_needs
from optimizer.plan.written_tables import ByKey, Key, written
from optimizer.solver.matrix import Floats, Matrix
from optimizer.tables.keyed import keys, values
from optimizer.tables.schema import SOLUTION_TABLES

Columns = dict[str, ByKey]


class Values:
    """Values of a matrix's columns, block by block; whole ones exactly so unless relaxed."""

    def __init__(self, matrix: Matrix, columns: Floats, is_relaxed: bool) -> None:
        self._matrix = matrix
        whole = matrix.is_integer & (not is_relaxed)
        self._columns = clean(np.where(whole, np.round(columns), columns))

    def of(self, block: str) -> dict[Key, float]:
        """The values of a block by key, never below 0 but for the quantities of rules."""
        columns = self._matrix.columns[block]
        found = self._columns[columns.positions]
        found = found if block == "quantity" else found.clip(min=0.0)
        return dict(zip(columns.keys, found.tolist(), strict=True))


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
    plan = Values(matrix, columns, is_relaxed)
    stationed, held, chosen = plan.of("stationed"), plan.of("held"), plan.of("nuclear_choice")
    deployments = deployments_by_actor(
        reach_of(index), index.years, plan.of("deployed"), plan.of("units"), plan.of("ready")
    )
    met = requirement_results(
        index, deployments, plan.of("bonus"), chosen, need_prices(index, matrix, row_duals)
    )
    owned, presence = _owned_forces(index, plan, stationed), plan.of("presence")
    found: dict[str, Columns] = {
        "owned_forces": owned,
        "conversion_results": {"converted_count": plan.of("converted")},
        "stationed_forces": _stationed_forces(index, stationed),
        "site_uses": _site_uses(index, plan),
        "garrison_supplies": {"garrisoned_persons": plan.of("garrisoned")},
        "deployments": {"deployed_count": deployments},
        "support_results": support_results(index, deployments),
        "requirement_results": met,
        "unmet_needs": {"unmet_points": unmet_needs(index.problem, met["shortfall_points"])},
        "spending_results": _spending_results(index, plan),
        "command_results": {"held_fraction": held},
        "presence_results": {"presence_points": presence},
        "nuclear_results": {"chosen_fraction": chosen, "started_fraction": plan.of("program_start")},
        "policy_rule_results": _policy_rule_results(index, plan),
        "response_results": response_results(index, presence, is_relaxed),
        "billing_results": _billing_results(index, plan, stationed),
        "homecoming_results": _homecoming_results(index, plan, owned["home_count"]),
    }
    if exposed_years(index):
        found["exposure_results"] = exposure_results(index, stationed, held, chosen)
    tables = {name: written(name, **by_column) for name, by_column in found.items()}
    if len(index.problem["handovers"]):
        tables["handover_results"] = _of_frame("handover_results", handover_results(index, tables))
    if len(index.problem["stability_limits"]):
        tables["stability_results"] = _of_frame("stability_results", stability_results(index, tables))
    tables["ledger"] = ledger(index.problem, tables)
    tables["cost_views"] = cost_views(index.problem, tables)
    tables["force_changes"] = force_changes(index, tables)
    tables["limit_prices"] = limit_prices(index, matrix, columns, row_duals)
    return {name: tables.get(name, table.empty()) for name, table in SOLUTION_TABLES.items()}


def _owned_forces(index: Index, plan: Values, stationed: ByKey) -> Columns:
    owned, raised = plan.of("owned"), plan.of("raised")
    arrived = values(index.on_order, [*FORCE, "year"], "arriving_count")
    for actor, unit_type, year, arrival in keys(index.orders, [*FORCE, "year", "arrival_year"]):
        arrived[actor, unit_type, arrival] += raised[actor, unit_type, year]
    converted = plan.of("converted")
    into: dict[Key, float] = defaultdict(float)
    out: dict[Key, float] = defaultdict(float)
    conversion = [*CONVERSION, "year", "arrival_year"]
    for actor, was, becomes, year, arrival in keys(index.conversion_orders, conversion):
        into[actor, becomes, arrival] += converted[actor, was, becomes, year]
        out[actor, was, arrival] += converted[actor, was, becomes, year]
    away: dict[Key, list[float]] = defaultdict(list)
    for (actor, unit_type, _, mode, year), count in stationed.items():
        if mode != "PREPOSITIONED":
            away[actor, unit_type, year].append(count)
    return {
        "owned_count": owned,
        "home_count": {key: max(count - math.fsum(away[key]), 0.0) for key, count in owned.items()},
        "arrived_count": arrived,
        "raised_count": raised,
        "disbanded_count": plan.of("disbanded"),
        "sets_owned_count": plan.of("sets_owned"),
        "sets_bought_count": plan.of("sets_bought"),
        "converted_in_count": into,
        "converted_out_count": out,
    }


def _stationed_forces(index: Index, stationed: ByKey) -> Columns:
    people = values(index.places, PLACE, "personnel_persons")
    persons = {(*place, year): count * people[tuple(place)] for (*place, year), count in stationed.items()}
    return {"stationed_count": stationed, "stationed_persons": persons}


def _site_uses(index: Index, plan: Values) -> Columns:
    access = keys(index.access, [*ACCESS, "unassigned_persons", "has_opening"])
    is_open = plan.of("open")
    unassigned, opened = {}, {}
    for actor, site, persons, has_opening in access:
        for year in index.periods:
            key = (actor, site, year)
            unassigned[key] = persons
            opened[key] = is_open.get(key, 0.0) if has_opening else math.nan
    return {
        "unassigned_persons": unassigned,
        "open_fraction": opened,
        "stationed_persons": plan.of("people"),
        "housing_persons": plan.of("housing"),
        "housing_built_persons": plan.of("housing_built"),
        "housing_released_persons": plan.of("housing_released"),
    }


def _spending_results(index: Index, plan: Values) -> Columns:
    frame = limits(index)
    gdp = values(frame, ACTOR_YEAR, "gdp_usd_m")
    spending = plan.of("spending")
    return {
        "spending_usd_m": spending,
        "other_spending_usd_m": values(frame, ACTOR_YEAR, "other_spending_usd_m"),
        "spending_fraction": {
            key: usd_m / gdp[key] if gdp[key] > 0 else math.nan for key, usd_m in spending.items()
        },
        "ceiling_fraction": values(frame, ACTOR_YEAR, "spending_ceiling_fraction"),
    }


def _policy_rule_results(index: Index, plan: Values) -> Columns:
    quantity, violation, excess = plan.of("quantity"), plan.of("violation"), plan.of("excess")
    missed = {key: violation.get(key, 0.0) + excess.get(key, 0.0) for key in quantity}
    rules = values(rule_years(index), [RULE, "year"], "value") if quantity else {}
    return {"quantity": quantity, "value": rules, "violation": missed}


def _billing_results(index: Index, plan: Values, stationed: ByKey) -> Columns:
    billed = plan.of("billed")
    if not billed:
        return {"billed_usd_m": billed}
    incremental, places = plan.of("incremental"), hosted_places(index)
    hosts = values(places, PLACE, HOST)
    personnel = values(places, PLACE, "personnel_persons")
    persons: dict[Key, list[float]] = defaultdict(list)
    for (*place, year), count in stationed.items():
        if tuple(place) in hosts:
            persons[hosts[tuple(place)], year].append(count * personnel[tuple(place)])
    return {
        "billed_usd_m": billed,
        "incremental_usd_m": {key: incremental[key[1:]] for key in billed},
        "stationed_persons": {key: math.fsum(persons[key[1:]]) for key in billed},
    }


def _homecoming_results(index: Index, plan: Values, at_home: ByKey) -> Columns:
    personnel = values(forces_paid_for(index), FORCE, "personnel_persons")
    persons: dict[Key, list[float]] = defaultdict(list)
    for (actor, unit_type, year), count in at_home.items():
        if (actor, unit_type) in personnel:
            persons[actor, year].append(count * personnel[actor, unit_type])
    return {
        "home_persons": {key: math.fsum(each) for key, each in persons.items()},
        "home_room_persons": plan.of("home_room"),
        "homecoming_persons": plan.of("homecoming"),
    }


def _of_frame(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    table = SOLUTION_TABLES[name]
    numbers = [column.name for column in table.columns if column.type == "number"]
    return written(name, **{column: values(frame, table.key, column) for column in numbers})
