"""Changes as a planner writes them in one line: a phrase, or what becomes of cells or rows."""

from optimizer.changes.change import Change
from optimizer.changes.expressions import change_of_text
from optimizer.changes.phrases import changes_of_phrase, is_phrase
from optimizer.tables.problem import Problem


def changes_of_line(line: str, problem: Problem, origin: str = "", sentence: str = "") -> list[Change]:
    """The changes that a line says.

    Args:
        line: the line.
        problem: which is changed; what a phrase means depends on it.
        origin: where it is written, as findings name it.
        sentence: why, for people.

    Raises:
        ProblemError: it says nothing that can be done.
    """
    if is_phrase(line):
        return changes_of_phrase(line, problem, origin, sentence)
    return [change_of_text(line, origin, sentence)]
