"""What billing and participation add to the model, and to the rows of spending."""

import pandas as pd

from optimizer.formulation.families.billing import participants, together
from optimizer.formulation.frames.allied_limits import limits
from optimizer.formulation.frames.hosted_forces import (
    HOST,
    bills,
    counted_building,
    host_years,
    hosted_access,
    hosted_places,
)
from optimizer.formulation.frames.housing import housing_salvage_rates
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.nuclear_options import CHOICE, payments, yearly_costs
from optimizer.formulation.frames.reach import Reach
from optimizer.size.core import costly_decisions
from optimizer.size.counts import Counts


def counts(index: Index, reach: Reach) -> Counts:
    """Counts of the family ``billing``."""
    table = index.problem["billing"]
    hosts = table[HOST].nunique()
    columns = (len(table) + hosts) * len(index.periods)
    blocks = [*_bills(index), *_participation(index), (0, _in_spending(index))]
    return Counts(blocks, columns, 0)


def _bills(index: Index) -> list[tuple[int, int]]:
    years, hosts = len(index.years), index.problem["billing"][HOST].nunique()
    sites = hosted_access(index).groupby(HOST).size()
    frame, shared = bills(index), together(index)
    frame["sites"] = frame[HOST].map(sites).fillna(0).astype(int)
    locked, freed = frame[~frame["is_freed"]], frame[frame["is_freed"]]
    owed = freed[freed["floor_usd_m_per_person_yr"] > 0]
    payers = shared[HOST].map(index.problem["billing"].groupby(HOST).size())
    bringing = shared[shared["surplus_usd_m_per_person"] > 0]
    capped = host_years(index)
    capped = capped[capped["is_capped"]]

    def people(rows: pd.DataFrame, rate: str) -> int:
        return int(rows.loc[rows[rate] > 0, "sites"].sum())

    return [
        (hosts * years, hosts * years + _incremental_terms(index)),
        (len(locked), len(locked) + people(locked, "today_usd_m_per_person")),
        (len(owed), len(owed) + people(owed, "floor_usd_m_per_person_yr")),
        (len(freed), len(freed) + int((freed["maximum_multiple_ratio"] > 0).sum())),
        (len(freed), len(freed) + people(freed, "most_usd_m_per_person")),
        (len(shared), len(shared) + int(payers.sum()) + int(bringing[HOST].map(sites).sum())),
        (len(capped), int(capped[HOST].map(sites).sum())),
    ]


def _incremental_terms(index: Index) -> int:
    access = hosted_access(index)
    opened = access[access["has_opening"]]
    terms = int((hosted_places(index)["stationing_cost_usd_m_per_unit_yr"] > 0).sum())
    for column in ("open_cost_usd_m_per_yr", "opening_cost_usd_m", "closing_cost_usd_m"):
        terms += int((opened[column] > 0).sum())
    terms += int((access["housing_cost_usd_m_per_person_yr"] > 0).sum())
    return terms * len(index.years) + len(counted_building(index))


def _participation(index: Index) -> list[tuple[int, int]]:
    """One row for each participant, with everything that costs it, or is worth something at the end."""
    years = len(index.years)
    joined = participants(index)["actor_id"]
    once = [
        index.orders.loc[index.orders["raise_cost_usd_m_per_unit"] > 0, "actor_id"],
        index.set_orders.loc[index.set_orders["set_purchase_cost_usd_m_per_set"] > 0, "actor_id"],
        index.orders.loc[index.orders["salvage_usd_m_per_unit"] > 0, "actor_id"],
        index.set_orders.loc[index.set_orders["salvage_usd_m_per_unit"] > 0, "actor_id"],
        housing_salvage_rates(index)["actor_id"],
        payments(index).drop_duplicates([*CHOICE, "start_year"])["actor_id"],
    ]
    yearly = [costly_decisions(index), _parties(index), yearly_costs(index)["payer_id"]]
    terms = sum(int(actors.isin(joined).sum()) for actors in once)
    terms += years * sum(int(actors.isin(joined).sum()) for actors in yearly)
    return [(len(joined), terms)]


def _in_spending(index: Index) -> int:
    """Bills in the rows of spending."""
    frame = limits(index)
    spenders = frame.loc[frame["year"] != index.today, "actor_id"].value_counts()
    return int(_parties(index).map(spenders).fillna(0).sum())


def _parties(index: Index) -> pd.Series:
    """Who pays or receives, once for each bill."""
    payers = index.problem["billing"]["actor_id"]
    parties: pd.Series = pd.concat([payers, pd.Series(index.lead, index=payers.index, dtype="str")])
    return parties
