"""Policy rules and freed levers."""

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
from optimizer.tables.site_groups import sites_of_groups
from optimizer.tables.typed_tables import nearest

_MONEY = ("SPENDING_USD_M", "SPENDING_FRACTION", "BILLED_USD_M")
_STATIONED = ("STATIONED_COUNT", "STATIONED_PERSONS")
_LEVERS = {
    "GARRISON": ("garrisons", "garrison_id"),
    "COMMAND": ("commands", "command_id"),
    "NUCLEAR": ("nuclear_options", "actor_id"),
    "BILLING": ("billing", "actor_id"),
    "CEILING": ("site_group_limits", "site_group_id"),
}
"""By lever, the table and column of what it frees."""


def check(problem: Problem) -> list[Finding]:
    """Findings about policy rules and levers; ``problem`` has its defaults."""
    return [*_rules(problem), *_either_or(problem), *_levers(problem)]


def _rules(problem: Problem) -> list[Finding]:
    rules = problem.rows("policy_rules")
    payers = {row["actor_id"] for row in problem.rows("billing")}
    findings = row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        [row for row in rules if row["quantity"] == "OWNED_POINTS" and row["capability_id"] is None],
        "capability_id",
        "OWNED_POINTS needs to know which capability's points are meant",
        "Fill capability_id.",
    )
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        [row for row in rules if row["quantity"] == "SPENDING_FRACTION" and row["actor_id"] is None],
        "actor_id",
        "SPENDING_FRACTION needs to know whose spending and GDP are meant",
        "Fill actor_id.",
    )
    findings += row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        [
            row
            for row in rules
            if row["quantity"] == "BILLED_USD_M"
            if not payers or row["actor_id"] not in {None, *payers}
        ],
        "actor_id",
        "BILLED_USD_M measures what is billed, but billing has no such row",
        "Add the bill to billing, or measure another quantity.",
    )
    useless = {
        "capability_id": [row for row in rules if row["quantity"] != "OWNED_POINTS"],
        "site_group_id": [row for row in rules if row["quantity"] not in _STATIONED],
        "unit_type_id": [row for row in rules if row["quantity"] in _MONEY],
    }
    for column, rows in useless.items():
        findings += row_findings(
            "RULE_UNCLEAR",
            "policy_rules",
            [row for row in rows if row[column] is not None],
            column,
            f"{{quantity}} cannot be told apart by {column}",
            f"Empty {column}, or measure another quantity.",
        )
    return findings + row_findings(
        "RULE_UNCLEAR",
        "policy_rules",
        [row for row in rules if row["first_year"] > row["last_year"]],
        "first_year",
        "the rule's first year is after its last, {last_year}",
        "Correct one of the two.",
    )


def _either_or(problem: Problem) -> list[Finding]:
    rules = {row["policy_rule_id"]: row for row in problem.rows("policy_rules")}
    pairs = [
        (row, rules[row["or_policy_rule_id"]])
        for row in rules.values()
        if row["or_policy_rule_id"] is not None
    ]
    wrong = (
        (
            [
                one
                for one, other in pairs
                if one["penalty_usd_m"] is not None or other["penalty_usd_m"] is not None
            ],
            "{policy_rule_id} or {or_policy_rule_id}: a rule with a penalty can be broken anyway",
            "Empty penalty_usd_m.",
        ),
        (
            [one for one, other in pairs if "EQUAL" in (one["sense"], other["sense"])],
            "{policy_rule_id} or {or_policy_rule_id}: an EQUAL rule cannot be let go on one side",
            "Use AT_MOST or AT_LEAST.",
        ),
        (
            [one for one, other in pairs if other["or_policy_rule_id"] is not None],
            "{or_policy_rule_id}, named as the alternative, names one itself",
            "Let only one rule of a pair name the other.",
        ),
        (
            [one for one, other in pairs if not _meet(one, other)],
            "{policy_rule_id} and {or_policy_rule_id} never apply in the same year",
            "Correct first_year or last_year of one.",
        ),
    )
    return [
        finding
        for rows, message, fix in wrong
        for finding in row_findings("RULE_UNCLEAR", "policy_rules", rows, "or_policy_rule_id", message, fix)
    ]


def _meet(one: Row, other: Row) -> bool:
    """Whether two rules apply in a year together."""
    return bool(one["first_year"] <= other["last_year"] and other["first_year"] <= one["last_year"])


def _levers(problem: Problem) -> list[Finding]:
    findings = []
    known = {
        lever: (f"{table} has no row of that name", [row[column] for row in problem.rows(table)])
        for lever, (table, column) in _LEVERS.items()
    }
    known["FORCES"] = ("the lead actor may own no such units", _own(problem))
    known["PRESENCE"] = ("the lead actor may use no site there", _groups_used(problem))
    for lever, (reason, keys) in known.items():
        names = list(dict.fromkeys(keys))
        for row in problem.rows("freed_levers"):
            key = row["lever_key"]
            if row["lever"] == lever and key not in names:
                message = f"{reason}, so there is nothing to free"
                findings.append(
                    Finding(
                        "LEVER_UNKNOWN",
                        "freed_levers",
                        f"{lever}/{key}",
                        "lever_key",
                        key,
                        message,
                        nearest(key, names),
                    )
                )
    return findings


def _own(problem: Problem) -> list[str]:
    """The lead actor, and the kinds of units that it may own."""
    lead = problem.settings["lead_actor_id"]
    forces = problem.rows("actor_unit_types")
    return [lead, *(row["unit_type_id"] for row in forces if row["actor_id"] == lead)]


def _groups_used(problem: Problem) -> list[str]:
    """The groups of sites of which the lead actor may use one."""
    lead = problem.settings["lead_actor_id"]
    used = {row["site_id"] for row in problem.rows("site_access") if row["actor_id"] == lead}
    return [group for group, sites in sites_of_groups(problem).items() if sites & used]
