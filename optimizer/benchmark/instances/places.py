"""Tables of a made-up problem about places: actors, theaters, areas, sites, access and the ways between them."""

import numpy as np
import pandas as pd

from optimizer.benchmark.instances.names import HOME, LEAD, Names

Tables = dict[str, pd.DataFrame]

_DAYS = {
    "LAND": {"home": (15, 25), "rear": (2, 6), "next": (12, 20)},
    "AIR": {"home": (2, 5), "rear": (1, 3), "next": (2, 6)},
    "SEA": {"home": (11, 18), "rear": (2, 6), "next": (11, 18)},
}
"""Days on the way by domain: from the lead actor's home, from behind a theater, from the next region."""


def tables(names: Names, random: np.random.Generator) -> Tables:
    """actors, theaters, staging_areas, sites (without capacity), unit_types, transit_times."""
    allies, sites = names.allies, names.sites
    actors = pd.DataFrame(
        {
            "actor_id": [LEAD, *allies["actor_id"]],
            "home_staging_area_id": [HOME, *allies["staging_area_id"]],
            "quality_factor": [1.0, *(0.7 + 0.1 * (allies["number"] % 3)).round(1)],
        }
    )
    theaters = names.theaters
    regions = [str(region + 1) for region in range(names.size.regions)]
    areas = pd.DataFrame(
        {
            "staging_area_id": [HOME, *(f"FRONT_{r}" for r in regions), *(f"REAR_{r}" for r in regions)],
            "theater_id": [None, *theaters, *(None for _ in regions)],
        }
    )
    types = names.types[["unit_type_id", "domain", "is_counted"]].copy()
    people = types["domain"].map({"LAND": 3500, "AIR": 700, "SEA": 1200})
    types["personnel_persons"] = (people * random.uniform(0.5, 1.5, len(types))).round()
    return {
        "actors": actors,
        "theaters": pd.DataFrame({"theater_id": theaters}),
        "staging_areas": areas,
        "sites": sites[
            ["site_id", "host_actor_id", "staging_area_id", "accepts_land", "accepts_air", "accepts_sea"]
        ],
        "unit_types": types,
        "transit_times": _transit_times(names, random),
    }


def _transit_times(names: Names, random: np.random.Generator) -> pd.DataFrame:
    """From home to every theater, from behind to one's own, and between neighbors."""
    count = names.size.regions
    ways = []
    for region, theater in enumerate(names.theaters):
        ways += [(HOME, theater, "home"), (f"REAR_{region + 1}", theater, "rear")]
        for other in sorted({(region + 1) % count, (region - 1) % count} - {region}):
            ways += [(f"{word}_{other + 1}", theater, "next") for word in ("FRONT", "REAR")]
    frame = pd.DataFrame(ways, columns=["staging_area_id", "theater_id", "way"])
    frame = frame.merge(names.types[["unit_type_id", "domain"]], how="cross")
    ends = [_DAYS[domain][way] for domain, way in zip(frame["domain"], frame["way"], strict=True)]
    low, high = np.array(ends).T
    frame["transit_days"] = random.integers(low, high).astype(float)
    return frame.drop(columns=["way", "domain"])
