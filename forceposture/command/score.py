"""The command ``posture score``."""

import typer

from forceposture.command.exit_codes import ExitCode, ending_well, tell
from forceposture.command.options import AsJson, Asked, Out, Server, Verbose, takes_case


@takes_case
def score(
    asked: Asked,
    out: Out = None,
    as_json: AsJson = False,
    server: Server = None,
    verbose: Verbose = False,
) -> None:
    """What today's posture costs a year, which needs it meets and by how much, and which rules it breaks."""
    with ending_well(verbose, as_json):
        from forceposture.command.reading import tell_warnings, told_case
        from forceposture.command.result_files import (
            print_json,
            refuse_case_folder,
            show_parts,
            usual_folder,
            write_score,
        )
        from forceposture.command.scoring import scored
        from forceposture.command.writing import check_writable
        from forceposture.report.score import score_summary
        from optimizer.solve_options import SolveOptions
        from optimizer.tables.score import json_from_score

        refuse_case_folder(out)
        problem = told_case(asked)
        tell_warnings(problem)
        folder = out or (None if as_json else usual_folder(asked, problem, SolveOptions(), ["score"]))
        if folder is not None:
            check_writable(folder)
        found = scored(problem, server)
        parts = score_summary(problem, found)
        if as_json:
            print_json(json_from_score(found))
        else:
            show_parts(parts)
        if folder is not None:
            write_score(folder, found, parts)
            tell(f"The full result is in {folder.resolve()}")
        raise typer.Exit(ExitCode.AUDIT_FAILED if found.audit_findings else ExitCode.DONE)
