"""Policy rules and freed levers."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import members
from optimizer.tables.typed_tables import nearest

_MONEY = ("SPENDING_USD_M", "SPENDING_FRACTION", "BILLED_USD_M")
_STATIONED = ("STATIONED_COUNT", "STATIONED_PERSONS")
_OF_WHAT = {
    "FORCES": "of the lead actor for such units",
    "PRESENCE": "of the lead actor for a site there",
}


def check(problem: Problem) -> list[Finding]:
    """Findings about policy rules and levers; ``problem`` has its defaults."""
    return [*_rules(problem), *_either_or(problem), *_levers(problem)]


def _rules(problem: Problem) -> list[Finding]:
    rules = problem["policy_rules"]
    quantity = rules["quantity"]
    findings = row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "OWNED_POINTS") & rules["capability_id"].isna()],
        "capability_id",
        "OWNED_POINTS needs to know which capability's points are meant",
        "Fill capability_id.",
    )
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "SPENDING_FRACTION") & rules["actor_id"].isna()],
        "actor_id",
        "SPENDING_FRACTION needs to know whose spending and GDP are meant",
        "Fill actor_id.",
    )
    payers = problem["billing"]["actor_id"]
    unbilled = rules["actor_id"].notna() & ~rules["actor_id"].isin(payers) | payers.empty
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[(quantity == "BILLED_USD_M") & unbilled],
        "actor_id",
        "BILLED_USD_M measures what is billed, but billing has no such row",
        "Add the bill to billing, or measure another quantity.",
    )
    useless = {
        "capability_id": quantity != "OWNED_POINTS",
        "site_group_id": ~quantity.isin(_STATIONED),
        "unit_type_id": quantity.isin(_MONEY),
    }
    for column, where in useless.items():
        findings += row_findings(
            "RULE_UNCLEAR",
            "policy_rules",
            rules[where & rules[column].notna()],
            column,
            f"{{quantity}} cannot be told apart by {column}",
            f"Empty {column}, or measure another quantity.",
        )
    return findings + row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        rules[rules["first_year"] > rules["last_year"]],
        "first_year",
        "the rule's first year is after its last, {last_year}",
        "Correct one of the two.",
    )


def _either_or(problem: Problem) -> list[Finding]:
    rules = problem["policy_rules"]
    named = rules[rules["or_policy_rule_id"].notna()]
    others = rules.add_prefix("other_").rename(columns={"other_policy_rule_id": "or_policy_rule_id"})
    others = others[others["or_policy_rule_id"].notna()]
    pairs = named.merge(others, on="or_policy_rule_id")
    hard = (pairs[["penalty_usd_m", "other_penalty_usd_m"]].isna()).all(axis="columns")
    one_sided = (pairs[["sense", "other_sense"]] != "EQUAL").all(axis="columns")
    chained = pairs["other_or_policy_rule_id"].notna()
    meets = (pairs["first_year"] <= pairs["other_last_year"]) & (
        pairs["other_first_year"] <= pairs["last_year"]
    )
    wrong = (
        (
            ~hard,
            "{policy_rule_id} or {or_policy_rule_id}: a rule with a penalty can be broken anyway",
            "Empty penalty_usd_m.",
        ),
        (
            ~one_sided,
            "{policy_rule_id} or {or_policy_rule_id}: an EQUAL rule cannot be let go on one side",
            "Use AT_MOST or AT_LEAST.",
        ),
        (
            chained,
            "{or_policy_rule_id}, named as the alternative, names one itself",
            "Let only one rule of a pair name the other.",
        ),
        (
            ~meets,
            "{policy_rule_id} and {or_policy_rule_id} never apply in the same year",
            "Correct first_year or last_year of one.",
        ),
    )
    return [
        finding
        for rows, message, fix in wrong
        for finding in row_findings(
            "RULE_UNCLEAR", "policy_rules", pairs[rows], "or_policy_rule_id", message, fix
        )
    ]


def _levers(problem: Problem) -> list[Finding]:
    levers = problem["freed_levers"]
    lead = problem.settings["lead_actor_id"]
    forces = problem["actor_unit_types"]
    access = problem["site_access"]
    usable = members(problem).merge(access.loc[access["actor_id"] == lead, ["site_id"]], on="site_id")
    own = pd.Series([lead, *forces.loc[forces["actor_id"] == lead, "unit_type_id"]])
    known = {
        "FORCES": ("actor_unit_types", own),
        "PRESENCE": ("site_access", usable["site_group_id"]),
        "GARRISON": ("garrisons", problem["garrisons"]["garrison_id"]),
        "COMMAND": ("commands", problem["commands"]["command_id"]),
        "NUCLEAR": ("nuclear_options", problem["nuclear_options"]["actor_id"]),
        "BILLING": ("billing", problem["billing"]["actor_id"]),
        "CEILING": ("site_group_limits", problem["site_group_limits"]["site_group_id"]),
    }
    findings = []
    for lever, (table, identifiers) in known.items():
        names: list[str] = pd.unique(identifiers).tolist()
        for row in levers[(levers["lever"] == lever) & ~levers["lever_key"].isin(names)].itertuples():
            findings.append(
                Finding(
                    "LEVER_UNKNOWN",
                    "freed_levers",
                    f"{lever}/{row.lever_key}",
                    "lever_key",
                    str(row.lever_key),
                    f"{table} has no row {_OF_WHAT.get(lever, 'of that name')}, so there is nothing to free",
                    nearest(str(row.lever_key), names),
                )
            )
    return findings
