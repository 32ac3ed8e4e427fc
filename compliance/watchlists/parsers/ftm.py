"""OpenSanctions data sets: FollowTheMoney entities as JSON lines ("entities.ftm.json").

Each line is one entity: id, schema, caption, properties (lists of texts), datasets, first_seen, last_change.
Parties become entries; addresses, documents and sanctions stand in lines of their own that point at a party and
are joined to it. Links between parties, positions, securities and the like are counted in the notes, by schema.
Schemata and properties: https://followthemoney.tech/explorer/; the file: https://www.opensanctions.org/docs/bulk/json/.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .base import ListedAddress, ListedEntry, ParsedList, RefusedFile
from .countries import COUNTRY_CODES
from .csl_record import country_of
from .rows import EARLIEST_YEAR, MAX_FIELD_LENGTH, Findings, mark_letters, shown
from .strict_json import StrictJson, printable
from .text import collapse, decode

WANTED = "an OpenSanctions data set as FollowTheMoney JSON lines"
LIST_CODE = "OS"

_KINDS = {
    "Person": "person",
    "Company": "organization",
    "Organization": "organization",
    "PublicBody": "organization",
    "LegalEntity": "unknown",
    "Vessel": "vessel",
    "Airplane": "aircraft",
}
_JOINED = {"Identification": "holder", "Passport": "holder", "Sanction": "entity"}
# Schemata that name no party: links between parties, things, papers and events.
_SCHEMATA_OF_NO_PARTY = """
    Analyzable Article Assessment Asset Associate Audio BankAccount Call CallForTenders Contract ContractAward
    ContractLot Control CourtCase CourtCaseParty CryptoWallet Debt Directorship Document Documentation EconomicActivity
    Email Employment Event Family Folder HyperText Image Interest Interval Land License Membership Mention Message
    Note Occupancy Ownership Package Page Pages Payment PlainText Position PositionHeld Post Project
    ProjectParticipant RealEstate Record Relationship Representation Risk Security Similar Succession Table TaxRoll
    Territory Trip UnknownLink UserAccount Value Vehicle Video Workbook Workflow
"""
_NOT_LOADED = frozenset(_SCHEMATA_OF_NO_PARTY.split())
_ADDRESS_PARTS = ("remarks", "postOfficeBox", "street", "street2", "city", "postalCode", "region", "state")
# Properties that hold a number of a register or document, with the words the CSL or the register has for them.
_NUMBERS = {
    "registrationNumber": "Registration ID",
    "idNumber": "Identification Number",
    "taxNumber": "Tax ID No.",
    "licenseNumber": "License",
    "vatCode": "V.A.T. Number",
    "uscCode": "USCC",
    "innCode": "INN",
    "ogrnCode": "OGRN",
    "okpoCode": "OKPO",
    "kppCode": "KPP",
    "leiCode": "LEI",
    "dunsCode": "D-U-N-S Number",
    "uniqueEntityId": "UEI",
    "npiCode": "NPI",
    "swiftBic": "SWIFT/BIC",
    "bikCode": "BIK",
    "irsCode": "IRS Number",
    "cikCode": "CIK",
    "jibCode": "JIB",
    "voenCode": "VOEN",
    "pfrNumber": "PFR Number",
    "bvdId": "BvD ID",
    "icijId": "ICIJ ID",
    "isinCode": "ISIN",
    "ticker": "Ticker",
    "ricCode": "RIC",
    "permId": "PermID",
    "passportNumber": "Passport",
    "socialSecurityNumber": "SSN",
    "imoNumber": "IMO",
    "mmsi": "MMSI",
    "crsNumber": "CRS Number",
    "serialNumber": "Serial Number",
    "wikidataId": "Wikidata ID",
    "email": "Email Address",
    "phone": "Phone Number",
    "website": "Website",
}
_VESSEL_FACTS = (
    ("callSign", "call_sign"),
    ("type", "vessel_type"),
    ("tonnage", "gross_tonnage"),
    ("grossRegisteredTonnage", "gross_registered_tonnage"),
    ("flag", "vessel_flag"),
)
# Facts without a field of their own in an entry, told in its remarks.
_REMARK_LABELS = {
    "notes": "",
    "summary": "",
    "description": "",
    "topics": "Topics",
    "gender": "Gender",
    "birthCountry": "Country of birth",
    "deathDate": "Date of death",
    "legalForm": "Legal form",
    "status": "Status",
    "sector": "Sector",
    "classification": "Classification",
    "incorporationDate": "Incorporated",
    "dissolutionDate": "Dissolved",
    "pastFlags": "Past flags",
    "buildDate": "Built",
    "owner": "Owner",
    "operator": "Operator",
    "model": "Model",
}
_COUNTRIES = ("country", "jurisdiction", "mainCountry")
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:T.*)?$", re.ASCII)
_PARTIAL_DATE = re.compile(r"^\d{4}(?:-(?:0[1-9]|1[0-2]))?$", re.ASCII)

Properties = dict[str, list[str]]


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of a data set. Raises RefusedFile when they are not a whole one."""
    text = decode(data, WANTED)
    reading = _Reading(text, Findings(WANTED))
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at:end].strip():
            reading.read(at, end, line)
        at, line = end + 1, line + 1
    return reading.finish()


class _EntityError(ValueError):
    """What an entity holds where the format has something else; continues "Line 5 ..."."""


@dataclass(slots=True)
class _Entity:
    """One line: who it is about, and its properties as lists of collapsed texts without empty ones."""

    line: int
    id: str
    schema: str
    caption: str
    properties: Properties
    datasets: tuple[str, ...]
    last_change: str

    def all(self, *names: str) -> list[str]:
        """The distinct values of the properties, in order."""
        return list(dict.fromkeys(value for name in names for value in self.properties.get(name, ())))


@dataclass
class _Reading:
    """The state of reading one file: the parties, and what is to be joined to them."""

    text: str
    found: Findings
    # One reader for all lines, given each line in turn: making one takes longer than reading a line.
    json: StrictJson = field(default_factory=lambda: StrictJson("", WANTED))
    parties: dict[str, _Entity] = field(default_factory=dict)
    addresses: dict[str, _Entity] = field(default_factory=dict)
    joined: dict[str, list[_Entity]] = field(default_factory=dict)
    not_loaded: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    edition: str = ""

    def read(self, at: int, end: int, line: int) -> None:
        """Take in the entity of one line, or report it as unreadable."""
        self.lines += 1
        value = self._value(at, end, line)
        if value is None:
            return
        try:
            entity = _entity(value, line)
        except _EntityError as error:
            self.found.unreadable(line, "wrong_entity", str(error))
            return
        self.edition = max(self.edition, entity.last_change)
        if entity.schema in _KINDS:
            self._keep(self.parties, entity)
        elif entity.schema == "Address":
            self._keep(self.addresses, entity)
        elif entity.schema in _JOINED:
            for party in entity.all(_JOINED[entity.schema]):
                self.joined.setdefault(party, []).append(entity)
        elif entity.schema in _NOT_LOADED:
            self.not_loaded[entity.schema] += 1
        else:
            self.found.unreadable(
                line,
                "unknown_schema",
                f"is of the unknown schema “{shown(entity.schema)}”, perhaps a party. Have it added to the product",
            )

    def _value(self, at: int, end: int, line: int) -> dict[str, Any] | None:
        """The object in one line; None when the line is reported as unreadable."""
        single = self.json
        single.text = self.text[at:end].strip()
        try:
            read = single.value(0)
        except RefusedFile as error:
            if end == len(self.text) and (self.lines > 1 or error.code == "cut_off"):
                raise RefusedFile(
                    "cut_off",
                    f"The file is cut off: its last line, {line}, ends within an entity and without a line break. "
                    "Download it again.",
                    line=line,
                ) from error
            if self.lines == 1:
                raise _not_ftm(line) from error
            self.found.unreadable(line, "bad_json", "is not one whole JSON object. Download the file again")
            return None
        if not isinstance(read.value, dict) or (self.lines == 1 and not {"id", "schema"} <= read.value.keys()):
            if self.lines == 1:
                raise _not_ftm(line)
            self.found.unreadable(line, "bad_json", "is JSON but no entity in braces. Download the file again")
            return None
        fault = read.fault or ("holds more after its entity" if single.skip_space(read.end) < len(single.text) else "")
        if fault:
            self.found.unreadable(line, "bad_json", f"{fault}. Download the file again")
            return None
        return read.value

    def _keep(self, where: dict[str, _Entity], entity: _Entity) -> None:
        first = where.setdefault(entity.id, entity)
        if first is not entity:
            self.found.unreadable(
                entity.line,
                "repeated_id",
                f"has the id of line {first.line} again. Two files may have been joined: take one of them out",
            )

    def finish(self) -> ParsedList:
        """The entries, in the order of their lines; what was not loaded is counted in the notes."""
        if not self.lines:
            raise RefusedFile("no_rows", f"The file holds no line; {WANTED} was expected.", line=1)
        for party in self.parties.values():
            self._load(party)
        if not self.found.entries and not self.found.unreadable_rows:
            raise RefusedFile(
                "no_rows", f"None of the {self.lines:,} lines of the file is a party. Choose another data set.", line=1
            )
        lost = sum(len(items) for party, items in self.joined.items() if party not in self.parties)
        notes = [
            (f"schema {schema}", f"{count:,} lines, not loaded") for schema, count in sorted(self.not_loaded.items())
        ]
        if lost:
            notes.append(("documents and sanctions", f"{lost:,} lines that point at no party of the file, not loaded"))
        return self.found.result(edition=self.edition, notes=tuple(notes))

    def _load(self, party: _Entity) -> None:
        marks: dict[str, str] = {}
        names = party.all("name")
        name = party.caption if party.caption in names else (names[0] if names else "")
        if not name:
            name = party.caption if party.caption != party.id else ""
            marks["no_name"] = "has no name of its own; its caption stands for it"
        if not name:
            self.found.unreadable(party.line, "no_name", "is a party without a name. Have the data set corrected")
            return
        joined = self.joined.get(party.id, [])
        entry = _entry(party, name, joined, self._addresses(party, marks), marks)
        texts = {
            "name": entry.name,
            "aliases": "\n".join(entry.aliases + entry.weak_aliases),
            "addresses": "\n".join(address.text for address in entry.addresses),
            "remarks": entry.remarks,
        }
        mark_letters(texts, marks, watched=("name", "aliases", "addresses"))
        self.found.add(party.line, entry, marks)

    def _addresses(self, party: _Entity, marks: dict[str, str]) -> tuple[ListedAddress, ...]:
        """Addresses in words, those in lines of their own, then the countries that none of them names."""
        addresses = []
        for identity in party.all("addressEntity"):
            if identity in self.addresses:
                addresses += _address(self.addresses[identity])
            else:
                marks["missing_address"] = "points at an address that the file does not hold; see its source"
        texts = {address.text for address in addresses}
        addresses += [ListedAddress(text, country_of(text)) for text in party.all("address") if text not in texts]
        named = {address.country for address in addresses}
        for country in party.all(*_COUNTRIES):
            code = _code(country)
            if code not in named or not code:
                addresses.append(ListedAddress(code or country, code))
        return tuple(dict.fromkeys(addresses))


def _not_ftm(line: int) -> RefusedFile:
    return RefusedFile(
        "not_ftm",
        f"Line {line} is not one JSON object with “id” and “schema”, so the file is not {WANTED}. "
        "Choose the download “entities.ftm.json” of the data set.",
        line=line,
    )


def _entity(value: dict[str, Any], line: int) -> _Entity:
    """The entity of a line. Raises _EntityError for what the format does not have."""
    identity, schema = value.get("id"), value.get("schema")
    if not isinstance(identity, str) or not identity.strip() or not isinstance(schema, str):
        raise _EntityError("has no id or no schema. Download the file again")
    given = value.get("properties")
    if not isinstance(given, dict):
        raise _EntityError("has no properties in braces. Download the file again")
    caption = value.get("caption")
    datasets = value.get("datasets") or []
    if not isinstance(datasets, list) or not all(isinstance(item, str) for item in datasets):
        raise _EntityError("has a “datasets” that is no list of texts. Download the file again")
    change = _DAY.match(value["last_change"]) if isinstance(value.get("last_change"), str) else None
    return _Entity(
        line=line,
        id=identity.strip(),
        schema=schema,
        caption=collapse(caption) if isinstance(caption, str) else "",
        properties={name: _texts(name, values) for name, values in given.items()},
        datasets=tuple(dict.fromkeys(collapse(item) for item in datasets)),
        last_change=_day(change[1]) if change else "",
    )


def _texts(name: str, values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _EntityError(
            f"has “{printable(name)}” as something else than a list of texts. Choose the download “entities.ftm.json”, "
            "not a nested one"
        )
    longest = max((len(value) for value in values), default=0)
    if longest > MAX_FIELD_LENGTH:
        raise _EntityError(
            f"has {longest:,} characters in “{printable(name)}”, more than {MAX_FIELD_LENGTH:,}. Download it again"
        )
    return list(dict.fromkeys(text for value in values if (text := collapse(value))))


def _entry(
    party: _Entity,
    name: str,
    joined: list[_Entity],
    addresses: tuple[ListedAddress, ...],
    marks: dict[str, str],
) -> ListedEntry:
    sanctions = [item for item in joined if item.schema == "Sanction"]
    documents = [item for item in joined if item.schema != "Sanction"]
    aliases = [alias for alias in party.all("name", "alias", "previousName") if alias != name]
    weak = [alias for alias in party.all("weakAlias", "abbreviation") if alias != name and alias not in aliases]
    starts, start_raw = _days(sanctions, marks, "startDate", "listingDate")
    ends, end_raw = _days(sanctions, marks, "endDate")
    # Every sanction must have ended, on a day that is known: else the party is still listed.
    ended = bool(ends) and all(ends)
    last_day = max((day for days in ends for day in days), default="")
    return ListedEntry(
        list_code=LIST_CODE,
        name=name,
        aliases=tuple(aliases),
        weak_aliases=tuple(weak),
        kind=_KINDS[party.schema],
        entity_number=party.id,
        programs=_programs(party, sanctions),
        title="; ".join(party.all("title", "position")),
        addresses=addresses,
        citation="; ".join(_distinct(sanctions, "authority")),
        start_date=min((day for days in starts for day in days), default=""),
        start_date_raw=start_raw,
        end_date=last_day if ended else "",
        end_date_raw=end_raw,
        source_list_url=next(iter(party.all("sourceUrl")), ""),
        nationalities=_codes(party.all("nationality")),
        citizenships=_codes(party.all("citizenship")),
        dates_of_birth=tuple(party.all("birthDate")),
        places_of_birth=tuple(party.all("birthPlace")),
        identifiers=_identifiers(party, documents),
        vessel=_vessel(party),
        remarks=_remarks(party, sanctions),
    )


def _programs(party: _Entity, sanctions: list[_Entity]) -> tuple[str, ...]:
    programs = [*party.datasets, *party.all("program", "programId"), *_distinct(sanctions, "program", "programId")]
    return tuple(dict.fromkeys(programs))


def _distinct(entities: list[_Entity], *names: str) -> list[str]:
    return list(dict.fromkeys(value for entity in entities for value in entity.all(*names)))


def _days(sanctions: list[_Entity], marks: dict[str, str], *names: str) -> tuple[list[list[str]], str]:
    """For each sanction its whole days; and all the dates as printed.

    Of several names the first that a sanction has counts: when it took effect, else when it was listed.
    """
    days: list[list[str]] = []
    printed: list[str] = []
    for sanction in sanctions:
        dates = next((found for name in names if (found := sanction.all(name))), [])
        printed += dates
        days.append([day for text in dates if (match := _DAY.match(text)) and (day := _day(match[1]))])
        for text in dates:
            if not _PARTIAL_DATE.match(text) and not (_DAY.match(text) and _day(text[:10])):
                marks["impossible_date"] = f"gives the date “{shown(text)}”, which cannot be; it is kept as unknown"
    return days, "; ".join(dict.fromkeys(printed))


def _day(text: str) -> str:
    try:
        return text if EARLIEST_YEAR <= date.fromisoformat(text).year < 9999 else ""
    except ValueError:
        return ""


def _code(country: str) -> str:
    code = country.upper()
    return code if code in COUNTRY_CODES else ""


def _codes(countries: list[str]) -> tuple[str, ...]:
    return tuple(_code(country) or country for country in countries)


def _address(address: _Entity) -> list[ListedAddress]:
    """An address in a line of its own: its full text, else its parts, with its country."""
    code = next((code for country in address.all("country") if (code := _code(country))), "")
    texts = address.all("full") or [", ".join(address.all(*_ADDRESS_PARTS))]
    return [ListedAddress(text or code, code or country_of(text)) for text in texts if text or code]


def _identifiers(party: _Entity, documents: list[_Entity]) -> tuple[str, ...]:
    """Each number as the CSL prints it: country, end, begin, number, type."""
    identifiers = []
    for document in documents:
        country = [_code(text) or text for text in document.all("country")]
        kind = document.all("type") or [document.schema]
        facts = (*country, *document.all("endDate"), *document.all("startDate"))
        numbers = document.all("number", "passportNumber")
        identifiers += [", ".join((*facts, number, " / ".join(kind))) for number in numbers]
    identifiers += [f"{number}, {kind}" for name, kind in _NUMBERS.items() for number in party.all(name)]
    return tuple(dict.fromkeys(identifiers))


def _vessel(party: _Entity) -> tuple[tuple[str, str], ...]:
    if party.schema not in ("Vessel", "Airplane"):
        return ()
    facts = ((key, "; ".join(party.all(name))) for name, key in _VESSEL_FACTS)
    return tuple((key, _code(fact) if key == "vessel_flag" and _code(fact) else fact) for key, fact in facts if fact)


def _remarks(party: _Entity, sanctions: list[_Entity]) -> str:
    lines = []
    for name, label in _REMARK_LABELS.items():
        values = party.all(name)
        if values:
            lines.append(f"{label}: {'; '.join(values)}" if label else "\n".join(values))
    for sanction in sanctions:
        dates = " to ".join(
            part for part in ("; ".join(sanction.all("startDate")), "; ".join(sanction.all("endDate"))) if part
        )
        facts = (
            "; ".join(sanction.all("authority")),
            "; ".join(sanction.all("program")),
            dates,
            "; ".join(sanction.all("status")),
            "; ".join(sanction.all("provisions")),
            "; ".join(sanction.all("reason")),
        )
        told = ", ".join(fact for fact in facts if fact)
        if told:
            lines.append(f"Listed by: {told}")
    return "\n".join(dict.fromkeys(lines))
