"""What allies pay for the lead actor's troops, and whether every actor's cost is below that of standing alone."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.ledger import ledger, money_lines, posture_today
from optimizer.audit.plan import SITE_KEY, Plan
from optimizer.tables.plan_tables import by_year

_HOST_YEAR = ["host_actor_id", "year"]
_ROW = "billing_results: {actor_id} {host_actor_id} {year}: "
_HOST_ROW = "billing_results: {host_actor_id} {year}: "
_BUILDING = "site_access.housing_build_cost_usd_m_per_person"
_ABROAD = ["STATIONING", "SITES", "OPEN_CLOSE", "HOUSING"]


def billing(plan: Plan) -> list[str]:
    """Findings about bills."""
    rows = _rows(plan)
    today, years = rows[rows["year"] == plan.problem.today], rows[rows["year"] > plan.problem.today]
    is_freed = years["year"] >= years["freed_year"]
    locked, freed = years[~is_freed], years[is_freed]
    people = _ROW + "{billed_usd_m} M$, above {people_bill} for the {persons} people there"
    return [
        *equal(today, "billed_usd_m", "today_bill", "usd_m", _ROW + "{billed_usd_m} M$, not {today_bill}"),
        *equal(locked, "billed_usd_m", "today_bill", "usd_m", _ROW + "{billed_usd_m} M$, not {today_bill}"),
        *at_most(freed, "least_bill", "billed_usd_m", "usd_m", _ROW + "{billed_usd_m} M$, below the floor"),
        *at_most(freed, "billed_usd_m", "most_bill", "usd_m", _ROW + "{billed_usd_m} M$, above {most_bill}"),
        *at_most(freed, "billed_usd_m", "people_bill", "usd_m", people),
        *_of_hosts(years, is_freed),
        *_shown(rows),
        *_unknown(plan),
    ]


def _unknown(plan: Plan) -> list[str]:
    payers = plan.problem["billing"][["actor_id", "host_actor_id"]].assign(is_known=True)
    shown = plan.shown("billing_results").merge(payers, on=["actor_id", "host_actor_id"], how="left")
    return said(shown[shown["is_known"].isna()], _ROW + "there is no such bill")


def _of_hosts(years: pd.DataFrame, is_freed: pd.Series) -> list[str]:
    """All payers of a host together, and the people for whom they may pay more than their cost."""
    rows = years.assign(
        multiple=years["maximum_multiple_ratio"].where(is_freed, 0.0) * years["cheapest"],
        owed=years["floor_usd_m_per_person_yr"].where(is_freed, years["today_rate"]),
        is_freed=is_freed,
    )
    hosts = rows.groupby(_HOST_YEAR).agg(
        is_freed=("is_freed", "any"),
        billed=("billed_usd_m", "sum"),
        incremental=("incremental", "first"),
        persons=("persons", "first"),
        persons_today=("persons_today", "first"),
        cheapest=("cheapest", "first"),
        multiple=("multiple", "max"),
        owed=("owed", "sum"),
        allows=("allows_more_presence", "all"),
    )
    hosts = hosts.reset_index()
    surplus = hosts[["multiple", "owed"]].max(axis="columns") - hosts["cheapest"]
    hosts["most"] = hosts["incremental"] + surplus.clip(lower=0.0) * hosts["persons"]
    capped = hosts[(surplus > 1e-12) & ~hosts["allows"].astype(bool)]
    freed = hosts[hosts["is_freed"]]
    more = _HOST_ROW + "{persons} people bring more than they cost, but there are {persons_today} today"
    return [
        *at_most(freed, "billed", "most", "usd_m", _HOST_ROW + "bills of {billed} M$ together, above {most}"),
        *at_most(capped, "persons", "persons_today", "persons", more),
    ]


def _shown(rows: pd.DataFrame) -> list[str]:
    return [
        *equal(
            rows,
            "incremental_usd_m",
            "incremental",
            "usd_m",
            _ROW + "a cost of {incremental_usd_m} M$ shown but it is {incremental}",
        ),
        *equal(
            rows,
            "stationed_persons",
            "persons",
            "persons",
            _ROW + "{stationed_persons} people shown but there are {persons}",
        ),
    ]


def _rows(plan: Plan) -> pd.DataFrame:
    """Every bill in every period with what it may be."""
    problem = plan.problem
    shown = plan.shown("billing_results")
    rows = by_year(problem["billing"], plan.all_years)
    rows = rows.merge(shown, on=["actor_id", *_HOST_YEAR], how="left")
    rows["freed_year"] = rows["actor_id"].map(plan.freed_years("BILLING"))
    sites = plan.places[["site_id", "host_actor_id"]]
    people = plan.people.merge(sites, on="site_id")
    people = people[people["actor_id"] == problem.settings["lead_actor_id"]]
    people = people.groupby(_HOST_YEAR)[["persons"]].sum().reset_index()
    rows = rows.merge(people, on=_HOST_YEAR, how="left").merge(_incremental(plan), on=_HOST_YEAR, how="left")
    rows = rows.merge(_person_costs(plan), on="host_actor_id", how="left")
    numbers = ["billed_usd_m", "incremental_usd_m", "stationed_persons", "persons", "incremental"]
    numbers += ["cheapest", "dearest"]
    rows[numbers] = rows[numbers].fillna(0.0)
    today = people.loc[people["year"] == problem.today].set_index("host_actor_id")["persons"]
    rows["persons_today"] = rows["host_actor_id"].map(today).fillna(0.0)
    rate = rows["billed_today_usd_m_per_yr"] / rows["persons_today"]
    rows["today_rate"] = rate.where(rows["persons_today"] > 0, 0.0)
    return rows.assign(
        today_bill=rows["today_rate"] * rows["persons"],
        least_bill=rows["floor_usd_m_per_person_yr"] * rows["persons"],
        most_bill=rows["maximum_multiple_ratio"] * rows["incremental"],
        people_bill=rows["maximum_multiple_ratio"] * rows["dearest"] * rows["persons"],
    )


def _incremental(plan: Plan) -> pd.DataFrame:
    """host_actor_id, year, incremental: what the ledger's lines of the lead actor's sites there add up to, a year.

    The lines of a period are as much in each of its years as is worth the same, discounted. A room counts with what
    of it is written off by the last year. Today's sites are those of the tables.
    """
    problem = plan.problem
    lead = problem.settings["lead_actor_id"]
    planned = ledger(plan)
    planned["usd_m"] = planned["discounted_usd_m"] / planned["year"].map(
        plan.calendar.groupby("year")["factor"].sum()
    )
    lines = pd.concat([planned[planned["kind"].isin(_ABROAD)], posture_today(plan)], ignore_index=True)
    lines = lines[lines["actor_id"] == lead].merge(plan.places[["site_id", "host_actor_id"]], on="site_id")
    life = problem["site_access"][[*SITE_KEY, "housing_life_yr"]]
    lines = lines.merge(life, on=SITE_KEY, how="left")
    written_off = (problem.years[-1] - lines["year"] + 1) / lines["housing_life_yr"]
    part = written_off.clip(upper=1.0).where(lines["source_column"] == _BUILDING, 1.0)
    lines["incremental"] = lines["usd_m"] * part
    costs: pd.DataFrame = lines.groupby(_HOST_YEAR)[["incremental"]].sum().reset_index()
    return costs


def _person_costs(plan: Plan) -> pd.DataFrame:
    """host_actor_id, cheapest, dearest: what one more of the lead actor's people there costs.

    The least; and at the dearest site with all that opening, keeping and closing it costs, borne by the smallest unit
    that may stand there alone, and as much of a room built as can be written off.
    """
    rows = plan.lead_places[plan.lead_places["mode_persons"] > 0].copy()
    rows["cheapest"] = rows["stationing_cost_usd_m_per_person_yr"] + rows["housing_cost_usd_m_per_person_yr"]
    rows["cheapest"] += rows["mode_cost_usd_m_per_unit_yr"].fillna(0.0) / rows["mode_persons"]
    written_off = (len(plan.calendar) / rows["housing_life_yr"]).clip(upper=1.0)
    smallest = rows.groupby("site_id")["mode_persons"].transform("min")
    smallest = smallest.clip(lower=rows["minimum_garrison_persons"])
    site = rows[["open_cost_usd_m_per_yr", "opening_cost_usd_m", "closing_cost_usd_m"]].sum(axis="columns")
    building = rows["housing_build_cost_usd_m_per_person"].fillna(0.0) * written_off
    rows["dearest"] = rows["cheapest"] + building + site / smallest
    costs: pd.DataFrame = rows.groupby("host_actor_id").agg({"cheapest": "min", "dearest": "max"})
    return costs.reset_index()


def participation(plan: Plan) -> list[str]:
    """Findings about what actors bear for the alliance."""
    if not plan.problem["actors"]["stand_alone_cost_usd_m"].notna().any():
        return []
    cost = money_lines(ledger(plan)).groupby("actor_id")["discounted_usd_m"].sum()
    actors = plan.problem["actors"].set_index("actor_id")["stand_alone_cost_usd_m"].dropna()
    rows = actors.rename("most").reset_index()
    rows["cost"] = rows["actor_id"].map(cost).fillna(0.0)
    sentence = "ledger: {actor_id}: a cost of {cost} M$ but standing alone would cost {most}"
    return at_most(rows, "cost", "most", "usd_m", sentence)
