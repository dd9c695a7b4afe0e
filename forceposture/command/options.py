"""Arguments and options that several commands share; those of a solve follow from ``SolveOptions``."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from optimizer.solve_options import (
    OPTIONS,
    SolveOptions,
    help_text,
    word_at_the_command,
    word_from_the_command,
)

Case = Annotated[
    str,
    typer.Argument(metavar="CASE", help="A shipped case, a folder of CSVs, an .xlsx, a .yaml or a .json."),
]
Alternatives = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        "--alternative",
        metavar="NAME",
        help="An alternative of the case, as posture cases lists them. Repeated, they hold together, in no order.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "--change",
        metavar="CHANGE",
        help="A change of the case, such as 'requirements[theater=BALTIC].required_points*=1.2' or 'free forces'; "
        "may be repeated.",
    ),
]
ChangesFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--changes",
        metavar="FILE",
        help="Changes of the case from a .yaml, .csv, .xlsx or .json; may be repeated.",
    ),
]
Start = Annotated[
    Path | None,
    typer.Option(
        "--start",
        metavar="DIR",
        help="Result folder of a plan, of this case or one like it, from which the search for whole numbers "
        "starts.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder of the result, not that of a case. Default: posture-results/CASE-DIGEST here, and what is "
        "asked beyond the case, as in …-relax-budget-9000.",
    ),
]


class Format(StrEnum):
    """What a result is written as beside its usual files."""

    XLSX = "xlsx"


AlsoAs = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="xlsx",
        help="Write a workbook into the result's folder, too: a sheet for each table.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Write one JSON object to standard output; no folder unless --out is given."),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="ADDRESS", help="Solve through the service at this host and port."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log, and show tracebacks, on standard error.")]


@dataclass(frozen=True)
class Asked:
    """Which problem a command is about.

    Attributes:
        case: name or path of a case.
        alternatives: of its alternatives, those that are laid over it together.
        changes: what is changed beyond them, a line each.
        files: files of more changes.
    """

    case: str
    alternatives: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def takes_case(command: Callable[..., None]) -> Callable[..., None]:
    """A command with an argument CASE and the options that change it in place of its parameter ``asked``."""
    kinds = {"case": Case, "alternatives": Alternatives, "changes": Changes, "files": ChangesFiles}

    def parameters() -> list[inspect.Parameter]:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return [
            inspect.Parameter(
                name, kind, annotation=annotation, default=inspect.Parameter.empty if name == "case" else None
            )
            for name, annotation in kinds.items()
        ]

    def gathered(given: dict[str, Any]) -> Asked:
        lists = {name: tuple(given.pop(name) or ()) for name in kinds if name != "case"}
        return Asked(given.pop("case"), **lists)

    return _with_parameters(command, "asked", parameters, gathered)


def takes_solve_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with a flag for every field of ``SolveOptions`` in place of its parameter ``flags``.

    Args:
        command: ``flags`` is given the values by name of the field, for ``options_from_flags``.
    """
    return _with_parameters(
        command, "flags", _flags, lambda given: {name: given.pop(name) for name in OPTIONS}
    )


def _with_parameters(
    command: Callable[..., None],
    replaced: str,
    parameters: Callable[[], list[inspect.Parameter]],
    gathered: Callable[[dict[str, Any]], Any],
) -> Callable[..., None]:
    """A command with several parameters in place of one.

    Args:
        command: the command.
        replaced: the name of its parameter.
        parameters: those in its place.
        gathered: what the command is given for it; takes the values of the parameters away.
    """
    own = inspect.signature(command)
    all_parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        all_parameters += parameters() if parameter.name == replaced else [parameter]

    all_parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)

    def with_parameters(**given: Any) -> None:
        value = gathered(given)
        command(**given, **{replaced: value})

    with_parameters.__name__, with_parameters.__doc__ = command.__name__, command.__doc__
    with_parameters.__annotations__ = {each.name: each.annotation for each in all_parameters}
    # Typer reads the parameters of a command from its signature.
    with_parameters.__signature__ = own.replace(parameters=all_parameters)  # type: ignore[attr-defined]
    return with_parameters


def options_from_flags(flags: Mapping[str, Any]) -> SolveOptions:
    """The options of the flags of a command.

    Raises:
        ProblemError: as ``SolveOptions``.
    """
    objectives = tuple(word_from_the_command(word) for word in flags["objectives"])
    return SolveOptions(**{**flags, "objectives": objectives})


def _flags() -> list[inspect.Parameter]:
    types = get_type_hints(SolveOptions)
    flags = []
    for field in fields(SolveOptions):
        option, kind, default = OPTIONS[field.name], types[field.name], field.default
        if isinstance(default, tuple):
            kind, default = list[str], [word_at_the_command(word) for word in default]
        asked = typer.Option(
            option.flag, metavar=option.unit or None, help=help_text(field.name), show_default=False
        )
        flags.append(
            inspect.Parameter(
                field.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=default,
                annotation=Annotated[kind, asked],
            )
        )
    return flags
