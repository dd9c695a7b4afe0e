"""What things are called: names for people in place of identifiers."""

import pandas as pd

from optimizer.tables.problem import Problem

NAMED = {
    "actor": "actors",
    "ally": "actors",
    "capability": "capabilities",
    "command": "commands",
    "facility": "facilities",
    "garrison": "garrisons",
    "host": "actors",
    "scenario": "scenarios",
    "site": "sites",
    "theater": "theaters",
    "unit_type": "unit_types",
}
"""By word for a thing, as keys of rules and headings of tables have it, the table that names it."""

_GROUPS = ("theaters", "actors", "sites", "site_groups")


def names(problem: Problem, table: str) -> dict[str, str]:
    """Names by identifier of a table with one key column.

    A row without a name goes by its identifier; where several rows share a name, the identifier follows it.
    """
    frame = problem[table]
    identifiers = frame.iloc[:, 0].astype("str")
    labels = frame["name"].fillna(identifiers).astype("str")
    labels = labels.where(~labels.duplicated(keep=False), labels + " (" + identifiers + ")")
    return dict(zip(identifiers, labels, strict=True))


def group_names(problem: Problem) -> dict[str, str]:
    """Names by identifier of whatever is a group of sites."""
    return {key: name for table in _GROUPS for key, name in names(problem, table).items()}


def sentences(problem: Problem) -> dict[str, str]:
    """The planners' own rules by identifier: identifier and sentence, and in brackets where it comes from."""
    rules, known = problem["policy_rules"], origins(problem)
    return {
        str(rule): (str(rule) if pd.isna(said) else f"{rule}: {said}")
        + (f" [{known[rule]}]" if rule in known else "")
        for rule, said in zip(rules["policy_rule_id"], rules["sentence"], strict=True)
    }


def origins(problem: Problem) -> dict[str, str]:
    """By rule with one, the law or statement it comes from, and on which condition the law allows to break it."""
    rules = problem["policy_rules"]
    waivers = "waiver: " + rules["waiver"]
    return {
        str(rule): "; ".join(part for part in parts if not pd.isna(part))
        for rule, *parts in zip(rules["policy_rule_id"], rules["source"], waivers, strict=True)
        if not all(map(pd.isna, parts))
    }
