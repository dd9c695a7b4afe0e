"""What differs between the problems of a comparison, and what does not between their plans."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from forceposture.report.tables import sentence
from optimizer.changes.change import Change
from optimizer.questions.runs import Run

_SHOWN = 4

Rows = list[tuple[str, dict[str, str]]]


def differing_rows(rows: Rows, plans: Sequence[str]) -> Rows:
    """The first row, and those in which not all plans have the same, or in which today's posture has something else.

    Args:
        rows: quantities and their text by column.
        plans: the columns that are plans.
    """
    return [
        (label, cells)
        for number, (label, cells) in enumerate(rows)
        if number == 0 or len(set(cells.values())) > 1 or any(plan not in cells for plan in plans)
    ]


def same_parts(count: int) -> list[RenderableType]:
    """How many rows were left out, if any."""
    if not count:
        return []
    what = "1 row is" if count == 1 else f"{count} rows are"
    return [sentence(f"{what} the same in all columns and not shown; comparison.json has them.")]


def input_parts(runs: Sequence[Run], inputs: Mapping[str, Sequence[Change]]) -> list[RenderableType]:
    """For each run the first changes by which its inputs differ from the baseline's, and how many there are."""
    parts: list[RenderableType] = []
    for run in runs:
        if run.name not in inputs:
            continue
        changes, title = inputs[run.name], str(run.problem.settings["title"] or run.heading)
        name = run.heading if title == run.heading else f"{run.heading}, {title}"
        count = len(changes)
        what = "nothing differs" if not count else f"{count:,} change{'s' if count > 1 else ''}"
        lines = [f"  {change}" for change in changes[:_SHOWN]]
        if count > _SHOWN:
            lines.append(f"  and {count - _SHOWN:,} more; posture diff shows all")
        parts += map(sentence, [f"{name}: {what}", *lines])
    return [Text("What differs in the inputs", style="bold"), *parts] if parts else []
