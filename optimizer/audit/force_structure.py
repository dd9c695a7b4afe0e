"""What actors own: balances, lead times, limits, reserves, whole numbers."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, said, whole
from optimizer.audit.plan import FORCE_KEY, Plan

CONVERSION_KEY = ["actor_id", "from_unit_type_id", "to_unit_type_id"]
_CONVERSION = "conversion_results: {actor_id} {from_unit_type_id} to {to_unit_type_id} {year}: "
_ROW = "owned_forces: {actor_id} {unit_type_id} {year}: "


def force_structure(plan: Plan) -> list[str]:
    """Findings about units and sets owned, raised, disbanded and converted."""
    rows = _with_arrivals(plan)
    years = rows[rows["year"] > plan.problem.today]
    findings = (
        _today(plan, rows) + _orders(plan, rows) + _conversions(plan) + _balances(years) + _limits(years)
    )
    if not plan.is_relaxed:
        counted = years[years["is_counted"].fillna(False).astype(bool)]
        findings += whole(counted, "owned_count", _ROW + "{owned_count} owned is no whole number")
    return findings


def _with_arrivals(plan: Plan) -> pd.DataFrame:
    """Forces with ``due_count`` and ``sets_due_count``, what must arrive, and last year's stocks."""
    rows = plan.forces
    key = [*FORCE_KEY, "year"]
    on_order = plan.problem["on_order"].astype({"year": "int64"})
    ordered = rows.loc[rows["year"] > plan.problem.today, [*key, "lead_time_yr", "raised_count"]]
    arriving = ordered.assign(year=ordered["year"] + ordered["lead_time_yr"])
    units = pd.concat(
        [
            arriving.rename(columns={"raised_count": "due_count"})[[*key, "due_count"]],
            on_order.rename(columns={"arriving_count": "due_count"})[[*key, "due_count"]],
        ]
    )
    bought = rows.loc[rows["year"] > plan.problem.today, [*key, "set_lead_time_yr", "sets_bought_count"]]
    sets = bought.assign(
        year=bought["year"] + bought["set_lead_time_yr"], sets_due_count=bought["sets_bought_count"]
    )
    rows = rows.merge(units.groupby(key)[["due_count"]].sum().reset_index(), on=key, how="left")
    rows = rows.merge(sets.groupby(key)[["sets_due_count"]].sum().reset_index(), on=key, how="left")
    due = ["due_count", "sets_due_count", "due_in_count", "due_out_count"]
    conversions = _conversions_ordered(plan)
    for unit_type, name in (("to_unit_type_id", "due_in_count"), ("from_unit_type_id", "due_out_count")):
        converted = conversions.groupby(["actor_id", unit_type, "arrival_year"])["converted_count"].sum()
        rows = rows.merge(converted.rename(name).rename_axis(key).reset_index(), on=key, how="left")
    rows[due] = rows[due].fillna(0.0)
    rows = rows.sort_values(key, ignore_index=True)
    last_year = rows.groupby(FORCE_KEY)[["owned_count", "sets_owned_count"]].shift()
    rows["expected_count"] = last_year["owned_count"] + rows["due_count"] - rows["disbanded_count"]
    rows["expected_count"] += rows["due_in_count"] - rows["due_out_count"]
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
    flows = ["arrived_count", "disbanded_count", "converted_in_count", "converted_out_count"]
    changes = rows.assign(changed=rows[flows].max(axis="columns"))
    early = _ROW + "units arrived, were disbanded or converted before year 1"
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


def _conversions_ordered(plan: Plan) -> pd.DataFrame:
    """conversion_results with the columns of conversions, and arrival_year; empty where there is no such row."""
    rows = plan.shown("conversion_results").merge(plan.problem["conversions"], on=CONVERSION_KEY, how="left")
    return rows.assign(arrival_year=rows["year"] + rows["lead_time_yr"].astype("float64"))


def _conversions(plan: Plan) -> list[str]:
    """Findings about orders: who may give them, when, how many, and whether whole ones."""
    rows = _conversions_ordered(plan)
    first, last = plan.problem.years[0], plan.problem.years[-1]
    late = rows[(rows["year"] < first) | (rows["arrival_year"] > last)]
    limit = "maximum_converted_count_per_yr"
    findings = [
        *said(rows[rows["arrival_year"].isna()], _CONVERSION + "there is no such conversion"),
        *none(
            late,
            "converted_count",
            "count",
            _CONVERSION + f"{{converted_count}} converted but not within {first} to {last}",
        ),
        *at_most(
            rows,
            "converted_count",
            limit,
            "count",
            _CONVERSION + f"{{converted_count}} converted but at most {{{limit}}} allowed",
        ),
    ]
    if plan.is_relaxed:
        return findings
    types = plan.problem["unit_types"].set_index("unit_type_id")["is_counted"].astype(bool)
    is_counted = rows["from_unit_type_id"].map(types) | rows["to_unit_type_id"].map(types)
    words = _CONVERSION + "{converted_count} converted is no whole number"
    return findings + whole(rows[is_counted], "converted_count", words)


def _balances(years: pd.DataFrame) -> list[str]:
    arrived = _ROW + "{arrived_count} arrived but {due_count} were due"
    balance = _ROW + "{owned_count} owned but last year's, arrivals and disbanding leave {expected_count}"
    into = _ROW + "{converted_in_count} became of this kind but {due_in_count} were due"
    out = _ROW + "{converted_out_count} became of another kind but {due_out_count} were due"
    sets = _ROW + "{sets_owned_count} sets owned but last year's and arrivals leave {sets_expected_count}"
    return [
        *equal(years, "arrived_count", "due_count", "count", arrived),
        *equal(years, "converted_in_count", "due_in_count", "count", into),
        *equal(years, "converted_out_count", "due_out_count", "count", out),
        *equal(years, "owned_count", "expected_count", "count", balance),
        *at_most(years, "sets_owned_count", "sets_expected_count", "count", sets),
    ]


def _limits(years: pd.DataFrame) -> list[str]:
    strangers = years[~years["may_own"]].assign(
        anything=lambda t: t[["owned_count", "raised_count", "sets_owned_count"]].max(axis="columns")
    )
    findings = none(strangers, "anything", "count", _ROW + "the actor may not own this kind of unit")
    for left, right, words in (
        ("raised_count", "maximum_raised_count_per_yr", "{raised_count} raised but at most"),
        ("disbanded_count", "maximum_disbanded_count_per_yr", "{disbanded_count} disbanded but at most"),
        ("owned_count", "maximum_owned_count", "{owned_count} owned but at most"),
    ):
        findings += at_most(years, left, right, "count", f"{_ROW}{words} {{{right}}} allowed")
    reserve = _ROW + "{owned_count} owned but {reserved_count} reserved"
    return findings + at_most(years, "reserved_count", "owned_count", "count", reserve)
