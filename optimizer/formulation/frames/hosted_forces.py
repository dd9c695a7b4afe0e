"""What bills may be: today's rates, and what the lead actor's people in a host cost it for each person."""

import pandas as pd

from optimizer.formulation.frames.housing import housing_salvage_rates, used_access
from optimizer.formulation.frames.index import Index, no_rows, once
from optimizer.tables.by_year import with_years

BILL = ["actor_id", "host_actor_id"]
HOST = "host_actor_id"
HOST_YEAR = [HOST, "year"]
KIND = ["actor_id", HOST, "unit_type_id"]


@once
def hosted_places(index: Index) -> pd.DataFrame:
    """The rows of ``index.places`` of the lead actor in the hosts of bills."""
    places = index.places
    hosts = index.problem["billing"][HOST]
    return places[(places["actor_id"] == index.lead) & places[HOST].isin(hosts)]


@once
def hosted_access(index: Index) -> pd.DataFrame:
    """The rows of ``used_access`` of the lead actor in the hosts of bills."""
    access = used_access(index)
    hosts = index.problem["billing"][HOST]
    return access[(access["actor_id"] == index.lead) & access[HOST].isin(hosts)]


@once
def hosts_today(index: Index) -> pd.DataFrame:
    """By host of bills: persons_today of the lead actor, and incremental_today_usd_m."""
    hosts = index.problem["billing"][HOST].unique()
    places, access = hosted_places(index), hosted_access(index)
    people = places["stationed_count"] * places["personnel_persons"]
    stationing = places["stationed_count"] * places["stationing_cost_usd_m_per_unit_yr"]
    sites = (
        access["open_cost_usd_m_per_yr"] * access["open_today"].astype(bool)
        + access["housing_cost_usd_m_per_person_yr"] * access["housing_today_persons"]
    )
    cost = pd.concat([stationing.groupby(places[HOST]).sum(), sites.groupby(access[HOST]).sum()])
    frame = pd.DataFrame(
        {
            "persons_today": people.groupby(places[HOST]).sum(),
            "incremental_today_usd_m": cost.groupby(level=0).sum(),
        }
    )
    return frame.reindex(hosts).fillna(0.0).rename_axis(HOST).reset_index()


def billed_places(index: Index) -> pd.DataFrame:
    """The rows of ``hosted_places`` whose units have people."""
    places = hosted_places(index)
    return places[places["personnel_persons"] > 0]


def kinds_today(index: Index) -> pd.DataFrame:
    """KIND in the hosts of bills with persons_today, and place_count, the places in which such a unit may stand."""
    places = billed_places(index)
    places = places.assign(persons_today=places["stationed_count"] * places["personnel_persons"])
    columns = {"persons_today": ("persons_today", "sum"), "place_count": ("site_id", "size")}
    return places.groupby(KIND).agg(**columns).reset_index()


def counted_building(index: Index) -> pd.DataFrame:
    """Building that bills count: actor_id, site_id, host, year, counted_usd_m_per_person above 0.

    What of a room is written off inside the horizon; the rest the lead actor keeps as salvage.
    """
    key = ["actor_id", "site_id", "year"]
    built = with_years(hosted_access(index), index.years)
    kept = housing_salvage_rates(index)[[*key, "salvage_usd_m_per_person"]]
    built = built.merge(kept, on=key, how="left").fillna({"salvage_usd_m_per_person": 0.0})
    built["counted_usd_m_per_person"] = (
        built["housing_build_cost_usd_m_per_person"] - built["salvage_usd_m_per_person"]
    )
    return built[built["counted_usd_m_per_person"] > 0]


def person_costs(index: Index) -> pd.DataFrame:
    """By host of bills, what a person there costs the lead actor: cheapest_ and dearest_usd_m_per_person.

    The cheapest is one more person's premium and room in the cheapest place; the dearest that of a person of the
    smallest unit that may stand alone in a site, with everything that opening, keeping, closing and building costs.
    """
    frame = billed_places(index).merge(hosted_access(index).drop(columns=HOST), on=["actor_id", "site_id"])
    premium = frame["stationing_cost_usd_m_per_unit_yr"] / frame["personnel_persons"]
    frame["cheapest_usd_m_per_person"] = premium + frame["housing_cost_usd_m_per_person_yr"]
    building = counted_building(index).groupby("site_id")["counted_usd_m_per_person"].max()
    smallest = frame.groupby("site_id")["personnel_persons"].transform("min")
    smallest = smallest.clip(lower=frame["minimum_garrison_persons"])
    site = frame[["open_cost_usd_m_per_yr", "opening_cost_usd_m", "closing_cost_usd_m"]].sum(axis="columns")
    frame["dearest_usd_m_per_person"] = (
        frame["cheapest_usd_m_per_person"] + frame["site_id"].map(building).fillna(0.0) + site / smallest
    )
    costs = frame.groupby(HOST).agg(
        cheapest_usd_m_per_person=("cheapest_usd_m_per_person", "min"),
        dearest_usd_m_per_person=("dearest_usd_m_per_person", "max"),
    )
    hosts = index.problem["billing"][HOST].unique()
    return costs.reindex(hosts).fillna(0.0).rename_axis(HOST).reset_index()


@once
def bills(index: Index) -> pd.DataFrame:
    """Bills by year: BILL, year, is_freed, today_usd_m_per_person, most_usd_m_per_person, the bill's columns.

    Also what ``person_costs`` and ``hosts_today`` say of the host. most_usd_m_per_person is the most that a freed
    bill may be for each person.
    """
    frame = index.problem["billing"].merge(hosts_today(index), on=HOST).merge(person_costs(index), on=HOST)
    people = frame["persons_today"]
    frame["today_usd_m_per_person"] = (frame["billed_today_usd_m_per_yr"] / people).where(people > 0, 0.0)
    frame["most_usd_m_per_person"] = frame["maximum_multiple_ratio"] * frame["dearest_usd_m_per_person"]
    frame = with_years(frame, index.years)
    frame["is_freed"] = frame["year"] >= frame["actor_id"].map(index.problem.freed_years("BILLING"))
    return frame.sort_values([*BILL, "year"], ignore_index=True)


@once
def host_years(index: Index) -> pd.DataFrame:
    """HOST_YEAR with has_freed, greatest_multiple (of freed bills), surplus_usd_m_per_person and is_capped.

    The surplus is by how much the bills of all payers together may exceed what the lead actor's people there cost
    it: for each person, what the greatest multiple of the cheapest cost, or what payers owe whatever it costs,
    leaves above that cost. Presence is capped, kind by kind, where there is one, unless every payer allows more.
    """
    frame = bills(index)
    cheapest = frame["cheapest_usd_m_per_person"]
    frame["greatest_multiple"] = frame["maximum_multiple_ratio"].where(frame["is_freed"], 0.0)
    frame["multiple"] = frame["greatest_multiple"] * cheapest
    frame["owed"] = frame["floor_usd_m_per_person_yr"].where(
        frame["is_freed"], frame["today_usd_m_per_person"]
    )
    hosts = frame.groupby(HOST_YEAR).agg(
        has_freed=("is_freed", "any"),
        greatest_multiple=("greatest_multiple", "max"),
        multiple=("multiple", "max"),
        owed=("owed", "sum"),
        cheapest=("cheapest_usd_m_per_person", "first"),
        allows=("allows_more_presence", "all"),
    )
    most = hosts[["multiple", "owed"]].max(axis="columns")
    surplus = (most - hosts["cheapest"]).clip(lower=0.0)
    hosts["surplus_usd_m_per_person"] = surplus.where(surplus > 1e-12, 0.0)
    hosts["is_capped"] = (hosts["surplus_usd_m_per_person"] > 0) & ~hosts["allows"].astype(bool)
    return hosts.reset_index()


def owed_beyond_today(index: Index) -> pd.DataFrame:
    """actor_id, year, owed_usd_m: what freed floors ask for today's people beyond what is billed today."""
    if index.problem["billing"].empty:
        return no_rows(["actor_id", "year", "owed_usd_m"])
    frame = bills(index)
    owed = frame["floor_usd_m_per_person_yr"] * frame["persons_today"] - frame["billed_today_usd_m_per_yr"]
    frame["owed_usd_m"] = owed.where(frame["is_freed"], 0.0).clip(lower=0.0)
    return frame.groupby(["actor_id", "year"])["owed_usd_m"].sum().reset_index()
