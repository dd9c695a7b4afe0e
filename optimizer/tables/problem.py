"""A posture problem: typed tables, the same from files, from the wire and from pandas; and its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from forceposture.v1 import problem_pb2
from optimizer.errors import ProblemError
from optimizer.tables.calendar import Calendar, calendar_of
from optimizer.tables.consequences import without_consequences
from optimizer.tables.schema import PROBLEM_TABLES, SETTINGS, frame_from_rows, rows_from_frame
from optimizer.tables.typed_tables import typed_tables


@dataclass(frozen=True)
class Problem:
    """A problem whose cells are typed and whose keys and references hold.

    Attributes:
        tables: every table of the schema by name, with all columns in field order, sorted by key; a
            table that is not used has no rows. Empty cells are missing values of pandas.
        notes: what a reader of files read otherwise than it was written, a line each.
    """

    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name."""
        return self.tables[name]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings by column name; empty cells are None."""
        row = self.tables["settings"].iloc[0]
        return {
            column.name: None if pd.isna(row[column.name]) else _plain(row[column.name])
            for column in SETTINGS.columns
        }

    @cached_property
    def calendar(self) -> Calendar:
        """Which calendar years each period stands for."""
        return calendar_of(self.tables)

    @property
    def today(self) -> int:
        """Calendar year of period 0."""
        return self.calendar.today

    @property
    def years(self) -> list[int]:
        """The periods 1…n of the plan, each by its last calendar year."""
        return list(self.calendar.years)

    def freed_years(self, lever: str) -> pd.Series:
        """The first period in which a lever may move, by its key; only of levers that are freed.

        Of a problem with its defaults; a Series of floats, so that ``map`` leaves the others empty. A lever freed
        inside a period moves from the next one on, since what is decided for a period holds in all its years.
        """
        levers = self.tables["freed_levers"]
        chosen = levers[levers["lever"] == lever]
        return self.calendar.periods_from(chosen.set_index("lever_key")["first_year"])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of ``canonical_lines``, in hexadecimal: the problem's identity."""
        digest = hashlib.sha256()
        for line in canonical_lines(self):
            digest.update(line.encode("utf-8"))
        return digest.hexdigest()


def problem_from_tables(raw: Mapping[str, pd.DataFrame]) -> Problem:
    """Makes a problem of raw cells.

    Args:
        raw: by table name, a frame of cells; see ``typed_tables``.

    Raises:
        ProblemError: names, types, ranges, keys or references do not hold, or which years are planned is not said;
            it has every finding.
    """
    frames, findings = typed_tables(raw)
    if findings:
        raise ProblemError(without_consequences(findings))
    return Problem(frames)


def problem_from_message(message: problem_pb2.Problem) -> Problem:
    """Makes a problem of its message.

    Raises:
        ProblemError: as ``problem_from_tables``.
    """
    raw = {
        name: frame_from_rows(table, getattr(message, name))
        for name, table in PROBLEM_TABLES.items()
        if name != "settings"
    }
    if message.HasField("settings"):
        raw["settings"] = frame_from_rows(SETTINGS, [message.settings])
    return problem_from_tables(raw)


def message_from_problem(problem: Problem) -> problem_pb2.Problem:
    """Makes the message of a problem; the way back gives an equal problem."""
    message = problem_pb2.Problem()
    for name, table in PROBLEM_TABLES.items():
        rows = rows_from_frame(table, problem[name])
        if name == "settings":
            message.settings.CopyFrom(problem_pb2.Settings(**rows[0]))
        else:
            table_rows = getattr(message, name)
            for row in rows:
                table_rows.add(**row)
    return message


def canonical_lines(problem: Problem) -> list[str]:
    """The text whose SHA-256 is the problem's digest, line by line.

    For each table in schema order and each row in key order, one line: a JSON array of the table's name and
    an object of the row's filled cells in field order, without spaces, choices as words, numbers as the
    shortest decimals that read back the same (whole ones below 1e15 without a fraction), text in UTF-8, ended
    by a line feed. Defaults are not filled in.
    """
    return [
        json.dumps([name, row], ensure_ascii=False, separators=(",", ":")) + "\n"
        for name in PROBLEM_TABLES
        for row in filled_rows(problem, name)
    ]


def filled_rows(problem: Problem, name: str) -> list[dict[str, Any]]:
    """The filled cells of each row of a table in field order, as plain text, truth values and numbers."""
    frame = problem[name]
    rows: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    if not rows:
        return rows
    for column in PROBLEM_TABLES[name].columns:
        for row, cell in zip(rows, frame[column.name].to_list(), strict=True):
            if cell is not pd.NA and cell == cell:
                row[column.name] = _plain(cell)
    return rows


def _plain(value: Any) -> Any:
    """A cell as text, bool, int or float; whole floats below 1e15 become int."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
