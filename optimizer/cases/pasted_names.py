"""Names of tables and columns as people spell them, and what beside them is no more than notes."""

import difflib

from optimizer.cases.pasted_characters import alike, known_name
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import CASE_TABLES, Table

CHANGE = "change"
"""The column of an overlay's tables that says what becomes of a row."""

_NOTES = {"note", "notes", "comment", "comments", "remark", "remarks", "notizen", "bemerkung", "bemerkungen",
          "kommentar", "kommentare", "commentaire", "commentaires", "uwagi", "todo"}  # fmt: skip
_SHEETS_OF_NOTES = {*_NOTES, "readme", "about", "legend", "log", "changelog", "cover", "contents"}


def named_table(name: str) -> str | None:
    """The table of the schema that a name means; None if there is none."""
    return known_name(name, CASE_TABLES)


def is_no_table(name: str, cells: Cells) -> bool:
    """Whether an unknown table is someone's notes: by its name, or since nothing in it is like a table's.

    A misspelt table is not: its name is close to a table's, or a column of it has a name that is known.
    """
    spelt = alike(name)
    if spelt in _SHEETS_OF_NOTES:
        return True
    known = {alike(column) for table in CASE_TABLES.values() for column in table.by_name}
    is_close = difflib.get_close_matches(spelt, [alike(table) for table in CASE_TABLES], n=1)
    return not is_close and not known & {alike(column) for column in cells.names}


def spelt_columns(
    table: Table, cells: Cells, place: str, more_names: tuple[str, ...]
) -> tuple[Cells, list[str]]:
    """The cells under the schema's names of their columns, without columns of comments; and notes about both.

    Args:
        table: the table.
        cells: its cells under the names of the file.
        place: the file or sheet, as notes name it.
        more_names: columns that the table may have beside the schema's.
    """
    given = cells.names
    if table.by_name.keys() >= set(given):
        return cells, []
    known = [*table.by_name, *more_names]
    names = [known_name(name, known) or name for name in given]
    comments = [name for name in names if name not in known and alike(name) in _NOTES]
    notes = [
        f"{place}: the column {name.encode('unicode_escape').decode()} was read as {read}"
        for name, read in zip(given, names, strict=True)
        if name != read
    ]
    notes += [f"{place}: the column {name} was left out" for name in comments]
    kept = [position for position, name in enumerate(names) if name not in comments]
    return Cells([names[i] for i in kept], [cells.columns[i] for i in kept]), notes
