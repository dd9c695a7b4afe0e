"""Cases as a folder: settings.yaml, and one CSV file for each other table, named for it."""

import csv
from pathlib import Path

from optimizer.cases.csv_files import read_csv
from optimizer.cases.documents import Pairs, tables_from_tree, yaml_text, yaml_tree
from optimizer.cases.files import Raw, unreadable
from optimizer.errors import ProblemError
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import CASE_TABLES, PROBLEM_TABLES

SETTINGS_FILE = "settings.yaml"
"""The file of a case folder that holds the settings, and by which a case folder is known."""

ALTERNATIVES_FOLDER = "alternatives"
"""The folder, inside a case folder, of the changes that make its alternatives."""

_OTHER_FORMATS = {".yaml", ".yml", ".json", ".xlsx", ".tsv", ".txt"}


def read_folder(folder: Path) -> Raw:
    """Reads a case from a folder.

    Files whose names begin with a dot, as macOS leaves them beside others, and files other than CSV whose
    names are no table's are left alone.
    """
    raw = Raw()
    for path in sorted(folder.iterdir()):
        name = path.stem
        try:
            if path.name.startswith("."):
                continue
            if path.name == SETTINGS_FILE:
                _add(raw, _read_settings(path))
            elif path.suffix == ".csv" and name != "settings":
                _add(raw, read_csv(path, name))
            elif name in CASE_TABLES and path.suffix in {".csv", *_OTHER_FORMATS}:
                message = f"{path.name} is not read: a case folder holds {SETTINGS_FILE} and CSV files"
                raw.findings.append(
                    unreadable(name, "", message, f"Write it as {_file_name(name)}, or remove it.")
                )
            elif path.suffix.lower() == ".csv":
                raw.findings.append(unreadable(name, "", f"{path.name} is not read", "End its name in .csv."))
        except ProblemError as error:
            raw.findings.extend(error.findings)
    return raw


def _add(raw: Raw, other: Raw) -> None:
    raw.tables.update(other.tables)
    raw.findings.extend(other.findings)
    raw.notes.extend(other.notes)


def write_folder(problem: Problem, folder: Path) -> None:
    """Writes a case to a folder; a CSV file there of a table that the problem does not use is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in PROBLEM_TABLES.items():
        rows = filled_rows(problem, name)
        path = folder / _file_name(name)
        if name == "settings":
            path.write_text(yaml_text(rows[0]), encoding="utf-8", newline="\n")
        elif rows:
            used = {column for row in rows for column in row}
            names = [column.name for column in table.columns if column.name in used]
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(names)
                writer.writerows([_text(row.get(name)) for name in names] for row in rows)
        else:
            path.unlink(missing_ok=True)


def _read_settings(path: Path) -> Raw:
    tree, notes = yaml_tree(path, "settings")
    return tables_from_tree(Pairs([("settings", tree)]), str(path), notes)


def _file_name(table_name: str) -> str:
    return SETTINGS_FILE if table_name == "settings" else f"{table_name}.csv"


def _text(cell: str | bool | int | float | None) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
