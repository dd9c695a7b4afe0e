"""The answer to a problem: how the solve ended, and the plan's tables; also as a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forceposture.v1 import solution_pb2
from optimizer.tables.choices import message_of_words, words_of_message
from optimizer.tables.schema import SOLUTION_TABLES, frame_from_rows, rows_from_frame


@dataclass(frozen=True)
class Solution:
    """The answer to a problem.

    Attributes:
        outcome: the fields of Outcome that are set, choices as words.
        options: the fields of SolveOptions, as used.
        problem_digest: digest of the problem.
        tables: every table of a solution by name; all are empty if no plan is held.
    """

    outcome: Mapping[str, Any]
    options: Mapping[str, Any]
    problem_digest: str
    tables: Mapping[str, pd.DataFrame]

    @property
    def has_plan(self) -> bool:
        """Whether a plan is held."""
        return bool(self.outcome["plan"] != "NONE")


def message_from_solution(solution: Solution) -> solution_pb2.Solution:
    """The message of a solution."""
    message = solution_pb2.Solution(problem_digest=solution.problem_digest)
    message.outcome.CopyFrom(message_of_words(solution_pb2.Outcome, solution.outcome))
    message.options.CopyFrom(message_of_words(solution_pb2.SolveOptions, solution.options))
    for name, table in SOLUTION_TABLES.items():
        rows = getattr(message, name)
        for row in rows_from_frame(table, solution.tables[name]):
            rows.add(**row)
    return message


def solution_from_message(message: solution_pb2.Solution) -> Solution:
    """The solution of a message; the way back of ``message_from_solution``."""
    outcome = words_of_message(message.outcome)
    if message.outcome.HasField("audit_passed"):
        outcome.setdefault("audit_findings", [])
    return Solution(
        outcome, words_of_message(message.options), message.problem_digest, tables_from_message(message)
    )


def tables_from_message(message: solution_pb2.Solution) -> dict[str, pd.DataFrame]:
    """The tables of a solution's message."""
    tables = {}
    for name, table in SOLUTION_TABLES.items():
        frame = frame_from_rows(table, getattr(message, name))
        types = {column.name: column.pandas_type for column in table.columns}
        tables[name] = frame.astype(types) if len(frame) else table.empty()
    return tables


def json_from_solution(solution: Solution) -> dict[str, Any]:
    """A solution as plain values: outcome, options, digest, and each table as a list of rows without empty cells."""
    document: dict[str, Any] = {
        "outcome": dict(solution.outcome),
        "problem_digest": solution.problem_digest,
        "options": dict(solution.options),
    }
    for name in SOLUTION_TABLES:
        frame = solution.tables[name]
        rows = frame.astype("object").to_dict("records")
        document[name] = [{key: cell for key, cell in row.items() if not pd.isna(cell)} for row in rows]
    return document
