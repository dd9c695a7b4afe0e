"""From tables to the sparse frames of a problem that can be solved, or to everything that stands in the way."""

from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.checks.size import frames_too_large, model_size, model_too_large
from optimizer.errors import Finding, ProblemError
from optimizer.formulation.frames.index import Index
from optimizer.objectives import Asked
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem


def checked_index(
    problem: Problem, asked: Asked | None = None, memory_limit_bytes: int | None = None
) -> Index:
    """The sparse frames of a problem without findings.

    Args:
        problem: the problem as it was given.
        asked: what is asked of its plan; by default the lead actor's least cost.
        memory_limit_bytes: what the model may need; None is no limit.

    Raises:
        ProblemError: with every finding about the tables; where there is none, with that of a model that is too
            large, or with every finding about what exists.
    """
    completed = complete(problem).problem
    _refuse(check(problem, completed))
    if memory_limit_bytes is not None:
        _refuse(frames_too_large(problem, memory_limit_bytes))
    index = Index(completed, asked or Asked())
    if memory_limit_bytes is not None:
        _refuse(model_too_large(model_size(index), memory_limit_bytes))
    _refuse(model_findings(index))
    return index


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise ProblemError(findings)
