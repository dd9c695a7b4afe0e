"""From the rows of a sheet or a CSV file to a table: which row names the columns, and which rows are none.

People put a title above the header, repeat the header, keep an index column, and end with a line of totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from typing import Any

from optimizer.cases.files import unreadable
from optimizer.cases.pasted_characters import alike
from optimizer.cases.pasted_names import CHANGE, named_table
from optimizer.errors import Finding
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import CASE_TABLES, CHANGES, Table

FARTHEST_HEADER = 30
"""Among how many filled rows the header is looked for."""

_MOST_FINDINGS_OF_A_FILE = 100
_TOTALS = {"total", "totals", "grandtotal", "subtotal", "sum", "summe", "gesamt", "gesamtergebnis", "insgesamt",
           "totale", "somme", "suma", "razem", "average", "mean"}  # fmt: skip
_INDEX_NAMES = {"", "unnamed0", "index", "level0"}


@dataclass(frozen=True)
class Row:
    """A filled row: where it stands, and its cells."""

    place: str
    cells: Sequence[Any]


@dataclass
class Read:
    """What became of the rows.

    Attributes:
        cells: the table; None where nothing names its columns.
        findings: about rows and columns that can be none.
        notes: about what was left out.
        header_place: where the row stands that names the columns.
    """

    cells: Cells | None = None
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    header_place: str = ""


def names_known(table: Table, cells: Sequence[Any]) -> int:
    """How many columns of a table some cells name."""
    return len(_spellings(table.name) & {alike(cell) for cell in cells if isinstance(cell, str)})


@cache
def _spellings(table_name: str) -> frozenset[str]:
    """The names of a table's columns as ``alike`` has them."""
    more_names = [CHANGE] if table_name == CHANGES.name else []
    return frozenset(alike(name) for name in [*CASE_TABLES[table_name].by_name, *more_names])


def table_of_rows(given_name: str, rows: Sequence[Row], place: str, fix_of_length: str = "") -> Read:
    """The table that filled rows hold.

    Args:
        given_name: the table's name as the case spells it.
        rows: its rows, without those that are blank.
        place: the file or sheet, as notes name it.
        fix_of_length: what to do where a row is longer or shorter than the header; empty where it cannot be.
    """
    read = Read()
    name = named_table(given_name) or given_name
    table = CASE_TABLES.get(name)
    if not rows:
        read.cells = Cells([], [])
        return read
    at = _header(table, rows)
    if at is None:
        message = "none of the first rows names the columns of this table"
        named = [column.name for column in table.columns if not column.is_nullable] if table else []
        fix = f"Begin with a row that does: {', '.join(named)}, and what else is known."
        shown = " ".join(_text(cell) for cell in rows[0].cells)
        read.findings.append(unreadable(name, rows[0].place, message, fix, shown))
        return read
    header = [_text(cell) for cell in rows[at].cells]
    read.header_place = rows[at].place
    if at:
        title = next(text for text in map(_text, rows[0].cells) if text)
        read.notes.append(
            f"{place}: {_counted(at, 'row')} above the header left out (such as {title[:60]!r})"
        )
    body = _of_length(name, rows[at + 1 :], header, fix_of_length, read)
    if table is not None:
        body = _without_strange_rows(table, body, header, place, read)
    columns = [list(map(_filled, column)) for column in zip_longest(*(row.cells for row in body))]
    columns += [[None] * len(body) for _ in header[len(columns) :]]
    header += [""] * (len(columns) - len(header))
    kept = [i for i in range(len(header)) if _is_kept(header[i], i, columns[i], name, table, place, read)]
    read.cells = Cells([header[i] for i in kept], [columns[i] for i in kept])
    return read


def _header(table: Table | None, rows: Sequence[Row]) -> int | None:
    """The position of the row that names the most columns of the table; the first row where no table is known."""
    if table is None:
        return 0
    counts = [names_known(table, row.cells) for row in rows[:FARTHEST_HEADER]]
    return counts.index(max(counts)) if max(counts) > 0 else None


def _of_length(name: str, rows: Sequence[Row], header: list[str], fix: str, read: Read) -> list[Row]:
    """The rows that are as long as the header, but for empty cells after it; findings about the others."""
    if not fix:
        return list(rows)
    whole = []
    for row in rows:
        cells = list(row.cells)
        while len(cells) > len(header) and not _text(cells[-1]):
            cells.pop()
        if len(cells) == len(header):
            whole.append(Row(row.place, cells))
            continue
        message = f"the row has {len(row.cells)} cells, the header {len(header)}"
        shown = ",".join(map(str, row.cells))
        read.findings.append(unreadable(name, row.place, message, fix, shown))
    if len(read.findings) > _MOST_FINDINGS_OF_A_FILE:
        more = len(read.findings) - _MOST_FINDINGS_OF_A_FILE
        del read.findings[_MOST_FINDINGS_OF_A_FILE:]
        read.findings.append(unreadable(name, "", f"{more} more rows like these", "Correct them alike."))
    return whole


def _without_strange_rows(
    table: Table, rows: list[Row], header: list[str], place: str, read: Read
) -> list[Row]:
    """The rows without repeated headers and comments, and without what can be no row, which is found."""
    spelt = [alike(name) for name in header]
    of_key = {alike(column) for column in table.key}
    keys = [i for i, name in enumerate(spelt) if name in of_key]
    kept, repeated, comments = [], 0, 0
    for row in rows:
        texts = [_text(cell) for cell in row.cells]
        filled = [text for text in texts if text]
        if len(texts) >= len(spelt) and all(
            alike(text) == name for text, name in zip(texts, spelt, strict=False)
        ):
            repeated += 1
        elif len(filled) == 1 and len(header) > 1 and filled[0].startswith("#"):
            comments += 1
        elif len(filled) == 1 and len(table.key) > 1 and len(header) > 1:
            message, fix = "only one cell of the row is filled: it is no row of this table", "Remove it."
            read.findings.append(unreadable(table.name, row.place, message, fix, filled[0]))
        elif row is rows[-1] and any(alike(texts[i]) in _TOTALS for i in keys if i < len(texts)):
            message = "this looks like a row of totals"
            fix = "Remove it: totals are no rows of the table."
            read.findings.append(unreadable(table.name, row.place, message, fix, filled[0]))
        elif keys and len(keys) == len(table.key) and not any(texts[i] for i in keys if i < len(texts)):
            named = " and ".join(table.key)
            message, fix = f"the row has no {named}: is it a total or a note?", "Fill it, or remove the row."
            read.findings.append(
                Finding("VALUE_MISSING", table.name, row.place, table.key[0], "", message, fix)
            )
        else:
            kept.append(row)
    if repeated:
        read.notes.append(f"{place}: {_counted(repeated, 'row')} that repeated the header left out")
    if comments:
        read.notes.append(f"{place}: {_counted(comments, 'row')} of comments left out")
    return kept


def _is_kept(
    given: str,
    i: int,
    cells: list[Any],
    name: str,
    table: Table | None,
    place: str,
    read: Read,
) -> bool:
    """Whether a column belongs to the table; one without a name and cells is dropped without a word."""
    spelt = alike(given)
    is_unnamed = not given or spelt.removeprefix("unnamed").removeprefix("column").isdigit()
    if is_unnamed and not any(_text(cell) for cell in cells):
        return False
    is_known = table is None or spelt in _spellings(table.name)
    if i == 0 and not is_known and spelt in _INDEX_NAMES and _counts_rows(cells):
        read.notes.append(f"{place}: column 1, which only counts the rows, was left out")
        return False
    if not given:
        shown = next(text for text in map(_text, cells) if text)[:80]
        message, fix = f"column {i + 1} has no name", "Name it in the header, or remove it."
        read.findings.append(Finding("COLUMN_UNKNOWN", name, "", "", shown, message, fix))
        return False
    return True


def _counts_rows(cells: list[Any]) -> bool:
    """Whether the cells number the rows, from 0 or from 1."""
    counting = [[str(n) for n in range(first, first + len(cells))] for first in (0, 1)]
    return [_text(cell) for cell in cells] in counting


def _filled(cell: Any) -> Any:
    """A cell as it is, blank text as None."""
    return None if isinstance(cell, str) and not cell.strip() else cell


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
