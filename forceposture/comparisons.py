"""Several solves side by side: variants of a problem, or the same problem with other objectives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from forceposture.exit_codes import CommandError, ExitCode, tell
from forceposture.result_files import PAGE_WIDTH, json_text, show_parts, write_results
from forceposture.solving import exit_code, refuse_unsolvable, solved
from forceposture.summary import summary
from forceposture.summary.view import View
from forceposture.summary.words import count, money_unit, people, section, table
from optimizer import variants
from optimizer.problem import Problem
from optimizer.solution import Solution, json_from_solution
from optimizer.solve_settings import SolveSettings

Record = dict[str, str | float]

_RAISED_ROWS = 8
_COLUMNS = 4


@dataclass(frozen=True)
class Run:
    """One solve of a comparison.

    Attributes:
        name: of its column, and of its folder.
        problem: the problem, or a variant.
        settings: how to solve it.
        note: how the comparison is to be read; the same in every run.
    """

    name: str
    problem: Problem
    settings: SolveSettings
    note: str = ""


def runs_of(
    problem: Problem,
    settings: SolveSettings,
    beside: str | None,
    break_even: str | None,
    require: str | None,
    band: bool,
) -> list[Run]:
    """The runs that options of ``solve`` ask for; one unless they compare.

    Raises:
        CommandError: an option has a word it does not know, or two of them compare.
    """
    if beside not in (None, "alliance"):
        raise CommandError(ExitCode.BAD_INPUT, f"--beside {beside}: write alliance.")
    if require not in (None, "deter", "win", "both", "all"):
        raise CommandError(ExitCode.BAD_INPUT, f"--require {require}: write deter, win, both or all.")
    comparing = [beside is not None, break_even == "all", require == "all", band]
    if sum(comparing) > 1:
        raise CommandError(
            ExitCode.BAD_INPUT, "Choose one of --beside, --break-even all, --require all and --band."
        )
    if break_even not in (None, "all"):
        problem = variants.with_break_even_ratio(problem, _ratio(str(break_even)))
    if require in ("deter", "win"):
        problem = variants.requiring(problem, require.upper())
    if break_even == "all":
        return [
            Run(f"break-even-{ratio:g}", variants.with_break_even_ratio(problem, ratio), settings)
            for ratio in variants.BREAK_EVEN_RATIOS
        ]
    if require == "all":
        only = [Run(kind, variants.requiring(problem, kind.upper()), settings) for kind in ("deter", "win")]
        return [*only, Run("both", problem, settings)]
    if beside:
        orders = (("lead-cost", ("LEAD_COST",)), ("alliance-cost", ("ALLIANCE_COST",)))
        return [Run(name, problem, replace(settings, objectives=order)) for name, order in orders]
    return _band_runs(problem, settings) if band else [Run("plan", problem, settings)]


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0.1 <= ratio <= 10:
        raise CommandError(ExitCode.BAD_INPUT, f"--break-even {text}: write a ratio of 0.1 to 10, or all.")
    return ratio


def _band_runs(problem: Problem, settings: SolveSettings) -> list[Run]:
    rows = problem["responses"]
    levels = ("low", "high")
    ranged = rows[rows[[f"{level}_response_usd_m_per_point_yr" for level in levels]].notna().any(axis=1)]
    if ranged.empty:
        raise CommandError(ExitCode.BAD_INPUT, "--band: no response states a low or a high figure.")
    allies = sorted(ranged["actor_id"].unique())
    note = "Low and high: the responses of all allies, or of the one named, at their stated figures."
    runs = [Run(f"all-{level}", variants.with_response(problem, level), settings, note) for level in levels]
    runs.insert(1, Run("as-given", problem, settings, note))
    return runs + [
        Run(f"{ally}-{level}", variants.with_response(problem, level, ally), settings, note)
        for ally in allies
        for level in levels
    ]


def stand_alone_runs(problem: Problem, settings: SolveSettings) -> list[Run]:
    """Every ally with forces and a theater of its own, alone: least shortfall, then least cost."""
    order = replace(settings, objectives=("SHORTFALL", "LEAD_COST"))
    owners = problem["actor_unit_types"]["actor_id"].drop_duplicates().sort_values()
    allies = [ally for ally in owners if ally != problem.settings["lead_actor_id"]]
    note = (
        "The lead actor's cost is the ally's own: usable as actors.stand_alone_cost_usd_m where nothing stays "
        "unmet. Its theaters are those in which it hosts sites or has its home. No rule of the alliance holds."
    )
    runs = [
        Run(ally, variants.standing_alone(problem, ally), order, note)
        for ally in allies
        if variants.theaters_of(problem, ally)
    ]
    if not runs:
        raise CommandError(ExitCode.BAD_INPUT, "No ally has forces and a theater of its own.")
    return runs


def avoidable_runs(problem: Problem, settings: SolveSettings) -> list[Run]:
    """The problem, without each theater's requirements, and without any."""
    note = (
        "Avoidable cost: what is saved if a theater's needs fall away. It is not additive, as forces serve several "
        "theaters; the joint remainder is what all needs cost together beyond the sum. Do not stack them."
    )
    theaters = sorted(problem["requirements"]["theater_id"].unique())
    runs = [Run("everything", problem, settings, note)]
    runs += [
        Run(f"without-{theater}", variants.without_requirements(problem, theater), settings, note)
        for theater in theaters
    ]
    return [*runs, Run("without-any", variants.without_requirements(problem), settings, note)]


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
    """By quantity: its value with all responses low, as given and high, and its range over all runs."""
    values: dict[str, dict[str, float]] = {}
    for run, solution in found:
        if solution.has_plan:
            for quantity, value in _ranged(View(run.problem, solution)).items():
                values.setdefault(quantity, {})[run.name] = value
    return [
        {
            "quantity": quantity,
            **{name: count(cells[name]) for name in ("all-low", "as-given", "all-high") if name in cells},
            "least": count(min(cells.values())),
            "greatest": count(max(cells.values())),
        }
        for quantity, cells in values.items()
    ]


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


def compare(
    runs: Sequence[Run],
    folder: Path | None,
    as_json: bool,
    server: str | None,
    results: Callable[[Sequence[tuple[Run, Solution]]], list[Record]] | None = None,
) -> ExitCode:
    """Solves runs one after the other, writes and shows them side by side.

    Args:
        runs: the runs; the time limit is that of each.
        folder: gets a folder for each run; None writes nothing.
        as_json: write one object with every run to standard output.
        server: host and port of a service; None solves here.
        results: what follows from all runs together, shown first.

    Returns:
        The first exit code that is not DONE, else that.
    """
    if server is None:
        for run in runs:
            refuse_unsolvable(run.problem)
    found: list[tuple[Run, Solution]] = []
    codes: list[ExitCode] = []
    for run in runs:
        tell(f"{run.name}: {len(found) + 1} of {len(runs)}")
        solution, interrupted = solved(run.problem, run.settings, server)
        found.append((run, solution))
        if folder is not None:
            write_results(folder / run.name, solution, summary(run.problem, solution))
        codes.append(ExitCode.INTERRUPTED if interrupted else exit_code(solution))
        if interrupted:
            break
    rows = comparison_rows(found)
    records = results(found) if results else []
    if folder is not None:
        tell(f"The full results are in {folder.resolve()}")
    if as_json:
        document: dict[str, Any] = {
            "results": records,
            "comparison": [{"quantity": label, **cells} for label, cells in rows],
            "runs": {run.name: json_from_solution(solution) for run, solution in found},
        }
        print(json_text(document))
    else:
        show_parts(_record_parts(records))
        show_parts(side_by_side([run.name for run, _ in found], rows, runs[0].note))
    return next((code for code in codes if code is not ExitCode.DONE), ExitCode.DONE)


def comparison_rows(found: Sequence[tuple[Run, Solution]]) -> list[tuple[str, dict[str, str]]]:
    """What is compared: by quantity, the text of each run that has a plan."""
    rows: dict[str, dict[str, str]] = {}
    costs = [solution.outcome["alliance_cost_usd_m"] for _, solution in found if solution.has_plan]
    unit = money_unit(costs)
    for run, solution in found:
        if not solution.has_plan:
            rows.setdefault("Plan", {})[run.name] = "none"
            continue
        for label, text in _quantities(View(run.problem, solution), unit.word, unit.text):
            rows.setdefault(label, {})[run.name] = text
    return list(rows.items())


def _quantities(view: View, word: str, money: Any) -> list[tuple[str, str]]:
    outcome = view.solution.outcome
    cells = [
        (f"Objective of lead ({word})", money(outcome["objective_usd_m"])),
        (f"Lead actor's cost ({word})", money(outcome["lead_cost_usd_m"])),
        (f"All actors' cost ({word})", money(outcome["alliance_cost_usd_m"])),
        (f"Penalty ({word})", money(outcome["penalty_usd_m"])),
    ]
    ledger = view.rows("ledger")
    paid = ledger[ledger["kind"] != "PENALTY"].groupby("actor_id")["discounted_usd_m"].sum()
    cells += [
        (f"{view.name('actors', str(actor))} pays ({word})", money(cost)) for actor, cost in paid.items()
    ]
    sites = view.sites.merge(view.problem["sites"][["site_id", "staging_area_id"]], on="site_id")
    sites = sites.merge(
        view.problem["staging_areas"][["staging_area_id", "theater_id"]], on="staging_area_id"
    )
    own = sites[sites["actor_id"] == view.lead].groupby("theater_id")["people_end"].sum()
    cells += [(f"Lead's people in {view.name('theaters', str(k))}", people(n)) for k, n in own.items()]
    short = view.rows("requirement_results").groupby("theater_id")["shortfall_points"].max()
    cells += [(f"Most missing in {view.name('theaters', str(k))}", count(n)) for k, n in short.items()]
    held = view.rows("command_results")
    held = held[(held["held_fraction"] > 0.5) & (held["year"] == view.end)]
    cells += [
        (view.name("commands", str(row.command_id)), view.name("actors", str(row.actor_id)))
        for row in held.itertuples()
    ]
    raised = view.owned.groupby("actor_id")["arrived_count"].sum().sort_values(ascending=False)
    raised = raised[raised > 0].head(_RAISED_ROWS)
    cells += [(f"{view.name('actors', str(actor))} raises", count(n)) for actor, n in raised.items()]
    needs = view.rows("requirement_results")
    if needs["price_usd_m_per_point"].gt(0).any():
        prices = needs.groupby("theater_id")["price_usd_m_per_point"].max()
        cells += [(f"Highest price in {view.name('theaters', str(k))}", count(n)) for k, n in prices.items()]
    return cells


def _record_parts(records: list[Record]) -> list[RenderableType]:
    if not records:
        return []
    made = table(1, *(name.replace("_usd_m", ", M$").replace("_", " ") for name in records[0]))
    for record in records:
        made.add_row(
            *(f"{cell:,.3g}" if name.endswith("_fraction") else _cell(cell) for name, cell in record.items())
        )
    return [made]


def _cell(cell: str | float) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.0f}"


def side_by_side(names: list[str], rows: list[tuple[str, dict[str, str]]], note: str) -> list[RenderableType]:
    """Tables of a few columns each, one row for each quantity; the least and greatest are left to the reader."""
    parts: list[RenderableType] = []
    for start in range(0, len(names), _COLUMNS):
        shown = names[start : start + _COLUMNS]
        made = table(1, "", *shown)
        for label, cells in rows:
            made.add_row(label, *(cells.get(name, "–") for name in shown))
        parts.append(section("Side by side", made))
    return [*parts, Text(note[: 10 * PAGE_WIDTH])] if note else parts
