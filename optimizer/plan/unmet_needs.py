"""What is missing of each theater's capability in a year, over scenarios and phases, as the settings measure it."""

import math
from collections import defaultdict

from optimizer.plan.written_tables import ByKey, Key
from optimizer.tables.keyed import values
from optimizer.tables.problem import Problem


def unmet_needs(problem: Problem, shortfalls: ByKey) -> dict[Key, float]:
    """The priced shortfall of every need with an interest, by theater_id, capability_id and year.

    Each scenario counts with its worst phase. ROBUST takes the worst scenario, EXPECTED the mean by weight, CVAR
    the mean of the worst scenarios that make up 1 − tail level of the weight. Weights are parts of their sum over
    the scenarios that need the theater's capability in the year.

    Args:
        problem: the problem, its defaults filled in.
        shortfalls: points missing of every need of a year, met or not, by the key of ``requirement_results``.
    """
    interests = values(problem["interests"], ["theater_id", "capability_id"], "interest_usd_m_per_point_yr")
    worst: dict[Key, dict[str, float]] = defaultdict(dict)
    for (theater, scenario, _, capability, year), missing in shortfalls.items():
        if (theater, capability) in interests:
            by_scenario = worst[theater, capability, year]
            by_scenario[scenario] = max(missing, by_scenario.get(scenario, 0.0))
    measure = problem.settings["shortfall_measure"]
    if measure == "ROBUST":
        return {need: max(by_scenario.values()) for need, by_scenario in worst.items()}
    tail = 1.0 if measure == "EXPECTED" else 1.0 - float(problem.settings["tail_level_fraction"])
    weights = values(problem["scenarios"], ["scenario_id"], "weight_fraction")
    return {need: _mean_of_worst(by_scenario, weights, tail) for need, by_scenario in worst.items()}


def _mean_of_worst(missing: dict[str, float], weights: dict[str, float], tail: float) -> float:
    """The mean of what scenarios lack, over the worst that make up a part of their weight."""
    whole = math.fsum(weights[scenario] for scenario in missing)
    left, parts = tail, []
    for scenario in sorted(missing, key=missing.__getitem__, reverse=True):
        weight = min(weights[scenario] / whole, max(left, 0.0))
        parts.append(weight / tail * missing[scenario])
        left -= weight
    return math.fsum(parts)
