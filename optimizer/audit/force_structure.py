"""What actors own: balances, lead times, limits, reserves, whole numbers."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, whole
from optimizer.audit.plan import FORCE_KEY, Plan

_ROW = "owned_forces: {actor_id} {unit_type_id} {year}: "


def force_structure(plan: Plan) -> list[str]:
    """Findings about units and sets owned, raised and disbanded."""
    rows = _with_arrivals(plan)
    years = rows[rows["year"] > plan.problem.today]
    findings = _today(plan, rows) + _orders(plan, rows) + _balances(years) + _limits(plan, years)
    if not plan.is_relaxed:
        counted = years[years["is_counted"].fillna(False).astype(bool)]
        findings += whole(counted, "owned_count", _ROW + "{owned_count} owned is no whole number")
    return findings


def _with_arrivals(plan: Plan) -> pd.DataFrame:
    """Forces with ``due_count`` and ``sets_due_count``, what must arrive, and last year's stocks."""
    rows = plan.forces
    key = [*FORCE_KEY, "year"]
    on_order = plan.problem["on_order"]
    on_order = on_order.assign(year=plan.periods_of(on_order["year"].astype("int64")))
    ordered = rows.loc[rows["year"] > plan.problem.today, [*key, "lead_time_yr", "raised_count"]]
    arriving = ordered.assign(year=plan.periods_of(ordered["year"] + ordered["lead_time_yr"]))
    units = pd.concat(
        [
            arriving.rename(columns={"raised_count": "due_count"})[[*key, "due_count"]],
            on_order.rename(columns={"arriving_count": "due_count"})[[*key, "due_count"]],
        ]
    )
    bought = rows.loc[rows["year"] > plan.problem.today, [*key, "set_lead_time_yr", "sets_bought_count"]]
    sets = bought.assign(
        year=plan.periods_of(bought["year"] + bought["set_lead_time_yr"]),
        sets_due_count=bought["sets_bought_count"],
    )
    rows = rows.merge(units.groupby(key)[["due_count"]].sum().reset_index(), on=key, how="left")
    rows = rows.merge(sets.groupby(key)[["sets_due_count"]].sum().reset_index(), on=key, how="left")
    rows[["due_count", "sets_due_count"]] = rows[["due_count", "sets_due_count"]].fillna(0.0)
    rows = rows.sort_values(key, ignore_index=True)
    last_year = rows.groupby(FORCE_KEY)[["owned_count", "sets_owned_count"]].shift()
    rows["expected_count"] = last_year["owned_count"] + rows["due_count"] - rows["disbanded_count"]
    rows["sets_expected_count"] = last_year["sets_owned_count"] + rows["sets_due_count"]
    return rows


def _today(plan: Plan, rows: pd.DataFrame) -> list[str]:
    today = plan.problem["owned_today"].rename(
        columns={"owned_count": "given_count", "sets_owned_count": "sets_given_count"}
    )
    rows = rows[rows["year"] == plan.problem.today].merge(today, on=FORCE_KEY, how="left")
    rows[["given_count", "sets_given_count"]] = rows[["given_count", "sets_given_count"]].fillna(0.0)
    units = _ROW + "{owned_count} owned but owned_today says {given_count}"
    sets = _ROW + "{sets_owned_count} sets owned but owned_today says {sets_given_count}"
    changes = rows.assign(changed=rows[["arrived_count", "disbanded_count"]].max(axis="columns"))
    early = _ROW + "{arrived_count} arrived and {disbanded_count} disbanded before year 1"
    return [
        *equal(rows, "owned_count", "given_count", "count", units),
        *equal(rows, "sets_owned_count", "sets_given_count", "count", sets),
        *none(changes, "changed", "count", early),
    ]


def _orders(plan: Plan, rows: pd.DataFrame) -> list[str]:
    first, last = plan.problem.years[0], plan.problem.years[-1]
    late = rows[(rows["year"] < first) | (rows["year"] + rows["lead_time_yr"] > last)]
    late_sets = rows[(rows["year"] < first) | (rows["year"] + rows["set_lead_time_yr"] > last)]
    priceless = rows[rows["set_purchase_cost_usd_m_per_set"].isna()]
    units = _ROW + f"{{raised_count}} raised but they would not arrive in {first} to {last}"
    sets = _ROW + f"{{sets_bought_count}} sets bought but they would not arrive in {first} to {last}"
    return [
        *none(late, "raised_count", "count", units),
        *none(late_sets, "sets_bought_count", "count", sets),
        *none(
            priceless, "sets_bought_count", "count", _ROW + "{sets_bought_count} sets bought without a price"
        ),
    ]


def _balances(years: pd.DataFrame) -> list[str]:
    arrived = _ROW + "{arrived_count} arrived but {due_count} were due"
    balance = _ROW + "{owned_count} owned but last year's, arrivals and disbanding leave {expected_count}"
    sets = _ROW + "{sets_owned_count} sets owned but last year's and arrivals leave {sets_expected_count}"
    return [
        *equal(years, "arrived_count", "due_count", "count", arrived),
        *equal(years, "owned_count", "expected_count", "count", balance),
        *at_most(years, "sets_owned_count", "sets_expected_count", "count", sets),
    ]


def _limits(plan: Plan, years: pd.DataFrame) -> list[str]:
    years = years.assign(
        most_raised=years["maximum_raised_count_per_yr"] * plan.spans(years),
        most_disbanded=years["maximum_disbanded_count_per_yr"] * plan.spans(years),
    )
    strangers = years[~years["may_own"]].assign(
        anything=lambda t: t[["owned_count", "raised_count", "sets_owned_count"]].max(axis="columns")
    )
    findings = none(strangers, "anything", "count", _ROW + "the actor may not own this kind of unit")
    for left, right, words in (
        ("raised_count", "most_raised", "{raised_count} raised but at most"),
        ("disbanded_count", "most_disbanded", "{disbanded_count} disbanded but at most"),
        ("owned_count", "maximum_owned_count", "{owned_count} owned but at most"),
    ):
        findings += at_most(years, left, right, "count", f"{_ROW}{words} {{{right}}} allowed")
    reserve = _ROW + "{owned_count} owned but {reserved_count} reserved"
    return findings + at_most(years, "reserved_count", "owned_count", "count", reserve)
