"""The columns of a comparison: alternatives, other cases, results, and changes of the case."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from forceposture.command.exit_codes import CommandError, ExitCode
from forceposture.command.options import Asked
from forceposture.command.reading import told_case, told_what_if
from forceposture.command.result_files import RESULT_FILE, read_problem, read_result
from optimizer.cases.read import alternative_names, shipped_cases
from optimizer.errors import Finding
from optimizer.questions.already_so import already_so
from optimizer.questions.runs import BASELINE, Run, alternative_runs
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

_TOGETHER = "+"


@dataclass
class Columns:
    """What is compared.

    Attributes:
        runs: the baseline, then a run for each column.
        known: solutions that are there already, by name of the run.
        changed: names of the runs that are the case with changes, and not another case.
    """

    runs: list[Run]
    known: dict[str, Solution] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def warnings(self, found: Sequence[tuple[Run, Solution]]) -> list[tuple[Run, Finding]]:
        """What changes nothing, of the runs that are the case with changes."""
        return already_so([pair for pair in found if pair[0].name in {BASELINE, *self.changed}])


def alternatives_beside(asked: Asked) -> list[str]:
    """The alternatives of a case that are not among those that hold in every column."""
    return [name for name in alternative_names(asked.case) if name not in asked.alternatives]


def is_result(word: str, alternatives: Sequence[str]) -> bool:
    """Whether a word names a result folder, and no alternative."""
    return word not in alternatives and (Path(word) / RESULT_FILE).exists()


def is_case(word: str, alternatives: Sequence[str]) -> bool:
    """Whether a word names another case, and no alternative."""
    return word not in alternatives and (word in shipped_cases() or Path(word).exists())


def with_alternatives(asked: Asked, word: str) -> Asked:
    """The case with one more alternative, or with several joined by "+"."""
    return replace(asked, alternatives=(*asked.alternatives, *word.split(_TOGETHER)))


def columns_of(
    asked: Asked,
    problem: Problem,
    words: Sequence[str],
    lines: Sequence[str],
    files: Sequence[Path],
    options: SolveOptions,
) -> Columns:
    """The runs of a comparison.

    Args:
        asked: the case, and the alternatives that hold in every column.
        problem: its problem, column two.
        words: each an alternative, several joined by "+", a case, or a result folder.
        lines: each a change that makes a column of its own.
        files: each a file of changes that make a column of their own.
        options: how to solve each.

    Raises:
        CommandError: two columns have the same name.
        ProblemError: a column is not there, or has findings.
    """
    others: dict[str, Problem] = {}
    titles: dict[str, str] = {}
    known: dict[str, Solution] = {}
    changed: set[str] = set()

    def add(name: str, other: Problem, title: str = "") -> None:
        if name in others:
            raise CommandError(ExitCode.BAD_INPUT, f"{name}: two columns have this name; leave one out.")
        others[name] = other
        if title:
            titles[name] = title

    here = alternative_names(asked.case)
    for word in words:
        if is_result(word, here):
            name = Path(word).resolve().name
            add(name, read_problem(Path(word)))
            known[name] = read_result(Path(word))
        elif is_case(word, here):
            add(Path(word).resolve().stem, told_case(Asked(word)))
        else:
            add(word, told_case(with_alternatives(asked, word)))
            changed.add(word)
    for number, line in enumerate(lines, 1):
        add(f"set-{number}", told_what_if(problem, [line], []), f"Change {number}")
        changed.add(f"set-{number}")
    for file in files:
        add(file.stem, told_what_if(problem, [], [file]), file.name)
        changed.add(file.stem)
    return Columns(alternative_runs(problem, others, options, titles), known, changed)
