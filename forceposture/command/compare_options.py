"""The options of ``solve`` that ask for a variant of a case, or for several solves side by side."""

from forceposture.command.exit_codes import CommandError, ExitCode
from optimizer.questions.runs import (
    Run,
    alliance_beside_lead_runs,
    at_break_even,
    band_runs,
    break_even_runs,
    requiring_only,
    requiring_runs,
)
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem


def runs_of(
    problem: Problem,
    options: SolveOptions,
    beside: str | None,
    break_even: str | None,
    require: str | None,
    band: bool,
) -> list[Run]:
    """The runs that options of ``solve`` ask for; one unless they compare.

    Raises:
        CommandError: an option has a word it does not know, or two do not go together.
        ProblemError: the case has nothing that an option asks about.
    """
    if beside not in (None, "alliance"):
        raise CommandError(ExitCode.BAD_INPUT, f"--beside {beside}: write alliance.")
    if require not in (None, "deter", "win", "both", "all"):
        raise CommandError(ExitCode.BAD_INPUT, f"--require {require}: write deter, win, both or all.")
    ratio = _ratio(break_even)
    if sum([beside is not None, break_even == "all", require == "all", band]) > 1:
        raise CommandError(
            ExitCode.BAD_INPUT, "Choose one of --beside, --break-even all, --require all and --band."
        )
    if require in ("deter", "win"):
        problem = requiring_only(problem, require.upper())
    if ratio is not None:
        problem = at_break_even(problem, ratio)
    if break_even == "all":
        return break_even_runs(problem, options)
    if require == "all":
        return requiring_runs(problem, options)
    if beside is not None:
        return alliance_beside_lead_runs(problem, options)
    return band_runs(problem, options) if band else [Run("plan", problem, options)]


def variant_words(beside: str | None, break_even: str | None, require: str | None, band: bool) -> list[str]:
    """What the options of ``runs_of`` ask for, as parts of a folder's name; none if they leave the problem as it is."""
    words = []
    if break_even is not None:
        ratio = _ratio(break_even)
        words.append("break-even" if ratio is None else f"break-even-{ratio:.15g}")
    if require in ("deter", "win"):
        words.append(f"require-{require}")
    words += ["require"] * (require == "all") + ["beside"] * (beside is not None) + ["band"] * band
    return words


def _ratio(break_even: str | None) -> float | None:
    if break_even in (None, "all"):
        return None
    try:
        return float(str(break_even))
    except ValueError:
        raise CommandError(ExitCode.BAD_INPUT, f"--break-even {break_even}: write a ratio, or all.") from None
