"""Where a made-up problem's units stand today, and the room, access and money that go with it."""

import numpy as np
import pandas as pd

from optimizer.benchmark.instances.names import FIRST_YEAR, LEAD, Names

Tables = dict[str, pd.DataFrame]

FORCE = ["actor_id", "unit_type_id"]
ACCESS = ["site_id", "actor_id"]


def stationed_today(names: Names, owned: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Up to a quarter of each force abroad, one unit a site, every second in turns; a set where sets are owned."""
    places = names.access[[*ACCESS, "accepts_air", "accepts_sea"]].merge(
        names.forces[[*FORCE, "domain"]], on="actor_id"
    )
    accepted = places["domain"] == "LAND"
    for domain in ("AIR", "SEA"):
        accepted |= (places["domain"] == domain) & places[f"accepts_{domain.lower()}"]
    places = places[accepted].merge(owned, on=FORCE)
    places = places.iloc[random.permutation(len(places))]
    place = places.groupby(FORCE).cumcount()
    units = places[place < places["owned_count"] // 4]
    mode = np.where(place[units.index] % 2 == 0, "PERMANENT", "ROTATIONAL")
    sets = places[(place == 0) & (places["sets_owned_count"] > 0)]
    both = pd.concat([units.assign(mode=mode), sets.assign(mode="PREPOSITIONED")], ignore_index=True)
    return both[[*FORCE, "site_id", "mode"]].assign(stationed_count=1.0)


def people(stationed: pd.DataFrame, modes: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``stationed`` with persons, the people present."""
    frame = stationed.merge(modes[["unit_type_id", "mode", "personnel_persons"]], on=["unit_type_id", "mode"])
    own = frame["unit_type_id"].map(types.set_index("unit_type_id")["personnel_persons"])
    return frame.assign(persons=frame["personnel_persons"].fillna(own) * frame["stationed_count"])


def site_tables(
    names: Names, sites: pd.DataFrame, present: pd.DataFrame, random: np.random.Generator, core: bool
) -> Tables:
    """Sites with their capacity, and site_access; ``core`` leaves out what only open sites have."""
    here = present.groupby("site_id")["persons"].sum().reindex(sites["site_id"]).fillna(0.0).to_numpy()
    capacity = (here * 1.3 + random.integers(3000, 9000, len(sites))).round()
    access = names.access[[*ACCESS, "row"]].merge(
        present.groupby(ACCESS)["persons"].sum().reset_index(), on=ACCESS, how="left"
    )
    persons = access["persons"].fillna(0.0)
    is_lead = access["actor_id"] == LEAD
    count = len(access)
    table = access[ACCESS].assign(
        limit_persons=(persons * 1.5 + 4000).where(~is_lead),
        stationing_cost_usd_m_per_person_yr=random.uniform(0.01, 0.04, count).round(4),
        housing_cost_usd_m_per_person_yr=random.uniform(0.002, 0.006, count).round(4),
        housing_build_cost_usd_m_per_person=random.uniform(0.05, 0.12, count).round(4),
    )
    if not core:
        cost = random.integers(5, 40, count).astype(float)
        has_cost = is_lead | (access["row"] % 4 == 0)
        table["open_cost_usd_m_per_yr"] = pd.Series(cost).where(has_cost)
        table["opening_cost_usd_m"] = pd.Series(cost * 2).where(has_cost)
        table["closing_cost_usd_m"] = pd.Series(cost).where(has_cost)
        least = (persons * 0.3).round()
        table["minimum_garrison_persons"] = least.where(is_lead & (access["row"] % 3 == 0) & (least > 0))
    return {"sites": sites.assign(capacity_persons=capacity), "site_access": table}


def actor_years(
    names: Names, owned: pd.DataFrame, rates: pd.DataFrame, random: np.random.Generator, core: bool
) -> pd.DataFrame:
    """GDP, spending, ceilings and ramps; today's forces cost a third to a half of what is spent."""
    forces = owned.merge(rates, on=FORCE)
    cost = forces["owned_count"] * forces["own_cost_usd_m_per_unit_yr"]
    modeled = cost.groupby(forces["actor_id"], sort=False).sum().reset_index(name="modeled")
    count = len(modeled)
    spending = (modeled["modeled"] / random.uniform(0.33, 0.5, count)).round()
    gdp = (spending / random.uniform(0.015, 0.03, count)).round()
    is_ally = modeled["actor_id"] != LEAD
    ceiling = (spending / gdp * random.uniform(1.1, 1.4, count)).round(5)
    today = pd.DataFrame(
        {
            "actor_id": modeled["actor_id"],
            "year": FIRST_YEAR - 1,
            "gdp_usd_m": gdp,
            "spending_usd_m_per_yr": spending,
            "spending_ceiling_fraction": ceiling.where(is_ally),
            "spending_ramp_fraction_per_yr": np.nan
            if core
            else pd.Series(0.002, modeled.index).where(is_ally),
        }
    )
    years = [
        today[["actor_id"]].assign(year=year, gdp_usd_m=(gdp * 1.015 ** (year - FIRST_YEAR + 1)).round())
        for year in names.years
    ]
    return pd.concat([today, *years], ignore_index=True)
