"""The ledger, drawn up anew: who pays what and when, from the input's rates and the plan's decisions.

Nothing is read that the plan says of itself: what is missing, exposure and moves are counted again first.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.audit.exposure import borne
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE_KEY, SITE_KEY, Plan
from optimizer.audit.salvage import salvage
from optimizer.audit.transition import moves
from optimizer.audit.unmet_needs import unmet_needs
from optimizer.tables.plan_tables import by_year, carried, filled, site_places, sites_to_open, with_people
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES

KEY = SOLUTION_TABLES["ledger"].key
NOT_MONEY = ("PENALTY", "EXPOSURE")
"""Kinds of lines that are part of the objective and that nobody pays."""

_CHOICE = ["actor_id", "nuclear_posture"]


@once
def ledger(plan: Plan) -> pd.DataFrame:
    """The columns of LedgerLine, one row for each key, years as plain numbers."""
    uses = _uses(plan)
    yearly = [
        *_running(plan.problem, plan.table("owned_forces"), plan.table("stationed_forces"), uses),
        *_nuclear_running(plan.problem, plan.table("nuclear_results")),
        *_commanded(plan),
        *_billed(plan),
        *_missing(plan),
    ]
    once = [*_bought(plan, uses), *_moved(plan), *[_salvaged(plan, rows) for rows in salvage(plan)]]
    return _summed(plan, yearly, once)


def money_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a ledger that are money."""
    return lines[~lines["kind"].isin(NOT_MONEY)]


@once
def posture_today(plan: Plan) -> pd.DataFrame:
    """Lines of what today's posture costs in a year; nuclear options and bills left out."""
    problem, year = plan.problem, plan.problem.today
    access = problem["site_access"]
    uses = access[SITE_KEY].assign(
        year=year,
        open_fraction=access["open_today"].astype("float64"),
        housing_persons=access["housing_today_persons"],
    )
    owned = problem["owned_today"][[*FORCE_KEY, "owned_count", "sets_owned_count"]].assign(year=year)
    stationed = problem["stationed_today"].assign(year=year)
    return _concat(_running(problem, owned, stationed, uses))


@once
def costs_today(plan: Plan) -> pd.DataFrame:
    """Lines of what today's posture, nuclear options and bills cost in a year; bills have no kind."""
    problem = plan.problem
    bills = problem["billing"]
    billed = bills["billed_today_usd_m_per_yr"]
    options = problem["nuclear_options"]
    chosen = options[_CHOICE].assign(
        year=problem.today, chosen_fraction=options["holds_today"].astype("float64")
    )
    return _concat(
        [
            posture_today(plan),
            bills.assign(usd_m=billed),
            bills.assign(actor_id=problem.settings["lead_actor_id"], usd_m=-billed),
            *_nuclear_running(problem, chosen),
        ]
    )


def _running(
    problem: Problem, owned: pd.DataFrame, stationed: pd.DataFrame, uses: pd.DataFrame
) -> list[pd.DataFrame]:
    """What a posture costs as long as nothing changes."""
    forces = owned.merge(problem["actor_unit_types"], on=FORCE_KEY)
    modes = problem["unit_type_modes"][["unit_type_id", "mode", "mode_cost_usd_m_per_unit_yr"]]
    units = with_people(problem, stationed).merge(modes, on=["unit_type_id", "mode"])
    people = units.merge(problem["site_access"], on=SITE_KEY)
    places = uses.merge(problem["site_access"], on=SITE_KEY)
    return [
        _line(forces, "OWN", "actor_unit_types.own_cost_usd_m_per_unit_yr", "owned_count"),
        _line(forces, "SETS", "actor_unit_types.set_upkeep_cost_usd_m_per_set_yr", "sets_owned_count"),
        _line(people, "STATIONING", "site_access.stationing_cost_usd_m_per_person_yr", "persons"),
        _line(units, "STATIONING", "unit_type_modes.mode_cost_usd_m_per_unit_yr", "stationed_count"),
        _line(places, "SITES", "site_access.open_cost_usd_m_per_yr", "open_fraction"),
        _line(places, "HOUSING", "site_access.housing_cost_usd_m_per_person_yr", "housing_persons"),
    ]


def _nuclear_running(problem: Problem, chosen: pd.DataFrame) -> list[pd.DataFrame]:
    """What nuclear options cost while they hold: the ally, and the lead actor."""
    held = chosen.merge(problem["nuclear_options"], on=_CHOICE)
    led = held.assign(actor_id=problem.settings["lead_actor_id"])
    return [
        _line(held, "NUCLEAR", "nuclear_options.own_cost_usd_m_per_yr", "chosen_fraction"),
        _line(led, "NUCLEAR", "nuclear_options.lead_cost_usd_m_per_yr", "chosen_fraction"),
    ]


def _uses(plan: Plan) -> pd.DataFrame:
    """Site uses of years 1…n with ``opening`` and ``closing``; what was open in period 0 is the input's word."""
    numbers = ["open_fraction", "housing_persons", "housing_built_persons"]
    shown = plan.table("site_uses")[[*SITE_KEY, "year", *numbers]]
    access = plan.problem["site_access"]
    rows = by_year(access[SITE_KEY], plan.problem.years).merge(shown, on=[*SITE_KEY, "year"], how="left")
    rows[numbers] = rows[numbers].fillna(0.0)
    today = access.set_index(SITE_KEY)["open_today"].astype("float64").rename("open_before")
    rows = rows.merge(today.reset_index(), on=SITE_KEY)
    before = rows.groupby(SITE_KEY)["open_fraction"].shift().fillna(rows["open_before"])
    step = rows["open_fraction"] - before
    return rows.drop(columns="open_before").assign(
        opening=step.clip(lower=0.0), closing=(-step).clip(lower=0.0)
    )


def _bought(plan: Plan, uses: pd.DataFrame) -> list[pd.DataFrame]:
    """Orders, disbanding, and sites that open, close or grow."""
    problem = plan.problem
    forces = plan.table("owned_forces").merge(problem["actor_unit_types"], on=FORCE_KEY)
    units = _in_equal_parts(forces, "raised_count", "lead_time_yr")
    sets = _in_equal_parts(forces, "sets_bought_count", "set_lead_time_yr")
    programs = plan.table("nuclear_results").merge(problem["nuclear_options"], on=_CHOICE)
    programs = _in_equal_parts(programs, "started_fraction", "lead_time_yr")
    places = uses.merge(problem["site_access"], on=SITE_KEY)
    opened = places.merge(sites_to_open(problem)[SITE_KEY], on=SITE_KEY)
    return [
        _line(units, "RAISE", "actor_unit_types.raise_cost_usd_m_per_unit", "part"),
        _line(sets, "SETS", "actor_unit_types.set_purchase_cost_usd_m_per_set", "part"),
        _line(forces, "DISBAND", "actor_unit_types.disband_cost_usd_m_per_unit", "disbanded_count"),
        _line(programs, "NUCLEAR", "nuclear_options.program_cost_usd_m", "part"),
        _line(opened, "OPEN_CLOSE", "site_access.opening_cost_usd_m", "opening"),
        _line(opened, "OPEN_CLOSE", "site_access.closing_cost_usd_m", "closing"),
        _line(places, "HOUSING", "site_access.housing_build_cost_usd_m_per_person", "housing_built_persons"),
    ]


def _in_equal_parts(rows: pd.DataFrame, ordered: str, lead: str) -> pd.DataFrame:
    """A row for each calendar year in which an order is paid, with ``part``, what of it is paid then."""
    orders = rows[rows[ordered] != 0].reset_index(drop=True)
    count = orders[lead].astype("int64").clip(lower=1)
    orders["part"] = orders[ordered] / count
    paid = orders.loc[np.repeat(orders.index, count)]
    return paid.assign(year=paid["year"] + paid.groupby(level=0).cumcount())


def _commanded(plan: Plan) -> list[pd.DataFrame]:
    problem = plan.problem
    held = plan.table("command_results").merge(problem["command_options"], on=["command_id", "actor_id"])
    held = held.merge(problem["commands"][["command_id", "theater_id"]], on="command_id")
    held = held.assign(actor_id=problem.settings["lead_actor_id"])
    return [_line(held, "COMMAND", "command_options.lead_cost_usd_m_per_yr", "held_fraction")]


def _billed(plan: Plan) -> list[pd.DataFrame]:
    """What allies pay and the lead actor receives, in the theater of its sites there if there is only one."""
    bills = plan.table("billing_results")
    if bills.empty:
        return []
    problem = plan.problem
    lead = problem.settings["lead_actor_id"]
    sites = problem["site_access"].loc[problem["site_access"]["actor_id"] == lead, ["site_id"]]
    theaters = sites.merge(plan.places, on="site_id")[["host_actor_id", "theater_id"]].drop_duplicates()
    only = theaters.drop_duplicates("host_actor_id", keep=False).set_index("host_actor_id")["theater_id"]
    is_freed = bills["year"] >= bills["actor_id"].map(plan.freed_years("BILLING"))
    source = np.where(is_freed, "billing.maximum_multiple_ratio", "billing.billed_today_usd_m_per_yr")
    bills = bills.assign(theater_id=bills["host_actor_id"].map(only), source_column=source)
    return [
        _keyed(bills.assign(kind="BILLED_PAID", usd_m=bills["billed_usd_m"])),
        _keyed(bills.assign(kind="BILLED_RECEIVED", actor_id=lead, usd_m=-bills["billed_usd_m"])),
    ]


def _missing(plan: Plan) -> list[pd.DataFrame]:
    """Penalties of what is missing or violated, and the price of exposure; all the lead actor's."""
    problem = plan.problem
    lead = problem.settings["lead_actor_id"]
    lines = []
    if len(problem["interests"]):
        unmet = unmet_needs(plan).merge(problem["interests"], on=["theater_id", "capability_id"])
        lines.append(_line(unmet, "PENALTY", "interests.interest_usd_m_per_point_yr", "unmet_points"))
    if len(problem["policy_rules"]):
        rules = plan.table("policy_rule_results").drop(columns="value")
        rules = rules.merge(problem["policy_rules"], on="policy_rule_id")
        lines.append(_line(rules, "PENALTY", "policy_rules.penalty_usd_m", "violation"))
    if len(problem["exposure_limits"]):
        prices = problem["exposure_limits"].astype({"year": "int64"}).sort_values("year").ffill()
        exposed = borne(plan).astype({"year": "int64"})
        exposed = pd.merge_asof(exposed[exposed["year"] > problem.today], prices, on="year")
        price = "exposure_limits.exposure_price_usd_m_per_point_yr"
        lines.append(_line(exposed, "EXPOSURE", price, "exposure_points"))
    kept = ["year", "kind", "source_column", "theater_id", "usd_m"]
    return [_keyed(part[kept].assign(actor_id=lead)) for part in lines]


def _moved(plan: Plan) -> list[pd.DataFrame]:
    """The price of moves, the lead actor's whoever moves."""
    problem = plan.problem
    if problem["stability_limits"].empty:
        return []
    limits = carried(filled(problem["stability_limits"], ["actor_id"]), ["actor_id"], problem.years)
    moved = moves(plan)[["actor_id", "year", "moves"]].merge(limits, on=["actor_id", "year"])
    moved["actor_id"] = problem.settings["lead_actor_id"]
    return [_line(moved, "PENALTY", "stability_limits.move_price_usd_m_per_unit", "moves")]


def _salvaged(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    return _keyed(rows.assign(year=plan.problem.years[-1], kind="SALVAGE", usd_m=-rows["salvage_usd_m"]))


def _line(rows: pd.DataFrame, kind: str, source_column: str, quantity: str) -> pd.DataFrame:
    """Lines of quantity times rate; the rate's column has the name that ``source_column`` ends in."""
    if rows.empty:
        return pd.DataFrame(columns=[*KEY, "usd_m"])
    rate = rows[source_column.split(".")[1]].astype("float64").fillna(0.0)
    return _keyed(rows.assign(kind=kind, source_column=source_column, usd_m=rows[quantity] * rate))


def _keyed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=[*KEY, "usd_m"])


def _concat(lines: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Lines below each other; none of nothing."""
    some = [part for part in lines if len(part)]
    return pd.concat(some, ignore_index=True) if some else lines[0]


def _summed(plan: Plan, yearly: Sequence[pd.DataFrame], once: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One line for each key: yearly lines in every year of their period, others in the year they are paid."""
    kept = _by_key(plan.problem, yearly).merge(plan.calendar, on="year")
    paid = _by_key(plan.problem, once).rename(columns={"year": "calendar_year"})
    paid = paid.merge(plan.calendar, on="calendar_year")
    rows = pd.concat([kept, paid], ignore_index=True)
    rows["discounted_usd_m"] = rows["usd_m"] * rows["factor"]
    return rows.groupby(KEY, dropna=False)[["usd_m", "discounted_usd_m"]].sum().reset_index()


def _by_key(problem: Problem, lines: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One line for each key, with the theater of its site."""
    rows = _concat([part[part["usd_m"] != 0] for part in lines])
    rows = rows.astype({name: "str" for name in KEY if name != "year"})
    theaters = site_places(problem).set_index("site_id")["theater_id"]
    rows["theater_id"] = rows["theater_id"].fillna(rows["site_id"].map(theaters))
    return rows.groupby(KEY, dropna=False)[["usd_m"]].sum().reset_index().astype({"year": "int64"})
