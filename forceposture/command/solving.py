"""What every command that solves does: refuse, solve here or through the service, choose the exit code."""

from dataclasses import replace
from typing import TYPE_CHECKING

from forceposture.command.exit_codes import ExitCode, tell
from optimizer.machine import cores
from optimizer.solve_options import SolveOptions

if TYPE_CHECKING:
    from optimizer.formulation.frames.index import Index
    from optimizer.tables.problem import Problem
    from optimizer.tables.solution import Solution


def solved(
    problem: "Problem",
    options: SolveOptions,
    server: str | None,
    start: "Solution | None" = None,
    index: "Index | None" = None,
) -> tuple["Solution", bool]:
    """The solution of a problem, here or by the service, and whether Ctrl-C ended the search.

    Args:
        problem: the problem.
        options: how to solve it.
        server: address of the service; None solves here.
        start: a plan from which the search for whole numbers starts.
        index: what ``checked_index`` made of the problem, where that is known already.
    """
    if server is not None:
        from forceposture.command.remote import solve_remotely

        tell(f"solving at {server}")
        return solve_remotely(problem, options, server, start), False
    from forceposture.command.interruptible import Interruptible
    from forceposture.command.progress import ProgressReport

    with ProgressReport() as report:
        from optimizer.run import solve as run

        tables = None if start is None else start.tables
        work = Interruptible(lambda interrupt: run(problem, options, report.show, interrupt, tables, index))
        return work.run(), work.interrupt.is_set()


def exit_code(solution: "Solution") -> ExitCode:
    """The exit code of a solution."""
    outcome = solution.outcome
    if solution.has_plan:
        return ExitCode.DONE if outcome["audit_passed"] else ExitCode.AUDIT_FAILED
    return {
        "INFEASIBLE": ExitCode.INFEASIBLE,
        "INFEASIBLE_UNCONFIRMED": ExitCode.INFEASIBLE,
        "UNBOUNDED": ExitCode.BAD_INPUT,
        "INTERRUPTED": ExitCode.INTERRUPTED,
        "SOLVER_FAILURE": ExitCode.OUR_FAULT,
    }.get(outcome["termination"], ExitCode.NO_PLAN_IN_TIME)


def with_usual_processes(options: SolveOptions) -> SolveOptions:
    """The options with the processes of a search that is not told how many: 2 where it may use two cores."""
    if options.processes is not None:
        return options
    return replace(options, processes=1 if options.is_counted else min(2, cores()))
