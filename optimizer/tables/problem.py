"""A posture problem: typed tables, the same from files, from the wire and from pandas; and its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from forceposture.v1 import problem_pb2
from optimizer.errors import ProblemError
from optimizer.tables.calendar import Calendar, calendar_of
from optimizer.tables.consequences import without_consequences
from optimizer.tables.raw_cells import Cells, cells_from_frame
from optimizer.tables.schema import PROBLEM_TABLES, Table, columns_from_rows, rows_from_frame
from optimizer.tables.typed_tables import typed_tables

Row = dict[str, Any]
"""A row of a table: its cells by column, None where they are empty."""


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
    _rows: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name."""
        return self.tables[name]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings by column name; empty cells are None."""
        return {name: _plain(cell) for name, cell in self.rows("settings")[0].items()}

    def rows(self, name: str) -> list[Row]:
        """The rows of a table as plain cells by column, None where empty; they are made once, and not changed."""
        if name not in self._rows:
            frame = self.tables[name]
            cells = (map(_filled, frame[column].to_list()) for column in frame.columns) if len(frame) else ()
            names = list(frame.columns)
            self._rows[name] = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
        return self._rows[name]

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


def problem_from_tables(raw: Mapping[str, pd.DataFrame | Cells]) -> Problem:
    """Makes a problem of raw cells.

    Args:
        raw: by table name, its cells or a frame of them; see ``typed_tables``.

    Raises:
        ProblemError: names, types, ranges, keys or references do not hold, or which years are planned is not said;
            it has every finding.
    """
    frames, findings = typed_tables(
        {name: cells if isinstance(cells, Cells) else cells_from_frame(cells) for name, cells in raw.items()}
    )
    if findings:
        raise ProblemError(without_consequences(findings))
    return Problem(frames)


def problem_from_message(message: problem_pb2.Problem) -> Problem:
    """Makes a problem of its message.

    Raises:
        ProblemError: as ``problem_from_tables``.
    """
    rows = {name: getattr(message, name) for name in PROBLEM_TABLES if name != "settings"}
    rows["settings"] = [message.settings] if message.HasField("settings") else []
    return problem_from_tables(
        {name: _cells_of_messages(table, rows[name]) for name, table in PROBLEM_TABLES.items() if rows[name]}
    )


def _cells_of_messages(table: Table, rows: Any) -> Cells:
    columns = columns_from_rows(table, rows)
    return Cells(list(columns), list(columns.values()))


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
    return [
        {column: _plain(cell) for column, cell in row.items() if cell is not None}
        for row in problem.rows(name)
    ]


def _filled(cell: Any) -> Any:
    """A cell of a frame, None where it is a missing value."""
    return None if cell is pd.NA or cell != cell else cell


def _plain(value: Any) -> Any:
    """A cell as text, bool, int or float; whole floats below 1e15 become int."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
