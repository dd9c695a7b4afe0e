"""Which problems a comparison solves, and with which options.

Every function raises ``ProblemError`` where the case has nothing that is asked about, or where the options ask for
something that the comparison sets itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from optimizer.errors import Finding, ProblemError
from optimizer.objectives import ALLIANCE_COST, LEAD_COST, SHORTFALL
from optimizer.questions import variants
from optimizer.solve_options import SolveOptions
from optimizer.tables.names import names
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

AS_GIVEN = "as-given"
"""Name of the run of a band in which every response is as the problem has it."""
EVERYTHING, NOTHING = "everything", "nothing"
"""Names of the runs with all needs and with none."""
TODAY, BASELINE = "today", "baseline"
"""Names of the column of today's posture, and of the run with which alternatives are compared."""


@dataclass(frozen=True)
class Run:
    """One solve of a comparison.

    Attributes:
        name: of its column, and of its folder.
        problem: the problem, or a variant.
        options: how to solve it.
        note: how the comparison is to be read; the same in every run.
        about: the ally that stands alone, or the theater without needs; empty where the run is of none.
        title: over its column, for people; empty where its name is plain words.
    """

    name: str
    problem: Problem
    options: SolveOptions
    note: str = ""
    about: str = ""
    title: str = ""

    @property
    def heading(self) -> str:
        """What stands over the column."""
        return self.title or self.name.replace("-", " ")


def at_break_even(problem: Problem, ratio: float) -> Problem:
    """The problem with another advantage at which a theater is just held."""
    column = PROBLEM_TABLES["settings"].by_name["break_even_ratio"]
    assert column.minimum is not None
    assert column.maximum is not None
    if not column.minimum <= ratio <= column.maximum:
        message = f"the value is outside {column.minimum:g} to {column.maximum:g}"
        raise _refusal(
            "VALUE_RANGE", "settings", "break_even_ratio", f"{ratio:g}", message, "Ask for another."
        )
    kinds = problem["phases"].set_index("phase_id")["kind"]
    rows = problem["requirements"]
    if not (rows["red_score_points"].gt(0) & rows["phase_id"].map(kinds).eq("DETER")).any():
        raise _refusal(
            "QUESTION_POINTLESS",
            "requirements",
            "red_score_points",
            "",
            "no need to deter is given as the opponent's score, so the break-even ratio changes nothing",
            "Give needs as red_score_points, or do not ask for a ratio.",
        )
    return variants.with_break_even_ratio(problem, ratio)


def break_even_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """The problem at each of the usual break-even ratios."""
    return [
        Run(f"break-even-{ratio:g}", at_break_even(problem, ratio), options)
        for ratio in variants.BREAK_EVEN_RATIOS
    ]


def requiring_only(problem: Problem, kind: str) -> Problem:
    """The problem in which only phases of a kind, DETER or WIN, ask for anything."""
    variant = variants.requiring(problem, kind)
    rows = variant["requirements"]
    if not (rows["required_points"].gt(0) | rows["red_score_points"].gt(0)).any():
        raise _refusal(
            "QUESTION_POINTLESS",
            "requirements",
            "phase_id",
            "",
            f"the case has no requirement in a phase of kind {kind}",
            "Ask for the needs that it has.",
        )
    return variant


def requiring_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """The problem with needs to deter and to win, and with either alone."""
    only = [Run(kind.lower(), requiring_only(problem, kind), options) for kind in ("DETER", "WIN")]
    return [Run("both", problem, options), *only]


def alliance_beside_lead_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """Least cost of the lead actor beside least cost of the alliance."""
    _refuse_objectives(options, "least lead cost beside least alliance cost")
    orders = (("lead-cost", LEAD_COST), ("alliance-cost", ALLIANCE_COST))
    return [Run(name, problem, replace(options, objectives=(word,))) for name, word in orders]


def band_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """Responses as given, then low and high: of all allies, and of each that states such a figure."""
    rows = problem["responses"]
    levels = ("low", "high")
    ranged = rows[rows[[f"{level}_response_usd_m_per_point_yr" for level in levels]].notna().any(axis=1)]
    if ranged.empty:
        raise _refusal(
            "QUESTION_POINTLESS",
            "responses",
            "",
            "",
            "no response states a low or a high figure",
            "State one, or do not ask for the band.",
        )
    note = "Low and high: the responses of all allies, or of the one named, at their stated figures."
    runs = [Run(AS_GIVEN, problem, options, note)]
    runs += [Run(level, variants.with_response(problem, level), options, note) for level in levels]
    called = names(problem, "actors")
    return runs + [
        Run(
            f"{ally}-{level}",
            variants.with_response(problem, level, ally),
            options,
            note,
            title=f"{called[ally]} {level}",
        )
        for ally in sorted(ranged["actor_id"].unique())
        for level in levels
    ]


def stand_alone_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """Every ally with forces and a theater of its own, alone: least shortfall, then least cost."""
    _refuse_objectives(options, "each ally's least shortfall, then its least cost")
    order = replace(options, objectives=(SHORTFALL, LEAD_COST))
    owners = problem["actor_unit_types"]["actor_id"].drop_duplicates().sort_values()
    allies = [ally for ally in owners if ally != problem.settings["lead_actor_id"]]
    note = (
        "The lead actor's cost is the ally's own: usable as actors.stand_alone_cost_usd_m where nothing stays "
        "unmet. Its theaters are those in which it hosts sites or has its home. No rule of the alliance holds."
    )
    called = names(problem, "actors")
    runs = [
        Run(ally, variants.standing_alone(problem, ally), order, note, ally, called[ally])
        for ally in allies
        if variants.theaters_of(problem, ally)
    ]
    if not runs:
        raise _refusal(
            "QUESTION_POINTLESS",
            "actor_unit_types",
            "actor_id",
            "",
            "no ally has forces and a theater of its own, so that none can stand alone",
            "Give an ally units, and a home or sites in a theater.",
        )
    return runs


def avoidable_runs(problem: Problem, options: SolveOptions) -> list[Run]:
    """The problem, without each theater's requirements, and without any."""
    if not options.asked.is_money_first:
        raise _refusal(
            "QUESTION_CONFLICT",
            "options",
            "objectives",
            ", ".join(options.objectives),
            "avoidable costs need an objective in money first",
            f"Ask for {LEAD_COST} or {ALLIANCE_COST} first.",
        )
    savers = "the lead actor saves" if options.objectives[0] == LEAD_COST else "all actors together save"
    note = (
        f"Avoidable cost: what {savers} if a theater's needs fall away, penalties included. It is not additive, as "
        "forces serve several theaters; the joint remainder is what all needs cost together beyond the sum. Do not "
        "add them up."
    )
    theaters = sorted(problem["requirements"]["theater_id"].unique())
    runs = [Run(EVERYTHING, problem, options, note)]
    called = names(problem, "theaters")
    runs += [
        Run(
            f"without-{theater}",
            variants.without_requirements(problem, theater),
            options,
            note,
            theater,
            f"without {called[theater]}",
        )
        for theater in theaters
    ]
    return [*runs, Run(NOTHING, variants.without_requirements(problem), options, note)]


def alternative_runs(
    problem: Problem,
    others: Mapping[str, Problem],
    options: SolveOptions,
    titles: Mapping[str, str] | None = None,
) -> list[Run]:
    """The problem, then its alternatives.

    Args:
        problem: the baseline.
        others: the alternatives by name.
        options: how to solve each.
        titles: over their columns, by name, in place of the problem's.
    """
    if not others:
        raise _refusal(
            "QUESTION_POINTLESS",
            "",
            "",
            "",
            "the case has no alternatives",
            "Add one, or solve the case alone.",
        )
    for name in (TODAY, BASELINE):
        if name in others:
            message = f"an alternative is called {name}, as another column of the comparison is"
            raise _refusal("QUESTION_CONFLICT", "", "", name, message, "Give its folder another name.")
    runs = [Run(BASELINE, problem, options, title="Baseline")]
    return runs + [
        Run(name, other, options, title=(titles or {}).get(name) or str(other.settings["title"] or name))
        for name, other in others.items()
    ]


def _refuse_objectives(options: SolveOptions, own: str) -> None:
    """Refuses objectives beside those that a comparison has itself."""
    if options.objectives != (LEAD_COST,):
        raise _refusal(
            "QUESTION_CONFLICT",
            "options",
            "objectives",
            ", ".join(options.objectives),
            f"the comparison has objectives of its own: {own}",
            "Leave out the objectives, or do not ask for the comparison.",
        )


def _refusal(code: str, table: str, column: str, value: str, message: str, fix: str) -> ProblemError:
    return ProblemError([Finding(code, table, "", column, value, message, fix)])
