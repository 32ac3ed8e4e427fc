"""The Entity List as it stood on 8 October 2019, in small: about a hundred of its real entries.

The facts (names, aliases, addresses, citations) are those of supplement no. 4 to 15 CFR part 744, in the spelling of
the official Consolidated Screening List. Three things differ from that file on purpose, because it was made in 2022:

- Huawei and its affiliates carry the license requirement of 2019. The clause on standards organizations, the foreign
  direct product footnote and citations of 2020 came later and are left out.
- `start_date` of Huawei and its affiliates is the day the rule took effect (2019-05-16 and 2019-08-19); the official
  file gives the day it was printed.
- Huawei Marine Networks carries only the alias it had then.

Addresses and aliases that other entries gained after 2019 can't be told apart in the source and may be among them.
"""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

AS_OF = "2019-10-08"
SOURCE = "Entity List (EL) - Bureau of Industry and Security"
SOURCE_URL = "http://bit.ly/1L47xrV"

_HEADER_LINE = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,"
    "vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids"
)
CSL_HEADER = tuple(_HEADER_LINE.split(","))

_FILE = Path(__file__).parent / "entity_list_2019_10_08.json"


@dataclass(frozen=True)
class ListedAddress:
    text: str
    country: str


@dataclass(frozen=True)
class ListedEntry:
    """One entry: `citation` holds its Federal Register citations, oldest first, joined by "; "."""

    name: str
    aliases: tuple[str, ...]
    addresses: tuple[ListedAddress, ...]
    license_requirement: str
    license_policy: str
    citation: str
    start_date: str

    @property
    def country(self) -> str:
        """The destination it is listed under: the country of its first address."""
        return self.addresses[0].country

    @property
    def first_citation(self) -> str:
        return self.citation.split(";")[0].strip()


@cache
def entries() -> tuple[ListedEntry, ...]:
    """All entries, in order of name and country."""
    stored = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        ListedEntry(
            name=row["name"],
            aliases=tuple(row["aliases"]),
            addresses=tuple(ListedAddress(place["text"], place["country"]) for place in row["addresses"]),
            license_requirement=row["license_requirement"],
            license_policy=row["license_policy"],
            citation=row["citation"],
            start_date=row["start_date"],
        )
        for row in stored["entries"]
    )


def csl_csv() -> bytes:
    """The entries as a file of the Consolidated Screening List: 29 columns, UTF-8, the same bytes each time."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CSL_HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_csl_row(entry) for entry in entries())
    return out.getvalue().encode("utf-8")


def _csl_row(entry: ListedEntry) -> dict[str, str]:
    return {
        "_id": _row_id(entry),
        "source": SOURCE,
        "name": entry.name,
        "addresses": "; ".join(f"{place.text}, {place.country}".removeprefix(", ") for place in entry.addresses),
        "federal_register_notice": entry.citation,
        "start_date": entry.start_date,
        "license_requirement": entry.license_requirement,
        "license_policy": entry.license_policy,
        "source_list_url": SOURCE_URL,
        "alt_names": "; ".join(entry.aliases),
        "source_information_url": SOURCE_URL,
    }


def _row_id(entry: ListedEntry) -> str:
    """Forty hex digits like the official `_id`. No more stable a key than that one: nothing may rely on it."""
    facts = "|".join((entry.name, entry.country, entry.first_citation))
    return hashlib.sha256(facts.encode("utf-8")).hexdigest()[:40]
