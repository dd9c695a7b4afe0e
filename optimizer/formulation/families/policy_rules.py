"""4.13 Policy rules: planners' own linear rules, as data.

A rule compares the sum of a quantity over what its selectors choose with a value, in each period that has a year in
which the rule applies::

    policy_quantity[r,t]        quantity[r,t] = Σ over the rule's selection
    policy_rule_at_most[r,t]    quantity[r,t] − violation[r,t] ≤ value[r]
    policy_rule_at_least[r,t]   quantity[r,t] + violation[r,t] ≥ value[r]
    policy_rule_equal[r,t]      quantity[r,t] + violation[r,t] − excess[r,t] = value[r]

=======================  =====================================================  =============================
symbol                   meaning, unit                                          source column
=======================  =====================================================  =============================
quantity[r,t]            units, people, points, M$ or a share of GDP; of what   policy_rules.quantity
                         flows, such as units raised, the mean of a year of t
violation, excess        the same unit; only where a penalty is stated          policy_rules.penalty_usd_m
value[r]                 the same unit                                          policy_rules.value
=======================  =====================================================  =============================
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, key_set, no_keys, own_name, parameter, relation, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR
from optimizer.formulation.frames.hosted_forces import BILL
from optimizer.formulation.frames.index import FORCE, PLACE, Index
from optimizer.formulation.frames.rules import RULE, rule_years, selections, spending_terms, standing_alone

ROWS = {
    "policy_quantity": RowKind.PHYSICS,
    "policy_rule_at_most": RowKind.PRICED,
    "policy_rule_at_least": RowKind.PRICED,
    "policy_rule_equal": RowKind.PRICED,
}


def add_variables(m: Any, index: Index) -> None:
    """Adds quantity, violation and excess."""
    frame, key = rule_years(index), [RULE, "year"]
    m.quantity = variable(key_set(frame, key), free=True)
    priced = frame[frame["penalty_usd_m"].notna()]
    m.violation = variable(key_set(priced, key))
    m.excess = variable(key_set(priced[priced["sense"] == "EQUAL"], key))


def add_nothing(m: Any, index: Index) -> None:
    """Adds no quantity, violation and excess."""
    for name in ("quantity", "violation", "excess"):
        setattr(m, name, variable(no_keys([RULE, "year"])))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    rules, key = index.problem["policy_rules"], [RULE, "year"]
    m.rule_value = parameter(rules, [RULE], "value")
    selected = selections(index)
    owned, stationed = selected["owned"], selected["stationed"]
    m.rule_owned = relation(owned, [RULE], FORCE, m.rule_value)
    m.rule_owned_part = parameter(owned, [RULE, *FORCE], "coefficient")
    m.rule_stationed = relation(stationed, [RULE], PLACE, m.rule_value)
    m.rule_stationed_part = parameter(stationed, [RULE, *PLACE], "coefficient")
    raised = selected["raised"].merge(index.orders[[*FORCE, "year"]], on=FORCE)
    m.rule_raised = relation(raised, key, FORCE, m.quantity)
    m.rule_disbanded = relation(selected["disbanded"], [RULE], FORCE, m.rule_value)
    m.rule_billed = relation(selected["billed"], [RULE], BILL, m.rule_value)
    spending = spending_terms(index, selected["spending"])
    m.rule_spending = relation(spending, key, ["actor_id"], m.quantity)
    m.rule_spending_part = parameter(spending, [RULE, *ACTOR_YEAR], "coefficient")
    add_block(m, policy_quantity, m.quantity)

    m.rule_violation = own_name(rules[rules["penalty_usd_m"].notna()], [RULE], m.rule_value)
    alone = standing_alone(index)
    for sense, rule in (
        ("AT_MOST", policy_rule_at_most),
        ("AT_LEAST", policy_rule_at_least),
        ("EQUAL", policy_rule_equal),
    ):
        add_block(m, rule, key_set(alone[alone["sense"] == sense], key))


def policy_quantity(m: Any, rule: Any, year: Any) -> Any:
    """What a rule measures."""
    return (
        m.quantity[rule, year]
        - sum(m.rule_owned_part[rule, a, g] * m.owned[a, g, year] for a, g in m.rule_owned[rule])
        - sum(
            m.rule_stationed_part[rule, a, g, site, mode] * m.stationed[a, g, site, mode, year]
            for a, g, site, mode in m.rule_stationed[rule]
        )
        - sum(m.once_average[year] * m.raised[a, g, year] for a, g in m.rule_raised[rule, year])
        - sum(m.once_average[year] * m.disbanded[a, g, year] for a, g in m.rule_disbanded[rule])
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


def counts(index: Index) -> Counts:
    """Counts of the family."""
    frame, alone = rule_years(index), standing_alone(index)
    priced = frame[frame["penalty_usd_m"].notna()]

    def held(sense: str, slacks: int) -> tuple[int, int]:
        rows = alone[alone["sense"] == sense]
        return (len(rows), len(rows) + slacks * int(rows["penalty_usd_m"].notna().sum()))

    return Counts(
        rows={
            "policy_quantity": (len(frame), len(frame) + _quantity_terms(index, frame)),
            "policy_rule_at_most": held("AT_MOST", 1),
            "policy_rule_at_least": held("AT_LEAST", 1),
            "policy_rule_equal": held("EQUAL", 2),
        },
        columns={
            "quantity": len(frame),
            "violation": len(priced),
            "excess": int((priced["sense"] == "EQUAL").sum()),
        },
    )


def _quantity_terms(index: Index, rules: pd.DataFrame) -> int:
    """What the rules sum up, over all rules and years."""
    selected = selections(index)
    held = rules[[RULE, "year"]]
    always = pd.concat([selected["owned"], selected["stationed"], selected["disbanded"]])
    terms = len(held.merge(always.loc[always["coefficient"] != 0, RULE], on=RULE))
    terms += len(held.merge(selected["billed"][RULE], on=RULE))
    raised = selected["raised"][[RULE, *FORCE]].merge(index.orders[[*FORCE, "year"]], on=FORCE)
    spent = spending_terms(index, selected["spending"])
    return terms + sum(len(held.merge(part[[RULE, "year"]], on=[RULE, "year"])) for part in (raised, spent))


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("policy_rules",), add_nothing=add_nothing)
