"""Cases as a folder: settings.yaml, and one CSV file for each other table, named for it."""

import csv
import io
from pathlib import Path

import pandas as pd

from optimizer.cases.documents import Pairs, tables_from_tree, yaml_text, yaml_tree
from optimizer.cases.files import Raw, file_text, unreadable
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES

MOST_CSV_BYTES = 256_000_000
"""Largest CSV file read."""

SETTINGS_FILE = "settings.yaml"
"""The file of a case folder that holds the settings, and by which a case folder is known."""

ALTERNATIVES_FOLDER = "alternatives"
"""The folder, inside a case folder, of the changes that make its alternatives."""

_OTHER_FORMATS = {".yaml", ".yml", ".json", ".xlsx", ".tsv", ".txt"}
_MOST_FINDINGS_OF_A_FILE = 100


def read_folder(folder: Path) -> Raw:
    """Reads a case from a folder; files whose names are no table's, other than CSV files, are left alone."""
    raw: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    for path in sorted(folder.iterdir()):
        name = path.stem
        try:
            if path.name == SETTINGS_FILE:
                cells, found = _read_settings(path)
                raw.update(cells)
                findings += found
            elif path.suffix == ".csv" and name != "settings":
                raw[name], found = read_csv(path, name)
                findings += found
            elif name in PROBLEM_TABLES and path.suffix in {".csv", *_OTHER_FORMATS}:
                message = f"{path.name} is not read: a case folder holds {SETTINGS_FILE} and CSV files"
                findings.append(
                    unreadable(name, "", message, f"Write it as {_file_name(name)}, or remove it.")
                )
            elif path.suffix.lower() == ".csv":
                findings.append(unreadable(name, "", f"{path.name} is not read", "End its name in .csv."))
        except ProblemError as error:
            findings += error.findings
    return raw, findings


def read_csv(path: Path, table_name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Reads the raw cells of a table from a CSV file, all as text.

    Rows of another length than the header, and what follows a quote that never ends, are left out and named.

    Raises:
        ProblemError: the file is too large or no text.
    """
    text = file_text(path, MOST_CSV_BYTES, table_name).replace("\r\n", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str | None]] = []
    findings: list[Finding] = []
    line_number = 1
    try:
        for cells in reader:
            place, line_number = f"line {line_number}", reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
            elif len(cells) == len(header):
                rows.append([cell or None for cell in cells])
            else:
                message = f"the row has {len(cells)} cells, the header {len(header)}"
                fix = "Add the missing commas, or put text that holds a comma in double quotes."
                findings.append(unreadable(table_name, place, message, fix, ",".join(cells)))
    except csv.Error as error:
        message = f"{path.name} is no CSV from here on: {error}"
        fix = "Correct that row; double a quote inside a quoted cell."
        findings.append(unreadable(table_name, f"line {line_number}", message, fix))
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        message = f"the cells of {path.name} are not separated by commas"
        return pd.DataFrame(), [unreadable(table_name, "line 1", message, "Save it with commas.", header[0])]
    if len(findings) > _MOST_FINDINGS_OF_A_FILE:
        more = len(findings) - _MOST_FINDINGS_OF_A_FILE
        del findings[_MOST_FINDINGS_OF_A_FILE:]
        findings.append(unreadable(table_name, "", f"{more} more rows like these", "Correct them alike."))
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype="object"), dtype="object")
    unnamed = [not name and not any((row[i] or "").strip() for row in rows) for i, name in enumerate(header)]
    return frame.loc[:, [not left_out for left_out in unnamed]], findings


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
    tree = yaml_tree(path, "settings")
    return tables_from_tree(Pairs([("settings", tree)]))


def _file_name(table_name: str) -> str:
    return SETTINGS_FILE if table_name == "settings" else f"{table_name}.csv"


def _text(cell: str | bool | int | float | None) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
