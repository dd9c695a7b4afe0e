"""How a problem is to be solved: the one list of options.

The command's flags and their help, the ranges, the message on the wire and the echo in results follow from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from forceposture.v1 import solution_pb2
from optimizer.errors import Finding, ProblemError
from optimizer.objectives import COST_VECTORS, LEAD_COST, Asked
from optimizer.tables.choices import message_of_words, words_of_message

SOLVERS = ("choose", "simplex", "ipm", "pdlp")
"""Algorithms for linear programs, by HiGHS's names."""

OPTIMAL_GAP = 1e-4
"""Gap at which a plan counts as optimal where none is asked for."""

GUARD_SECONDS = 3600.0
"""When a solve ends that is given no time: far off, so that it decides nothing that usually happens."""


@dataclass(frozen=True)
class Option:
    """What is said about an option beside its name, type and default.

    Attributes:
        flag: of the command.
        meaning: one or more sentences, for people.
        unit: what follows the flag.
        least, most: the range of its value.
        choices: the words allowed; empty if it is no choice.
        usual: what happens where the default is None.
    """

    flag: str
    meaning: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    usual: str = ""


def _field(default: Any, option: Option) -> Any:
    return field(default=default, metadata={"option": option})


@dataclass(frozen=True)
class SolveOptions:
    """How a problem is to be solved; what each option means is said once, beside it.

    Raises:
        ProblemError: a value is out of range, or two do not go together; table_name is "options".
    """

    relax: bool = _field(
        False,
        Option(
            "--relax",
            "Solve the linear relaxation: nothing need be whole. Its cost is a lower bound.",
        ),
    )
    time_limit_seconds: float | None = _field(
        None,
        Option(
            "--time-limit",
            "Seconds after which the search of each solve ends; its plan is finished, even if that takes longer.",
            unit="SECONDS",
            least=0.0,
            most=1e7,
            usual="no limit; work is counted instead, so that every machine finds the same plan",
        ),
    )
    relative_gap: float | None = _field(
        None,
        Option(
            "--gap",
            "Search until the plan is this close to its bound, as part of its cost. Without a time limit, "
            "an hour at most.",
            unit="FRACTION",
            least=0.0,
            most=1.0,
            usual="0.0001 counts as optimal and is not searched for",
        ),
    )
    threads: int = _field(1, Option("--threads", "Threads of the solver.", unit="N", least=1, most=64))
    random_seed: int = _field(0, Option("--seed", "Seed of the solver.", unit="N", least=0, most=2**31 - 1))
    solver: str = _field(
        "choose", Option("--solver", "Algorithm for linear programs.", unit="NAME", choices=SOLVERS)
    )
    processes: int | None = _field(
        None,
        Option(
            "--processes",
            "Processes of a search with a time limit or a gap. With 2, one raises the bound and the other "
            "improves plans. A service uses one.",
            unit="N",
            least=1,
            most=2,
            usual="2, or 1 on one core or where work is counted",
        ),
    )
    deterministic: bool = _field(
        False,
        Option(
            "--deterministic",
            "Count work even with a time limit or a gap, so that a solve repeats exactly. It uses one "
            "process and one thread.",
        ),
    )
    node_limit: int | None = _field(
        None,
        Option(
            "--node-limit",
            "Nodes, which are steps of the solver's tree search, after which its search over everything "
            "ends.",
            unit="N",
            least=0,
            most=2**31 - 1,
            usual="no limit where time decides; 10,000 where work is counted, or 0 for a large case that has a plan",
        ),
    )
    plain_search: bool = _field(
        False, Option("--plain-search", "Leave the search for whole numbers to the solver alone.")
    )
    objectives: tuple[str, ...] = _field(
        (LEAD_COST,),
        Option(
            "--objective",
            "What is minimized. Repeated, each is held at its least while the next is minimized.",
            unit="NAME",
            choices=tuple(COST_VECTORS),
        ),
    )
    lead_budget_usd_m: float | None = _field(
        None,
        Option(
            "--budget",
            "Most the lead actor may spend over the years, discounted, money only.",
            unit="M$",
            least=0.0,
            most=1e9,
            usual="no limit",
        ),
    )

    def __post_init__(self) -> None:
        findings = [
            finding
            for name, option in OPTIONS.items()
            for finding in _value_findings(name, option, getattr(self, name))
        ]
        if not self.objectives:
            findings.append(
                _finding("VALUE_MISSING", "objectives", "", "a plan needs at least one objective")
            )
        if len(set(self.objectives)) < len(self.objectives):
            shown = ", ".join(self.objectives)
            findings.append(_finding("KEY_DUPLICATE", "objectives", shown, "an objective is asked for twice"))
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
        """Processes of the search for whole numbers, one if nothing is said."""
        return 1 if self.processes is None else self.processes

    @property
    def asked(self) -> Asked:
        """What is asked of the plan."""
        return Asked(self.objectives, self.lead_budget_usd_m)

    def echo(self) -> dict[str, Any]:
        """All options that have a value, and the versions that a result depends on, as fields of SolveOptions."""
        return {
            **_sent(self),
            "processes": self.process_count,
            "solver_version": f"HiGHS {version('highspy')}",
            "software_version": _own_version(),
        }


OPTIONS: Mapping[str, Option] = {part.name: part.metadata["option"] for part in fields(SolveOptions)}
"""By name of a field, what is said about it."""


def default_text(name: str) -> str:
    """What an option is where nothing is said, for people; empty for a switch."""
    (default,) = (part.default for part in fields(SolveOptions) if part.name == name)
    if isinstance(default, bool):
        return ""
    if default is None:
        return OPTIONS[name].usual
    if isinstance(default, tuple):
        return ", ".join(map(word_at_the_command, default))
    return f"{default:,.15g}" if isinstance(default, int | float) else str(default)


def help_text(name: str) -> str:
    """What an option means, the words it allows and its default, as the command's help says it."""
    option, usual = OPTIONS[name], default_text(name)
    words = f" One of {', '.join(map(word_at_the_command, option.choices))}." if option.choices else ""
    return f"{option.meaning}{words}{f' Default: {usual}.' if usual else ''}"


def word_at_the_command(word: str) -> str:
    """A word of a choice as it is written behind a flag."""
    return word.lower().replace("_", "-")


def word_from_the_command(word: str) -> str:
    """The way back of ``word_at_the_command``, for words of enums."""
    return word.upper().replace("-", "_")


def options_from_message(message: solution_pb2.SolveOptions) -> SolveOptions:
    """The options of a message; what was not sent takes its default.

    Raises:
        ProblemError: as ``SolveOptions``.
    """
    sent = {name: value for name, value in words_of_message(message).items() if name in OPTIONS}
    if "objectives" in sent:
        sent["objectives"] = tuple(sent["objectives"])
    return SolveOptions(**sent)


def message_from_options(options: SolveOptions) -> solution_pb2.SolveOptions:
    """The message of options; the way back of ``options_from_message``."""
    return message_of_words(solution_pb2.SolveOptions, _sent(options))


def _sent(options: SolveOptions) -> dict[str, Any]:
    """The options that have a value, as fields of the message."""
    values = {name: getattr(options, name) for name in OPTIONS}
    sent = {name: value for name, value in values.items() if value is not None}
    return {**sent, "objectives": list(options.objectives)}


def _value_findings(name: str, option: Option, value: Any) -> list[Finding]:
    if value is None:
        return []
    if option.choices:
        words = value if isinstance(value, tuple) else (value,)
        among = f"choose among {', '.join(option.choices)}"
        return [_finding("VALUE_CHOICE", name, word, among) for word in words if word not in option.choices]
    if option.least is not None and option.most is not None and not option.least <= value <= option.most:
        between = f"the value is outside {option.least:.15g} to {option.most:.15g}"
        return [_finding("VALUE_RANGE", name, value, between)]
    return []


def _finding(code: str, name: str, value: Any, message: str) -> Finding:
    fix = f"Give another value; the command's flag is {OPTIONS[name].flag}."
    return Finding(code, "options", "", name, str(value), message, fix)


def _own_version() -> str:
    try:
        return version("force-posture")
    except PackageNotFoundError:
        return "unknown"
