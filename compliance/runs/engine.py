"""Between stored records and the screening engine: one place that turns rows into its values and keeps indexes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from compliance.watchlists import names
from compliance.watchlists.models import EntryRevision, SupplementaryName
from screening import Address, Entry, Identifier, Index, Name, Party, ScoringConfig


@dataclass(frozen=True)
class Built:
    """An index, with a short digest of the supplementary names that each entry had when it was built."""

    index: Index
    names: Mapping[int, str]


_INDEXES: dict[str, Built] = {}  # by what is in it; a process keeps the two it used last
_KEPT = 2


def config() -> ScoringConfig:
    """The scoring settings in use."""
    return ScoringConfig()


def as_party(party_id: str, facts: Mapping[str, Any]) -> Party:
    """A counterparty's facts (see `Counterparty.facts`) as the engine takes them."""
    names = [Name(facts["name"], "legal")]
    names += [Name(item["text"], item.get("kind") or "trading") for item in facts["other_names"]]
    return Party(
        id=party_id,
        names=tuple(names),
        addresses=tuple(Address(a["text"], a.get("country") or facts["country"]) for a in facts["addresses"]),
        country=facts["country"],
        identifiers=tuple(Identifier(i["kind"], i["value"]) for i in facts["identifiers"]),
    )


def as_entry(
    revision_id: int, list_code: str, text: Mapping[str, Any], more_names: Iterable[SupplementaryName] = ()
) -> Entry:
    """An entry's stored text as the engine takes it; its id is the revision's.

    `more_names`: the supplementary names of the entry, screened like its own.
    """
    addresses = tuple(Address(a["text"], a.get("country") or "") for a in text["addresses"])
    own: tuple[Name, ...] = ()
    if text["kind"] != "address":  # such an entry names no party: only its address counts
        own = (Name(text["name"], "legal"), *(Name(alias, "alias") for alias in text["aliases"]))
    weak = tuple(Name(alias, "weak_alias") for alias in text.get("weak_aliases", ()))
    countries = dict.fromkeys((text.get("destination", ""), *(a.country for a in addresses)))
    return Entry(
        id=str(revision_id),
        names=(*own, *weak, *(Name(name.text, name.kind) for name in more_names)),
        addresses=addresses,
        countries=tuple(country for country in countries if country),
        identifiers=tuple(filter(None, map(identifier_of, text["identifiers"]))),
        kind="unknown" if text["kind"] == "address" else text["kind"],
        list_code=list_code,
    )


# Facts that OFAC prints among the identifiers and that identify nobody: every ship of a type shares them.
_NO_IDENTIFIER = re.compile(
    r"gender|date|information|sanctions|determination|directive|prohibited|type|model|operator|flag|issuer|manufacture$"
    r"|[:-]$",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}|\d{1,2} [A-Z][a-z]{2} \d{4}")


def identifier_of(printed: str) -> Identifier | None:
    """A printed identifier as kind and number: "PK, 2013-09-09, 4117921, Passport" and "Passport, 4117921, PK".

    The lists print country, dates, number and kind in either order. None where it holds no number, or no identifier.
    """
    parts = [part.strip() for part in printed.split(",") if part.strip()]
    numbers = [part for part in parts if any(sign.isdigit() for sign in part) and not _DATE.fullmatch(part)]
    words = [part for part in parts if part not in numbers and not _DATE.fullmatch(part)]
    kind = max(words, key=len, default="")
    if not numbers or _NO_IDENTIFIER.search(kind or parts[-1]):
        return None
    return Identifier(kind.lower(), max(numbers, key=lambda part: sum(sign.isdigit() for sign in part)))


def index_of(revision_ids: Iterable[int]) -> Built:
    """The index over exactly these revisions, built once per content and settings and kept in this process."""
    ids = sorted(revision_ids)
    settings = config()
    digest = hashlib.sha256(f"{settings.fingerprint()}:{ids}:{names_mark()}".encode()).hexdigest()
    built = _INDEXES.pop(digest, None)
    if built is None:
        more = names.of_entries(None)
        built = Built(Index.build(entries_of(ids, more), settings), names_digests(more))
    _INDEXES[digest] = built
    while len(_INDEXES) > _KEPT:
        _INDEXES.pop(next(iter(_INDEXES)))
    return built


def names_mark() -> str:
    """Changes with every supplementary name that is attached or taken off: an index built before is out of date."""
    found = SupplementaryName.objects.aggregate(all=Count("pk"), off=Count("withdrawn_at"))
    return f"{found['all']}.{found['off']}"


def entries_of(ids: list[int], more: Mapping[int, list[SupplementaryName]]) -> Iterable[Entry]:
    """Stored texts as engine entries, in chunks. `more`: supplementary names by entry."""
    for start in range(0, len(ids), 500):
        rows = EntryRevision.objects.filter(pk__in=ids[start : start + 500]).order_by("pk")
        for pk, entry_id, list_code, text in rows.values_list("pk", "entry_id", "entry__list_code", "text"):
            yield as_entry(pk, list_code, text, more.get(entry_id, ()))


def names_digests(more: Mapping[int, list[SupplementaryName]]) -> dict[int, str]:
    """By entry, for telling what a match was screened against."""
    return {
        entry_id: hashlib.sha256("\n".join(sorted(f"{name.kind} {name.text}" for name in found)).encode()).hexdigest()[
            :16
        ]
        for entry_id, found in more.items()
    }


def watched_index() -> Built:
    """The index over everything in force or known to come."""
    return index_of(EntryRevision.objects.watched().values_list("pk", flat=True))
