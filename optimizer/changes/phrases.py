"""The usual what-ifs in a planner's words; each is plain changes of tables, which ``posture diff`` shows.

A phrase says what a problem allows or asks for. What then happens, the optimum decides: ``free`` lets something change,
and ``withdraw``, ``cap`` and ``close`` add a rule, for which they free what stands in the way of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.changes.change import EMPTY, Change, Operation, cell_text, word
from optimizer.changes.differences import cells_text, key_text
from optimizer.changes.reading import share
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES
from optimizer.tables.site_groups import sites_of_groups
from optimizer.tables.typed_tables import nearest

Words = Mapping[str, str]
"""What stands in a phrase for each of the words in capitals of its form; nothing for an optional one not given."""


@dataclass(frozen=True)
class Phrase:
    """A phrase.

    Attributes:
        form: how it is written; words in capitals stand for identifiers and numbers, brackets for what may be left out.
        meaning: what it does, for people.
        say: makes the changes.
    """

    form: str
    meaning: str
    say: Callable[["_Saying", Words], None]

    @property
    def verb(self) -> str:
        """Its first word."""
        return self.form.split()[0]

    def words(self, line: str) -> Words | None:
        """What a line has for the words in capitals; None if it is another phrase."""
        pattern = re.sub(r" \[([^\]]*)\]", r"(?: \1)?", self.form)
        pattern = re.sub(r"\b[A-Z_]{2,}\b", lambda found: rf"(?P<{found[0]}>\S+)", pattern)
        found = re.fullmatch(pattern.replace(" ", r"\s+"), line.strip())
        return None if found is None else {name: text for name, text in found.groupdict().items() if text}


def is_phrase(line: str) -> bool:
    """Whether a line is a phrase, perhaps a wrong one, and not a change of cells or rows."""
    first, _, rest = line.strip().partition(" ")
    is_of_words = first.isalpha() and bool(rest.strip()) and not set("=[") & set(line)
    return first in VERBS or (is_of_words and first not in ("add", "delete"))


def changes_of_phrase(line: str, problem: Problem, origin: str = "", sentence: str = "") -> list[Change]:
    """The changes that a phrase says of a problem.

    Raises:
        ProblemError: there is no such phrase, it names what the problem does not have, or nothing would change.
    """
    saying = _Saying(problem, line, origin, sentence or f"{line.strip()}.")
    said = next(((phrase, words) for phrase in PHRASES if (words := phrase.words(line)) is not None), None)
    if said is None:
        first = line.split()[0]
        forms = [phrase.form for phrase in PHRASES if phrase.verb == first]
        fix = f"Write {' or '.join(forms)}." if forms else nearest(first, VERBS)
        saying.find("CHANGE_UNREADABLE", "there is no such phrase", fix)
    else:
        phrase, words = said
        phrase.say(saying, words)
        if not saying.changes and not saying.findings:
            saying.find("CHANGE_POINTLESS", "the case has it so already", "Leave it out.")
    if saying.findings:
        raise ProblemError(saying.findings)
    return saying.changes


@dataclass
class _Saying:
    """A phrase while its changes are made."""

    problem: Problem
    line: str
    origin: str
    sentence: str
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def lead(self) -> str:
        return str(self.problem.settings["lead_actor_id"])

    def find(self, code: str, message: str, fix: str, table: str = "", value: str = "") -> None:
        where = f"{self.origin}: " if self.origin else ""
        message = f"{where}{self.line.strip()}: {message}"
        self.findings.append(Finding(code, table, "", "", value[:80], message, fix))

    def known(self, name: str, *tables: str) -> str:
        """An identifier of one of some tables, whatever its case; a finding if none has it."""
        keys = {
            str(row[PROBLEM_TABLES[table].key[0]]): table
            for table in tables
            for row in filled_rows(self.problem, table)
        }
        found = {key.casefold(): key for key in keys}.get(name.casefold())
        if found is None:
            what = " or ".join(tables)
            self.find("REFERENCE_UNKNOWN", f"{what} has no such row", nearest(name, keys), tables[0], name)
        return found or name

    def place(self, name: str) -> str:
        """A site, a group of sites, a host or a theater that has sites."""
        groups = sites_of_groups(self.problem)
        found = {group.casefold(): group for group in groups}.get(name.casefold())
        if found is None:
            message = "no site, group of sites, host or theater with a site has that name"
            self.find("REFERENCE_UNKNOWN", message, nearest(name, groups), "sites", name)
        return found or name

    def number(self, text: str) -> str:
        """A number without separators of thousands."""
        return text.replace(",", "")

    def year(self, words: Words) -> str:
        """The year that is given, if one is."""
        year = words.get("YEAR", "")
        if year and not re.fullmatch(r"\d{4}", year):
            self.find("VALUE_TYPE", "this is no year", "Write it in four digits.", value=year)
        return year

    def make(
        self, table: str, operation: Operation, selector: str, column: str = "", value: str = ""
    ) -> None:
        self.changes.append(Change(table, operation, selector, column, value, self.sentence, self.origin))

    def row(self, table: str, key: Mapping[str, Any], cells: Mapping[str, str]) -> None:
        """Adds a row, or sets cells of the row that is there; a cell with the value EMPTY is emptied."""
        rows = filled_rows(self.problem, table)
        there = [row for row in rows if all(str(row[name]) == str(part) for name, part in key.items())]
        selector = key_text(PROBLEM_TABLES[table], key)
        if not there:
            given = {name: value for name, value in cells.items() if value != EMPTY}
            self.make(table, Operation.ADD_ROW, selector, "", cells_text(PROBLEM_TABLES[table], given))
            return
        for name, value in cells.items():
            if value != (cell_text(there[0][name]) if name in there[0] else EMPTY):
                self.make(table, Operation.SET, selector, name, value)

    def free(self, lever: str, key: str, year: str = "") -> None:
        """Frees a lever from a year on, or from year 1."""
        self.row("freed_levers", {"lever": lever, "lever_key": key}, {"first_year": year or EMPTY})

    def free_presence(self, place: str) -> None:
        """Frees what the lead actor has in a place, unless a group that holds it all is free from year 1."""
        groups = sites_of_groups(self.problem)
        free = {
            site
            for row in filled_rows(self.problem, "freed_levers")
            if row["lever"] == "PRESENCE" and "first_year" not in row
            for site in groups.get(row["lever_key"], ())
        }
        if not groups.get(place, set()) <= free:
            self.free("PRESENCE", place)

    def ceiling_rule(self, name: str, actor: str, place: str, persons: str, year: str) -> None:
        """At most so many people of an actor, or of all, in a place from a year on."""
        if actor in ("", self.lead):
            self.free_presence(place)
        parts = [name, *([actor] if actor else []), place]
        cells = {"sentence": self.sentence, "quantity": "STATIONED_PERSONS"}
        cells |= {"actor_id": actor or EMPTY, "site_group_id": place, "first_year": year or EMPTY}
        key = {"policy_rule_id": "_".join(parts)[:64]}
        self.row("policy_rules", key, {**cells, "sense": "AT_MOST", "value": self.number(persons)})


def _free(lever: str, *tables: str) -> Callable[[_Saying, Words], None]:
    """Frees a lever whose key is a row of one of some tables."""

    def say(saying: _Saying, words: Words) -> None:
        (name,) = (text for kind, text in words.items() if kind != "YEAR")
        saying.free(lever, saying.known(name, *tables), saying.year(words))

    return say


def _free_forces(saying: _Saying, words: Words) -> None:
    of = saying.known(words["TYPE"], "unit_types") if "TYPE" in words else saying.lead
    saying.free("FORCES", of, saying.year(words))


def _free_presence(saying: _Saying, words: Words) -> None:
    saying.free("PRESENCE", saying.place(words["PLACE"]), saying.year(words))


def _withdraw(saying: _Saying, words: Words) -> None:
    actor, place = saying.known(words["ACTOR"], "actors"), saying.place(words["PLACE"])
    saying.ceiling_rule("WITHDRAW", actor, place, "0", saying.year(words))


def _cap(saying: _Saying, words: Words) -> None:
    actor, place = saying.known(words["ACTOR"], "actors"), saying.place(words["PLACE"])
    saying.ceiling_rule("CAP", actor, place, words["PERSONS"], saying.year(words))


def _close(saying: _Saying, words: Words) -> None:
    site = saying.known(words["SITE"], "sites")
    saying.ceiling_rule("CLOSE", "", site, "0", saying.year(words))


def _transfer(saying: _Saying, words: Words) -> None:
    command = saying.known(words["COMMAND"], "commands")
    options = [
        str(row["actor_id"])
        for row in filled_rows(saying.problem, "command_options")
        if row["command_id"] == command
    ]
    holder = {option.casefold(): option for option in options}.get(words["ACTOR"].casefold())
    if holder is None:
        message = "the actor is no possible holder of the command"
        saying.find(
            "REFERENCE_UNKNOWN", message, nearest(words["ACTOR"], options), "command_options", words["ACTOR"]
        )
        return
    saying.row("commands", {"command_id": command}, {"today_actor_id": holder})


def _raise_ceiling(saying: _Saying, words: Words) -> None:
    actor, year = saying.known(words["ACTOR"], "actors"), saying.year(words)
    shares = [
        row["spending_ceiling_fraction"]
        for row in filled_rows(saying.problem, "actor_years")
        if row["actor_id"] == actor and "spending_ceiling_fraction" in row and str(row["year"]) >= year
    ]
    asked = share(words["SHARE"])
    if asked is not None and any(each > asked for each in shares):
        message = f"the ceiling reaches {max(shares):g} already"
        saying.find(
            "CHANGE_POINTLESS", message, "Lower it with actor_years[actor=…].spending_ceiling_fraction=…."
        )
    years = f", year={year}.." if year else ""
    saying.make(
        "actor_years",
        Operation.SET,
        f"actor={word(actor)}{years}",
        "spending_ceiling_fraction",
        saying.number(words["SHARE"]),
    )


def _set_interest(saying: _Saying, words: Words) -> None:
    theater = saying.known(words["THEATER"], "theaters")
    if "CAPABILITY" in words:
        capabilities = [saying.known(words["CAPABILITY"], "capabilities")]
    else:
        rows = [*filled_rows(saying.problem, "requirements"), *filled_rows(saying.problem, "interests")]
        capabilities = sorted({str(row["capability_id"]) for row in rows if row["theater_id"] == theater})
    for capability in capabilities:
        key = {"theater_id": theater, "capability_id": capability}
        saying.row("interests", key, {"interest_usd_m_per_point_yr": saying.number(words["USD_M"])})


def _drop(saying: _Saying, words: Words) -> None:
    actor = saying.known(words["ACTOR"], "actors")
    if actor == saying.lead:
        saying.find("REFERENCE_UNKNOWN", "the lead actor is no ally", "Name an ally.", "actors", actor)
    for row in filled_rows(saying.problem, "scenarios"):
        key = {"scenario_id": row["scenario_id"], "actor_id": actor}
        saying.row("scenario_availability", key, {"available_fraction": "0", "access_fraction": "0"})


def _choose(saying: _Saying, words: Words) -> None:
    actor, posture = saying.known(words["ACTOR"], "actors"), words["POSTURE"].upper()
    options = {
        str(row["nuclear_posture"]): row
        for row in filled_rows(saying.problem, "nuclear_options")
        if row["actor_id"] == actor
    }
    if posture not in options:
        message = "the ally has no such nuclear option"
        saying.find("REFERENCE_UNKNOWN", message, nearest(posture, options), "nuclear_options", posture)
        return
    for option, row in options.items():
        is_held = option == posture
        if is_held != bool(row.get("holds_today")):
            key = {"actor_id": actor, "nuclear_posture": option}
            saying.row("nuclear_options", key, {"holds_today": str(is_held).lower()})
    if any(
        (row["lever"], row["lever_key"]) == ("NUCLEAR", actor)
        for row in filled_rows(saying.problem, "freed_levers")
    ):
        saying.make("freed_levers", Operation.DELETE_ROW, f"NUCLEAR/{word(actor)}")


def _convert(saying: _Saying, words: Words) -> None:
    actor = saying.known(words["ACTOR"], "actors")
    before, after = (saying.known(words[name], "unit_types") for name in ("TYPE", "OTHER_TYPE"))
    key = {"actor_id": actor, "from_unit_type_id": before, "to_unit_type_id": after}
    saying.row("conversions", key, {"conversion_cost_usd_m_per_unit": saying.number(words["USD_M"])})


PHRASES: tuple[Phrase, ...] = (
    Phrase(
        "free forces [of TYPE] [from YEAR]",
        "How many units the lead actor owns may change, of all kinds or of one.",
        _free_forces,
    ),
    Phrase(
        "free presence in PLACE [from YEAR]",
        "What the lead actor has at the sites of a place may leave or move.",
        _free_presence,
    ),
    Phrase(
        "free garrison GARRISON [from YEAR]",
        "Who supplies a garrison may change.",
        _free("GARRISON", "garrisons"),
    ),
    Phrase(
        "free command COMMAND [from YEAR]",
        "Who holds a command may change.",
        _free("COMMAND", "commands"),
    ),
    Phrase(
        "free billing of ACTOR [from YEAR]",
        "What an ally pays for the lead actor's troops may change.",
        _free("BILLING", "actors"),
    ),
    Phrase(
        "free nuclear of ACTOR [from YEAR]",
        "How an ally is covered against nuclear threats may change.",
        _free("NUCLEAR", "actors"),
    ),
    Phrase(
        "free ceiling on PLACE [from YEAR]",
        "The ceiling on people in a group of sites follows its path.",
        _free("CEILING", "site_groups", "sites", "actors", "theaters"),
    ),
    Phrase(
        "withdraw ACTOR from PLACE [by YEAR]",
        "From the year on nobody of the actor is stationed there; without a year from the first.",
        _withdraw,
    ),
    Phrase(
        "cap ACTOR in PLACE at PERSONS [from YEAR]",
        "No more people of the actor are stationed there.",
        _cap,
    ),
    Phrase(
        "close SITE [by YEAR]",
        "From the year on nobody is stationed at the site.",
        _close,
    ),
    Phrase(
        "transfer COMMAND to ACTOR",
        "The actor holds the command from year 1, as if it had taken it already.",
        _transfer,
    ),
    Phrase(
        "raise ceiling of ACTOR to SHARE [from YEAR]",
        "The actor may spend that share of its GDP, such as 3.5%.",
        _raise_ceiling,
    ),
    Phrase(
        "set interest in THEATER to USD_M [for CAPABILITY]",
        "The most that the lead actor pays for a missing point of each need there, in M$ a year.",
        _set_interest,
    ),
    Phrase(
        "drop ACTOR",
        "The ally takes part in no scenario, and lets nobody use its sites in one.",
        _drop,
    ),
    Phrase(
        "choose POSTURE for ACTOR",
        "The nuclear option umbrella, independent, shared or none holds in all years, its program behind it.",
        _choose,
    ),
    Phrase(
        "convert TYPE of ACTOR to OTHER_TYPE at USD_M",
        "Units of one kind may become those of another, at that cost for each.",
        _convert,
    ),
)
"""Every phrase, in the order in which they are told."""

VERBS = tuple(dict.fromkeys(phrase.verb for phrase in PHRASES))
"""The first words of phrases."""
