"""Who pays how much, when, for what: from the input's rates and the plan's quantities alone.

A line is the money of a period: what is paid every year counts for all its years, what is paid once in the period to
which the year of payment belongs. Each dollar is discounted from its own year.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import pandas as pd

from optimizer.plan.salvage import salvage
from optimizer.plan.written_tables import Key, written
from optimizer.tables.keyed import keys, values
from optimizer.tables.plan_tables import plan_rows, site_theaters
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

NOT_MONEY = ("PENALTY", "EXPOSURE")
"""Kinds of lines that are part of the objective and that nobody pays."""

Row = dict[str, Any]
"""A row of the plan, by column."""

Line = tuple[Key, float]
"""The ledger's key, its theater still empty where the site says it, and M$."""


def money_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a ledger that are money; the others are penalties."""
    return lines[~lines["kind"].isin(NOT_MONEY)]


def ledger(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Draws up the ledger of a plan.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables by name; owned_forces, conversion_results, stationed_forces, site_uses,
            unmet_needs, policy_rule_results, command_results, billing_results, nuclear_results, exposure_results
            and homecoming_results are read.

    Returns:
        The columns of LedgerLine, sorted by key, without lines of nothing. The lead actor's discounted lines
        add up to the objective.
    """

    def planned(name: str) -> list[Row]:
        return [row for row in plan_rows(tables, name) if row["year"] > problem.today]

    owned, chosen = planned("owned_forces"), planned("nuclear_results")
    uses = _with_openings(problem, planned("site_uses"))
    yearly = [
        *running_costs(problem, owned, planned("stationed_forces"), uses),
        *_command_lines(problem, planned("command_results")),
        *nuclear_running_costs(problem, chosen),
        *_bill_lines(problem, planned("billing_results")),
        *_shortfall_lines(problem, planned("unmet_needs")),
        *_rule_lines(problem, planned("policy_rule_results")),
        *_exposure_lines(problem, planned("exposure_results")),
    ]
    once = [
        *_force_purchases(problem, owned),
        *_conversion_lines(problem, planned("conversion_results")),
        *_site_changes(problem, uses),
        *_program_lines(problem, chosen),
        *_homecoming_lines(problem, planned("homecoming_results")),
        *_salvage_lines(problem, tables),
        *_move_lines(problem, planned("stability_results")),
    ]
    return _summed(problem, yearly, once)


def running_costs(
    problem: Problem, owned: list[Row], stationed: list[Row], uses: list[Row]
) -> Iterator[Line]:
    """Lines of what a posture costs in a year as long as nothing changes.

    Args:
        problem: the problem, its defaults filled in.
        owned: actor_id, unit_type_id, year, owned_count, sets_owned_count.
        stationed: actor_id, unit_type_id, site_id, mode, year, stationed_count.
        uses: actor_id, site_id, year, open_fraction, housing_persons.
    """
    personnel = _cell(problem, "unit_type_modes.personnel_persons")
    people = [{**row, "persons": row["stationed_count"] * personnel(row)} for row in stationed]
    for rows, kind, rate, quantity in (
        (owned, "OWN", "actor_unit_types.own_cost_usd_m_per_unit_yr", "owned_count"),
        (owned, "SETS", "actor_unit_types.set_upkeep_cost_usd_m_per_set_yr", "sets_owned_count"),
        (people, "STATIONING", "site_access.stationing_cost_usd_m_per_person_yr", "persons"),
        (people, "STATIONING", "unit_type_modes.mode_cost_usd_m_per_unit_yr", "stationed_count"),
        (uses, "SITES", "site_access.open_cost_usd_m_per_yr", "open_fraction"),
        (uses, "HOUSING", "site_access.housing_cost_usd_m_per_person_yr", "housing_persons"),
    ):
        yield from _lines(problem, rows, kind, rate, quantity)


def nuclear_running_costs(problem: Problem, chosen: list[Row]) -> Iterator[Line]:
    """Lines of what nuclear options cost in a year while they hold.

    Args:
        problem: the problem, its defaults filled in.
        chosen: actor_id, nuclear_posture, year, chosen_fraction.
    """
    own, led = "nuclear_options.own_cost_usd_m_per_yr", "nuclear_options.lead_cost_usd_m_per_yr"
    yield from _lines(problem, chosen, "NUCLEAR", own, "chosen_fraction")
    yield from _lines(problem, chosen, "NUCLEAR", led, "chosen_fraction", problem.settings["lead_actor_id"])


def _force_purchases(problem: Problem, owned: list[Row]) -> Iterator[Line]:
    units = _in_equal_parts(problem, owned, "raised_count", "actor_unit_types.lead_time_yr")
    sets = _in_equal_parts(problem, owned, "sets_bought_count", "actor_unit_types.set_lead_time_yr")
    for rows, kind, rate, quantity in (
        (units, "RAISE", "raise_cost_usd_m_per_unit", "part"),
        (sets, "SETS", "set_purchase_cost_usd_m_per_set", "part"),
        (owned, "DISBAND", "disband_cost_usd_m_per_unit", "disbanded_count"),
    ):
        yield from _lines(problem, rows, kind, f"actor_unit_types.{rate}", quantity)


def _conversion_lines(problem: Problem, ordered: list[Row]) -> Iterator[Line]:
    """What conversions cost, under the kind of unit that is had for it."""
    rows = [{**row, "unit_type_id": row["to_unit_type_id"]} for row in ordered]
    parts = _in_equal_parts(problem, rows, "converted_count", "conversions.lead_time_yr")
    yield from _lines(problem, parts, "CONVERT", "conversions.conversion_cost_usd_m_per_unit", "part")


def _site_changes(problem: Problem, uses: list[Row]) -> Iterator[Line]:
    for kind, rate, quantity in (
        ("OPEN_CLOSE", "opening_cost_usd_m", "opening"),
        ("OPEN_CLOSE", "closing_cost_usd_m", "closing"),
        ("HOUSING", "housing_build_cost_usd_m_per_person", "housing_built_persons"),
    ):
        yield from _lines(problem, uses, kind, f"site_access.{rate}", quantity)


def _with_openings(problem: Problem, uses: list[Row]) -> list[Row]:
    """Site uses of years 1…n, with ``opening`` and ``closing``: by how much a site opens and closes."""
    by_key = {(row["actor_id"], row["site_id"], row["year"]): row for row in uses}
    nothing = {"open_fraction": 0.0, "housing_persons": 0.0, "housing_built_persons": 0.0}
    rows = []
    for actor, site, is_open in keys(problem["site_access"], ["actor_id", "site_id", "open_today"]):
        before = float(is_open)
        for year in problem.years:
            named = {"actor_id": actor, "site_id": site, "year": year}
            row = {**nothing, **named, **by_key.get((actor, site, year), {})}
            step = row["open_fraction"] - before
            rows.append({**row, "opening": max(step, 0.0), "closing": max(-step, 0.0)})
            before = row["open_fraction"]
    return rows


def _command_lines(problem: Problem, held: list[Row]) -> Iterator[Line]:
    theater = _cell(problem, "commands.theater_id")
    rows = [{**row, "theater_id": theater(row)} for row in held]
    lead = problem.settings["lead_actor_id"]
    yield from _lines(
        problem, rows, "COMMAND", "command_options.lead_cost_usd_m_per_yr", "held_fraction", lead
    )


def _program_lines(problem: Problem, chosen: list[Row]) -> Iterator[Line]:
    parts = _in_equal_parts(problem, chosen, "started_fraction", "nuclear_options.lead_time_yr")
    yield from _lines(problem, parts, "NUCLEAR", "nuclear_options.program_cost_usd_m", "part")


def _bill_lines(problem: Problem, bills: list[Row]) -> Iterator[Line]:
    """What allies pay and the lead actor receives, in the theater of its sites there if there is only one."""
    if not bills:
        return
    lead = problem.settings["lead_actor_id"]
    hosts, theaters = values(problem["sites"], ["site_id"], "host_actor_id"), site_theaters(problem)
    found = defaultdict(set)
    for actor, site in keys(problem["site_access"], ["actor_id", "site_id"]):
        if actor == lead:
            found[hosts[site]].add(theaters[site])
    freed = problem.freed_years("BILLING").to_dict()
    for row in bills:
        is_freed = row["year"] >= freed.get(row["actor_id"], math.inf)
        source = "billing.maximum_multiple_ratio" if is_freed else "billing.billed_today_usd_m_per_yr"
        of_host = found[row["host_actor_id"]]
        billed = {**row, "theater_id": next(iter(of_host)) if len(of_host) == 1 else None}
        yield _line(billed, "BILLED_PAID", source, row["billed_usd_m"])
        yield _line(billed, "BILLED_RECEIVED", source, -row["billed_usd_m"], lead)


def _homecoming_lines(problem: Problem, paid: list[Row]) -> Iterator[Line]:
    source = "actors.homecoming_usd_m_per_person"
    yield from _lines(problem, paid, "HOMECOMING", source, "homecoming_persons")


def _salvage_lines(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> Iterator[Line]:
    for row in salvage(problem, tables):
        last = {**row, "year": problem.years[-1]}
        yield _line(last, "SALVAGE", row["source_column"], -row["salvage_usd_m"])


def _shortfall_lines(problem: Problem, unmet: list[Row]) -> Iterator[Line]:
    source, lead = "interests.interest_usd_m_per_point_yr", problem.settings["lead_actor_id"]
    yield from _lines(problem, unmet, "PENALTY", source, "unmet_points", lead)


def _rule_lines(problem: Problem, results: list[Row]) -> Iterator[Line]:
    lead = problem.settings["lead_actor_id"]
    yield from _lines(problem, results, "PENALTY", "policy_rules.penalty_usd_m", "violation", lead)


def _move_lines(problem: Problem, moves: list[Row]) -> Iterator[Line]:
    source, lead = "stability_limits.move_price_usd_m_per_unit", problem.settings["lead_actor_id"]
    for row in moves:
        limits = problem["stability_limits"]
        price = _latest(limits[limits["actor_id"] == row["actor_id"]], source, row["year"])
        yield _line(row, "PENALTY", source, row["moves_count"] * price, lead)


def _exposure_lines(problem: Problem, borne: list[Row]) -> Iterator[Line]:
    source, lead = "exposure_limits.exposure_price_usd_m_per_point_yr", problem.settings["lead_actor_id"]
    for row in borne:
        price = _latest(problem["exposure_limits"], source, row["year"])
        yield _line(row, "EXPOSURE", source, row["exposure_points"] * price, lead)


def _latest(frame: pd.DataFrame, source_column: str, year: int) -> float:
    """What a table by year says last of a year; 0 where it has said nothing yet."""
    given = values(frame, ["year"], source_column.split(".")[1])
    said = [given[each] for each in sorted(given) if each <= year and not math.isnan(given[each])]
    return said[-1] if said else 0.0


def _in_equal_parts(problem: Problem, rows: list[Row], ordered: str, lead_time: str) -> list[Row]:
    """A row for each calendar year in which an order is paid, with ``part``, the share of it paid then."""
    orders = [row for row in rows if row[ordered]]
    if not orders:
        return []
    years = _cell(problem, lead_time)
    parts = []
    for row in orders:
        count = max(int(years(row)), 1)
        parts += [
            {**row, "year": row["year"] + later, "part": row[ordered] / count} for later in range(count)
        ]
    return parts


def _lines(
    problem: Problem, rows: list[Row], kind: str, source_column: str, quantity: str, payer: str | None = None
) -> Iterator[Line]:
    """Lines of quantity times rate, which the input's row of the same key has; paid by the row's actor or another."""
    if rows:
        rate = _cell(problem, source_column)
        for row in rows:
            yield _line(row, kind, source_column, row[quantity] * rate(row), payer)


def _line(row: Row, kind: str, source_column: str, usd_m: float, payer: str | None = None) -> Line:
    names = (row.get("unit_type_id"), row.get("site_id"), row.get("theater_id"))
    return (payer or row["actor_id"], row["year"], kind, *names, source_column), usd_m


def _cell(problem: Problem, source_column: str) -> Callable[[Row], Any]:
    """What a column of the input has in the row of the same key; 0 where there is no such row."""
    table, column = source_column.split(".")
    by = PROBLEM_TABLES[table].key
    cells, key = values(problem[table], by, column), itemgetter(*by)
    return lambda row: cells.get(key(row), 0.0)


def _summed(problem: Problem, yearly: list[Line], once: list[Line]) -> pd.DataFrame:
    """The ledger of lines of money a year of a period, and of lines of money in a calendar year."""
    calendar, rate = problem.calendar, float(problem.settings["discount_rate_fraction"])
    discount, factors = calendar.discount(rate), calendar.factors(rate)
    sums: dict[Key, float] = defaultdict(float)
    discounted: dict[Key, float] = defaultdict(float)
    for key, usd_m in _by_key(problem, yearly).items():
        sums[key] += usd_m * calendar.spans[key[1]]
        discounted[key] += usd_m * discount[key[1]]
    for (actor, year, *rest), usd_m in _by_key(problem, once).items():
        key = (actor, calendar.periods[year], *rest)
        sums[key] += usd_m
        discounted[key] += usd_m * factors[year]
    return written("ledger", usd_m=sums, discounted_usd_m=discounted)


def _by_key(problem: Problem, lines: list[Line]) -> dict[Key, float]:
    """What lines of the same key add up to, with the theater of their site."""
    theaters = site_theaters(problem)
    parts = defaultdict(list)
    for (actor, year, kind, unit_type, site, theater, source), usd_m in lines:
        # An empty rate, NaN, is no cost.
        if usd_m and not math.isnan(usd_m):
            place = theater or theaters.get(site)
            parts[actor, year, kind, unit_type, site, place, source].append(usd_m)
    return {key: math.fsum(each) for key, each in parts.items()}
