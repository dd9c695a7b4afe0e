"""Where the result of a solve is kept: one CSV for each table, the JSON object and the message."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from rich.console import Console, RenderableType

from forceposture.exit_codes import CommandError, ExitCode
from forceposture.v1 import solution_pb2
from optimizer.cases import shipped_cases
from optimizer.problem import Problem
from optimizer.solution import (
    Solution,
    json_from_solution,
    message_from_solution,
    solution_from_message,
)

PAGE_WIDTH = 100
"""Characters in a line of summaries that are not written to a screen."""


def case_name(case: str, alternative: str | None) -> str:
    """The name of a case for titles and folders: a shipped name, or the last part of a path; and which alternative."""
    name = case if case in shipped_cases() else Path(case).resolve().stem
    return name if alternative is None else f"{name}-{alternative}"


def usual_folder(case: str, alternative: str | None, problem: Problem) -> Path:
    """The folder of the results of a problem, if no other is asked for; the same problem has the same."""
    return Path("posture-results") / f"{case_name(case, alternative)}-{problem.digest[:8]}"


def json_text(document: Mapping[str, Any]) -> str:
    """The text of a solution as one JSON object."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)


def show_parts(parts: list[RenderableType]) -> None:
    """Prints parts of a summary, as wide as the screen or a page."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PAGE_WIDTH
    for part in parts:
        console.print(part)


def read_result(folder: Path) -> Solution:
    """The solution in a folder that ``write_results`` wrote.

    Raises:
        CommandError: there is none, or it holds no plan.
    """
    path = folder / "solution.binpb"
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


def write_results(folder: Path, solution: Solution, summary: list[RenderableType]) -> None:
    """Writes a result, over an older one if there is one.

    Args:
        folder: is made if it is not there.
        solution: goes to solution.json, solution.binpb and a CSV for each table.
        summary: goes to summary.txt.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in solution.tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    text = json_text(json_from_solution(solution)) + "\n"
    (folder / "solution.json").write_text(text, encoding="utf-8", newline="\n")
    (folder / "solution.binpb").write_bytes(message_from_solution(solution).SerializeToString())
    with (folder / "summary.txt").open("w", encoding="utf-8", newline="\n") as file:
        page = Console(file=file, width=PAGE_WIDTH, highlight=False)
        for part in summary:
            page.print(part)
