"""Tables of a made-up problem about units: modes, capabilities, readiness, scenarios, and who may own what."""

import numpy as np
import pandas as pd

from optimizer.benchmark.instances.names import LEAD, MODES, Names

Tables = dict[str, pd.DataFrame]

_READY = {
    "LEAD": {
        "PERMANENT": (0.8, 0.95, 1.0, 1.0),
        "ROTATIONAL": (0.95, 1.0, 1.0, 1.0),
        "PREPOSITIONED": (0.0, 0.8, 1.0, 1.0),
        "HOME": (0.0, 0.5, 0.8, 1.0),
    },
    "QUICK": {
        "PERMANENT": (0.9, 1.0, 1.0, 1.0),
        "ROTATIONAL": (0.95, 1.0, 1.0, 1.0),
        "HOME": (0.5, 0.8, 0.95, 1.0),
    },
    "SLOW": {
        "PERMANENT": (0.7, 0.9, 1.0, 1.0),
        "ROTATIONAL": (0.9, 1.0, 1.0, 1.0),
        "HOME": (0.3, 0.6, 0.8, 0.95),
    },
}
"""By readiness class and mode, the part that is ready by each of the four phases."""

_NOTICE = {"PERMANENT": 0.0, "ROTATIONAL": 0.0, "PREPOSITIONED": 5.0, "HOME": 4.0}


def tables(names: Names, unit_types: pd.DataFrame, random: np.random.Generator) -> Tables:
    """The tables about units; ``unit_types`` has their people."""
    return {
        "unit_type_modes": _modes(names, unit_types, random),
        "capabilities": pd.DataFrame({"capability_id": names.capabilities}),
        "unit_capabilities": _unit_capabilities(names, random),
        "unit_type_theaters": _unit_type_theaters(names, random),
        **_readiness(names),
        **_scenarios(names),
        **_forces(names, unit_types, random),
    }


def _modes(names: Names, unit_types: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Every type can be permanent or rotational, every fourth, on land, can be prepositioned."""
    types = names.types[["unit_type_id", "number"]].merge(unit_types, on="unit_type_id")
    modes = types.merge(pd.DataFrame({"mode": MODES}), how="cross")
    is_set = modes["mode"] == "PREPOSITIONED"
    modes = modes[~is_set | (modes["number"] % 4 == 0)].reset_index(drop=True)
    caretakers = (modes["personnel_persons"] * 0.03).round()
    cost = (random.uniform(0.005, 0.02, len(modes)) * modes["personnel_persons"]).round(2)
    return pd.DataFrame(
        {
            "unit_type_id": modes["unit_type_id"],
            "mode": modes["mode"],
            "personnel_persons": caretakers.where(modes["mode"] == "PREPOSITIONED"),
            "mode_cost_usd_m_per_unit_yr": cost.where(modes["mode"] == "ROTATIONAL"),
        }
    )


def _unit_capabilities(names: Names, random: np.random.Generator) -> pd.DataFrame:
    """A main capability for each type, a second one for every third."""
    types, count = names.types, len(names.capabilities)
    main = types.assign(capability=types["number"] % count, points=random.uniform(0.5, 1.5, len(types)))
    second = types[types["number"] % 3 == 2]
    second = second.assign(capability=(second["number"] + 1) % count, points=0.4)
    both = pd.concat([main, second], ignore_index=True)
    both = both.drop_duplicates(["unit_type_id", "capability"])
    capability = [names.capabilities[number] for number in both["capability"]]
    return pd.DataFrame(
        {
            "unit_type_id": both["unit_type_id"],
            "capability_id": capability,
            "capability_points": both["points"].round(3),
        }
    )


def _unit_type_theaters(names: Names, random: np.random.Generator) -> pd.DataFrame:
    pairs = names.types[["unit_type_id", "number"]].merge(
        pd.DataFrame({"theater_id": names.theaters}), how="cross"
    )
    pairs = pairs[pairs["number"] % 3 == 0]
    factor = random.uniform(0.7, 1.0, len(pairs)).round(2)
    return pairs[["unit_type_id", "theater_id"]].assign(theater_factor=factor)


def _readiness(names: Names) -> Tables:
    all_phases = dict(enumerate(("IN_PLACE", "D10", "D30", "D60")))
    rows = [
        (name, mode, all_phases[place], part)
        for name, modes in _READY.items()
        for mode, parts in modes.items()
        for place, part in enumerate(parts)
        if part > 0
    ]
    readiness = pd.DataFrame(rows, columns=["readiness_class_id", "mode", "phase_id", "ready_fraction"])
    phases = names.phases[["phase_id", "days", "kind"]]
    classes = readiness[["readiness_class_id", "mode"]].drop_duplicates()
    land = names.types.loc[names.types["domain"] == "LAND", ["unit_type_id"]]
    has_win = phases["kind"].eq("WIN").any()
    return {
        "phases": phases,
        "readiness_classes": classes.assign(notice_to_move_days=classes["mode"].map(_NOTICE)),
        "readiness": readiness[readiness["phase_id"].isin(phases["phase_id"])],
        "attrition": land.assign(phase_id="D30", attrition_fraction=0.1) if has_win else pd.DataFrame(),
    }


def _scenarios(names: Names) -> Tables:
    """Allies of other regions take part by half; some hosts give access to a part of what is there."""
    scenarios = names.scenarios
    unique = scenarios[["scenario_id"]].drop_duplicates()
    pairs = unique.merge(names.allies[["actor_id", "number", "region"]], how="cross")
    near = pairs.merge(
        scenarios[["scenario_id", "region"]], on=["scenario_id", "region"], how="left", indicator=True
    )
    is_far = (near["_merge"] == "left_only").to_numpy()
    pairs["available_fraction"] = np.where(is_far, 0.5, np.nan)
    pairs["access_fraction"] = np.where(pairs["number"] % 5 == 0, 0.8, np.nan)
    given = pairs[["available_fraction", "access_fraction"]].notna().any(axis="columns")
    columns = ["scenario_id", "actor_id", "available_fraction", "access_fraction"]
    return {
        "scenarios": unique.assign(weight_fraction=np.round(1 / len(unique), 4)),
        "scenario_theaters": scenarios[["scenario_id", "theater_id"]],
        "scenario_availability": pairs.loc[given, columns],
    }


def _forces(names: Names, unit_types: pd.DataFrame, random: np.random.Generator) -> Tables:
    """actor_unit_types and owned_today: enough of each that a quarter can stand abroad in turns."""
    forces = names.forces.merge(unit_types[["unit_type_id", "personnel_persons"]], on="unit_type_id")
    count = len(forces)
    is_lead = (forces["actor_id"] == LEAD).to_numpy()
    owned = np.where(
        is_lead, random.integers(8, 16, count) + names.size.sites // 2, random.integers(4, 12, count)
    )
    reserved = np.where(forces["number"] % 2 == 0, np.maximum(1, owned // 8), 0)
    wage = np.where(is_lead, 0.6, 0.25) * random.uniform(0.7, 1.3, count)
    own_cost = (wage * forces["personnel_persons"]).round(1)
    raise_cost = (own_cost * random.uniform(1.0, 1.8, count)).round(1)
    ally = forces["actor_id"].map(names.allies.set_index("actor_id")["number"])
    has_sets = is_lead & (forces["number"] % 4 == 0)
    table = pd.DataFrame(
        {
            "actor_id": forces["actor_id"],
            "unit_type_id": forces["unit_type_id"],
            "own_cost_usd_m_per_unit_yr": own_cost,
            "raise_cost_usd_m_per_unit": raise_cost,
            "disband_cost_usd_m_per_unit": (raise_cost * 0.02).round(1),
            "lead_time_yr": forces["number"] % 3,
            "maximum_raised_count_per_yr": np.maximum(1, owned // 5),
            "maximum_disbanded_count_per_yr": np.maximum(1, owned // 4),
            "maximum_owned_count": owned * 2,
            "reserved_count": reserved,
            "readiness_class_id": np.where(is_lead, "LEAD", np.where(ally % 2 == 0, "QUICK", "SLOW")),
            "set_purchase_cost_usd_m_per_set": raise_cost.where(has_sets),
            "set_upkeep_cost_usd_m_per_set_yr": (raise_cost * 0.02).round(1).where(has_sets),
            "set_lead_time_yr": pd.Series(1, index=forces.index, dtype="Int64").where(has_sets),
        }
    )
    today = table[["actor_id", "unit_type_id"]].assign(
        owned_count=owned, sets_owned_count=pd.Series(2.0, index=forces.index).where(has_sets)
    )
    ordered = table[is_lead & (forces["number"] % 4 == 1)][["actor_id", "unit_type_id"]]
    ordered = ordered.assign(year=names.years[min(1, names.size.years - 1)], arriving_count=1.0)
    return {"actor_unit_types": table, "owned_today": today, "on_order": ordered}
