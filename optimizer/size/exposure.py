"""Rows, columns and nonzeros of exposure."""

from optimizer.formulation.families import exposure
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.reach import Reach
from optimizer.size.counts import Counts


def counts(index: Index, _: Reach) -> Counts:
    """Counts of the family."""
    years = len(exposure.exposed_years(index))
    exposed = (
        exposure.exposed_units(index),
        exposure.exposed_commands(index),
        exposure.exposed_umbrellas(index),
    )
    caps = int(exposure.limits(index)["maximum_exposure_points"].notna().sum())
    return Counts([(years, (1 + sum(map(len, exposed))) * years), (caps, caps)], years, 0)
