"""Re-checks a plan against the input tables, without the model that made it.

Every rule is read again from the tables, and whatever the plan says of itself is drawn up again from its decisions and
compared, as amounts by key, one module for each subject. ``register`` lists how each column of each table is held.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from optimizer.audit.allied_response import allied_response
from optimizer.audit.allied_spending import allied_spending
from optimizer.audit.basing import basing
from optimizer.audit.billing import billing, participation
from optimizer.audit.command import command
from optimizer.audit.conversions import conversions
from optimizer.audit.cost_views import cost_views
from optimizer.audit.deployment import deployment
from optimizer.audit.deterrence import deterrence
from optimizer.audit.exposure import exposure
from optimizer.audit.force_changes import force_changes
from optimizer.audit.force_structure import force_structure
from optimizer.audit.garrison import garrison
from optimizer.audit.homecoming import homecoming
from optimizer.audit.kept_presence import kept_presence
from optimizer.audit.limit_prices import limit_prices
from optimizer.audit.money import costs, ledger_shown
from optimizer.audit.nuclear import nuclear
from optimizer.audit.objectives import bound_and_gap, objectives
from optimizer.audit.plan import Plan
from optimizer.audit.policy_rules import policy_rules
from optimizer.audit.presence import presence_shown
from optimizer.audit.prices import prices
from optimizer.audit.programs import program_kept
from optimizer.audit.register import REGISTER, HeldTable
from optimizer.audit.search_steps import search_steps
from optimizer.audit.shape import shape
from optimizer.audit.site_limits import site_limits
from optimizer.audit.stationing import stationing
from optimizer.audit.support import support
from optimizer.audit.theater_reserves import theater_reserves
from optimizer.audit.transition import transition
from optimizer.audit.unmet_needs import unmet_shown
from optimizer.objectives import Asked
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem

CHECKS: tuple[Callable[[Plan], list[str]], ...] = (
    force_structure,
    program_kept,
    conversions,
    stationing,
    kept_presence,
    basing,
    homecoming,
    site_limits,
    garrison,
    deployment,
    theater_reserves,
    support,
    deterrence,
    unmet_shown,
    prices,
    limit_prices,
    command,
    allied_spending,
    presence_shown,
    allied_response,
    nuclear,
    exposure,
    billing,
    participation,
    transition,
    policy_rules,
    objectives,
    search_steps,
    force_changes,
    cost_views,
    ledger_shown,
)
"""What is checked of a plan whose tables have their shape, in the order of findings."""


def _tables_held(name: str) -> list[HeldTable]:
    """The tables of which the check of that name holds a column."""
    return [table for table in REGISTER.values() if any(name in held.by for held in table.columns.values())]


_HELD = {check: _tables_held(check.__name__) for check in CHECKS}


def _has_subject(check: Callable[[Plan], list[str]], problem: Problem) -> bool:
    """Whether there may be something to check: the problem asks for a table that the check holds.

    Tables that nothing asks for have no rows, as ``shape`` has seen. A check that holds no column looks at limits.
    """
    held = _HELD[check]
    return not held or any(
        not table.asked_by or any(len(problem[name]) for name in table.asked_by) for table in held
    )


def audit(
    problem: Problem,
    tables: Mapping[str, pd.DataFrame],
    is_relaxed: bool,
    objective_usd_m: float,
    asked: Asked | None = None,
    outcome: Mapping[str, Any] | None = None,
) -> list[str]:
    """Audits a plan.

    Args:
        problem: the problem as it was given, without defaults.
        tables: the plan's tables by name, with the columns of their row messages; none may be left out.
        is_relaxed: whether counts need not be whole.
        objective_usd_m: cost and penalty of the lead actor, as the model has them.
        asked: what was asked of the plan; by default the lead actor's least cost.
        outcome: the fields of Outcome with which the plan is shown; None where there are none yet.

    Returns:
        Findings in plain words, each beginning with the table it was found in; none if every rule is kept.
    """
    plan = Plan(complete(problem).problem, tables, is_relaxed, asked or Asked())
    malformed = shape(plan)
    if malformed:
        return malformed
    findings = [finding for check in CHECKS if _has_subject(check, problem) for finding in check(plan)]
    findings += costs(plan, {**(outcome or {}), "objective_usd_m": objective_usd_m})
    return findings if outcome is None else findings + bound_and_gap(plan, outcome)
