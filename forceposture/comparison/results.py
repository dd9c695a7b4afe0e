"""What follows from all runs of a comparison together, as records."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from forceposture.comparison.runs import Run
from forceposture.summary.view import View
from forceposture.summary.words import count
from optimizer.solution import Solution

Record = dict[str, str | float]
Cell = TypeVar("Cell", str, float)


def stand_alone_costs(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By ally: its discounted cost alone, and the most that stays unmet of a need, in parts of it."""
    records: list[Record] = []
    for run, solution in found:
        if solution.has_plan:
            needs = solution.tables["requirement_results"]
            part = (needs["shortfall_points"].fillna(0.0) / needs["required_points"]).max()
            cost = float(solution.outcome["lead_cost_usd_m"])
            records.append({"ally": run.name, "alone_usd_m": cost, "most_unmet_fraction": float(part or 0.0)})
    return records


def avoidable_costs(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By theater: the optimum less the optimum without its needs; and the joint remainder.

    The remainder is what all needs together cost beyond the sum of the theaters' avoidable costs.
    """
    least = {run.name: solution.outcome["objective_usd_m"] for run, solution in found if solution.has_plan}
    whole = least.pop("everything", None)
    if whole is None:
        return []
    parts = {name.removeprefix("without-"): float(whole - cost) for name, cost in least.items()}
    together = parts.pop("any", None) if "without-any" in least else None
    records: list[Record] = [{"theater": name, "avoidable_usd_m": cost} for name, cost in parts.items()]
    if together is not None and len(found) == len(parts) + 2:
        records.append({"theater": "joint remainder", "avoidable_usd_m": together - sum(parts.values())})
    return records


def band_ranges(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By quantity: its value with all responses low, as given and high, and its range over all runs.

    The range of a command is its first and last holder by name.
    """
    views = {run.name: View(run.problem, solution) for run, solution in found if solution.has_plan}
    shown = ("all-low", "as-given", "all-high")
    ranges: list[Record] = []
    for quantity, numbers in _by_quantity({name: _ranged(view) for name, view in views.items()}).items():
        texts = {name: count(numbers[name]) for name in shown if name in numbers}
        least, greatest = count(min(numbers.values())), count(max(numbers.values()))
        ranges.append({"quantity": quantity, **texts, "least": least, "greatest": greatest})
    holders = _by_quantity({name: holders_at_the_end(view) for name, view in views.items()})
    for command, cells in holders.items():
        texts = {name: cells[name] for name in shown if name in cells}
        ranges.append(
            {"quantity": command, **texts, "least": min(cells.values()), "greatest": max(cells.values())}
        )
    return ranges


def _by_quantity(by_run: Mapping[str, Mapping[str, Cell]]) -> dict[str, dict[str, Cell]]:
    """What runs have of quantities, turned round: by quantity and run."""
    cells: dict[str, dict[str, Cell]] = {}
    for run, quantities in by_run.items():
        for quantity, cell in quantities.items():
            cells.setdefault(quantity, {})[run] = cell
    return cells


def _ranged(view: View) -> dict[str, float]:
    """Costs, presence and prices of a plan."""
    outcome = view.solution.outcome
    found = {
        "Lead actor's cost, M$": float(outcome["lead_cost_usd_m"]),
        "All actors' cost, M$": float(outcome["alliance_cost_usd_m"]),
    }
    presence = view.rows("presence_results")
    points_there = presence[presence["year"] == view.end].groupby("theater_id")["presence_points"].sum()
    for theater, points in points_there.items():
        found[f"Brigade equivalents in {view.name('theaters', str(theater))}"] = float(points)
    prices = view.rows("requirement_results").groupby("theater_id")["price_usd_m_per_point"].max()
    for theater, price in prices[prices > 0].items():
        found[f"Highest price in {view.name('theaters', str(theater))}"] = float(price)
    return found


def holders_at_the_end(view: View) -> dict[str, str]:
    """Names of the holders at the end of the plan, by name of the command."""
    held = view.rows("command_results")
    held = held[(held["held_fraction"] > 0.5) & (held["year"] == view.end)]
    return {
        view.name("commands", str(row.command_id)): view.name("actors", str(row.actor_id))
        for row in held.itertuples()
    }
