"""From the tables of a case as people paste them to cells that ``typed_tables`` reads, and notes of what was read how.

Every reader's tables pass here: names of tables and columns, comments, and cells. What was read otherwise than
it was written is said in one line for each file and kind.
"""

from collections import Counter
from dataclasses import dataclass

from optimizer.cases.files import Raw, RawTable
from optimizer.cases.pasted_cells import read_cell, shown_marks
from optimizer.cases.pasted_names import CHANGE, is_no_table, named_table, spelt_columns
from optimizer.cases.pasted_numbers import Marks
from optimizer.errors import Finding
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import CASE_TABLES, CHANGES, Table


@dataclass(frozen=True)
class PastedTables:
    """The cells of each table by its name, findings of the reader, and notes of both."""

    cells: dict[str, Cells]
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
        more_names = (CHANGE,) if is_overlay or name == CHANGES.name else ()
        cells, notes = spelt_columns(CASE_TABLES[name], table.cells, table.place, more_names)
        read.notes.extend(notes)
        read.cells[name], notes = _read_cells(CASE_TABLES[name], cells, table, is_overlay)
        read.notes.extend(notes)
    return read


def _read_cells(table: Table, cells: Cells, given: RawTable, is_overlay: bool) -> tuple[Cells, list[str]]:
    """The cells of a table as their columns' types read them, and a note for each way of reading."""
    columns = [table.by_name.get(name) for name in cells.names]
    marks = [
        shown_marks(column, values)
        if column is not None and column.type in ("number", "integer")
        else frozenset()
        for column, values in zip(columns, cells.columns, strict=True)
    ]
    of_table = frozenset().union(*marks)
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    listed = []
    for column, values, of_column in zip(columns, cells.columns, marks, strict=True):
        at_work = Marks(of_table, of_column, given.decimal_mark)
        read = list(values)
        for i, cell in enumerate(values):
            if column is None or cell is None:
                continue
            read[i], how = read_cell(column, cell, at_work, is_overlay)
            if how:
                counts[how] += 1
                became = "empty" if read[i] is None else str(read[i])
                written = ascii(str(cell).strip())[1:-1]
                examples.setdefault(how, f"{written[:40]} as {became[:40]}")
        listed.append(read)
    notes = [
        f"{given.place}: {how} in {count} {'cell' if count == 1 else 'cells'} ({examples[how]})"
        for how, count in counts.items()
    ]
    return Cells(cells.names, listed), notes
