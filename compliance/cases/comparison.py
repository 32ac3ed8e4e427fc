"""A match as two records side by side: the parts of its score, and each field of ours beside the list's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from compliance.counterparties.models import Counterparty
from compliance.runs.models import Match
from compliance.watchlists.models import SupplementaryName
from screening import Evidence, ScoringConfig
from screening import Match as EngineMatch
from screening.explain import Span, align, sentences
from screening.features.addresses import analyze_address, compare_addresses
from screening.fold import romanize, words
from screening.tokens import is_placeholder

NAME_FEATURES = ("name", "trade_name", "weak_alias")
LABELS = {
    "name": "Name", "trade_name": "Known trade name", "weak_alias": "Weak alias", "address": "Address",
    "identifier": "Register number", "country": "Country", "kind": "Kind of party", "cap": "Upper limit",
}  # fmt: skip
PENALTIES = {"country": "Other country", "identifier": "Other register number", "kind": "Other kind of party"}
KINDS = {
    "person": "Person", "organization": "Company or body", "vessel": "Vessel", "aircraft": "Aircraft",
    "unknown": "Not stated",
}  # fmt: skip
SHOWN_LINES = 4


# --- the score as a sum ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One part of a score in points of 100; penalties below zero. `likeness` times `weight` (points) makes it."""

    label: str
    points: Decimal
    likeness: Decimal | None = None
    weight: Decimal | None = None


@dataclass(frozen=True)
class ScoreSum:
    """The parts as printed, their total, and one line on where the bands begin."""

    parts: tuple[Part, ...]
    total: Decimal
    note: str


def score_sum(match: Match) -> ScoreSum:
    """The evidence as parts that add up, as printed, to the match's score."""
    total = match.score * 100
    parts = []
    for item in match.evidence:
        likeness, weight = Decimal(item["score"]), Decimal(item["weight"])
        points = (likeness * weight).quantize(Decimal("0.001")) * 100
        names = LABELS | PENALTIES if weight < 0 else LABELS
        label = names.get(item["feature"], item["feature"].replace("_", " ").capitalize())
        if item["feature"] in ("cap", "kind") or weight < 0:
            parts.append(Part(label, points))
        else:
            parts.append(Part(label, points, likeness, weight * 100))
    parts.sort(key=lambda part: (part.points < 0, -abs(part.points)))
    missing = total - sum((part.points for part in parts), Decimal(0))
    if missing:
        parts.append(Part("Rounding", missing))
    return ScoreSum(tuple(parts), total, bands_line(match, parts))


def bands_line(match: Match, parts: Sequence[Part]) -> str:
    """Where the bands begin in the settings this match was made with, and the score without each supporting part."""
    settings: Mapping[str, float] = match.run.settings or {}
    defaults = ScoringConfig()
    review = Decimal(str(settings.get("review", defaults.review))) * 100
    strong = Decimal(str(settings.get("strong", defaults.strong))) * 100
    line = f"Review begins at {review:.1f}, High at {strong:.1f}."
    uncapped = sum((part.points for part in parts if part.label != LABELS["cap"]), Decimal(0))
    for part in parts[1:3]:
        if part.points > 0 and part.label != "Rounding":
            rest = max(Decimal(0), min(Decimal(100), uncapped - part.points))
            band = "High" if rest >= strong else "Medium" if rest >= 70 else "Low" if rest >= review else "no match"
            line += f" Without the {part.label.lower()} {rest:.1f}, {band}."
    return line


def in_words(match: Match) -> list[str]:
    """Why the engine shows this pair, as sentences; document numbers of ours are masked."""
    evidence = tuple(
        Evidence(
            item["feature"],
            masked(item["query"]) if item["feature"] == "identifier" else item["query"],
            item["listed"],
            float(item["score"]),
            float(item["weight"]),
        )
        for item in match.evidence
    )
    found = EngineMatch(str(match.counterparty_id), str(match.revision_id), float(match.score), match.band, evidence)
    printed = names_printed(match.revision.text)
    rests = [part.listed for part in evidence if part.feature in NAME_FEATURES and part.listed not in printed]
    attached = attached_names(match) if rests else {}
    said = [
        f"“{text}” is a {source_words(attached[text])}; the list does not print it."
        for text in dict.fromkeys(rests)
        if text in attached
    ]
    return [*sentences(found)[:-1], *said]


# --- side by side ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What the comparison of one field says; a pill."""

    text: str
    tone: str
    icon: str


AGREES = Result("Agrees", "inf", "check")
DIFFERS = Result("Differs", "bad", "x")
NOT_COMPARABLE = Result("Not comparable", "", "minus")


@dataclass(frozen=True)
class Line:
    """One text of a field: plain, or cut into marked spans; with its reading if it is in another script.

    `source`: for a supplementary name, that it is one and where it is from; the list does not print it.
    """

    text: str
    spans: tuple[Span, ...] = ()
    detail: str = ""
    source: str = ""

    @property
    def reading(self) -> str:
        return reading(self.text)


@dataclass(frozen=True)
class Row:
    """One field of both records. Empty sides say why: "not in our record", "not on the entry"."""

    label: str
    ours: tuple[Line, ...]
    listed: tuple[Line, ...]
    result: Result | None
    ours_more: tuple[Line, ...] = field(default=())
    listed_more: tuple[Line, ...] = field(default=())
    no_ours: str = "not in our record"
    no_listed: str = "not on the entry"


def comparison(match: Match, counterparty: Counterparty) -> list[Row]:
    """All fields that both kinds of record know, the deciding ones first."""
    facts, text = counterparty.facts, match.revision.text
    evidence = {part["feature"]: part for part in match.evidence}
    attached = attached_names(match)
    rows = name_rows(facts, text, evidence, attached)
    rows += supplementary_rows(attached)
    rows.append(address_row(facts, text, evidence.get("address")))
    rows.append(country_row(facts, text))
    kind = (Line(KINDS.get(text["kind"], text["kind"])),) if text["kind"] != "unknown" else ()
    rows.append(Row("Type", (), kind, NOT_COMPARABLE, no_ours="not recorded by us", no_listed="not stated"))
    rows.append(identifier_row(facts, text, evidence.get("identifier")))
    if text["dates_of_birth"] or text["nationalities"]:
        listed = [*text["dates_of_birth"], *text["nationalities"]]
        rows.append(Row("Born, national of", (), tuple(Line(item) for item in listed), NOT_COMPARABLE))
    return rows


def likeness_result(score: str | Decimal) -> Result:
    likeness = Decimal(score)
    if likeness >= Decimal("0.995"):
        return AGREES
    rounded = likeness.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return Result(f"Similar {rounded}", "warn", "approx") if likeness > 0 else DIFFERS


def attached_names(match: Match) -> dict[str, SupplementaryName]:
    """The supplementary names of the match's entry by their text: those attached now, and one it may rest on still."""
    names = SupplementaryName.objects.filter(entry=match.entry_id).order_by("pk")
    used = {part["listed"] for part in match.evidence}
    return {name.text: name for name in names if name.withdrawn_at is None or name.text in used}


def names_printed(text: Mapping[str, Any]) -> set[str]:
    """Every name that the list itself prints of an entry."""
    return {text["name"], *text["aliases"], *text.get("weak_aliases", ())}


def supplementary_rows(attached: Mapping[str, SupplementaryName]) -> list[Row]:
    """The names that no list prints, in a row of their own."""
    if not attached:
        return []
    named = [Line(name.text, source=source_words(name)) for name in attached.values()]
    return [row_of("Supplementary names", (), named, NOT_COMPARABLE, no_ours="not printed by the list")]


def source_words(name: SupplementaryName) -> str:
    """What is said beside a supplementary name wherever it stands next to official text."""
    off = ", taken off since" if name.withdrawn_at else ""
    return f"supplementary name, source {name.source}, {name.source_date.isoformat()}{off}"


def name_rows(
    facts: Mapping[str, Any], text: Mapping[str, Any], evidence: Mapping[str, Any],
    attached: Mapping[str, SupplementaryName] = MappingProxyType({}),
) -> list[Row]:  # fmt: skip
    """The best-fitting pair of names with its marks, then all the other names of both, as each list prints them.

    `attached`: supplementary names; one that the match rests on is labelled as such and not as an alias.
    """
    ours = [facts["name"], *(item["text"] for item in facts["other_names"])]
    listed = [text["name"], *text["aliases"]]
    best = next((evidence[name] for name in NAME_FEATURES if name in evidence), None)
    if best:
        pair = align(best["query"], best["listed"])
        our_detail = "" if best["query"] == facts["name"] else "other name"
        their_detail = "" if best["listed"] == text["name"] else "alias"
        their_source = ""
        if best["listed"] not in names_printed(text) and best["listed"] in attached:
            their_detail, their_source = "", source_words(attached[best["listed"]])
        first = Row(
            "Name",
            (Line(best["query"], pair.query, our_detail),),
            (Line(best["listed"], pair.listed, their_detail, their_source),),
            likeness_result(best["score"]),
        )
        ours = [name for name in ours if name != best["query"]]
        listed = [name for name in listed if name != best["listed"]]
    else:
        pair = align(ours[0], listed[0])
        result = NOT_COMPARABLE if is_placeholder(listed[0]) else DIFFERS
        first = Row("Name", (Line(ours[0], pair.query),), (Line(listed[0], pair.listed),), result)
        ours, listed = ours[1:], listed[1:]
    if not ours and not listed:
        return [first]
    return [first, row_of("Also known as", lines(ours), lines(listed), None if ours and listed else NOT_COMPARABLE)]


def address_row(facts: Mapping[str, Any], text: Mapping[str, Any], best: Mapping[str, Any] | None) -> Row:
    """Each address on its own line; the best pair first, with its marks and which of how many it is."""
    ours, listed = streets(facts["addresses"]), streets(text["addresses"])
    if not ours or not listed:
        return row_of("Address", lines(ours), lines(listed), NOT_COMPARABLE)
    if best is None:
        best = likest(ours, listed)
    if best is None:
        return row_of("Address", lines(ours), lines(listed), NOT_COMPARABLE)
    if Decimal(best["score"]) == 0:
        return row_of("Address", lines(ours), lines(listed), DIFFERS)
    pair = align(best["query"], best["listed"])
    left = Line(best["query"], telling(pair.query), which(best["query"], ours))
    right = Line(best["listed"], telling(pair.listed), which(best["listed"], listed))
    return row_of(
        "Address",
        (left, *lines(item for item in ours if item != best["query"])),
        (right, *lines(item for item in listed if item != best["listed"])),
        likeness_result(best["score"]),
    )


def streets(addresses: Iterable[Mapping[str, str]]) -> list[str]:
    """The texts of addresses; one that says only a country is left to the country's row."""
    return [item["text"] for item in addresses if len(item["text"].strip()) > 2]


def likest(ours: Sequence[str], listed: Sequence[str]) -> dict[str, str] | None:
    """The best pair of addresses when none counts in the score; None when one side names no street."""
    pairs = [
        (compare_addresses(analyze_address(left), analyze_address(right)), left, right)
        for left in ours
        for right in listed
        if analyze_address(left).street and analyze_address(right).street
    ]
    if not pairs:
        return None
    score, left, right = max(pairs, key=lambda pair: pair[0])
    return {"query": left, "listed": right, "score": str(score)}


def telling(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans of an address without marks on words that its comparison ignores, such as “Road” or “District”."""
    form = analyze_address("".join(span.text for span in spans))
    compared = form.numbers | form.street | form.places | form.units | form.floors | form.postcodes
    return tuple(
        Span(span.text, "") if span.mark and not compared & {word.text for word in words(span.text)} else span
        for span in spans
    )


def which(chosen: str, among: Sequence[str]) -> str:
    """ "1 of 3 addresses"; nothing where there is only one."""
    if len(among) < 2 or chosen not in among:
        return ""
    return f"{among.index(chosen) + 1} of {len(among)} addresses"


def country_row(facts: Mapping[str, Any], text: Mapping[str, Any]) -> Row:
    listed = list(dict.fromkeys(item["country"] for item in text["addresses"] if item.get("country")))
    ours = [item.get("country") or "" for item in facts["addresses"]]
    ours = list(dict.fromkeys(code for code in (facts["country"], *ours) if code))
    if not ours or not listed:
        return Row("Country", joined(ours), joined(listed), NOT_COMPARABLE)
    return Row("Country", joined(ours), joined(listed), AGREES if set(ours) & set(listed) else DIFFERS)


def identifier_row(facts: Mapping[str, Any], text: Mapping[str, Any], best: Mapping[str, Any] | None) -> Row:
    """Our numbers are shown by their end only; the list's are public."""
    ours = [Line(f"{item['kind']} {masked(item['value'])}") for item in facts["identifiers"]]
    result = NOT_COMPARABLE
    if best:
        result = AGREES if Decimal(best["weight"]) > 0 else DIFFERS
    return row_of("Register numbers", ours, lines(text["identifiers"]), result)


def row_of(
    label: str, ours: Iterable[Line], listed: Iterable[Line], result: Result | None, *,
    no_ours: str = "not in our record",
) -> Row:  # fmt: skip
    """A row that shows a few lines a side and folds the rest."""
    left, right = tuple(ours), tuple(listed)
    return Row(
        label, left[:SHOWN_LINES], right[:SHOWN_LINES], result, left[SHOWN_LINES:], right[SHOWN_LINES:],
        no_ours=no_ours,
    )  # fmt: skip


def lines(texts: Iterable[str]) -> tuple[Line, ...]:
    return tuple(Line(item) for item in texts)


def joined(codes: Sequence[str]) -> tuple[Line, ...]:
    return (Line(", ".join(codes)),) if codes else ()


def masked(value: str) -> str:
    """A document number by its end: "•••• 786H"; four characters of a long one, two of a short one."""
    bare = "".join(value.split())
    return f"•••• {bare[-4:] if len(bare) >= 10 else bare[-2:]}"


def reading(text: str) -> str:
    """How a name in another script reads in Latin letters; "" for a name in Latin letters."""
    if not any(letter.isalpha() and ord(letter) > 0x024F for letter in text):
        return ""
    found = [word.text if word.text.isascii() else romanize(word.text) for word in words(text)]
    return " ".join(word.capitalize() for word in found if word)


# --- quoting a rule --------------------------------------------------------------------------------------------------

_DECIDING = re.compile(
    r"(presumption\s+of\s+(?:denial|approval)|policy\s+of\s+denial|cas[ea][\s-]+by[\s-]+case)", re.IGNORECASE
)


@dataclass(frozen=True)
class QuotePart:
    text: str
    decides: bool


def quoted(text: str) -> tuple[QuotePart, ...]:
    """A rule's words verbatim, cut where the words stand that say how BIS will judge."""
    return tuple(QuotePart(part, bool(_DECIDING.fullmatch(part))) for part in _DECIDING.split(text) if part)
