"""How a problem is to be solved: the options of a solve with their defaults, and as a message."""

from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from forceposture.v1 import solution_pb2
from optimizer.errors import Finding, ProblemError

SOLVERS = ("choose", "simplex", "ipm", "pdlp")
"""Algorithms for linear programs, by HiGHS's names."""


@dataclass(frozen=True)
class SolveSettings:
    """Options of a solve.

    Attributes:
        relax: solve the linear relaxation.
        time_limit_seconds: seconds after which the best plan is returned.
        relative_gap: gap at which a plan counts as optimal.
        threads: threads of the solver.
        random_seed: seed of the solver.
        solver: one of ``SOLVERS``.
        processes: 1, or 2 to raise the bound in one and to improve plans in the other.
        deterministic: count nodes instead of seconds, so that a solve repeats exactly; in one process.
        node_limit: nodes after which the search over everything ends, in a deterministic or plain search.
        plain_search: leave the search for whole numbers to HiGHS alone.

    Raises:
        ProblemError: a value is out of range; table_name is "options".
    """

    relax: bool = False
    time_limit_seconds: float = 150.0
    relative_gap: float = 1e-4
    threads: int = 1
    random_seed: int = 0
    solver: str = "choose"
    processes: int = 1
    deterministic: bool = False
    node_limit: int = 10_000
    plain_search: bool = False

    def __post_init__(self) -> None:
        ranges: tuple[tuple[str, float, float], ...] = (
            ("time_limit_seconds", 0.0, 1e7),
            ("relative_gap", 0.0, 1.0),
            ("threads", 1, 64),
            ("random_seed", 0, 2**31 - 1),
            ("processes", 1, 2),
            ("node_limit", 0, 2**31 - 1),
        )
        findings = [
            _finding("VALUE_RANGE", name, getattr(self, name), f"the value is outside {low:g} to {high:g}")
            for name, low, high in ranges
            if not low <= getattr(self, name) <= high
        ]
        if self.solver not in SOLVERS:
            findings.append(
                _finding("VALUE_CHOICE", "solver", self.solver, f"choose one of {', '.join(SOLVERS)}")
            )
        if self.deterministic and (self.processes, self.threads) != (1, 1):
            findings.append(
                _finding("VALUE_CHOICE", "deterministic", True, "it needs one process with one thread")
            )
        if findings:
            raise ProblemError(findings)

    def echo(self) -> dict[str, Any]:
        """All options and the versions that a result depends on, as fields of SolveOptions."""
        return {
            **asdict(self),
            "solver_version": f"HiGHS {version('highspy')}",
            "software_version": _own_version(),
        }


def settings_from_message(message: solution_pb2.SolveOptions) -> SolveSettings:
    """The options of a message; what was not sent takes its default.

    Raises:
        ProblemError: as ``SolveSettings``.
    """
    sent = {field.name: value for field, value in message.ListFields()}
    return SolveSettings(**{name: sent[name] for name in SolveSettings.__dataclass_fields__ if name in sent})


def _finding(code: str, name: str, value: Any, message: str) -> Finding:
    return Finding(code, "options", "", name, str(value), message, "Give another value.")


def _own_version() -> str:
    try:
        return version("force-posture")
    except PackageNotFoundError:
        return "unknown"
