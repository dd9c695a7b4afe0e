"""4.13 Policy rules: planners' own linear rules, as data.

A rule compares the sum of a quantity over what its selectors choose with a value, each year::

    policy_quantity[r,t]        quantity[r,t] = Σ over the rule's selection
    policy_rule_at_most[r,t]    quantity[r,t] − violation[r,t] ≤ value[r]
    policy_rule_at_least[r,t]   quantity[r,t] + violation[r,t] ≥ value[r]
    policy_rule_equal[r,t]      quantity[r,t] + violation[r,t] − excess[r,t] = value[r]

=======================  =====================================================  =============================
symbol                   meaning, unit                                          source column
=======================  =====================================================  =============================
quantity[r,t]            units, people, points, M$ or a share of GDP             policy_rules.quantity
violation, excess        the same unit; only where a penalty is stated          policy_rules.penalty_usd_m
value[r]                 the same unit                                          policy_rules.value
=======================  =====================================================  =============================
"""

from typing import Any

import pandas as pd
import pyomo.environ as pyo

from optimizer.formulation.blocks import RowKind, add_block, parameter
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, limits
from optimizer.formulation.frames.hosted_forces import BILL
from optimizer.formulation.frames.index import FORCE, PLACE, Index
from optimizer.formulation.frames.pyomo_sets import keys, relation, values, with_years

ROWS = {
    "policy_quantity": RowKind.PHYSICS,
    "policy_rule_at_most": RowKind.PRICED,
    "policy_rule_at_least": RowKind.PRICED,
    "policy_rule_equal": RowKind.PRICED,
}

RULE = "policy_rule_id"


def rule_years(index: Index) -> pd.DataFrame:
    """The rules with one row for each year in which they hold."""
    frame = with_years(index.problem["policy_rules"], index.years)
    return frame[(frame["first_year"] <= frame["year"]) & (frame["year"] <= frame["last_year"])]


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
    """What each rule sums up: by variable, policy_rule_id, its keys without the year, and a coefficient."""
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


def add_variables(m: Any, index: Index) -> None:
    """Adds quantity, violation and excess."""
    frame = rule_years(index)
    m.quantity = pyo.Var(keys(frame, [RULE, "year"]), domain=pyo.Reals)
    priced = frame[frame["penalty_usd_m"].notna()]
    m.violation = pyo.Var(keys(priced, [RULE, "year"]), domain=pyo.NonNegativeReals)
    two_sided = priced[priced["sense"] == "EQUAL"]
    m.excess = pyo.Var(keys(two_sided, [RULE, "year"]), domain=pyo.NonNegativeReals)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame = rule_years(index)
    rules = index.problem["policy_rules"]
    rule_ids = rules[RULE].to_list()
    m.rules = pyo.Set(initialize=rule_ids)
    m.rule_value = pyo.Param(m.rules, initialize=values(rules, [RULE], "value"))
    selected = selections(index)
    m.rule_owned = pyo.Set(m.rules, initialize=relation(selected["owned"], [RULE], FORCE, rule_ids), dimen=2)
    m.rule_owned_part = _coefficients(selected["owned"], [RULE, *FORCE])
    m.rule_stationed = pyo.Set(
        m.rules, initialize=relation(selected["stationed"], [RULE], PLACE, rule_ids), dimen=4
    )
    m.rule_stationed_part = _coefficients(selected["stationed"], [RULE, *PLACE])
    m.rule_disbanded = pyo.Set(
        m.rules, initialize=relation(selected["disbanded"], [RULE], FORCE, rule_ids), dimen=2
    )
    rule_years_keys = keys(frame, [RULE, "year"])
    m.rule_years = pyo.Set(initialize=rule_years_keys, dimen=2)
    raised = selected["raised"].merge(index.orders[[*FORCE, "year"]], on=FORCE)
    m.rule_raised = pyo.Set(
        m.rule_years,
        initialize=_only(relation(raised, [RULE, "year"], FORCE, rule_years_keys), rule_years_keys),
        dimen=2,
    )
    m.rule_billed = pyo.Set(m.rules, initialize=relation(selected["billed"], [RULE], BILL, rule_ids), dimen=2)
    spending = spending_terms(index, selected["spending"])
    m.rule_spending_part = _coefficients(spending, [RULE, *ACTOR_YEAR])
    m.rule_spending = pyo.Set(
        m.rule_years,
        initialize=_only(relation(spending, [RULE, "year"], ["actor_id"], rule_years_keys), rule_years_keys),
    )
    add_block(m, policy_quantity, m.rule_years)

    priced = set(keys(frame[frame["penalty_usd_m"].notna()], [RULE]))
    m.rule_violation = pyo.Set(
        m.rules, initialize={rule: [rule] if rule in priced else [] for rule in rule_ids}
    )
    alone = standing_alone(index)
    for sense, rule in (
        ("AT_MOST", policy_rule_at_most),
        ("AT_LEAST", policy_rule_at_least),
        ("EQUAL", policy_rule_equal),
    ):
        held = keys(alone[alone["sense"] == sense], [RULE, "year"])
        add_block(m, rule, pyo.Set(initialize=held, dimen=2))


def policy_quantity(m: Any, rule: Any, year: Any) -> Any:
    """What a rule measures."""
    return (
        m.quantity[rule, year]
        - sum(m.rule_owned_part[rule, a, g] * m.owned[a, g, year] for a, g in m.rule_owned[rule])
        - sum(
            m.rule_stationed_part[rule, a, g, site, mode] * m.stationed[a, g, site, mode, year]
            for a, g, site, mode in m.rule_stationed[rule]
        )
        - sum(m.raised[a, g, year] for a, g in m.rule_raised[rule, year])
        - sum(m.disbanded[a, g, year] for a, g in m.rule_disbanded[rule])
        - sum(m.rule_spending_part[rule, a, year] * m.spending[a, year] for a in m.rule_spending[rule, year])
        - sum(m.billed[a, host, year] for a, host in m.rule_billed[rule])
        == 0
    )


def policy_rule_at_most(m: Any, rule: Any, year: Any) -> Any:
    """The quantity stays at or below the value."""
    return m.quantity[rule, year] - _violation(m, rule, year) <= m.rule_value[rule]


def policy_rule_at_least(m: Any, rule: Any, year: Any) -> Any:
    """The quantity stays at or above the value."""
    return m.quantity[rule, year] + _violation(m, rule, year) >= m.rule_value[rule]


def policy_rule_equal(m: Any, rule: Any, year: Any) -> Any:
    """The quantity is the value."""
    excess = sum(m.excess[priced, year] for priced in m.rule_violation[rule])
    return m.quantity[rule, year] + _violation(m, rule, year) - excess == m.rule_value[rule]


def _violation(m: Any, rule: Any, year: Any) -> Any:
    return sum(m.violation[priced, year] for priced in m.rule_violation[rule])


def _coefficients(frame: pd.DataFrame, by: list[str]) -> Any:
    return parameter(values(frame, by, "coefficient"), len(by))


def _only(related: dict[Any, list[Any]], wanted: list[Any]) -> dict[Any, list[Any]]:
    return {key: related[key] for key in wanted}
