"""The Consolidated List of the United Nations Security Council: the official XML.

Names stand in four parts; aliases have a quality ("Good", "Low", "a.k.a.", "f.k.a."); dates of birth are
exact, approximate or a span. What has no field of its own in an entry goes to its remarks, with its label;
only the list's own book-keeping (data id, version, sort keys, days of update) is left out.
"""

from __future__ import annotations

import re
from datetime import date

from .base import ListedAddress, ListedEntry, ParsedList, RefusedFile
from .country_names import country_code
from .rows import EARLIEST_YEAR, MAX_FIELD_LENGTH, Findings, mark_letters, shown
from .text import collapse
from .xml_tree import Element, read_xml

WANTED = "the UN Security Council Consolidated List as XML"
LIST_CODE = "UN"

_ROOT = "CONSOLIDATED_LIST"
_SECTIONS = {"INDIVIDUALS": ("INDIVIDUAL", "person"), "ENTITIES": ("ENTITY", "organization")}
_NAME_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_LABELS = {"GENDER": "Gender", "SUBMITTED_BY": "Submitted by", "SUBMITTED_ON": "Submitted on"}
# Book-keeping of the list, which changes though the entry does not.
_LEFT_OUT = frozenset(
    {"DATAID", "VERSIONNUM", "SORT_KEY", "SORT_KEY_LAST_MOD", "LIST_TYPE", "LAST_DAY_UPDATED", "DELISTED_ON"}
)
_READ = frozenset(
    {
        *_NAME_PARTS,
        *_LABELS,
        "NAME_ORIGINAL_SCRIPT",
        "UN_LIST_TYPE",
        "REFERENCE_NUMBER",
        "LISTED_ON",
        "COMMENTS1",
        "TITLE",
        "DESIGNATION",
        "NATIONALITY",
        "NATIONALITY2",
    }
)
# What stands in the groups of an individual or entity, by the last word of the group's name.
_GROUPS = {
    "ALIAS": frozenset({"QUALITY", "ALIAS_NAME", "DATE_OF_BIRTH", "CITY_OF_BIRTH", "COUNTRY_OF_BIRTH", "NOTE"}),
    "ADDRESS": frozenset({"STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY", "NOTE"}),
    "DATE_OF_BIRTH": frozenset({"TYPE_OF_DATE", "DATE", "YEAR", "FROM_YEAR", "TO_YEAR", "NOTE"}),
    "PLACE_OF_BIRTH": frozenset({"STREET", "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE"}),
    "DOCUMENT": frozenset(
        {
            "TYPE_OF_DOCUMENT",
            "TYPE_OF_DOCUMENT2",
            "NUMBER",
            "ISSUING_COUNTRY",
            "DATE_OF_ISSUE",
            "CITY_OF_ISSUE",
            "COUNTRY_OF_ISSUE",
            "NOTE",
        }
    ),
}
_PLACE_PARTS = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")
_STRONG = frozenset({"good", "a.k.a.", "f.k.a.", ""})
_WEAK = frozenset({"low"})
# "Name; other name b) third name" in one field.
_BETWEEN_NAMES = re.compile(r"\s*;\s*|\s+[b-h]\)\s+")
_ORIGINAL_SCRIPT = re.compile(r"(?:original script|in arabic(?: script)?)\s*:\s*(?P<name>[^;]+)", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z]")
# A day as XML writes it: a time or the hours of its time zone may follow ("2015-04-07-04:00").
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:T.*|Z|[+-]\d{2}:\d{2})?$", re.ASCII)
_YEAR = re.compile(r"^\d{4}$", re.ASCII)


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of the UN list. Raises RefusedFile when they are not a whole one."""
    root = read_xml(data, WANTED)
    found = Findings(WANTED)
    _check_sections(root)
    lines_of_number: dict[str, int] = {}
    for section in root.children:
        _, kind = _SECTIONS[section.name]
        for party in section.children:
            _read_party(party, kind, found, lines_of_number)
    if not found.entries:
        raise RefusedFile("no_rows", f"The file holds no party that can be read; {WANTED} was expected.", line=1)
    generated = _DAY.match(root.attributes.get("dateGenerated", "").strip())
    edition = _possible_day(generated[1]) if generated else ""
    return found.result(edition=edition)


def _check_sections(root: Element) -> None:
    if root.name != _ROOT:
        raise RefusedFile(
            "wrong_layout",
            f"The file is XML, but its outermost element in line {root.line} is “{shown(root.name)}”, not “{_ROOT}”: "
            f"it is not {WANTED}. Choose another file.",
            line=root.line,
        )
    for name in _SECTIONS:
        if sum(1 for _ in root.all(name)) != 1:
            raise RefusedFile(
                "wrong_layout", f"{WANTED} has one part “{name}”, and this file has not. Download it again.", line=1
            )
    for section in root.children:
        if section.name not in _SECTIONS:
            raise _unknown_part(section, "the list")
        wanted, _ = _SECTIONS[section.name]
        for party in section.children:
            if party.name != wanted:
                raise _unknown_part(party, f"“{section.name}”")


def _unknown_part(element: Element, where: str) -> RefusedFile:
    return RefusedFile(
        "wrong_layout",
        f"Line {element.line} begins the part “{shown(element.name)}”, which {where} did not have before. "
        "If the layout has changed, the parser must be changed first.",
        line=element.line,
    )


def _read_party(party: Element, kind: str, found: Findings, lines_of_number: dict[str, int]) -> None:
    fault = _unreadable(party)
    if fault:
        found.unreadable(party.line, *fault)
        return
    marks: dict[str, str] = {}
    notes: list[str] = []
    number = "; ".join(party.texts("REFERENCE_NUMBER"))
    _mark_number(number, party.line, lines_of_number, marks)
    name = " ".join(text for part in _NAME_PARTS for text in party.texts(part))
    aliases, weak_aliases = _aliases(party, name, notes, marks)
    births = _group(party, "DATE_OF_BIRTH")
    listed_on = "; ".join(party.texts("LISTED_ON"))
    entry = ListedEntry(
        list_code=LIST_CODE,
        name=name,
        aliases=aliases,
        weak_aliases=weak_aliases,
        kind=kind,
        entity_number=number,
        programs=tuple(dict.fromkeys(party.texts("UN_LIST_TYPE"))),
        title="; ".join(_values(party, "TITLE") + _values(party, "DESIGNATION")),
        addresses=_addresses(party, notes, marks),
        start_date=_start(listed_on, marks),
        start_date_raw=listed_on,
        nationalities=tuple(dict.fromkeys(_values(party, "NATIONALITY") + _values(party, "NATIONALITY2"))),
        dates_of_birth=_unique([_birth(birth, marks) for birth in births] + _alias_births(party, marks)),
        places_of_birth=_unique(_birth_places(party, notes) + _alias_places(party)),
        identifiers=_identifiers(party, notes),
        remarks=_remarks(party, notes, marks),
    )
    _mark_damage(entry, marks)
    found.add(party.line, entry, marks)


def _unreadable(party: Element) -> tuple[str, str] | None:
    if not any(party.texts(part) for part in _NAME_PARTS):
        return "no_name", "begins a party without a name. Look it up on the official list"
    waiting = [party]
    while waiting:
        element = waiting.pop()
        waiting.extend(element.children)
        if len(element.text) > MAX_FIELD_LENGTH:
            return (
                "too_long",
                f"begins a party with {len(element.text):,} characters in “{shown(element.name)}”, more than "
                f"{MAX_FIELD_LENGTH:,}. Download the file again",
            )
    return None


def _mark_number(number: str, line: int, lines_of_number: dict[str, int], marks: dict[str, str]) -> None:
    if not number:
        marks["missing_entity_number"] = "has no reference number, which the UN gives every party; it is known by name"
        return
    first = lines_of_number.setdefault(number, line)
    if first != line:
        marks["duplicated_id"] = f"has the same reference number as line {first}; both are kept"


# Names


def _aliases(
    party: Element, name: str, notes: list[str], marks: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The strong and the weak aliases. An alias without quality counts as strong: it is screened on."""
    strong = list(party.texts("NAME_ORIGINAL_SCRIPT"))
    weak: list[str] = []
    parts = _names(name)
    if len(parts) > 1:
        marks["joined_names"] = "prints several names in one field; the text stays the name, each part is also an alias"
        strong += parts
    for alias in _group(party, "ALIAS"):
        printed = "; ".join(alias.texts("ALIAS_NAME"))
        quality = "; ".join(alias.texts("QUALITY")).lower()
        note = "; ".join(alias.texts("NOTE"))
        if note:
            notes.append(f"Alias {printed}: {note}" if printed else f"Alias: {note}")
        names = _names(printed)
        names += [
            match["name"].strip() for match in _ORIGINAL_SCRIPT.finditer(note) if not _LATIN.search(match["name"])
        ]
        if quality not in _STRONG and quality not in _WEAK:
            marks["unknown_alias_quality"] = (
                f"has an alias of the unknown quality “{shown(quality)}”; it is screened on"
            )
        (weak if quality in _WEAK else strong).extend(names)
    strong = [alias for alias in dict.fromkeys(strong) if alias != name]
    return tuple(strong), tuple(alias for alias in dict.fromkeys(weak) if alias != name and alias not in strong)


def _names(printed: str) -> list[str]:
    return [part for part in _BETWEEN_NAMES.split(printed) if part]


# Places and addresses


def _addresses(party: Element, notes: list[str], marks: dict[str, str]) -> tuple[ListedAddress, ...]:
    addresses = []
    for address in _group(party, "ADDRESS"):
        text = _place(address)
        note = "; ".join(address.texts("NOTE"))
        if note:
            notes.append(f"Address {text}: {note}" if text else f"Address: {note}")
        if not text:
            continue
        country = "; ".join(address.texts("COUNTRY"))
        code = country_code(country)
        if country and not code:
            marks["unknown_country"] = f"has an address in “{shown(country)}”, which names no country; it has no code"
        addresses.append(ListedAddress(text, code))
    return tuple(dict.fromkeys(addresses))


def _place(element: Element) -> str:
    return ", ".join(text for part in _PLACE_PARTS for text in element.texts(part))


def _birth_places(party: Element, notes: list[str]) -> list[str]:
    places = []
    for birth in _group(party, "PLACE_OF_BIRTH"):
        place = _place(birth)
        note = "; ".join(birth.texts("NOTE"))
        if note:
            notes.append(f"Place of birth {place}: {note}" if place else f"Place of birth: {note}")
        places.append(place)
    return places


def _alias_places(party: Element) -> list[str]:
    places = []
    for alias in _group(party, "ALIAS"):
        place = ", ".join(alias.texts("CITY_OF_BIRTH") + alias.texts("COUNTRY_OF_BIRTH"))
        places.append(_as(place, alias))
    return places


# Dates


def _birth(birth: Element, marks: dict[str, str]) -> str:
    """The date in the words of the CSL: "1979-08-01", "1979", "circa 1979", "1968 to 1973"; else as printed."""
    note = "; ".join(birth.texts("NOTE"))
    days = [_birth_day(day, marks) for day in birth.texts("DATE")]
    years = [_birth_year(year, marks) for year in birth.texts("YEAR")]
    span = " to ".join(birth.texts("FROM_YEAR") + birth.texts("TO_YEAR"))
    text = "; ".join(part for part in (*days, *years, span) if part)
    circa = "; ".join(birth.texts("TYPE_OF_DATE")).upper() == "APPROXIMATELY" or note.lower() == "approximately"
    if text and circa:
        return f"circa {text}"
    return f"{text} ({note})" if text and note else text or note


def _alias_births(party: Element, marks: dict[str, str]) -> list[str]:
    return [
        _as(_birth_day(day, marks), alias) for alias in _group(party, "ALIAS") for day in alias.texts("DATE_OF_BIRTH")
    ]


def _as(fact: str, alias: Element) -> str:
    name = "; ".join(alias.texts("ALIAS_NAME"))
    return f"{fact} (as {name})" if fact and name else fact


def _birth_day(text: str, marks: dict[str, str]) -> str:
    day = _DAY.match(text)
    if day and _possible_day(day[1]):
        return day[1]
    if _YEAR.match(text):
        return _birth_year(text, marks)
    marks["impossible_date"] = f"gives the date of birth “{shown(text)}”, which cannot be; it is kept as printed"
    return text


def _birth_year(text: str, marks: dict[str, str]) -> str:
    if not _YEAR.match(text) or int(text) < EARLIEST_YEAR - 100:
        marks["impossible_date"] = f"gives the year of birth “{shown(text)}”, which cannot be; it is kept as printed"
    return text


def _start(listed_on: str, marks: dict[str, str]) -> str:
    day = _DAY.match(listed_on)
    found = _possible_day(day[1]) if day else ""
    if not listed_on:
        marks["missing_date"] = "has no day of listing; it is kept as unknown"
    elif not found:
        marks["impossible_date"] = f"gives the day of listing “{shown(listed_on)}”, which cannot be; it is unknown"
    return found


def _possible_day(text: str) -> str:
    try:
        return text if date.fromisoformat(text).year >= EARLIEST_YEAR else ""
    except ValueError:
        return ""


# Documents and remarks


def _identifiers(party: Element, notes: list[str]) -> tuple[str, ...]:
    """Each document as the CSL prints it: country, day of issue, number, type."""
    identifiers = []
    for document in _group(party, "DOCUMENT"):
        kinds = dict.fromkeys(document.texts("TYPE_OF_DOCUMENT") + document.texts("TYPE_OF_DOCUMENT2"))
        kind = " / ".join(kinds)
        number = "; ".join(document.texts("NUMBER"))
        issuer = "; ".join(document.texts("ISSUING_COUNTRY") or document.texts("COUNTRY_OF_ISSUE"))
        note = "; ".join(document.texts("NOTE"))
        place = ", ".join(document.texts("CITY_OF_ISSUE") + document.texts("COUNTRY_OF_ISSUE"))
        if number:
            parts = (country_code(issuer) or issuer, *document.texts("DATE_OF_ISSUE"), number, kind)
            identifiers.append(", ".join(part for part in parts if part))
        elif kind or note:
            note = ", ".join(part for part in (issuer, *document.texts("DATE_OF_ISSUE"), note) if part)
        label = " ".join(part for part in (kind or "Document", number) if part)
        if place and document.texts("CITY_OF_ISSUE"):
            notes.append(f"{label}: issued in {place}")
        if note:
            notes.append(f"{label}: {note}")
    return _unique(identifiers)


def _remarks(party: Element, notes: list[str], marks: dict[str, str]) -> str:
    parts = party.texts("COMMENTS1")
    for tag, label in _LABELS.items():
        parts += [f"{label}: {text}" for text in party.texts(tag)]
    parts += notes
    for element in _unknown(party):
        marks["unknown_field"] = f"has the field “{shown(element.name)}”, which the list did not have; see its remarks"
        parts += [f"{collapse(element.name)}: {text}" for text in _all_texts(element)]
    return "\n".join(dict.fromkeys(parts))


def _unknown(party: Element) -> list[Element]:
    """The elements of a party, or within its groups, that this parser does not read."""
    unknown = []
    for child in party.children:
        fields = _GROUPS.get(child.name.removeprefix(f"{party.name}_")) if child.name.startswith(party.name) else None
        if fields is not None:
            unknown += [item for item in child.children if item.name not in fields]
        elif child.name not in _READ and child.name not in _LEFT_OUT:
            unknown.append(child)
    return unknown


def _all_texts(element: Element) -> list[str]:
    texts = []
    waiting = [element]
    while waiting:
        item = waiting.pop(0)
        waiting.extend(item.children)
        texts.append(collapse(item.text))
    return [text for text in texts if text]


def _group(party: Element, name: str) -> list[Element]:
    return list(party.all(f"{party.name}_{name}"))


def _values(party: Element, name: str) -> list[str]:
    """The texts of the VALUE elements, or of the element itself where it has none."""
    return [text for item in party.all(name) for text in (item.texts("VALUE") or [collapse(item.text)]) if text]


def _unique(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _mark_damage(entry: ListedEntry, marks: dict[str, str]) -> None:
    texts = {
        "name": entry.name,
        "aliases": "\n".join(entry.aliases + entry.weak_aliases),
        "addresses": "\n".join(address.text for address in entry.addresses),
        "remarks": entry.remarks,
    }
    mark_letters(texts, marks, watched=("name", "aliases", "addresses"))
