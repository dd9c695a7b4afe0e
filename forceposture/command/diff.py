"""The command ``posture diff``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forceposture.command.exit_codes import CommandError, ExitCode, ending_well, tell
from forceposture.command.options import Alternatives, AsJson, Asked, Case, Changes, ChangesFiles, Verbose
from forceposture.report.plain_text import plain

if TYPE_CHECKING:
    from optimizer.changes.change import Change
    from optimizer.tables.problem import Problem

_SOURCES = "sources"


def diff(
    case: Case,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[OTHER]",
            help="An alternative of the case, several as one+other, another case, or a result folder; by default the "
            "case itself, with the changes of the options.",
            show_default=False,
        ),
    ] = None,
    alternatives: Alternatives = None,
    changes: Changes = None,
    files: ChangesFiles = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the changes to a .yaml or .csv, for --changes."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """By which changes of its tables a case becomes another; rows of sources are counted, and written with --out."""
    with ending_well(verbose, as_json):
        from forceposture.command.reading import told_case
        from forceposture.command.result_files import print_json
        from optimizer.changes.change import message_of_change
        from optimizer.changes.differences import differences
        from optimizer.tables.choices import words_of_message

        first = told_case(Asked(case))
        asked = Asked(case, tuple(alternatives or ()), tuple(changes or ()), tuple(files or ()))
        found = differences(first, _other(asked, other))
        if out is not None:
            _write(found, out)
        if as_json:
            print_json({"changes": [words_of_message(message_of_change(change)) for change in found]})
            return
        shown = [change for change in found if change.table_name != _SOURCES]
        for change in shown:
            print(plain(str(change)))
        if len(shown) < len(found):
            tell(f"{len(found) - len(shown):,} changes of sources are not shown; --json and --out have them.")
        if not found:
            tell("Nothing differs.")


def _other(asked: Asked, word: str | None) -> "Problem":
    """The problem that a word means, with the changes that are asked for."""
    from forceposture.command.columns import is_case, is_result, with_alternatives
    from forceposture.command.reading import told_case, told_what_if
    from forceposture.command.result_files import read_problem
    from optimizer.cases.read import alternative_names

    if word is None:
        return told_case(asked)
    here = alternative_names(asked.case)
    if is_result(word, here):
        if asked.alternatives:
            raise CommandError(ExitCode.BAD_INPUT, f"{word}: --with is for a case, and this is a result.")
        return told_what_if(read_problem(Path(word)), asked.changes, asked.files)
    if is_case(word, here):
        return told_case(Asked(word, asked.alternatives, asked.changes, asked.files))
    return told_case(with_alternatives(asked, word))


def _write(changes: "list[Change]", path: Path) -> None:
    from forceposture.command.writing import whole
    from optimizer.cases.changes_tables import write_changes

    if path.exists():
        raise CommandError(ExitCode.BAD_INPUT, f"{path} is there already; choose another with --out.")
    with whole(path.parent) as folder:
        write_changes(changes, folder / path.name)
    tell(f"The changes are in {path.resolve()}")
