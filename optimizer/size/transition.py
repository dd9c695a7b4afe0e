"""Rows, nonzeros and columns of the transition: hand-over and stability."""

from optimizer.formulation.families import transition
from optimizer.formulation.frames.index import PLACE, Index
from optimizer.formulation.frames.reach import Reach
from optimizer.size.counts import Counts, distinct


def counts(index: Index, _: Reach) -> Counts:
    """Counts of the transition family."""
    rules = transition.points_today(index)[transition.HANDOVER]
    years = len(index.years)
    terms = sum(len(part.merge(rules, on=transition.HANDOVER)) for part in transition.standing_points(index))
    places = transition.moving_places(index)
    moves = distinct(places, [*transition.MOVED, "year"])
    limited = places[places["maximum_moves_count"].notna()]
    kinds = distinct(limited, [*transition.MOVED, "year"])
    moved_in = len(places[[*PLACE, "year"]])
    blocks = [
        (len(rules) * years, terms * years),
        (moved_in, 3 * moved_in),
        (moves, moves + moved_in),
        (moves, moves + 3 * moved_in),
        (distinct(limited, ["actor_id", "year"]), kinds),
    ]
    return Counts(blocks, moved_in + moves, 0)
