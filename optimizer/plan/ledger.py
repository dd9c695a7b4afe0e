"""Who pays how much, when, for what: from the input's rates and the plan's quantities alone.

A line is the money of a period: what is paid every year counts for all its years, what is paid once in the period to
which the year of payment belongs. Each dollar is discounted from its own year.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.plan.salvage import salvage
from optimizer.tables.plan_tables import (
    by_year,
    carried,
    filled,
    plan_table,
    site_places,
    sites_to_open,
    with_people,
)
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES

_KEY = SOLUTION_TABLES["ledger"].key
_FORCE_KEY = ["actor_id", "unit_type_id"]
_SITE_KEY = ["actor_id", "site_id"]
_CHOICE_KEY = ["actor_id", "nuclear_posture"]


NOT_MONEY = ("PENALTY", "EXPOSURE")
"""Kinds of lines that are part of the objective and that nobody pays."""


def money_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a ledger that are money; the others are penalties."""
    return lines[~lines["kind"].isin(NOT_MONEY)]


def ledger(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Draws up the ledger of a plan.

    Args:
        problem: the problem, its defaults filled in.
        tables: the plan's tables by name; owned_forces, stationed_forces, site_uses, unmet_needs,
            policy_rule_results, command_results, billing_results, nuclear_results and exposure_results are read.

    Returns:
        The columns of LedgerLine, sorted by key, without lines of nothing. The lead actor's discounted lines
        add up to the objective.
    """
    uses = _site_uses(problem, plan_table(tables, "site_uses"))
    owned = _from_year_one(problem, plan_table(tables, "owned_forces"))
    stationed = _from_year_one(problem, plan_table(tables, "stationed_forces"))
    chosen = _from_year_one(problem, plan_table(tables, "nuclear_results"))
    yearly = [
        *running_costs(problem, owned, stationed, uses),
        *_command_lines(problem, tables),
        *nuclear_running_costs(problem, chosen),
        *_bill_lines(problem, tables),
        *_yearly_penalties(problem, tables),
        *_exposure_lines(problem, tables),
    ]
    once = [
        *_force_purchases(problem, owned),
        *_site_changes(problem, uses),
        *_program_lines(problem, chosen),
        *_salvage_lines(problem, tables),
        *_move_penalties(problem, tables),
    ]
    return _summed(problem, yearly, once)


def running_costs(
    problem: Problem, owned: pd.DataFrame, stationed: pd.DataFrame, uses: pd.DataFrame
) -> list[pd.DataFrame]:
    """Lines of what a posture costs in a year as long as nothing changes.

    Args:
        problem: the problem, its defaults filled in.
        owned: actor_id, unit_type_id, year, owned_count, sets_owned_count.
        stationed: actor_id, unit_type_id, site_id, mode, year, stationed_count.
        uses: actor_id, site_id, year, open_fraction, housing_persons.
    """
    forces = owned.merge(problem["actor_unit_types"], on=_FORCE_KEY)
    modes = problem["unit_type_modes"][["unit_type_id", "mode", "mode_cost_usd_m_per_unit_yr"]]
    abroad = with_people(problem, stationed).merge(modes, on=["unit_type_id", "mode"])
    abroad = abroad.merge(problem["site_access"], on=_SITE_KEY, how="left")
    places = uses.merge(problem["site_access"], on=_SITE_KEY)
    return [
        _lines(forces, "OWN", "actor_unit_types.own_cost_usd_m_per_unit_yr", "owned_count"),
        _lines(forces, "SETS", "actor_unit_types.set_upkeep_cost_usd_m_per_set_yr", "sets_owned_count"),
        _lines(abroad, "STATIONING", "site_access.stationing_cost_usd_m_per_person_yr", "persons"),
        _lines(abroad, "STATIONING", "unit_type_modes.mode_cost_usd_m_per_unit_yr", "stationed_count"),
        _lines(places, "SITES", "site_access.open_cost_usd_m_per_yr", "open_fraction"),
        _lines(places, "HOUSING", "site_access.housing_cost_usd_m_per_person_yr", "housing_persons"),
    ]


def nuclear_running_costs(problem: Problem, chosen: pd.DataFrame) -> list[pd.DataFrame]:
    """Lines of what nuclear options cost in a year while they hold.

    Args:
        problem: the problem, its defaults filled in.
        chosen: actor_id, nuclear_posture, year, chosen_fraction.
    """
    held = chosen.merge(problem["nuclear_options"], on=_CHOICE_KEY)
    led = held.assign(actor_id=problem.settings["lead_actor_id"])
    return [
        _lines(held, "NUCLEAR", "nuclear_options.own_cost_usd_m_per_yr", "chosen_fraction"),
        _lines(led, "NUCLEAR", "nuclear_options.lead_cost_usd_m_per_yr", "chosen_fraction"),
    ]


def _from_year_one(problem: Problem, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["year"] > problem.today]


def _site_uses(problem: Problem, plan: pd.DataFrame) -> pd.DataFrame:
    """Site uses of years 1…n, with ``opening`` and ``closing``: by how much a site opens and closes."""
    keys = problem["site_access"][[*_SITE_KEY, "open_today"]]
    rows = by_year(keys, [problem.today, *problem.years]).merge(plan, on=[*_SITE_KEY, "year"], how="left")
    numbers = ["open_fraction", "housing_persons", "housing_built_persons"]
    rows[numbers] = rows[numbers].fillna(0.0)
    is_today = rows["year"] == problem.today
    rows["open_fraction"] = rows["open_fraction"].where(~is_today, rows["open_today"].astype("float64"))
    step = rows.groupby(_SITE_KEY)["open_fraction"].diff()
    rows = rows.assign(opening=step.clip(lower=0), closing=(-step).clip(lower=0))
    return rows.loc[~is_today].drop(columns="open_today")


def _force_purchases(problem: Problem, owned: pd.DataFrame) -> list[pd.DataFrame]:
    forces = owned.merge(problem["actor_unit_types"], on=_FORCE_KEY)
    units = _in_equal_parts(forces, "raised_count", "lead_time_yr")
    sets = _in_equal_parts(forces, "sets_bought_count", "set_lead_time_yr")
    return [
        _lines(units, "RAISE", "actor_unit_types.raise_cost_usd_m_per_unit", "part"),
        _lines(sets, "SETS", "actor_unit_types.set_purchase_cost_usd_m_per_set", "part"),
        _lines(forces, "DISBAND", "actor_unit_types.disband_cost_usd_m_per_unit", "disbanded_count"),
    ]


def _in_equal_parts(forces: pd.DataFrame, ordered: str, lead: str) -> pd.DataFrame:
    """One row for each calendar year in which an order is paid, with ``part``, the share of it paid then."""
    orders = forces[forces[ordered] != 0].reset_index(drop=True)
    part_count = orders[lead].astype("int64").clip(lower=1)
    parts = orders.loc[orders.index.repeat(part_count)]
    years_later = parts.groupby(level=0).cumcount()
    return parts.assign(year=parts["year"] + years_later, part=parts[ordered] / part_count.loc[parts.index])


def _site_changes(problem: Problem, uses: pd.DataFrame) -> list[pd.DataFrame]:
    changing = sites_to_open(problem)[_SITE_KEY]
    places = uses.merge(problem["site_access"], on=_SITE_KEY)
    opened = places.merge(changing, on=_SITE_KEY)
    return [
        _lines(opened, "OPEN_CLOSE", "site_access.opening_cost_usd_m", "opening"),
        _lines(opened, "OPEN_CLOSE", "site_access.closing_cost_usd_m", "closing"),
        _lines(places, "HOUSING", "site_access.housing_build_cost_usd_m_per_person", "housing_built_persons"),
    ]


def _salvage_lines(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    return [
        rows.assign(
            year=problem.years[-1], kind="SALVAGE", source_column=source, usd_m=-rows["salvage_usd_m"]
        ).reindex(columns=[*_KEY, "usd_m"])
        for source, rows in salvage(problem, tables)
    ]


def _command_lines(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    held = _from_year_one(problem, plan_table(tables, "command_results"))
    held = held.merge(problem["command_options"], on=["command_id", "actor_id"])
    held = held.merge(problem["commands"][["command_id", "theater_id"]], on="command_id")
    held = held.assign(actor_id=problem.settings["lead_actor_id"])
    return [_lines(held, "COMMAND", "command_options.lead_cost_usd_m_per_yr", "held_fraction")]


def _program_lines(problem: Problem, chosen: pd.DataFrame) -> list[pd.DataFrame]:
    programs = chosen.merge(problem["nuclear_options"], on=_CHOICE_KEY)
    parts = _in_equal_parts(programs, "started_fraction", "lead_time_yr")
    return [_lines(parts, "NUCLEAR", "nuclear_options.program_cost_usd_m", "part")]


def _exposure_lines(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    borne = _from_year_one(problem, plan_table(tables, "exposure_results"))
    borne = borne.assign(actor_id=problem.settings["lead_actor_id"])
    limits = problem["exposure_limits"].astype({"year": "int64"}).sort_values("year", ignore_index=True)
    price = limits[["year", "exposure_price_usd_m_per_point_yr"]].ffill()
    borne = pd.merge_asof(borne.sort_values("year", ignore_index=True), price, on="year")
    source = "exposure_limits.exposure_price_usd_m_per_point_yr"
    return [_lines(borne, "EXPOSURE", source, "exposure_points")]


def _bill_lines(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """What allies pay and the lead actor receives, in the theater of its sites there if there is only one."""
    lead = problem.settings["lead_actor_id"]
    bills = _from_year_one(problem, plan_table(tables, "billing_results"))
    used = problem["site_access"].loc[problem["site_access"]["actor_id"] == lead, ["site_id"]]
    theaters = used.merge(site_places(problem), on="site_id").groupby("host_actor_id")["theater_id"]
    only = theaters.agg(lambda found: found.iloc[0] if found.nunique(dropna=False) == 1 else None)
    is_freed = bills["year"] >= bills["actor_id"].map(problem.freed_years("BILLING"))
    bills = bills.assign(
        theater_id=bills["host_actor_id"].map(only),
        source_column=np.where(
            is_freed, "billing.maximum_multiple_ratio", "billing.billed_today_usd_m_per_yr"
        ),
    )
    return [
        bills.assign(kind="BILLED_PAID", usd_m=bills["billed_usd_m"]).reindex(columns=[*_KEY, "usd_m"]),
        bills.assign(kind="BILLED_RECEIVED", actor_id=lead, usd_m=-bills["billed_usd_m"]).reindex(
            columns=[*_KEY, "usd_m"]
        ),
    ]


def _yearly_penalties(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    lead = problem.settings["lead_actor_id"]
    unmet = _from_year_one(problem, plan_table(tables, "unmet_needs"))
    unmet = unmet.merge(problem["interests"], on=["theater_id", "capability_id"])
    rules = _from_year_one(problem, plan_table(tables, "policy_rule_results"))
    rules = rules.merge(problem["policy_rules"][["policy_rule_id", "penalty_usd_m"]], on="policy_rule_id")
    return [
        _lines(
            unmet.assign(actor_id=lead), "PENALTY", "interests.interest_usd_m_per_point_yr", "unmet_points"
        ),
        _lines(rules.assign(actor_id=lead), "PENALTY", "policy_rules.penalty_usd_m", "violation"),
    ]


def _move_penalties(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    prices = carried(filled(problem["stability_limits"], ["actor_id"]), ["actor_id"], problem.years)
    moves = _from_year_one(problem, plan_table(tables, "stability_results"))
    moves = moves.merge(prices, on=["actor_id", "year"])
    moves = moves.assign(actor_id=problem.settings["lead_actor_id"])
    return [_lines(moves, "PENALTY", "stability_limits.move_price_usd_m_per_unit", "moves_count")]


def _lines(rows: pd.DataFrame, kind: str, source_column: str, quantity: str) -> pd.DataFrame:
    """Ledger lines of quantity times rate; the rate's column has the name that ``source_column`` ends in."""
    if rows.empty:
        return pd.DataFrame(columns=[*_KEY, "usd_m"])
    rate = rows[source_column.split(".")[1]].fillna(0.0)
    lines = rows.assign(kind=kind, source_column=source_column, usd_m=rows[quantity] * rate)
    return lines.reindex(columns=[*_KEY, "usd_m"])


def _summed(problem: Problem, yearly: list[pd.DataFrame], once: list[pd.DataFrame]) -> pd.DataFrame:
    """The ledger of lines of money a year of a period, and of lines of money in a calendar year."""
    calendar, rate = problem.calendar, float(problem.settings["discount_rate_fraction"])
    kept, paid = _by_key(problem, yearly), _by_key(problem, once)
    kept["discounted_usd_m"] = kept["usd_m"] * kept["year"].map(calendar.discount(rate))
    kept["usd_m"] *= kept["year"].map(calendar.spans)
    paid["discounted_usd_m"] = paid["usd_m"] * paid["year"].map(calendar.factors(rate))
    paid["year"] = calendar.periods_of(paid["year"])
    lines = pd.concat([kept, paid]).groupby(_KEY, dropna=False)[["usd_m", "discounted_usd_m"]].sum()
    return SOLUTION_TABLES["ledger"].typed(lines.reset_index())


def _by_key(problem: Problem, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One line for each key, with the theater of its site; none of nothing."""
    empty = SOLUTION_TABLES["ledger"].empty()
    lines = pd.concat([part for part in parts if not part.empty] or [empty], ignore_index=True)
    lines = lines[lines["usd_m"] != 0].astype({name: "str" for name in _KEY if name != "year"})
    theaters = site_places(problem).set_index("site_id")["theater_id"]
    lines["theater_id"] = lines["theater_id"].fillna(lines["site_id"].map(theaters))
    return lines.groupby(_KEY, dropna=False)[["usd_m"]].sum().reset_index()
