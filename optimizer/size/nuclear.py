"""Rows, columns and nonzeros of nuclear options, and what they add to needs and to spending."""

from optimizer.formulation.frames import allied_limits
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.nuclear_options import (
    CHOICE,
    options,
    payments,
    reductions,
    running,
    starts,
    yearly_costs,
)
from optimizer.formulation.frames.reach import Reach
from optimizer.size.counts import Counts, distinct


def counts(index: Index, reach: Reach) -> Counts:
    """Counts of the family, of its terms in ``deterrence`` and of those in ``spending_identity``."""
    by_year = [*CHOICE, "year"]
    frame, started, runs = options(index), starts(index), running(index)
    later = frame[frame["needs_program"] & frame["may_hold"]]
    pairs = later[by_year].merge(started[[*CHOICE, "finish_year"]], on=CHOICE)
    finished = int((pairs["finish_year"] <= pairs["year"]).sum())
    limits = allied_limits.limits(index)
    spenders = limits.loc[limits["year"] != index.today, ["actor_id", "year"]]
    yearly = yearly_costs(index).rename(columns={"actor_id": "ally_id", "payer_id": "actor_id"})
    spent = len(yearly.merge(spenders, on="actor_id")) + len(
        payments(index).merge(spenders, on=["actor_id", "year"])
    )
    blocks = [
        (distinct(frame, ["actor_id", "year"]), len(frame)),
        (len(later), len(later) + finished),
        (distinct(started, CHOICE), len(started)),
        (distinct(runs, by_year), len(runs) + distinct(runs, by_year)),
        (0, len(reductions(index, reach.needs))),
        (0, spent),
    ]
    columns = len(frame) + distinct(frame, CHOICE) + len(started)
    return Counts(blocks, columns, columns)
