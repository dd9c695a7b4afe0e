"""From the tables of a case as people paste them to cells that ``typed_tables`` reads, and notes of what was read how.

Every reader's tables pass here: names of tables and columns, comments, and cells. What was read otherwise than
it was written is said in one line for each file and kind.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.cases.files import Raw, RawTable
from optimizer.cases.pasted_cells import read_cell, shown_marks
from optimizer.cases.pasted_names import CHANGE, is_no_table, named_table, spelt_columns
from optimizer.cases.pasted_numbers import Marks
from optimizer.errors import Finding
from optimizer.tables.schema import PROBLEM_TABLES, Table


@dataclass(frozen=True)
class PastedTables:
    """The cells of each table by its name, findings of the reader, and notes of both."""

    cells: dict[str, pd.DataFrame]
    findings: list[Finding]
    notes: list[str]


def pasted_tables(raw: Raw, is_overlay: bool = False) -> PastedTables:
    """Reads the tables of a case.

    Args:
        raw: as a reader of files found them.
        is_overlay: the tables hold no more than changes.
    """
    read = PastedTables({}, list(raw.findings), list(raw.notes))
    for given_name, table in raw.tables.items():
        name = named_table(given_name)
        if name is None:
            if is_no_table(given_name, table.cells):
                read.notes.append(f"{table.place}: left out, for it is no table")
            else:
                read.cells[given_name] = table.cells
            continue
        if name != given_name:
            read.notes.append(f"{table.place}: read as the table {name}")
        if name in read.cells:
            message, fix = f"the table is given twice, once as {given_name}", "Keep one."
            read.findings.append(Finding("TABLE_DUPLICATE", name, "", "", "", message, fix))
            continue
        more_names = (CHANGE,) if is_overlay else ()
        cells, notes = spelt_columns(PROBLEM_TABLES[name], table.cells, table.place, more_names)
        read.notes.extend(notes)
        read.cells[name], notes = _read_cells(PROBLEM_TABLES[name], cells, table, is_overlay)
        read.notes.extend(notes)
    return read


def _read_cells(
    table: Table, cells: pd.DataFrame, given: RawTable, is_overlay: bool
) -> tuple[pd.DataFrame, list[str]]:
    """The cells of a table as their columns' types read them, and a note for each way of reading."""
    columns = [table.by_name.get(str(name)) for name in cells.columns]
    listed: list[list[Any]] = [cells.iloc[:, i].to_list() for i in range(len(columns))]
    marks = [
        shown_marks(column, values)
        if column is not None and column.type in ("number", "integer")
        else frozenset()
        for column, values in zip(columns, listed, strict=True)
    ]
    of_table = frozenset().union(*marks)
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    is_changed = False
    for column, values, of_column in zip(columns, listed, marks, strict=True):
        if column is None:
            continue
        at_work = Marks(of_table, of_column, given.decimal_mark)
        for i, cell in enumerate(values):
            values[i], how = read_cell(column, cell, at_work, is_overlay)
            is_changed = is_changed or values[i] is not cell
            if how:
                counts[how] += 1
                became = "empty" if values[i] is None else str(values[i])
                written = ascii(str(cell).strip())[1:-1]
                examples.setdefault(how, f"{written[:40]} as {became[:40]}")
    if is_changed:
        read = {i: pd.Series(values, index=cells.index, dtype="object") for i, values in enumerate(listed)}
        cells = pd.DataFrame(read, index=cells.index).set_axis(cells.columns, axis="columns")
    notes = [
        f"{given.place}: {how} in {count} {'cell' if count == 1 else 'cells'} ({examples[how]})"
        for how, count in counts.items()
    ]
    return cells, notes
