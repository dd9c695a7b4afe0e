"""Planners' own rules: when each holds, which may hold instead of another, and what each sums up."""

import pandas as pd

from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, limits
from optimizer.formulation.frames.hosted_forces import BILL
from optimizer.formulation.frames.index import FORCE, PLACE, Index
from optimizer.tables.by_year import with_years

RULE = "policy_rule_id"


def rule_years(index: Index) -> pd.DataFrame:
    """The rules with one row for each period in which they hold: that has a year in which they apply."""
    frame = with_years(index.problem["policy_rules"], index.years)
    begins = frame["year"].map(index.problem.calendar.first_years)
    return frame[(frame["first_year"] <= frame["year"]) & (begins <= frame["last_year"])]


def pairs(index: Index) -> pd.DataFrame:
    """Rules of which one may hold instead of the other: RULE, or_policy_rule_id and year, where both apply."""
    frame = rule_years(index)[[RULE, "or_policy_rule_id", "year"]]
    others = frame[[RULE, "year"]].rename(columns={RULE: "or_policy_rule_id"})
    return frame.dropna().merge(others, on=["or_policy_rule_id", "year"])


def standing_alone(index: Index) -> pd.DataFrame:
    """The rows of ``rule_years`` in which a rule holds by itself, see ``conditional_rules``."""
    frame = rule_years(index)
    is_named = frame[RULE].isin(frame["or_policy_rule_id"].dropna())
    paired = pd.MultiIndex.from_frame(pairs(index)[[RULE, "year"]])
    return frame[~is_named & ~pd.MultiIndex.from_frame(frame[[RULE, "year"]]).isin(paired)]


def selections(index: Index) -> dict[str, pd.DataFrame]:
    """What each rule sums up: by variable, policy_rule_id, its keys without the year, and a coefficient.

    What is raised and disbanded counts as units a year: divided by the years of the period.
    """
    p = index.problem
    rules = p["policy_rules"]
    sites = index.group_sites
    everywhere = pd.concat([sites, sites[["site_id"]].drop_duplicates().assign(site_group_id="")])

    def chosen(frame: pd.DataFrame, quantities: list[str], by_site: bool = False) -> pd.DataFrame:
        pairs = rules[rules["quantity"].isin(quantities)].rename(
            columns={"actor_id": "chosen_actor", "unit_type_id": "chosen_type"}
        )
        pairs = pairs.merge(frame, how="cross")
        for selector, column in (("chosen_actor", "actor_id"), ("chosen_type", "unit_type_id")):
            if column in frame.columns:
                pairs = pairs[pairs[selector].isna() | (pairs[selector] == pairs[column])]
        if by_site:
            pairs["site_group_id"] = pairs["site_group_id"].fillna("")
            pairs = pairs.merge(everywhere, on=["site_group_id", "site_id"])
        return pairs

    forces = index.forces[[*FORCE, "quality_factor"]]
    owned = chosen(forces, ["OWNED_COUNT"]).assign(coefficient=1.0)
    points = chosen(forces, ["OWNED_POINTS"]).merge(
        p["unit_capabilities"], on=["unit_type_id", "capability_id"]
    )
    points["coefficient"] = points["quality_factor"] * points["capability_points"]
    places = index.places[[*PLACE, "personnel_persons"]]
    stationed = chosen(places, ["STATIONED_COUNT", "STATIONED_PERSONS"], by_site=True)
    stationed["coefficient"] = stationed["personnel_persons"].where(
        stationed["quantity"] == "STATIONED_PERSONS", 1.0
    )
    raised = chosen(index.orders[FORCE].drop_duplicates(), ["RAISED_COUNT"]).assign(coefficient=1.0)
    disbanded = chosen(forces, ["DISBANDED_COUNT"]).assign(coefficient=1.0)
    return {
        "owned": pd.concat([owned, points]),
        "stationed": stationed,
        "raised": raised,
        "disbanded": disbanded,
        "spending": chosen(p["actors"][["actor_id"]], ["SPENDING_USD_M", "SPENDING_FRACTION"]),
        "billed": chosen(p["billing"][BILL], ["BILLED_USD_M"]),
    }


def spending_terms(index: Index, spending: pd.DataFrame) -> pd.DataFrame:
    """The selection of spending by year, with coefficient: 1, or 1 by the actor's GDP."""
    terms = with_years(spending, index.years).merge(limits(index)[[*ACTOR_YEAR, "gdp_usd_m"]], on=ACTOR_YEAR)
    is_share = terms["quantity"] == "SPENDING_FRACTION"
    return terms.assign(coefficient=(1 / terms["gdp_usd_m"]).where(is_share, 1.0))
