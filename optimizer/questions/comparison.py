"""What follows from all runs of a comparison together, as records."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from optimizer.changes.change import Change
from optimizer.changes.differences import differences
from optimizer.questions.runs import AS_GIVEN, EVERYTHING, NOTHING, Run
from optimizer.tables.names import names
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

Record = dict[str, str | float]
Cell = TypeVar("Cell", str, float)


def stand_alone_costs(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By ally: its discounted cost alone, and the most that stays unmet of a need, in parts of it."""
    records: list[Record] = []
    for run, solution in found:
        if solution.has_plan:
            needs = solution.tables["requirement_results"]
            parts = (needs["shortfall_points"].fillna(0.0) / needs["required_points"]).dropna()
            cost, most = float(solution.outcome["lead_cost_usd_m"]), float(max(parts, default=0.0))
            records.append({"ally": run.about, "alone_usd_m": cost, "most_unmet_fraction": most})
    return records


def avoidable_costs(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By theater: the least of the first objective less the least without its needs; and the joint remainder.

    The remainder is what all needs together cost beyond the sum of the theaters' avoidable costs.
    """
    planned = [run for run, solution in found if solution.has_plan]
    least = {run.name: _first_objective(solution) for run, solution in found if solution.has_plan}
    if EVERYTHING not in least:
        return []
    parts = {run.about: least[EVERYTHING] - least[run.name] for run in planned if run.about}
    records: list[Record] = [{"theater": name, "avoidable_usd_m": cost} for name, cost in parts.items()]
    if NOTHING in least and len(planned) == len(found):
        together = least[EVERYTHING] - least[NOTHING]
        records.append({"theater": "joint remainder", "avoidable_usd_m": together - sum(parts.values())})
    return records


def _first_objective(solution: Solution) -> float:
    rows = solution.tables["objective_results"]
    return float(rows.loc[rows["order_number"] == 1, "value"].iloc[0])


def band_ranges(found: Sequence[tuple[Run, Solution]]) -> list[Record]:
    """By quantity: its value with responses as given, and its least and greatest over all runs.

    The range of a command is its first and last holder by name. Runs whose allied figures are withheld are left out.
    """
    plans = [
        (run, solution)
        for run, solution in found
        if solution.has_plan and "allied_figures_withheld" not in solution.outcome
    ]
    numbers = {run.name: _ranged(run.problem, solution) for run, solution in plans}
    holders = {run.name: holders_at_the_end(run.problem, solution) for run, solution in plans}
    return _ranges(numbers, missing=0.0) + _ranges(holders, missing="nobody")


def input_changes(found: Sequence[tuple[Run, Solution]]) -> dict[str, list[Change]]:
    """By run but the first, the changes that make its problem of the first's; without what is for people alone."""
    (first, _), *others = found
    return {
        run.name: [change for change in differences(first.problem, run.problem) if not _is_for_people(change)]
        for run, _ in others
    }


def _is_for_people(change: Change) -> bool:
    is_title = change.table_name == "settings" and change.column_name in ("title", "description")
    return is_title or change.table_name == "sources"


def _ranges(by_run: Mapping[str, Mapping[str, Cell]], missing: Cell) -> list[Record]:
    records: list[Record] = []
    for quantity in dict.fromkeys(quantity for cells in by_run.values() for quantity in cells):
        cells = {run: quantities.get(quantity, missing) for run, quantities in by_run.items()}
        given = cells.get(AS_GIVEN, "no plan")
        least, greatest = min(cells.values()), max(cells.values())
        records.append({"quantity": quantity, "as_given": given, "least": least, "greatest": greatest})
    return records


def _ranged(problem: Problem, solution: Solution) -> dict[str, float]:
    """Costs, presence and prices of a plan."""
    outcome, tables = solution.outcome, solution.tables
    found = {
        "Lead actor's cost, M$": float(outcome["lead_cost_usd_m"]),
        "All actors' cost, M$": float(outcome["alliance_cost_usd_m"]),
    }
    presence = plan_table(tables, "presence_results")
    there = presence[presence["year"] == problem.years[-1]].groupby("theater_id")["presence_points"].sum()
    prices = plan_table(tables, "requirement_results").groupby("theater_id")["price_usd_m_per_point"].max()
    parts = {"Brigade equivalents": there, "Highest price of a need, M$ per point,": prices}
    theaters = names(problem, "theaters")
    for label, by_theater in parts.items():
        if (by_theater > 0).any():
            numbers = by_theater.reindex(list(theaters)).fillna(0.0)
            found |= {f"{label} in {name}": float(numbers[theater]) for theater, name in theaters.items()}
    return found


def holders_at_the_end(problem: Problem, solution: Solution) -> dict[str, str]:
    """Names of the holders at the end of the plan, by name of the command."""
    commands, actors = names(problem, "commands"), names(problem, "actors")
    held = plan_table(solution.tables, "command_results")
    held = held[(held["held_fraction"] > 0.5) & (held["year"] == problem.years[-1])]
    return {commands[str(row.command_id)]: actors[str(row.actor_id)] for row in held.itertuples()}
