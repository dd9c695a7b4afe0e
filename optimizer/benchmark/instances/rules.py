"""Political rules of a made-up problem: garrisons, ceilings and planners' rules that today's posture keeps."""

import pandas as pd

from optimizer.benchmark.instances.names import FIRST_YEAR, LEAD, Names

Tables = dict[str, pd.DataFrame]


def tables(names: Names, present: pd.DataFrame, owned: pd.DataFrame) -> Tables:
    """The tables of rules.

    Args:
        names: the sets.
        present: people stationed today.
        owned: units owned today.
    """
    located = present.merge(names.sites[["site_id", "region", "row", "staging_area_id"]], on="site_id")
    located["theater_id"] = [names.theaters[region] for region in located["region"]]
    in_theater = located[located["staging_area_id"].str.startswith("FRONT")]
    return {
        **_groups(names, located, in_theater),
        **_garrisons(names, in_theater),
        "policy_rules": _policy_rules(names, in_theater, owned),
    }


def _groups(names: Names, located: pd.DataFrame, in_theater: pd.DataFrame) -> Tables:
    """Foreign people of a theater, freed and falling in the first; lead people in a named group of each region."""
    foreign = in_theater.groupby("theater_id")["persons"].sum().reindex(names.theaters, fill_value=0.0)
    limits = pd.DataFrame({"site_group_id": names.theaters, "actor_id": "FOREIGN", "year": FIRST_YEAR - 1})
    limits["maximum_persons"] = foreign.to_numpy() * 1.3 + 1000
    limits["maximum_withdrawal_persons_per_yr"] = foreign.to_numpy() * 0.3 + 500
    lower = limits.iloc[[0]].assign(year=names.years[-1], maximum_persons=foreign.iloc[0] * 1.05 + 1000)

    sites = names.sites[names.sites["row"] % 2 == 0]
    groups = [f"GROUP_{region + 1}" for region in range(names.size.regions)]
    inside = located[(located["actor_id"] == LEAD) & (located["row"] % 2 == 0)]
    lead = inside.groupby("region")["persons"].sum().reindex(range(len(groups)), fill_value=0.0)
    named = pd.DataFrame({"site_group_id": groups, "actor_id": LEAD, "year": FIRST_YEAR - 1})
    named["maximum_persons"] = lead.to_numpy() * 1.2 + 1000
    return {
        "site_groups": pd.DataFrame({"site_group_id": groups}),
        "site_group_members": pd.DataFrame(
            {"site_group_id": [groups[region] for region in sites["region"]], "member_id": sites["site_id"]}
        ),
        "site_group_limits": pd.concat([limits, lower, named], ignore_index=True),
        "freed_levers": pd.DataFrame({"lever": ["CEILING"], "lever_key": names.theaters[:1]}),
    }


def _garrisons(names: Names, in_theater: pd.DataFrame) -> Tables:
    """Half of the lead actor's people in each theater; guests may take over from nobody until that is freed."""
    standing = in_theater[(in_theater["actor_id"] == LEAD) & (in_theater["mode"] != "PREPOSITIONED")]
    people = (standing.groupby("theater_id")["persons"].sum() * 0.5).round()
    people = people[people > 0]
    garrisons = pd.DataFrame(
        {
            "garrison_id": [f"GARRISON_{theater}" for theater in people.index],
            "site_group_id": people.index,
            "required_persons": people.to_numpy(),
        }
    )
    sites = names.access[names.access["staging_area_id"].str.startswith("FRONT")]
    guests = sites.loc[sites["actor_id"] != LEAD, ["actor_id", "region"]].drop_duplicates()
    guests["site_group_id"] = [names.theaters[region] for region in guests["region"]]
    guests = guests.merge(garrisons, on="site_group_id")[["garrison_id", "actor_id"]]
    lead = garrisons[["garrison_id"]].assign(actor_id=LEAD, today_fraction=1.0)
    return {
        "garrisons": garrisons,
        "garrison_actors": pd.concat([lead, guests.assign(today_fraction=0.0)], ignore_index=True),
    }


def _policy_rules(names: Names, in_theater: pd.DataFrame, owned: pd.DataFrame) -> pd.DataFrame:
    """The lead actor keeps most of its units of every third type, and its people in each theater do not rise far."""
    mine = owned.merge(names.forces, on=["actor_id", "unit_type_id"])
    mine = mine[(mine["actor_id"] == LEAD) & (mine["number"] % 3 == 0)]
    keeps = pd.DataFrame(
        {
            "policy_rule_id": "KEEP_" + mine["unit_type_id"],
            "quantity": "OWNED_COUNT",
            "actor_id": LEAD,
            "unit_type_id": mine["unit_type_id"],
            "sense": "AT_LEAST",
            "value": mine["owned_count"] // 2,
        }
    )
    abroad = in_theater[in_theater["actor_id"] == LEAD].groupby("theater_id")["persons"].sum()
    limits = pd.DataFrame(
        {
            "policy_rule_id": [f"LIMIT_{theater}" for theater in names.theaters],
            "quantity": "STATIONED_PERSONS",
            "actor_id": LEAD,
            "site_group_id": names.theaters,
            "sense": "AT_MOST",
            "value": abroad.reindex(names.theaters, fill_value=0.0).to_numpy() * 1.2 + 500,
            "penalty_usd_m": 0.05,
        }
    )
    return pd.concat([keeps, limits], ignore_index=True).assign(sentence="Made up.")
