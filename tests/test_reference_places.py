"""Where units stand in the reference: facilities, garrisons, room, missions of presence, and what presence costs."""

import pandas as pd
import pytest

from optimizer.cases.read import read_case
from optimizer.formulation.families.garrison import supplies
from optimizer.formulation.frames.index import Index, build_index
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem

PAY_USD_M = 0.1
"""Pay of a person and year in dollars of 2025, judged: with it, obligations a person are those of GAO-21-270."""

HOST_SHARES = {"JPN": 0.376, "KOR": 0.302}
"""Direct support over it and U.S. obligations, 2016 to 2019: GAO-21-270."""

OBLIGATIONS_USD_M = {"JPN": 0.0950, "KOR": 0.1175}
"""U.S. obligations a person and year in dollars of 2018: GAO-21-270, people by press."""

HEADQUARTERS = [
    "DEU_STUTTGART",
    "DEU_WIESBADEN",
    "ITA_NAPLES",
    "KOR_WALKER",
    "JPN_CAMP_FOSTER",
    "GBR_CROUGHTON",
]


@pytest.fixture(scope="module")
def reference() -> Problem:
    return complete(read_case("reference")).problem


@pytest.fixture(scope="module")
def rules() -> pd.DataFrame:
    """Policy rules as they are given."""
    return read_case("reference")["policy_rules"]


@pytest.fixture(scope="module")
def index(reference: Problem) -> Index:
    return build_index(reference)


@pytest.fixture(scope="module")
def away(index: Index) -> pd.DataFrame:
    """Places of the United States, with people today."""
    places = index.places[index.places["actor_id"] == "USA"]
    return places.assign(people=places["stationed_count"] * places["personnel_persons"])


def test_a_site_has_what_its_name_says(reference: Problem) -> None:
    """No facility of ships, aircraft or land forces is where the site takes none of that domain."""
    there = reference["site_facilities"].merge(reference["sites"], on="site_id")
    accepted = {"_AIRFIELD": "accepts_air", "_BERTH": "accepts_sea"}
    for suffix, column in accepted.items():
        named = there[there["facility_id"].str.endswith(suffix) & (there["facility_id"] != "ROTARY_AIRFIELD")]
        assert named[column].astype(bool).all(), suffix
    on_land = ["ROTARY_AIRFIELD", "MANEUVER_AREA", "COMBAT_BARRACKS", "BATTLEGROUP_CAMP"]
    assert there.loc[there["facility_id"].isin(on_land), "accepts_land"].astype(bool).all()


@pytest.mark.parametrize("site", HEADQUARTERS)
def test_headquarters_hold_no_brigade(index: Index, site: str) -> None:
    here = index.places[(index.places["site_id"] == site) & (index.places["mode"] != "PREPOSITIONED")]
    assert set(here["unit_type_id"]) <= {
        "PATRIOT_BATTERY",
        "SHORT_RANGE_AIR_DEFENSE_BATTALION",
        "SUPPORT_GROUP",
    }


@pytest.mark.parametrize(
    ("unit_type", "sites"),
    [
        ("SUBMARINE", {"GRC_SOUDA_BAY", "IOT_DIEGO_GARCIA", "GUM_NAVAL_BASE", "HAWAII_PEARL_HARBOR"}),
        ("CARRIER_STRIKE_GROUP", {"JPN_YOKOSUKA"}),
    ],
)
def test_where_ships_of_the_united_states_may_berth(
    away: pd.DataFrame, unit_type: str, sites: set[str]
) -> None:
    assert set(away.loc[away["unit_type_id"] == unit_type, "site_id"]) == sites


def test_bombers_stand_at_no_helicopter_airfield(away: pd.DataFrame) -> None:
    sites = set(away.loc[away["unit_type_id"] == "BOMBER_SQUADRON", "site_id"])
    assert {"GUM_ANDERSEN", "GBR_FAIRFORD", "IOT_DIEGO_GARCIA"} <= sites
    assert not {"JPN_FUTENMA", "KOR_HUMPHREYS", "DEU_ANSBACH", "DEU_WIESBADEN"} & sites


def test_battlegroups_are_made_of_combat_units(reference: Problem, index: Index) -> None:
    supplied = supplies(index)
    assert set(supplied["garrison_id"]) == set(reference["garrisons"]["garrison_id"])
    assert set(supplied["unit_type_id"]) <= {
        "ARMORED_BRIGADE",
        "MECHANIZED_BRIGADE",
        "BATTLEGROUP",
        "REINFORCED_COMPANY",
    }


def test_todays_posture_keeps_every_floor_and_none_is_without_a_source(
    rules: pd.DataFrame, index: Index, away: pd.DataFrame
) -> None:
    """Floors of people and units stationed are at most what stands there, and above a third of it."""
    rules = rules[(rules["sense"] == "AT_LEAST") & rules["site_group_id"].notna()]
    assert len(rules) >= 15
    assert rules[["source", "waiver"]].notna().all(axis=None)
    assert rules[["first_year", "last_year"]].isna().all(axis=None)
    for rule in rules.to_dict("records"):
        sites = index.group_sites.loc[index.group_sites["site_group_id"] == rule["site_group_id"], "site_id"]
        here = away[away["site_id"].isin(sites)]
        if isinstance(rule["unit_type_id"], str):
            here = here[here["unit_type_id"] == rule["unit_type_id"]]
        column = "people" if rule["quantity"] == "STATIONED_PERSONS" else "stationed_count"
        assert here[column].sum() / 3 <= rule["value"] <= here[column].sum(), rule["policy_rule_id"]


def test_hawaii_and_guam_are_home(reference: Problem, index: Index) -> None:
    own = reference["sites"][reference["sites"]["host_actor_id"] == "USA"]
    assert set(own["staging_area_id"]) == {"HAWAII", "GUAM"}
    abroad = {"EUROPE", "GULF_AND_JORDAN", "OKINAWA", "MAIN_ISLANDS_OF_JAPAN"}
    members = index.group_sites[index.group_sites["site_group_id"].isin(abroad)]
    assert not set(own["site_id"]) & set(members["site_id"])


def test_guam_has_room_for_the_marines_of_the_agreement_as_it_is_built(
    rules: pd.DataFrame, away: pd.DataFrame
) -> None:
    rules = rules[(rules["site_group_id"] == "GUAM") & (rules["sense"] == "AT_MOST")]
    today = away.loc[away["site_id"].str.startswith("GUM_"), "people"].sum()
    in_order = rules.sort_values("last_year")["value"]
    assert in_order.is_monotonic_increasing
    assert in_order.iloc[0] > today
    assert in_order.iloc[-1] - today == pytest.approx(5_000, rel=0.1)


def test_a_move_to_guam_costs_about_what_was_published(reference: Problem) -> None:
    """1.16 M$ of 2012 for each Marine, within a factor of two; the site's own costs come on top."""
    conversions = reference["money_conversions"].set_index(["currency", "year"])["base_year_usd"]
    access = reference["site_access"]
    rooms = access.loc[access["site_id"].str.startswith("GUM_"), "housing_build_cost_usd_m_per_person"]
    assert (rooms / (1.16 * conversions["USD", 2012])).between(0.5, 1).all()


def presence_costs(reference: Problem, away: pd.DataFrame) -> pd.DataFrame:
    """By host: people of modeled units, all people, and M$ a year of stationing, sites, room and turns of duty."""
    access = reference["site_access"].merge(reference["sites"][["site_id", "host_actor_id"]], on="site_id")
    access = access[access["actor_id"] == "USA"].set_index("site_id")
    modes = reference["unit_type_modes"].set_index(["unit_type_id", "mode"])["mode_cost_usd_m_per_unit_yr"]
    turns = away["stationed_count"] * [
        modes[key] for key in zip(away["unit_type_id"], away["mode"], strict=True)
    ]
    access["people"] = away.groupby("site_id")["people"].sum()
    access["turns"] = turns.groupby(away["site_id"]).sum()
    access = access.fillna({"people": 0.0, "turns": 0.0})
    rate = access["stationing_cost_usd_m_per_person_yr"] + access["housing_cost_usd_m_per_person_yr"]
    access["being_there"] = rate * access["people"]
    access["being_there"] += access["open_cost_usd_m_per_yr"].where(access["open_today"].astype(bool), 0.0)
    access["everybody"] = access["people"] + access["unassigned_persons"]
    return access.groupby("host_actor_id")[["people", "everybody", "being_there", "turns"]].sum()


def test_a_person_abroad_costs_what_rand_says(reference: Problem, away: pd.DataFrame) -> None:
    """10,000 to 40,000 dollars a person and year in RR-201; what hosts pay comes back by the bill."""
    abroad = presence_costs(reference, away).drop("USA").sum()
    billed = reference["billing"]["billed_today_usd_m_per_yr"].sum()
    assert 0.01 <= (abroad["being_there"] - billed) / abroad["people"] <= 0.04


@pytest.mark.parametrize("host", HOST_SHARES)
def test_hosts_bear_their_published_share_of_the_direct_cost(
    reference: Problem, away: pd.DataFrame, host: str
) -> None:
    """The direct cost is stationing, turns of duty, sites and room, the host's part included, and pay."""
    costs = presence_costs(reference, away).loc[host]
    (billed,) = reference["billing"].loc[
        reference["billing"]["actor_id"] == host, "billed_today_usd_m_per_yr"
    ]
    direct = costs["being_there"] + costs["turns"] + PAY_USD_M * costs["everybody"]
    assert billed / direct == pytest.approx(HOST_SHARES[host], abs=0.02)
    conversions = reference["money_conversions"].set_index(["currency", "year"])["base_year_usd"]
    published = OBLIGATIONS_USD_M[host] * conversions["USD", 2018]
    assert (direct - billed) / costs["everybody"] == pytest.approx(published, rel=0.1)
