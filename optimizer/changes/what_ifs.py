"""A problem as a planner asks about it: with changes, a title that says so, and no sources of old cells."""

from collections.abc import Sequence

from optimizer.changes.applied import with_changes
from optimizer.changes.change import Change, Operation
from optimizer.changes.differences import differences
from optimizer.changes.selectors import parsed_selector
from optimizer.tables.problem import Problem

_LONGEST = 60


def what_if(problem: Problem, changes: Sequence[Change], asked: Sequence[str]) -> Problem:
    """The problem with changes made.

    What is said of the source of a cell goes with the cell's old value, unless the changes say it anew.

    Args:
        problem: the problem.
        changes: the changes.
        asked: how the planner wrote them, for the title.

    Raises:
        ProblemError: as ``with_changes``.
    """
    if not changes:
        return problem
    changed = with_changes(problem, changes)
    if changed.settings["title"] == problem.settings["title"]:
        words = asked[0] if len(asked[0]) <= _LONGEST else f"{asked[0][: _LONGEST - 1]}…"
        more = f", and {len(asked) - 1} more" if len(asked) > 1 else ""
        title = f"{problem.settings['title'] or 'Untitled case'} ({words}{more})"
        settings = changed["settings"].assign(title=title)
        changed = Problem({**changed.tables, "settings": settings}, changed.notes)
    return _without_old_sources(problem, changed)


def _without_old_sources(problem: Problem, changed: Problem) -> Problem:
    """The changed problem without sources of cells that were other figures, or of rows that are gone."""
    old: set[tuple[str, ...]] = set()
    own: set[tuple[str, ...]] = set()
    for change in differences(problem, changed):
        key = tuple(part[0].text for part in parsed_selector(change.selector).key)
        if change.table_name == "sources":
            own.add(key)
        elif change.operation is not Operation.ADD_ROW:
            old.add((change.table_name, "/".join(key), change.column_name))
    sources = changed["sources"]
    keys = list(sources[["table_name", "row_key", "column_name"]].itertuples(index=False, name=None))
    kept = [key in own or not {key, (*key[:2], "")} & old for key in keys]
    return Problem({**changed.tables, "sources": sources[kept].reset_index(drop=True)}, changed.notes)
