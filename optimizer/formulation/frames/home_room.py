"""Who pays for more people at home than today, and whose people those are."""

import pandas as pd

from optimizer.formulation.frames.index import FORCE, PLACE, Index, no_rows, once
from optimizer.tables.keyed import is_among, joined, keys

PAYER = ["actor_id"]


@once
def payers(index: Index) -> pd.DataFrame:
    """Actors with forces for whose people at home more room costs: PAYER and home_persons, of today."""
    forces = forces_paid_for(index)
    if forces.empty:
        return no_rows([*PAYER, "home_persons"])
    standing = standing_paid_for(index)
    people = pd.concat(
        [
            forces["personnel_persons"] * forces["owned_count"],
            -standing["personnel_persons"] * standing["stationed_count"],
        ]
    )
    whose = pd.concat([forces["actor_id"], standing["actor_id"]])
    return people.groupby(whose.to_numpy()).sum().rename_axis("actor_id").rename("home_persons").reset_index()


@once
def forces_paid_for(index: Index) -> pd.DataFrame:
    """The rows of ``index.forces`` of actors with a cost of homecoming."""
    actors = index.problem["actors"]
    paying = set(keys(actors[actors["homecoming_usd_m_per_person"] > 0], PAYER))
    return index.forces[is_among(index.forces, PAYER, paying)]


def standing_paid_for(index: Index) -> pd.DataFrame:
    """Where their units may stand: PLACE, stationed_count and personnel_persons of the unit."""
    places = index.places.loc[index.places["mode"] != "PREPOSITIONED", [*PLACE, "stationed_count"]]
    return joined(places, forces_paid_for(index)[[*FORCE, "personnel_persons"]], FORCE)


def ordered_people(index: Index) -> pd.DataFrame:
    """People of units on order: PAYER, year, ordered_persons, for each payer and year."""
    people = joined(index.on_order, forces_paid_for(index)[[*FORCE, "personnel_persons"]], FORCE)
    people["ordered_persons"] = people["arriving_count"] * people["personnel_persons"]
    return people.groupby([*PAYER, "year"])["ordered_persons"].sum().reset_index()
