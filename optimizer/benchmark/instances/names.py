"""The sets of a made-up problem: regions, allies, sites, unit types, phases and scenarios by their names."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from optimizer.benchmark.instances.sizes import Size

LEAD = "LEAD"
HOME = "LEAD_HOME"
FIRST_YEAR = 2030
PHASES = ("IN_PLACE", "D10", "D30", "D60")
DOMAINS = ("LAND", "AIR", "LAND", "SEA")
MODES = ("PERMANENT", "ROTATIONAL", "PREPOSITIONED")


@dataclass(frozen=True)
class Names:
    """Who and what there is; it depends on the size alone, so every seed gives as many rows.

    Attributes:
        size: how many there are of each.
        whole: whether some unit types are counted in whole units.
    """

    size: Size
    whole: bool

    @property
    def years(self) -> range:
        """Calendar years 1…n."""
        return range(FIRST_YEAR, FIRST_YEAR + self.size.years)

    @property
    def theaters(self) -> list[str]:
        """One theater for each region."""
        return [f"THEATER_{region + 1}" for region in range(self.size.regions)]

    @cached_property
    def allies(self) -> pd.DataFrame:
        """actor_id, region, staging_area_id (in the theater or behind it)."""
        allies = pd.DataFrame({"number": range(self.size.allies)})
        allies["actor_id"] = _named("ALLY", allies["number"])
        allies["region"] = allies["number"] % self.size.regions
        is_front = allies["number"] // self.size.regions % 2 == 0
        allies["staging_area_id"] = _area("FRONT", allies["region"]).where(
            is_front, _area("REAR", allies["region"])
        )
        return allies

    @cached_property
    def sites(self) -> pd.DataFrame:
        """site_id, host_actor_id, staging_area_id, region, row (its number in its region), accepts_…."""
        allies = self.allies
        sites = pd.DataFrame({"number": range(self.size.sites)})
        sites["site_id"] = _named("SITE", sites["number"])
        sites["region"] = sites["number"] % self.size.regions
        sites["row"] = sites["number"] // self.size.regions
        hosts = allies.groupby("region").size().reindex(sites["region"]).to_numpy()
        host = sites["row"] % hosts * self.size.regions + sites["region"]
        sites["host_actor_id"] = allies["actor_id"].reindex(host).to_numpy()
        sites["staging_area_id"] = allies["staging_area_id"].reindex(host).to_numpy()
        sites["accepts_land"] = True
        sites["accepts_air"] = sites["row"] % 2 == 0
        sites["accepts_sea"] = sites["row"] % 3 == 0
        next_ally = (sites["row"] + 1) % hosts * self.size.regions + sites["region"]
        guest = allies["actor_id"].reindex(next_ally).set_axis(sites.index)
        sites["guest_actor_id"] = guest.where((hosts > 1) & (sites["row"] % 2 == 0))
        return sites

    @cached_property
    def access(self) -> pd.DataFrame:
        """site_id, actor_id and the columns of ``sites``: the lead actor everywhere, an ally at every other site."""
        lead = self.sites.assign(actor_id=LEAD)
        guests = self.sites[self.sites["guest_actor_id"].notna()]
        guests = guests.assign(actor_id=guests["guest_actor_id"])
        return pd.concat([lead, guests], ignore_index=True)

    @cached_property
    def types(self) -> pd.DataFrame:
        """unit_type_id, number, domain, is_counted."""
        types = pd.DataFrame({"number": range(self.size.types)})
        types["unit_type_id"] = _named("TYPE", types["number"])
        types["domain"] = [DOMAINS[number % len(DOMAINS)] for number in types["number"]]
        types["is_counted"] = self.whole & (types["number"] % 3 == 0)
        return types

    @property
    def capabilities(self) -> list[str]:
        """One capability for every two unit types."""
        return [f"CAPABILITY_{number + 1:02d}" for number in range((self.size.types + 1) // 2)]

    @cached_property
    def forces(self) -> pd.DataFrame:
        """actor_id, unit_type_id, domain: the lead actor has every type, an ally two of three."""
        lead = self.types.assign(actor_id=LEAD)
        allies = self.allies[["actor_id", "number"]].rename(columns={"number": "ally"})
        allied = allies.merge(self.types, how="cross")
        allied = allied[(allied["ally"] + allied["number"]) % 3 != 2]
        return pd.concat([lead, allied], ignore_index=True)[["actor_id", "unit_type_id", "number", "domain"]]

    @cached_property
    def phases(self) -> pd.DataFrame:
        """phase_id, days, kind; the smallest problems have two phases."""
        days = (0.0, 10.0, 30.0, 60.0)
        kinds = ("DETER", "DETER", "DETER", "WIN")
        phases = pd.DataFrame({"phase_id": PHASES, "days": days, "kind": kinds})
        return phases if self.size.phases == len(PHASES) else phases.iloc[[0, 2]].reset_index(drop=True)

    @cached_property
    def scenarios(self) -> pd.DataFrame:
        """scenario_id, theater_id, region: one for each theater alone, then pairs of neighbors."""
        rows = [(f"ONLY_{region + 1}", region) for region in range(self.size.regions)]
        for first in range(self.size.pairs):
            second = (first + 1) % self.size.regions
            rows += [(f"BOTH_{first + 1}_{second + 1}", region) for region in (first, second)]
        scenarios = pd.DataFrame(rows, columns=["scenario_id", "region"])
        return scenarios.assign(theater_id=[self.theaters[region] for region in scenarios["region"]])


def _named(word: str, numbers: pd.Series) -> pd.Series:
    return f"{word}_" + (numbers + 1).astype(str).str.zfill(3)


def _area(word: str, regions: pd.Series) -> pd.Series:
    return f"{word}_" + (regions + 1).astype(str)
