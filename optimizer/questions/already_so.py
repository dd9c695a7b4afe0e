"""Alternatives that change nothing: what they ask for holds in the baseline's plan, or what they free stays.

Three things are said, each as a finding with the code ALREADY_SO:

* A limit that is new or tighter, and that the baseline's plan keeps: the plan is then as good under the alternative,
  as far as this limit goes. Or one that is looser or gone, and that did not bind.
* A lever that is freed, and with which the alternative's plan does what the baseline's does.
* A plan with the baseline's units, places, commands, nuclear choices and bills, at the same cost to the lead actor
  within the gaps of both.

Alternatives over other years are left out: nothing of the baseline's plan says what it would do then.
"""

from collections.abc import Callable, Sequence

import pandas as pd

from optimizer.audit.amounts import Amounts
from optimizer.audit.places import members
from optimizer.audit.plan import Plan
from optimizer.audit.site_limits import people_in_groups
from optimizer.errors import Finding
from optimizer.objectives import Asked
from optimizer.questions.limits_met import LIMIT, limits_met, slack
from optimizer.questions.runs import Run
from optimizer.tables.defaults import complete
from optimizer.tables.names import group_names, names
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES
from optimizer.tables.solution import Solution

_NOTHING = 1e-6
_SAME = {"count": 1e-4, "fraction": 1e-4, "usd_m": 0.1}
"""By ending of a column, what is no difference between two plans."""

_DECISIONS = {
    "owned_forces": ["owned_count", "sets_owned_count"],
    "stationed_forces": ["stationed_count"],
    "command_results": ["held_fraction"],
    "nuclear_results": ["chosen_fraction"],
    "billing_results": ["billed_usd_m"],
}
_SENSES = {"AT_MOST": "at most", "AT_LEAST": "at least", "EQUAL": "exactly"}
_FIX = "Ask for more, or leave it out."


def already_so(found: Sequence[tuple[Run, Solution]]) -> list[tuple[Run, Finding]]:
    """What changes nothing in runs of alternatives.

    Args:
        found: the baseline and its solution, then those of its alternatives.

    Returns:
        Warnings, each with the run it is about; none without a plan of the baseline.
    """
    (baseline, plan), *others = found
    if not plan.has_plan:
        return []
    doubts = []
    for run, solution in others:
        if run.problem.years == baseline.problem.years:
            findings = _limits(baseline.problem, plan, run.problem)
            if solution.has_plan:
                findings += _levers(baseline.problem, plan, run.problem, solution)
                findings += _whole_plan(plan, solution)
            doubts += [(run, finding) for finding in findings]
    return doubts


def _limits(baseline: Problem, plan: Solution, other: Problem) -> list[Finding]:
    before, after = (limits_met(_standing(problem, plan)) for problem in (baseline, other))
    both = before.assign(slack=slack(before)).merge(
        after.assign(slack=slack(after)), on=[*LIMIT, "year"], how="outer", suffixes=("_before", "_after")
    )
    is_same = (both["bound_before"] - both["bound_after"]).abs() <= _NOTHING
    is_same &= both["sense_before"] == both["sense_after"]
    # Tighter is what would exclude more of what may be there: less slack, or a limit where there was none.
    is_tighter = both["slack_before"].isna() | (both["slack_after"] < both["slack_before"])
    both["is_idle"] = is_same | (both["slack_after"] >= -_NOTHING).where(
        is_tighter, both["slack_before"] > _NOTHING
    )
    both["is_changed"] = ~is_same
    findings = []
    for (table, row_key, column), rows in both.groupby(LIMIT, sort=False):
        if rows["is_changed"].any() and rows["is_idle"].all():
            message = _limit_words(rows[rows["is_changed"]])
            findings.append(Finding("ALREADY_SO", str(table), str(row_key), str(column), "", message, _FIX))
    return findings


def _limit_words(rows: pd.DataFrame) -> str:
    """What is asked and what the plan has, in the year in which it is nearest to the limit."""
    asked = rows[rows["slack_after"].notna()]
    if asked.empty:
        row = rows.sort_values("slack_before").iloc[0]
        return (
            f"{row['what_before']}: {_bound(row, 'before')} is not asked for any more, and the baseline's plan has "
            f"{row['has_before']:,.6g} in {row['year']}"
        )
    row = asked.sort_values("slack_after").iloc[0]
    return (
        f"{row['what_after']}: {_bound(row, 'after')}, and the baseline's plan has {row['has_after']:,.6g} in "
        f"{row['year']}"
    )


def _bound(row: pd.Series, side: str) -> str:
    return f"{_SENSES[row[f'sense_{side}']]} {row[f'bound_{side}']:,.6g}"


def _standing(problem: Problem, solution: Solution) -> Plan:
    """A plan as one for the problem, which may be another than its own."""
    return Plan(complete(problem).problem, solution.tables, is_relaxed=True, asked=Asked())


def _levers(baseline: Problem, plan: Solution, other: Problem, solution: Solution) -> list[Finding]:
    key = ["lever", "lever_key"]
    freed = other["freed_levers"][key].merge(baseline["freed_levers"][key], how="left", indicator="there")
    findings = []
    for lever, name in freed.loc[freed["there"] == "left_only", key].itertuples(index=False):
        amounts = _OF_LEVER.get(lever)
        if amounts is None:
            continue
        change = amounts(str(name), _standing(other, solution)) - amounts(
            str(name), _standing(baseline, plan)
        )
        if all(abs(amount) <= _NO_CHANGE[lever] for amount in change.values()):
            words = _LEVER_WORDS[lever].format(_name(other, lever, str(name)))
            message = f"{words} may change, and does not: the plan has what the baseline's has"
            findings.append(
                Finding("ALREADY_SO", "freed_levers", f"{lever}/{name}", "lever_key", "", message, _FIX)
            )
    return findings


def _amounts(table: str, column: str, key: str) -> Callable[[str, Plan], Amounts]:
    """What a plan has in the rows of a table of which a column is a lever's key."""
    return lambda name, plan: plan.planned(table, column).having(**{key: name})


def _owned(name: str, plan: Plan) -> Amounts:
    """What the lead actor owns, of a kind of unit or of all kinds."""
    owned = plan.planned("owned_forces", "owned_count").having(actor_id=plan.lead)
    return owned if name == plan.lead else owned.having(unit_type_id=name)


def _standing_in(name: str, plan: Plan) -> Amounts:
    """What the lead actor has at the sites of a group."""
    sites = members(plan).having(site_group_id=name).summed("site_id")
    return plan.stationed.having(actor_id=plan.lead).inside(sites)


_OF_LEVER: dict[str, Callable[[str, Plan], Amounts]] = {
    "COMMAND": _amounts("command_results", "held_fraction", "command_id"),
    "NUCLEAR": _amounts("nuclear_results", "chosen_fraction", "actor_id"),
    "BILLING": _amounts("billing_results", "billed_usd_m", "actor_id"),
    "GARRISON": lambda name, plan: (
        plan.planned("garrison_supplies", "garrisoned_persons")
        .having(garrison_id=name)
        .summed("actor_id", "year")
    ),
    "CEILING": lambda name, plan: people_in_groups(plan).having(site_group_id=name),
    "FORCES": _owned,
    "PRESENCE": _standing_in,
}
"""By lever, what a plan does with it, by key."""
_NO_CHANGE = {
    "COMMAND": 1e-4,
    "NUCLEAR": 1e-4,
    "BILLING": 0.1,
    "GARRISON": 0.5,
    "CEILING": 0.5,
    "FORCES": 1e-4,
    "PRESENCE": 1e-4,
}
"""By lever, the difference that is none, in the unit of what it moves."""
_LEVER_WORDS = {
    "COMMAND": "who holds {}",
    "NUCLEAR": "how {} is covered",
    "BILLING": "what {} is billed",
    "GARRISON": "who supplies {}",
    "CEILING": "how many people stand in {}",
    "FORCES": "how many units of {} the lead actor owns",
    "PRESENCE": "which units of the lead actor stand in {}",
}


def _name(problem: Problem, lever: str, name: str) -> str:
    tables = {"COMMAND": "commands", "GARRISON": "garrisons"}
    if lever == "FORCES":
        labels = {**names(problem, "unit_types"), str(problem.settings["lead_actor_id"]): "every kind"}
    elif lever in ("CEILING", "PRESENCE"):
        labels = group_names(problem)
    else:
        labels = names(problem, tables.get(lever, "actors"))
    return labels.get(name, name)


def _whole_plan(plan: Solution, solution: Solution) -> list[Finding]:
    """A finding where the alternative's plan is the baseline's."""
    costs = [float(each.outcome["lead_cost_usd_m"]) for each in (plan, solution)]
    gaps = [float(each.outcome.get("relative_gap") or 0.0) for each in (plan, solution)]
    allowed = max(gaps) * max(map(abs, costs)) + _SAME["usd_m"]
    difference = abs(costs[1] - costs[0])
    frames = [(each.tables, name) for name in _DECISIONS for each in (plan, solution)]
    shown = [plan_table(tables, name) for tables, name in frames]
    are_same = all(
        _is_same(before, after, _key_of(name), _DECISIONS[name])
        for name, before, after in zip(_DECISIONS, shown[::2], shown[1::2], strict=True)
    )
    if difference > allowed or not are_same:
        return []
    message = "the plan is the baseline's: the same units, places, commands, nuclear choices and bills, and a cost to "
    message += f"the lead actor that differs by {difference:,.1f} M$"
    return [Finding("ALREADY_SO", "", "", "", "", message, _FIX)]


def _key_of(table: str) -> list[str]:
    return SOLUTION_TABLES[table].key


def _is_same(before: pd.DataFrame, after: pd.DataFrame, key: list[str], columns: list[str]) -> bool:
    both = before[[*key, *columns]].merge(
        after[[*key, *columns]], on=key, how="outer", suffixes=("_before", "_after")
    )
    return all(
        (
            (both[f"{name}_before"].fillna(0.0) - both[f"{name}_after"].fillna(0.0)).abs()
            <= _no_difference(name)
        ).all()
        for name in columns
    )


def _no_difference(column: str) -> float:
    return next(least for ending, least in _SAME.items() if column.endswith(ending))
