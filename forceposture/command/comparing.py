"""Several solves side by side: variants of a problem, or the same problem with other objectives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forceposture.command.exit_codes import ExitCode, tell
from forceposture.command.options import Format
from forceposture.command.result_files import (
    print_json,
    show_parts,
    write_comparison,
    write_plan_workbook,
    write_results,
)
from forceposture.command.solving import exit_code, solved
from forceposture.command.writing import check_writable
from forceposture.report.cost_change import Baseline
from forceposture.report.inputs import differing_rows, input_parts, same_parts
from forceposture.report.side_by_side import (
    comparison_rows,
    record_parts,
    side_by_side,
    warning_parts,
    without_plan_parts,
)
from forceposture.report.text import summary
from forceposture.report.workbook import comparison_sheets
from optimizer.checks.admission import checked_index
from optimizer.errors import Finding
from optimizer.machine import memory_bytes
from optimizer.questions.comparison import Record, avoidable_costs, input_changes, stand_alone_costs
from optimizer.questions.runs import TODAY, Run, avoidable_runs, stand_alone_runs
from optimizer.questions.todays_posture import todays_posture
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution, json_from_solution

Found = Sequence[tuple[Run, Solution]]


@dataclass(frozen=True)
class Comparison:
    """What a comparison solves, and what follows from it.

    Attributes:
        runs: its runs, of a problem and options; column two of the comparison is the first.
        results: what follows from all runs together, shown first.
        has_today: whether column one is today's posture of the problem.
        has_baseline: whether the other runs are compared with the first, which every table repeats.
    """

    runs: Callable[[Problem, SolveOptions], list[Run]]
    results: Callable[[Found], list[Record]] | None = None
    has_today: bool = True
    has_baseline: bool = True


COMPARISONS = {
    "stand-alone": Comparison(stand_alone_runs, stand_alone_costs, has_today=False, has_baseline=False),
    "avoidable": Comparison(avoidable_runs, avoidable_costs),
}
"""By name of a command, what it compares."""


def compare(
    runs: Sequence[Run],
    folder: Path | None,
    as_json: bool,
    server: str | None,
    results: Callable[[Found], list[Record]] | None = None,
    start: Solution | None = None,
    today: Problem | None = None,
    has_baseline: bool = False,
    warnings: Callable[[Found], list[tuple[Run, Finding]]] | None = None,
    known: Mapping[str, Solution] | None = None,
    tells_inputs: bool = False,
    also_as: Format | None = None,
) -> ExitCode:
    """Solves runs one after the other, each from the plan of the one before, writes and shows them side by side.

    Args:
        runs: the runs; the time limit is that of each.
        folder: gets a folder for each run, and the comparison; None writes nothing. An earlier comparison stays if
            a run of this one is not written.
        as_json: write one object with every run to standard output.
        server: host and port of a service; None solves here.
        results: what follows from all runs together, shown first.
        start: a plan from which the first run's search for whole numbers starts.
        today: the problem whose posture of today is column one; None has no such column.
        has_baseline: whether the first run is repeated in every table.
        warnings: what of the runs may not be meant.
        known: solutions that are there already, by name of the run; they are neither solved nor written again.
        tells_inputs: say below by which changes each run's problem differs from the first's, and leave out of what
            is shown the rows that are the same in all columns.
        also_as: write a workbook, too.

    Returns:
        The first exit code that is not DONE, else that.
    """
    there = known or {}
    if server is None:
        for run in (run for run in runs if run.name not in there):
            checked_index(run.problem, run.options.asked, memory_bytes())
    if folder is not None:
        check_writable(folder)
    found: list[tuple[Run, Solution]] = []
    codes: list[ExitCode] = []
    written = 0
    for run in runs:
        tell(f"{run.name}: {len(found) + 1} of {len(runs)}")
        if run.name in there:
            solution, interrupted = there[run.name], False
        else:
            solution, interrupted = solved(run.problem, run.options, server, start)
        start = solution if solution.has_plan else start
        found.append((run, solution))
        if run.name in there:
            written += 1
        elif folder is not None:
            parts = summary(run.problem, solution, _baseline(found) if has_baseline else None)
            written += write_results(folder / run.name, run.problem, solution, parts)
        codes.append(ExitCode.INTERRUPTED if interrupted else exit_code(solution))
        if interrupted:
            break
    rows = comparison_rows(found, None if today is None else todays_posture(today))
    records = results(found) if results else []
    doubts = warnings(found) if warnings else []
    inputs = input_changes(found) if tells_inputs else {}
    document: dict[str, Any] = {
        "results": records,
        "comparison": [{"quantity": label, **cells} for label, cells in rows],
        **({"inputs": {name: list(map(str, changes)) for name, changes in inputs.items()}} if inputs else {}),
        **({"warnings": [{"run": run.name, **asdict(doubt)} for run, doubt in doubts]} if warnings else {}),
    }
    headings = {} if today is None else {TODAY: "Today"}
    repeated = len(headings) + has_baseline
    headings |= {run.name: run.heading for run, _ in found}
    shown = differing_rows(rows, [run.name for run, _ in found]) if tells_inputs else rows
    parts = [
        *record_parts(records, runs[0].problem),
        *side_by_side(headings, shown, runs[0].note, repeated),
        *same_parts(len(rows) - len(shown)),
        *input_parts([run for run, _ in found], inputs),
        *without_plan_parts(found),
        *warning_parts(doubts),
    ]
    if folder is not None:
        write_comparison(folder, document, parts, is_whole=written == len(runs))
        if also_as is not None:
            write_plan_workbook(folder, runs[0].problem, found, comparison_sheets(headings, rows, inputs))
        tell(f"The full results are in {folder.resolve()}")
    if as_json:
        solutions = {run.name: json_from_solution(solution) for run, solution in found}
        print_json({**document, "runs": solutions})
    else:
        show_parts(parts)
    return next((code for code in codes if code is not ExitCode.DONE), ExitCode.DONE)


def _baseline(found: Found) -> Baseline | None:
    """The plan of the first run, by the title of its case; None without a plan."""
    run, solution = found[0]
    called = run.problem.settings["title"] or run.heading
    return Baseline(f"the baseline, {called}", solution) if solution.has_plan else None
