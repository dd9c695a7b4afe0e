"""What a problem becomes by changes.

Changes made together are a set: none comes before another. What they give is what they give one by one, in every
order; where that would depend on the order, they are refused, and both are named:

- a cell is set by several changes only to the same value, and what is set is not calculated with;
- several changes multiply and divide a cell, or add and subtract; they do not do both;
- a row is added by several changes only with the same cells, and no other change would choose it;
- a row that goes is changed by nobody; a change that chooses other rows, too, changes those;
- no change chooses rows by a cell that another change writes;
- where rows hold until the next year that has one, what a change carries on is written by no other change.

An empty cell is calculated with as its constant default. One that means "no limit", or what follows from other
cells, stays empty.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optimizer.changes.change import Change, Operation
from optimizer.changes.choices import Choice, TableMade
from optimizer.changes.conflicts import find_conflicts
from optimizer.changes.reading import Read, calculated, read_change
from optimizer.changes.years import CARRIED, Between, Key, without_repeats
from optimizer.errors import Finding, ProblemError
from optimizer.tables.by_year import CARRIED_BY_CELL
from optimizer.tables.consequences import without_consequences
from optimizer.tables.defaults import CONSTANT_DEFAULTS
from optimizer.tables.problem import Problem
from optimizer.tables.raw_cells import Cells, cells_from_frame, cells_from_rows
from optimizer.tables.typed_tables import typed_tables

_KINDS = {
    Operation.SET: "set",
    Operation.MULTIPLY: "scale",
    Operation.DIVIDE: "scale",
    Operation.ADD: "shift",
    Operation.SUBTRACT: "shift",
}


def with_changes(problem: Problem, changes: Sequence[Change]) -> Problem:
    """The problem with changes made, which has a digest of its own.

    Raises:
        ProblemError: with everything that is wrong with the changes, with two that contradict each other, and with
            the tables that they give.
    """
    if not changes:
        return problem
    reads: list[Read] = []
    findings: list[Finding] = []
    for change in changes:
        read, found = read_change(change)
        findings += found
        if read is not None:
            reads.append(read)
    if findings:
        raise ProblemError(findings)
    choice = Choice(problem, reads)
    find_conflicts(choice)
    for made in choice.tables.values():
        _write(choice, made)
    if choice.findings:
        raise ProblemError(choice.findings)
    return _typed(problem, choice)


def _write(choice: Choice, made: TableMade) -> None:
    """Writes the cells of a table, and takes away what goes, and what then says again what holds anyway."""
    for key in made.going:
        made.rows.pop(key, None)
    # Where an empty cell takes an earlier value it does not mean its default.
    is_carried = made.table.name in CARRIED_BY_CELL
    defaults = {} if is_carried else CONSTANT_DEFAULTS.get(made.table.name, {})
    doubtful: dict[Key, set[str]] = defaultdict(set)
    counted: dict[int, int] = defaultdict(int)
    for (key, column), numbers in made.writers.items():
        if key not in made.rows:
            continue
        cell = made.rows[key].get(column)
        is_empty = column not in made.base.get(key, {})
        if is_empty and not any(made.parts[number].names_rows for number in numbers):
            doubtful[key].add(column)
        value = _value(choice, numbers, defaults.get(column) if cell is None else cell)
        for number in numbers:
            counted[number] += value is not None or choice.reads[number].change.operation is Operation.SET
        if value is None:
            made.rows[key].pop(column, None)
        else:
            made.rows[key][column] = value
    for number, cell in made.between:
        is_kept = cell.key in made.rows and cell.column not in made.base.get(cell.key, {})
        if is_kept and not made.writers.get((cell.key, cell.column)):
            doubtful[cell.key].add(cell.column)
            if cell.since is None and made.parts[number].column == cell.column:
                _cannot_end(choice, number, cell, made)
    for number, count in counted.items():
        if not count and not choice.findings:
            message, fix = "all cells that it chooses are empty", "Set a value with =."
            choice.findings.append(choice.reads[number].change.finding("CHANGE_POINTLESS", message, fix))
    if made.table.name in CARRIED and not choice.findings:
        without_repeats(made.table.name, made.table.key, made.rows, made.created, doubtful)


def _cannot_end(choice: Choice, number: int, cell: Between, made: TableMade) -> None:
    """A cell that was empty before a change, and would have to be empty after it, which such tables cannot say."""
    if made.table.name not in CARRIED or cell.column in made.rows[cell.key]:
        return
    at = made.at
    earlier = [key for key in made.rows if key[:at] == cell.key[:at] and key[at + 1 :] == cell.key[at + 1 :]]
    if any(cell.column in made.rows[key] for key in earlier if key[at] < cell.key[at]):
        year = cell.key[at]
        message = (
            f"nothing stands there before, and the table cannot say that nothing holds again from {year}"
        )
        fix = f"Change all years from the first on, or give a value for {year}, too."
        choice.findings.append(choice.reads[number].change.finding("CHANGE_POINTLESS", message, fix))


def _value(choice: Choice, numbers: Sequence[int], cell: Any) -> Any:
    """What a cell becomes by the changes that write it."""
    reads = [choice.reads[number] for number in numbers]
    kinds = [_KINDS[read.change.operation] for read in reads]
    for place, kind in enumerate(kinds):
        if kind != kinds[0]:
            what = "they do different things to a cell, and which comes first would matter"
            choice.conflict(numbers[0], numbers[place], what)
            return cell
        if kind == "set" and reads[place].value != reads[0].value:
            choice.conflict(numbers[0], numbers[place], "a cell is set to different values")
    if kinds[0] == "set":
        return reads[0].value
    if cell is None:
        return None
    return calculated(cell, [(read.change.operation, read.value) for read in reads])


def _typed(problem: Problem, choice: Choice) -> Problem:
    """The problem of the rows that changes gave, checked as a whole."""
    cells: dict[str, Cells] = {
        name: cells_from_frame(frame)
        for name, frame in problem.tables.items()
        if len(frame) and name not in choice.tables
    }
    cells |= {
        name: cells_from_rows(other.rows.values()) for name, other in choice.tables.items() if other.rows
    }
    frames, findings = typed_tables(cells)
    findings = without_consequences(findings)
    if findings:
        raise ProblemError([_located(finding, choice) for finding in findings])
    return Problem(frames, problem.notes)


def _located(finding: Finding, choice: Choice) -> Finding:
    """The finding with the changes that touched its row before its message."""
    table = choice.tables.get(finding.table_name)
    touching: set[str] = set()
    if table is not None:
        keyed = [(key, number) for key, numbers in table.coming.items() for number in numbers]
        keyed += [(key, number) for (key, _), numbers in table.writers.items() for number in numbers]
        touching = {
            choice.reads[number].change.origin
            for key, number in keyed
            if table.table.key_of(table.rows.get(key, {})) == finding.row_key
        }
    origins = {read.change.origin for read in choice.reads}
    wholes = sorted({origin.rpartition("/")[0] or origin for origin in origins})
    before = ", ".join(sorted(touching)) or f"with {', '.join(wholes)} laid over it"
    return replace(finding, message=f"{before}: {finding.message}") if any(origins) else finding
