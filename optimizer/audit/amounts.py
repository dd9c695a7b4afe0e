"""Amounts by key, and the arithmetic of rules: sums, differences, products, years.

A rule of the input says that one amount by key is equal to another, or at most that. An amount that is not there is
0; as a limit, there is none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, overload

Key = tuple[Any, ...]
Part = Callable[[Key], Key]


class Amounts(dict[Key, float]):
    """Amounts by key.

    Attributes:
        names: what the parts of a key are, such as actor_id and year.
    """

    __slots__ = ("names",)

    def __init__(
        self, names: Sequence[str], amounts: Mapping[Key, float] | Iterable[tuple[Key, float]] = ()
    ) -> None:
        super().__init__(amounts)
        self.names = tuple(names)

    def __missing__(self, key: Key) -> float:
        return 0.0

    def summed(self, *names: str) -> "Amounts":
        """Sums over all parts of the key but these."""
        part, sums = self._part(names), Amounts(names)
        for key, amount in self.items():
            rest = part(key)
            sums[rest] += amount
        return sums

    def ordered(self, names: Sequence[str]) -> "Amounts":
        """The same amounts, the parts of their keys in another order."""
        if self.names == tuple(names):
            return self
        part = self._part(names)
        return Amounts(names, {part(key): amount for key, amount in self.items()})

    def named(self, **names: str) -> "Amounts":
        """The same amounts, some parts of their keys under another name."""
        return Amounts([names.get(name, name) for name in self.names], self)

    def at(self, **parts: Any) -> "Amounts":
        """The same amounts, their keys with further parts."""
        more = tuple(parts.values())
        return Amounts((*self.names, *parts), {(*key, *more): amount for key, amount in self.items()})

    def having(self, **parts: Any) -> "Amounts":
        """The amounts whose keys have these parts."""
        part, wanted = self._part(parts), tuple(parts.values())
        return Amounts(self.names, {key: amount for key, amount in self.items() if part(key) == wanted})

    def without(self, **parts: Any) -> "Amounts":
        """The amounts whose keys do not have these parts."""
        part, unwanted = self._part(parts), tuple(parts.values())
        return Amounts(self.names, {key: amount for key, amount in self.items() if part(key) != unwanted})

    def where(self, holds: Callable[..., bool]) -> "Amounts":
        """The amounts of which something holds; it is given the parts of their keys."""
        return Amounts(self.names, {key: amount for key, amount in self.items() if holds(*key)})

    def inside(self, others: "Amounts") -> "Amounts":
        """The amounts whose keys are, in the parts that others have, keys of others."""
        part = self._part(others.names)
        return Amounts(self.names, {key: amount for key, amount in self.items() if part(key) in others})

    def outside(self, others: "Amounts") -> "Amounts":
        """The amounts whose keys are, in the parts that others have, no keys of others."""
        part = self._part(others.names)
        return Amounts(self.names, {key: amount for key, amount in self.items() if part(key) not in others})

    def for_each(self, others: "Amounts") -> "Amounts":
        """For each key of others, the amount of those of its parts that these amounts have."""
        part = others._part(self.names)
        return Amounts(others.names, {key: self[part(key)] for key in others})

    def positive(self) -> "Amounts":
        """The amounts above 0."""
        return Amounts(self.names, {key: amount for key, amount in self.items() if amount > 0})

    def later(self, years: "Amounts | int" = 1) -> "Amounts":
        """The same amounts, so many years later; the year is the last part of their keys."""
        moved = Amounts(self.names)
        part = self._part(years.names) if isinstance(years, Amounts) else None
        for key, amount in self.items():
            shift = years if isinstance(years, int) else int(years[part(key)]) if part else 0
            then = (*key[:-1], key[-1] + shift)
            moved[then] += amount
        return moved

    def __add__(self, others: "Amounts") -> "Amounts":
        return self._with(others, 1.0)

    def __sub__(self, others: "Amounts") -> "Amounts":
        return self._with(others, -1.0)

    def __neg__(self) -> "Amounts":
        return Amounts(self.names, {key: -amount for key, amount in self.items()})

    @overload
    def __mul__(self, others: "Amounts") -> "Amounts": ...
    @overload
    def __mul__(self, others: float) -> "Amounts": ...
    def __mul__(self, others: "Amounts | float") -> "Amounts":
        """Products of amounts whose keys agree in every part that both have; keys have the parts of both."""
        if not isinstance(others, Amounts):
            return Amounts(self.names, {key: amount * others for key, amount in self.items()})
        added = [name for name in others.names if name not in self.names]
        if not added:
            part = self._part(others.names)
            return Amounts(
                self.names,
                {key: amount * others[at] for key, amount in self.items() if (at := part(key)) in others},
            )
        shared = [name for name in others.names if name in self.names]
        others_shared, rest = others._part(shared), others._part(added)
        by_shared: dict[Key, list[tuple[Key, float]]] = {}
        for key, amount in others.items():
            by_shared.setdefault(others_shared(key), []).append((rest(key), amount))
        part = self._part(shared)
        return Amounts(
            (*self.names, *added),
            {
                key + more: amount * other
                for key, amount in self.items()
                for more, other in by_shared.get(part(key), ())
            },
        )

    def _with(self, others: "Amounts", sign: float) -> "Amounts":
        sums = Amounts(self.names, self)
        for key, amount in others.ordered(self.names).items():
            sums[key] += sign * amount
        return sums

    def _part(self, names: Iterable[str]) -> Part:
        """What takes the parts of these names from a key."""
        places = [self.names.index(name) for name in names]
        if len(places) > 1:
            return itemgetter(*places)
        # A getter of one place gives no tuple; of a slice it does.
        return itemgetter(slice(places[0], places[0] + 1) if places else slice(0, 0))


def least(*limits: Amounts) -> Amounts:
    """The least limit of each key; where only one is given, that one."""
    return _chosen(min, limits)


def greatest(*amounts: Amounts) -> Amounts:
    """The greatest of the amounts of each key that are there."""
    return _chosen(max, amounts)


def _chosen(choose: Callable[[float, float], float], given: Sequence[Amounts]) -> Amounts:
    names = given[0].names
    chosen = Amounts(names)
    for amounts in given:
        for key, amount in amounts.ordered(names).items():
            chosen[key] = choose(chosen[key], amount) if key in chosen else amount
    return chosen
