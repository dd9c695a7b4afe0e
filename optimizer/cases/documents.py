"""Cases as one YAML or JSON document: settings as a mapping, every other table as a list of mappings.

Every YAML scalar is text until the schema says otherwise, so that the identifiers NO and 1e3 stay what they
are. Tags, anchors and aliases are refused: a case needs none.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from optimizer.cases.files import Raw, RawTable, unreadable, unsafe
from optimizer.cases.pasted_names import CHANGE
from optimizer.cases.pasted_text import file_text
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.raw_cells import cells_from_rows
from optimizer.tables.schema import CASE_TABLES, CHANGES, PROBLEM_TABLES

MOST_YAML_BYTES = 64_000_000
"""Largest YAML file read."""
MOST_JSON_BYTES = 256_000_000
"""Largest JSON file read."""

_DEEPEST = 8
_NULLS = {"", "~", "null", "Null", "NULL"}
_HOW_TO_WRITE = "Write the table as a list of rows, each a mapping of columns to values."

Tree = Any
"""None, text, a number, a truth value, a list of trees, or ``Pairs``."""


class Pairs(list[tuple[str, Tree]]):
    """A mapping as it was written, keys given twice included."""


def read_yaml(path: Path) -> Raw:
    """Reads a case from a YAML file.

    Raises:
        ProblemError: the file is no YAML, or holds tags, anchors or aliases.
    """
    tree, notes = yaml_tree(path)
    return tables_from_tree(tree, str(path), notes)


def read_json(path: Path) -> Raw:
    """Reads a case from a JSON file; NaN and Infinity are read, for the checks to find.

    Raises:
        ProblemError: the file is no JSON.
    """
    text, notes = file_text(path, MOST_JSON_BYTES)
    try:
        tree = json.loads(text, object_pairs_hook=Pairs, parse_int=_number)
    except RecursionError as error:
        raise ProblemError([unsafe("", f"{path.name} is nested too deeply", _HOW_TO_WRITE)]) from error
    except json.JSONDecodeError as error:
        message = f"{path.name} is no JSON: {error.msg}"
        fix = "Correct that line, or what stands before it."
        raise ProblemError([unreadable("", f"line {error.lineno}", message, fix)]) from error
    return tables_from_tree(tree, str(path), notes)


def yaml_tree(path: Path, table_name: str = "") -> tuple[Tree, list[str]]:
    """What a YAML file holds, every scalar as text or None, and notes about how its bytes were read.

    Args:
        path: the file.
        table_name: the table that the file holds, if one.

    Raises:
        ProblemError: the file is no YAML, or holds tags, anchors or aliases.
    """
    text, notes = file_text(path, MOST_YAML_BYTES, table_name)
    try:
        return _tree_of_events(yaml.parse(text, Loader=yaml.CSafeLoader), path.name, table_name), notes
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        fix = "Correct that line, or what stands before it."
        raise ProblemError(
            [unreadable(table_name, line, f"{path.name} is no YAML: {problem}", fix)]
        ) from error


def tables_from_tree(tree: Tree, place: str, notes: list[str]) -> Raw:
    """Raw cells of the tables in a document, and what in it is no table, row or cell.

    Args:
        tree: the document.
        place: its file, as notes name it.
        notes: about how the file was read.
    """
    if not isinstance(tree, Pairs):
        message = "the document is no mapping of table names to tables"
        return Raw(findings=[unreadable("", "", message, "Begin it with settings: and the names of tables.")])
    tables: dict[str, RawTable] = {}
    findings: list[Finding] = []
    for name, rows in tree:
        if name in tables:
            findings.append(
                Finding("TABLE_DUPLICATE", name, "", "", "", "the table is given twice", "Keep one.")
            )
            continue
        if name == "settings" and isinstance(rows, Pairs):
            rows = [rows]
        elif name == "settings" and rows is not None:
            findings.append(unreadable(name, "", "settings is no mapping", "Write it as column: value."))
            rows = None
        if rows is None:
            rows = []
        if isinstance(rows, Pairs) or not isinstance(rows, list):
            if name in CASE_TABLES:
                findings.append(unreadable(name, "", "the table is no list of rows", _HOW_TO_WRITE))
            rows = []
        read = [_row(name, f"row {number}", row, findings) for number, row in enumerate(rows, 1)]
        cells = cells_from_rows(cells for cells in read if cells is not None)
        tables[name] = RawTable(cells, f"{place}, {name}" if len(tree) > 1 else place)
    return Raw(tables, findings, notes)


def yaml_text(tree: Any) -> str:
    """The YAML text of plain mappings, lists and scalars."""
    text: str = yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def write_yaml(problem: Problem, path: Path) -> None:
    """Writes a case to a YAML file."""
    path.write_text(yaml_text(_plain_tree(problem)), encoding="utf-8", newline="\n")


def write_json(problem: Problem, path: Path) -> None:
    """Writes a case to a JSON file."""
    text = json.dumps(_plain_tree(problem), ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain_tree(problem: Problem) -> dict[str, Any]:
    tables = {name: filled_rows(problem, name) for name in PROBLEM_TABLES}
    return {name: rows[0] if name == "settings" else rows for name, rows in tables.items() if rows}


def _row(table_name: str, place: str, row: Tree, findings: list[Finding]) -> dict[str, Any] | None:
    if table_name == CHANGES.name and isinstance(row, str):
        return {CHANGE: row}
    if not isinstance(row, Pairs):
        findings.append(unreadable(table_name, place, "this is no row", _HOW_TO_WRITE, str(row)))
        return None
    cells: dict[str, Any] = {}
    for name, cell in row:
        if name in cells:
            message = "the column is given twice in a row"
            findings.append(Finding("COLUMN_DUPLICATE", table_name, place, name, "", message, "Keep one."))
        elif isinstance(cell, list):
            message = "a cell holds one value, not a list or mapping"
            findings.append(Finding("VALUE_TYPE", table_name, place, name, "", message, "Give one value."))
            cells[name] = None
        else:
            cells[name] = cell
    return cells


def _number(text: str) -> int | float:
    return int(text) if len(text) < 16 else float(text)


def _tree_of_events(events: Any, file_name: str, table_name: str) -> Tree:
    """The tree that YAML's events describe; containers that are still open stand on a stack."""
    root: list[Tree] = []
    stack: list[list[Tree]] = [root]
    for event in events:
        place = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.DocumentStartEvent):
            if event.tags or event.version:
                raise _refused(table_name, file_name, place, "a YAML directive")
            if root:
                fix = "Keep one document in a file."
                message = f"{file_name} holds more than one YAML document"
                raise ProblemError([unreadable(table_name, place, message, fix)])
        if isinstance(event, yaml.AliasEvent):
            raise _refused(table_name, file_name, place, f"the alias *{event.anchor}")
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise _refused(table_name, file_name, place, f"the anchor &{event.anchor}")
        if getattr(event, "tag", None):
            raise _refused(table_name, file_name, place, f"the tag {event.tag}")
        if isinstance(event, yaml.ScalarEvent):
            is_null = event.implicit[0] and event.value in _NULLS
            stack[-1].append(None if is_null else event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(stack) > _DEEPEST:
                raise ProblemError(
                    [unsafe(table_name, f"{file_name} is nested too deeply", _HOW_TO_WRITE, place)]
                )
            stack.append([] if isinstance(event, yaml.SequenceStartEvent) else Pairs())
        elif isinstance(event, yaml.CollectionEndEvent):
            node = stack.pop()
            if isinstance(node, Pairs):
                cells: list[Tree] = list(node)
                node = Pairs((_key(key), value) for key, value in zip(cells[::2], cells[1::2], strict=True))
            stack[-1].append(node)
    return root[0] if root else None


def _key(key: Tree) -> str:
    return key if isinstance(key, str) else "" if key is None else str(key)[:80]


def _refused(table_name: str, file_name: str, place: str, what: str) -> ProblemError:
    message = f"{file_name} uses {what}"
    return ProblemError(
        [unsafe(table_name, message, "Write the value itself: a case needs no tags or aliases.", place)]
    )
