"""How large a problem's model is, counted from its sparse frames before anything is built.

The counts are exact: every family says what it adds, and the tests hold that against the compiled matrix. Before
the frames themselves are made, a bound from the lengths of the tables says whether they could be too large.
"""

from dataclasses import dataclass

from optimizer.errors import Finding
from optimizer.formulation import FAMILIES
from optimizer.formulation.frames.index import Index
from optimizer.tables.problem import Problem

_BASE_BYTES = 350_000_000
_BYTES_PER_NONZERO = 1_300
_BYTES_PER_ROW_OF_FRAMES = 400
_MOST_ROWS_OF_FRAMES = 20_000_000


@dataclass(frozen=True)
class ModelSize:
    """Size of a problem's model.

    Attributes:
        row_count: rows.
        column_count: columns.
        nonzero_count: nonzero coefficients.
        integer_count: columns that must be whole, fixed ones included.
        memory_bytes: expected memory of building and solving, from measured use.
    """

    row_count: int
    column_count: int
    nonzero_count: int
    integer_count: int
    memory_bytes: int


def frames_too_large(problem: Problem, memory_limit_bytes: int) -> list[Finding]:
    """A finding if the frames of a problem without findings could need more memory than the limit, else none."""
    bound = frame_rows_bound(problem)
    needed = bound * _BYTES_PER_ROW_OF_FRAMES
    if bound <= _MOST_ROWS_OF_FRAMES and needed <= memory_limit_bytes:
        return []
    what = f"the tables combine to as many as {bound:,} deployments and places"
    return [_too_large(what, needed, memory_limit_bytes)]


def model_too_large(size: ModelSize, memory_limit_bytes: int) -> list[Finding]:
    """A finding if a model would need more memory than the limit, else none."""
    if size.memory_bytes <= memory_limit_bytes:
        return []
    what = (
        f"the model has {size.row_count:,} rows, {size.column_count:,} columns and "
        f"{size.nonzero_count:,} nonzeros"
    )
    return [_too_large(what, size.memory_bytes, memory_limit_bytes)]


def _too_large(what: str, needed_bytes: int, memory_limit_bytes: int) -> Finding:
    needs, limit = needed_bytes / 1e9, memory_limit_bytes / 1e9
    return Finding(
        "MODEL_TOO_LARGE",
        "settings",
        "",
        "",
        f"{needs:.1f} GB",
        f"{what}; that needs about {needs:.1f} GB, and the limit is {limit:.1f} GB",
        "Leave out years, phases, scenarios, transit times or site access that do not matter.",
    )


def frame_rows_bound(problem: Problem) -> int:
    """An upper bound on rows of the sparse frames, from lengths of tables alone."""
    p = problem
    modes = max(1, len(p["unit_type_modes"].drop_duplicates("mode")))
    forces = p["actor_unit_types"].groupby("actor_id").size()
    sites = p["site_access"].groupby("actor_id").size().reindex(forces.index, fill_value=0)
    areas = p["site_access"].merge(p["sites"], on="site_id").groupby("actor_id")["staging_area_id"].nunique()
    areas = areas.reindex(forces.index, fill_value=0)
    years = len(p.years)
    served = len(p["scenario_theaters"]) * len(p["phases"])
    places = int((forces * sites).sum()) * modes
    paths = int((forces * (1 + areas * modes)).sum()) * served
    return (places + paths) * years


def model_size(index: Index) -> ModelSize:
    """Counts the model of a problem, once for an index, without building it."""
    if "model_size" not in index.computed:
        index.computed["model_size"] = _counted(index)
    size: ModelSize = index.computed["model_size"]
    return size


def _counted(index: Index) -> ModelSize:
    counts = [family.counts(index) for family in FAMILIES]
    rows = sum(rows for part in counts for rows, _ in part.rows.values())
    nonzeros = sum(nonzeros for part in counts for _, nonzeros in part.rows.values())
    columns = sum(count for part in counts for count in part.columns.values())
    integers = sum(part.integer_count for part in counts)
    memory = _BASE_BYTES + _BYTES_PER_NONZERO * nonzeros
    return ModelSize(rows, columns, nonzeros, integers, memory)
