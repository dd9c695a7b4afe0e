"""Which problems a comparison solves, and with which settings."""

from dataclasses import dataclass, replace

from forceposture.command.exit_codes import CommandError, ExitCode
from optimizer.objectives import LEAD_COST
from optimizer.questions import variants
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

AS_GIVEN = "as-given"
"""Name of the run of a band in which every response is as the problem has it."""
EVERYTHING, NOTHING = "everything", "nothing"
"""Names of the runs with all needs and with none."""


@dataclass(frozen=True)
class Run:
    """One solve of a comparison.

    Attributes:
        name: of its column, and of its folder.
        problem: the problem, or a variant.
        settings: how to solve it.
        note: how the comparison is to be read; the same in every run.
        about: the ally that stands alone, or the theater without needs; empty where the run is of none.
    """

    name: str
    problem: Problem
    settings: SolveOptions
    note: str = ""
    about: str = ""


def runs_of(
    problem: Problem,
    settings: SolveOptions,
    beside: str | None,
    break_even: str | None,
    require: str | None,
    band: bool,
) -> list[Run]:
    """The runs that options of ``solve`` ask for; one unless they compare.

    Raises:
        CommandError: an option has a word it does not know or asks for needs that are not there, or two do not go
            together.
    """
    if beside not in (None, "alliance"):
        raise CommandError(ExitCode.BAD_INPUT, f"--beside {beside}: write alliance.")
    if require not in (None, "deter", "win", "both", "all"):
        raise CommandError(ExitCode.BAD_INPUT, f"--require {require}: write deter, win, both or all.")
    comparing = [beside is not None, break_even == "all", require == "all", band]
    if sum(comparing) > 1:
        raise CommandError(
            ExitCode.BAD_INPUT, "Choose one of --beside, --break-even all, --require all and --band."
        )
    if beside and settings.objectives != (LEAD_COST,):
        raise CommandError(
            ExitCode.BAD_INPUT,
            "--beside alliance has objectives of its own: leave out --objective, or leave out --beside.",
        )
    if break_even not in (None, "all"):
        problem = variants.with_break_even_ratio(problem, _ratio(str(break_even)))
    if require in ("deter", "win"):
        problem = _requiring(problem, require)
    if break_even == "all":
        return [
            Run(f"break-even-{ratio:g}", variants.with_break_even_ratio(problem, ratio), settings)
            for ratio in variants.BREAK_EVEN_RATIOS
        ]
    if require == "all":
        only = [Run(kind, _requiring(problem, kind), settings) for kind in ("deter", "win")]
        return [*only, Run("both", problem, settings)]
    if beside:
        orders = (("lead-cost", ("LEAD_COST",)), ("alliance-cost", ("ALLIANCE_COST",)))
        return [Run(name, problem, replace(settings, objectives=order)) for name, order in orders]
    return _band_runs(problem, settings) if band else [Run("plan", problem, settings)]


def variant_words(beside: str | None, break_even: str | None, require: str | None, band: bool) -> list[str]:
    """What the options of ``runs_of`` ask for, as parts of a folder's name; none if they leave the problem as it is."""
    words = []
    if break_even is not None:
        words.append("break-even" if break_even == "all" else f"break-even-{_ratio(break_even):.15g}")
    if require in ("deter", "win"):
        words.append(f"require-{require}")
    words += ["require"] * (require == "all") + ["beside"] * (beside is not None) + ["band"] * band
    return words


def _requiring(problem: Problem, kind: str) -> Problem:
    variant = variants.requiring(problem, kind.upper())
    rows = variant["requirements"]
    if not (rows["required_points"].gt(0) | rows["red_score_points"].gt(0)).any():
        raise CommandError(
            ExitCode.BAD_INPUT,
            f"--require: the case has no requirement in a phase of kind {kind.upper()}; leave out --require to ask "
            f"for what it has.",
        )
    return variant


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0.1 <= ratio <= 10:
        raise CommandError(ExitCode.BAD_INPUT, f"--break-even {text}: write a ratio of 0.1 to 10, or all.")
    return ratio


def _band_runs(problem: Problem, settings: SolveOptions) -> list[Run]:
    rows = problem["responses"]
    levels = ("low", "high")
    ranged = rows[rows[[f"{level}_response_usd_m_per_point_yr" for level in levels]].notna().any(axis=1)]
    if ranged.empty:
        raise CommandError(ExitCode.BAD_INPUT, "--band: no response states a low or a high figure.")
    allies = sorted(ranged["actor_id"].unique())
    note = "Low and high: the responses of all allies, or of the one named, at their stated figures."
    runs = [Run(AS_GIVEN, problem, settings, note)]
    runs += [Run(level, variants.with_response(problem, level), settings, note) for level in levels]
    return runs + [
        Run(f"{ally}-{level}", variants.with_response(problem, level, ally), settings, note)
        for ally in allies
        for level in levels
    ]


def stand_alone_runs(problem: Problem, settings: SolveOptions) -> list[Run]:
    """Every ally with forces and a theater of its own, alone: least shortfall, then least cost."""
    order = replace(settings, objectives=("SHORTFALL", "LEAD_COST"))
    owners = problem["actor_unit_types"]["actor_id"].drop_duplicates().sort_values()
    allies = [ally for ally in owners if ally != problem.settings["lead_actor_id"]]
    note = (
        "The lead actor's cost is the ally's own: usable as actors.stand_alone_cost_usd_m where nothing stays "
        "unmet. Its theaters are those in which it hosts sites or has its home. No rule of the alliance holds."
    )
    runs = [
        Run(ally, variants.standing_alone(problem, ally), order, note, ally)
        for ally in allies
        if variants.theaters_of(problem, ally)
    ]
    if not runs:
        raise CommandError(ExitCode.BAD_INPUT, "No ally has forces and a theater of its own.")
    return runs


def avoidable_runs(problem: Problem, settings: SolveOptions) -> list[Run]:
    """The problem, without each theater's requirements, and without any."""
    note = (
        "Avoidable cost: what is saved if a theater's needs fall away. It is not additive, as forces serve several "
        "theaters; the joint remainder is what all needs cost together beyond the sum. Do not stack them."
    )
    theaters = sorted(problem["requirements"]["theater_id"].unique())
    runs = [Run(EVERYTHING, problem, settings, note)]
    runs += [
        Run(f"without-{theater}", variants.without_requirements(problem, theater), settings, note, theater)
        for theater in theaters
    ]
    return [*runs, Run(NOTHING, variants.without_requirements(problem), settings, note)]
