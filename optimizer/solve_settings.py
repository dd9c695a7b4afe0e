"""How a problem is to be solved: the options of a solve with their defaults, and as a message."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from forceposture.v1 import solution_pb2
from optimizer.errors import Finding, ProblemError
from optimizer.objectives import COST_VECTORS, LEAD_COST, Asked
from optimizer.tables.schema import choice_names

SOLVERS = ("choose", "simplex", "ipm", "pdlp")
"""Algorithms for linear programs, by HiGHS's names."""

OPTIMAL_GAP = 1e-4
"""Gap at which a plan counts as optimal where none is asked for."""

GUARD_SECONDS = 3600.0
"""When a solve ends that is given no time: far off, so that it decides nothing that usually happens."""


@dataclass(frozen=True)
class SolveSettings:
    """Options of a solve.

    Attributes:
        relax: solve the linear relaxation.
        time_limit_seconds: seconds after which the search for a plan ends; None searches a counted part, as
            ``is_counted`` says, with ``GUARD_SECONDS`` as a guard.
        relative_gap: gap at which a plan counts as optimal, and until which is searched; None is ``OPTIMAL_GAP``,
            without searching longer for it.
        threads: threads of the solver.
        random_seed: seed of the solver.
        solver: one of ``SOLVERS``.
        objectives: words of the Objective choice: the first is minimized, then held while the next is.
        lead_budget_usd_m: most the lead actor may spend over the years, discounted; None is no limit.
        processes: 1, or 2 to raise the bound in one and to improve plans in the other, by the clock; None is 1.
        deterministic: count work instead of seconds where a time or a gap is asked for, too; in one process.
        node_limit: nodes after which the search over everything ends. None is no limit by the clock; where work is
            counted it is 10,000, and a large program that has a plan is not searched like this.
        plain_search: leave the search for whole numbers to HiGHS alone.

    Raises:
        ProblemError: a value is out of range; table_name is "options".
    """

    relax: bool = False
    time_limit_seconds: float | None = None
    relative_gap: float | None = None
    threads: int = 1
    random_seed: int = 0
    solver: str = "choose"
    objectives: tuple[str, ...] = (LEAD_COST,)
    lead_budget_usd_m: float | None = None
    processes: int | None = None
    deterministic: bool = False
    node_limit: int | None = None
    plain_search: bool = False

    def __post_init__(self) -> None:
        ranges: tuple[tuple[str, float, float], ...] = (
            ("time_limit_seconds", 0.0, 1e7),
            ("relative_gap", 0.0, 1.0),
            ("threads", 1, 64),
            ("random_seed", 0, 2**31 - 1),
            ("lead_budget_usd_m", 0.0, 1e9),
            ("processes", 1, 2),
            ("node_limit", 0, 2**31 - 1),
        )
        findings = [
            _finding("VALUE_RANGE", name, getattr(self, name), f"the value is outside {low:g} to {high:g}")
            for name, low, high in ranges
            if getattr(self, name) is not None and not low <= getattr(self, name) <= high
        ]
        if self.solver not in SOLVERS:
            findings.append(
                _finding("VALUE_CHOICE", "solver", self.solver, f"choose one of {', '.join(SOLVERS)}")
            )
        findings += _objective_findings(self.objectives)
        if self.deterministic and (self.process_count, self.threads) != (1, 1):
            findings.append(
                _finding("VALUE_CHOICE", "deterministic", True, "it needs one process with one thread")
            )
        elif self.is_counted and self.process_count == 2:
            findings.append(
                _finding(
                    "VALUE_CHOICE", "processes", 2, "two search by the clock: ask for a time or a gap, too"
                )
            )
        if findings:
            raise ProblemError(findings)

    @property
    def is_counted(self) -> bool:
        """Whether work is counted, not timed, so that every machine finds the same plan."""
        return self.deterministic or (self.time_limit_seconds is None and self.relative_gap is None)

    @property
    def optimal_gap(self) -> float:
        """Gap at which a plan counts as optimal."""
        return OPTIMAL_GAP if self.relative_gap is None else self.relative_gap

    @property
    def process_count(self) -> int:
        """Processes of the search for whole numbers."""
        return self.processes or 1

    @property
    def asked(self) -> Asked:
        """What is asked of the plan."""
        return Asked(self.objectives, self.lead_budget_usd_m)

    def echo(self) -> dict[str, Any]:
        """All options and the versions that a result depends on, as fields of SolveOptions."""
        options = {name: value for name, value in asdict(self).items() if value is not None}
        return {
            **options,
            "processes": self.process_count,
            "objectives": list(self.objectives),
            "solver_version": f"HiGHS {version('highspy')}",
            "software_version": _own_version(),
        }


def settings_from_message(message: solution_pb2.SolveOptions) -> SolveSettings:
    """The options of a message; what was not sent takes its default.

    Raises:
        ProblemError: as ``SolveSettings``.
    """
    sent: dict[str, Any] = {field.name: value for field, value in message.ListFields()}
    if "objectives" in sent:
        words = choice_names(solution_pb2.SolveOptions.DESCRIPTOR.fields_by_name["objectives"])
        sent["objectives"] = tuple(words.get(number, str(number)) for number in sent["objectives"])
    return SolveSettings(**{name: sent[name] for name in SolveSettings.__dataclass_fields__ if name in sent})


def message_from_settings(settings: SolveSettings) -> solution_pb2.SolveOptions:
    """The message of options; the way back of ``settings_from_message``."""
    return options_message({name: getattr(settings, name) for name in SolveSettings.__dataclass_fields__})


def options_message(options: Mapping[str, Any]) -> solution_pb2.SolveOptions:
    """The message of fields of SolveOptions; objectives are words."""
    field = solution_pb2.SolveOptions.DESCRIPTOR.fields_by_name["objectives"]
    numbers = {word: number for number, word in choice_names(field).items()}
    objectives = [numbers[word] for word in options.get("objectives", ())]
    return solution_pb2.SolveOptions(**{**options, "objectives": objectives})


def _objective_findings(objectives: tuple[str, ...]) -> list[Finding]:
    shown = ", ".join(objectives)
    unknown = [word for word in objectives if word not in COST_VECTORS]
    findings = [
        _finding("VALUE_CHOICE", "objectives", word, f"choose among {', '.join(COST_VECTORS)}")
        for word in unknown
    ]
    if not objectives:
        findings.append(_finding("VALUE_MISSING", "objectives", shown, "a plan needs at least one objective"))
    if len(set(objectives)) < len(objectives):
        findings.append(_finding("KEY_DUPLICATE", "objectives", shown, "an objective is asked for twice"))
    return findings


def _finding(code: str, name: str, value: Any, message: str) -> Finding:
    return Finding(code, "options", "", name, str(value), message, "Give another value.")


def _own_version() -> str:
    try:
        return version("force-posture")
    except PackageNotFoundError:
        return "unknown"
