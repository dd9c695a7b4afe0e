"""Where results are kept: of a solve one CSV for each table, the JSON object and the message."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from google.protobuf.message import DecodeError
from rich.console import Console, RenderableType

from forceposture.command.exit_codes import CommandError, ExitCode, tell
from forceposture.command.options import Asked, Format
from forceposture.command.writing import whole
from forceposture.report.tables import NARROWEST
from forceposture.report.workbook import Sheet, plan_sheets, write_workbook
from forceposture.v1 import problem_pb2, solution_pb2
from optimizer.cases.folders import SETTINGS_FILE
from optimizer.cases.read import shipped_cases
from optimizer.objectives import LEAD_COST
from optimizer.questions.runs import Run
from optimizer.solve_options import SolveOptions, word_at_the_command
from optimizer.tables.problem import Problem, message_from_problem, problem_from_message
from optimizer.tables.score import Score, json_from_score, message_from_score
from optimizer.tables.solution import (
    Solution,
    json_from_solution,
    message_from_solution,
    solution_from_message,
)

RESULT_FILE = "solution.binpb"
"""The file by which a result folder is known."""

PROBLEM_FILE = "problem.binpb"
"""The file of a result folder that holds the problem that was solved."""

PAGE_WIDTH = 100
"""Characters in a line of summaries that are not written to a screen."""


def case_name(asked: Asked) -> str:
    """The name of a case for titles and folders: a shipped name, or the last part of a path; and which alternatives."""
    name = asked.case if asked.case in shipped_cases() else Path(asked.case).resolve().stem
    return "-".join([name, *sorted(set(asked.alternatives))])


def usual_folder(asked: Asked, problem: Problem, options: SolveOptions, variant: Sequence[str]) -> Path:
    """The folder of a result, if no other is asked for; what asks the same of the same problem has the same.

    Args:
        asked: which case.
        problem: the problem as it was read.
        options: what of them changes the question is part of the name.
        variant: words for a variant of the problem or for a comparison.
    """
    words = [case_name(asked), problem.digest[:8]]
    words += ["relax"] * options.relax
    if options.objectives != (LEAD_COST,):
        words += map(word_at_the_command, options.objectives)
    if options.lead_budget_usd_m is not None:
        words.append(f"budget-{options.lead_budget_usd_m:.15g}")
    return Path("posture-results") / "-".join([*words, *variant])


def refuse_case_folder(out: Path | None) -> None:
    """Refuses a folder of results that is a case, since result tables there would be read as tables of the case.

    Raises:
        CommandError: the folder holds settings.
    """
    if out is not None and (out / SETTINGS_FILE).exists():
        raise CommandError(
            ExitCode.BAD_INPUT,
            f"--out {out}: this folder is a case, as it holds {SETTINGS_FILE}; name another folder for the result.",
        )


def refuse_format_without_folder(also_as: Format | None, folder: Path | None) -> None:
    """Refuses a workbook that has no folder to go to.

    Raises:
        CommandError: a format is asked for, and no folder.
    """
    if also_as is not None and folder is None:
        raise CommandError(
            ExitCode.BAD_INPUT, f"--format {also_as} writes into a folder; name one with --out beside --json."
        )


def json_text(document: Mapping[str, Any], encoding: str = "utf-8") -> str:
    """The text of a solution as one JSON object; where the encoding is not UTF-8, letters beyond ASCII are escaped."""
    is_ascii = not encoding.lower().startswith("utf")
    return json.dumps(document, ensure_ascii=is_ascii, allow_nan=False, indent=1)


def print_json(document: Mapping[str, Any]) -> None:
    """Writes a document to standard output."""
    print(json_text(document, sys.stdout.encoding or "ascii"))


def show_parts(parts: list[RenderableType]) -> None:
    """Prints parts of a summary, as wide as the screen or a page."""
    console = Console(highlight=False)
    console.width = max(console.width, NARROWEST) if console.is_terminal else PAGE_WIDTH
    for part in parts:
        console.print(part)


def read_result(folder: Path) -> Solution:
    """The solution in a folder that ``write_results`` wrote.

    Raises:
        CommandError: there is none, or it holds no plan.
    """
    path = folder / RESULT_FILE
    try:
        solution = solution_from_message(solution_pb2.Solution.FromString(path.read_bytes()))
    except OSError as error:
        raise CommandError(ExitCode.BAD_INPUT, f"{path}: {error.strerror}. Name a result folder.") from error
    except DecodeError as error:
        raise CommandError(
            ExitCode.BAD_INPUT, f"{path}: this is no solution. Name a result folder."
        ) from error
    if solution.outcome.get("plan", "NONE") == "NONE":
        raise CommandError(ExitCode.BAD_INPUT, f"{path}: there is no plan to start from.")
    return solution


def read_problem(folder: Path) -> Problem:
    """The problem in a folder that ``write_results`` wrote.

    Raises:
        CommandError: there is none.
        ProblemError: it is none that this version reads.
    """
    path = folder / PROBLEM_FILE
    try:
        return problem_from_message(problem_pb2.Problem.FromString(path.read_bytes()))
    except OSError as error:
        message = (
            f"{path}: {error.strerror}. Solve the case anew: the result does not say which problem it is of."
        )
        raise CommandError(ExitCode.BAD_INPUT, message) from error
    except DecodeError as error:
        raise CommandError(ExitCode.BAD_INPUT, f"{path}: this is no problem. Solve the case anew.") from error


def write_results(folder: Path, problem: Problem, solution: Solution, summary: list[RenderableType]) -> bool:
    """Writes a result, over an older one if there is one; one without a plan never over one with a plan.

    Args:
        folder: is made if it is not there.
        problem: goes to problem.binpb.
        solution: goes to solution.json, solution.binpb and a CSV for each table.
        summary: goes to summary.txt.

    Returns:
        Whether it was written; if not, standard error says so.
    """
    if not solution.has_plan and _holds_plan(folder):
        tell(
            f"There is no new plan: the earlier plan in {folder.resolve()} is left in place, nothing is written."
        )
        return False
    with whole(folder) as new:
        _write_tables(new, solution.tables)
        text = json_text(json_from_solution(solution)) + "\n"
        (new / "solution.json").write_text(text, encoding="utf-8", newline="\n")
        (new / PROBLEM_FILE).write_bytes(message_from_problem(problem).SerializeToString())
        (new / RESULT_FILE).write_bytes(message_from_solution(solution).SerializeToString())
        _write_page(new / "summary.txt", summary)
    return True


def write_plan_workbook(
    folder: Path, problem: Problem, found: Sequence[tuple[Run, Solution]], before: Sequence[Sheet]
) -> None:
    """Writes result.xlsx.

    Args:
        folder: is there.
        problem: whose title stands over the index.
        found: the plans whose tables are sheets.
        before: sheets that come first.
    """
    with whole(folder) as new:
        title = str(problem.settings["title"] or folder.name)
        write_workbook(title, [*before, *plan_sheets(found)], new / "result.xlsx")


def write_score(folder: Path, score: Score, summary: list[RenderableType]) -> None:
    """Writes a score, over an older one if there is one.

    Args:
        folder: is made if it is not there.
        score: goes to score.json, score.binpb and a CSV for each table.
        summary: goes to summary.txt.
    """
    with whole(folder) as new:
        _write_tables(new, score.tables)
        text = json_text(json_from_score(score)) + "\n"
        (new / "score.json").write_text(text, encoding="utf-8", newline="\n")
        (new / "score.binpb").write_bytes(message_from_score(score).SerializeToString())
        _write_page(new / "summary.txt", summary)


def write_comparison(
    folder: Path, document: Mapping[str, Any], parts: list[RenderableType], is_whole: bool
) -> None:
    """Writes what is shown of a comparison.

    Args:
        folder: is there.
        document: goes to comparison.json.
        parts: go to comparison.txt.
        is_whole: whether every run is written; if not, an older comparison is left in place, and standard error
            says so.
    """
    path = folder / "comparison.json"
    if not is_whole and path.exists():
        tell(f"Not every run is written: the earlier comparison in {folder.resolve()} is left in place.")
        return
    with whole(folder) as new:
        (new / path.name).write_text(json_text(document) + "\n", encoding="utf-8", newline="\n")
        _write_page(new / "comparison.txt", parts)


def _holds_plan(folder: Path) -> bool:
    try:
        message = solution_pb2.Solution.FromString((folder / RESULT_FILE).read_bytes())
    except (OSError, DecodeError):
        return False
    return message.outcome.plan not in (solution_pb2.PLAN_UNSPECIFIED, solution_pb2.PLAN_NONE)


def _write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")


def _write_page(path: Path, parts: list[RenderableType]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        page = Console(file=file, width=PAGE_WIDTH, highlight=False, force_terminal=False)
        for part in parts:
            page.print(part)
