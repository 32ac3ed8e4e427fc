"""The XML form of OFAC's lists: a `sdnList` with one `sdnEntry` for each party, and the day it was published."""

from __future__ import annotations

import re
import xml.parsers.expat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .base import ListedEntry, ParsedList, RefusedFile
from .csl_record import VESSEL_COLUMNS
from .ofac_countries import code_of
from .ofac_facts import Facts, address_of, identifier, is_identifier, vessel_facts
from .ofac_lists import Party, listing_of, load
from .rows import MAX_FIELD_LENGTH, Findings, mark_letters, shown
from .text import collapse, decode

WANTED = "OFAC's list as XML"

# The official files have elements within elements to a depth of five.
MAX_DEPTH = 20
_CHUNK = 1024 * 1024

_KINDS = {"entity": "organization", "individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
_VESSEL_TAGS = ("callSign", "vesselType", "tonnage", "grossRegisteredTonnage", "vesselFlag", "vesselOwner")
_ADDRESS_TAGS = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode")
_TAGS = """
    uid firstName lastName title sdnType nspType remarks programList idList akaList addressList nationalityList
    citizenshipList dateOfBirthList placeOfBirthList vesselInfo
"""
_ENTRY_TAGS = frozenset(_TAGS.split())
_US_DATE = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$")


@dataclass
class _Element:
    """One element of a party: tag without namespace, text, children, and the line it begins at."""

    tag: str
    line: int
    texts: list[str] = field(default_factory=list)
    children: list[_Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text with single spaces."""
        return collapse("".join(self.texts))

    def get(self, tag: str) -> str:
        """The text of the first child with that tag, or ""."""
        return next((child.text for child in self.children if child.tag == tag), "")

    def all(self, *path: str) -> Iterator[_Element]:
        """The elements at the end of a path of tags."""
        inner = [child for child in self.children if child.tag == path[0]]
        if len(path) == 1:
            yield from inner
        else:
            for child in inner:
                yield from child.all(*path[1:])


@dataclass
class _Reader:
    """Takes the events of the XML parser; hands over each element that stands right below the root when it ends."""

    hand_over: Callable[[_Element], None]
    position: xml.parsers.expat.XMLParserType
    open: list[_Element] = field(default_factory=list)
    letters: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.position.CurrentLineNumber
        tag = name.rpartition(" ")[2]
        if not self.open and tag != "sdnList":
            raise RefusedFile(
                "not_sdn_list",
                f"The file is XML, but its first element is “{shown(tag)}” and not sdnList (line {line}). Load OFAC's "
                "sdn.xml or consolidated.xml; the enhanced and advanced forms are others.",
                line=line,
            )
        if len(self.open) >= MAX_DEPTH:
            raise RefusedFile(
                "too_deep", f"The elements in line {line} stand too deep within each other for {WANTED}.", line=line
            )
        element = _Element(tag, line)
        if len(self.open) > 1:
            self.open[-1].children.append(element)
        self.open.append(element)
        self.letters = 0

    def end(self, name: str) -> None:
        element = self.open.pop()
        if len(self.open) == 1:
            self.hand_over(element)

    def characters(self, text: str) -> None:
        self.letters += len(text)
        if self.letters > MAX_FIELD_LENGTH:
            line = self.position.CurrentLineNumber
            raise RefusedFile(
                "too_long",
                f"A text that ends after line {line} has more than {MAX_FIELD_LENGTH:,} letters; {WANTED} has none "
                "so long. Download it again.",
                line=line,
            )
        if len(self.open) > 1:
            self.open[-1].texts.append(text)

    def doctype(self, *declaration: object) -> None:
        raise RefusedFile(
            "doctype",
            f"The file declares a document type in line {self.position.CurrentLineNumber}, which {WANTED} does not do "
            "and which can make a program read other files. Download it again from OFAC.",
            line=self.position.CurrentLineNumber,
        )


@dataclass
class _List:
    """The list as read so far."""

    parties: list[Party] = field(default_factory=list)
    found: Findings = field(default_factory=lambda: Findings(WANTED))
    line_of_number: dict[str, int] = field(default_factory=dict)
    edition: str = ""
    announced: str = ""
    entries: int = 0

    def take(self, element: _Element) -> None:
        if element.tag == "publshInformation":
            self.edition = _published(element.get("Publish_Date"))
            self.announced = element.get("Record_Count")
        elif element.tag == "sdnEntry":
            self.entries += 1
            self._take_entry(element)
        else:
            self.found.unreadable(
                element.line,
                "unknown_element",
                f"has the element “{shown(element.tag)}”, which is none of a list entry. If the layout has changed, "
                "the parser must be changed first",
            )

    def _take_entry(self, element: _Element) -> None:
        number = element.get("uid")
        name = _name(element)
        if not number.isdecimal():
            self.found.unreadable(
                element.line, "no_number", "has an entry without a number (uid). Compare it with the official file"
            )
        elif number in self.line_of_number:
            self.found.unreadable(
                element.line,
                "repeated_number",
                f"has the entry number {number}, as line {self.line_of_number[number]}; OFAC gives each entry its own. "
                "Compare both with the official list",
            )
        elif not name:
            self.found.unreadable(
                element.line,
                "no_name",
                f"has an entry without a name (number {number}). Look it up on the official list and correct it",
            )
        else:
            self.line_of_number[number] = element.line
            self.parties.append(_party(element, str(int(number)), name))


def parse_xml(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of OFAC's XML. Raises RefusedFile when they are not a whole list."""
    text = decode(data, WANTED)
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<head", "<body")):
        raise RefusedFile(
            "not_sdn_list",
            f"The file is an HTML page, perhaps an error page of the server, not {WANTED} (line 1). "
            "Download the file itself.",
            line=1,
        )
    read = _List()
    _feed(text.encode(), read)
    if not read.entries:
        raise RefusedFile("no_rows", "The list holds no entry. Download it again.", line=1)
    if read.announced != str(read.entries):
        read.found.unreadable(
            1,
            "record_count",
            f"begins a file that says it holds “{shown(read.announced)}” entries, but {read.entries} are there. "
            "Download it again",
        )
    load(read.parties, listing_of(filename), read.found)
    return read.found.result(edition=read.edition)


def _feed(data: bytes, read: _List) -> None:
    # expat itself, as defusedxml gives no lines; what defusedxml forbids is forbidden by `doctype`.
    parser = xml.parsers.expat.ParserCreate("utf-8", " ")
    reader = _Reader(read.take, parser)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.buffer_text = True
    try:
        for at in range(0, len(data), _CHUNK):
            parser.Parse(data[at : at + _CHUNK], False)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        reason = xml.parsers.expat.errors.messages[error.code]
        raise RefusedFile(
            "not_well_formed",
            f"The file is not well-formed XML: {reason} (line {error.lineno}). It is damaged or cut off. "
            "Download it again.",
            line=error.lineno,
        ) from error


def _published(text: str) -> str:
    found = _US_DATE.match(text)
    return f"{found[3]}-{found[1]}-{found[2]}" if found else ""


def _name(element: _Element) -> str:
    """The name as the other forms print it: "LAST, First", or the last name alone."""
    return ", ".join(part for part in (element.get("lastName"), element.get("firstName")) if part)


def _main_first(items: Iterator[_Element]) -> list[_Element]:
    return sorted(items, key=lambda item: item.get("mainEntry") != "true")


def _countries(items: Iterator[_Element]) -> tuple[str, ...]:
    names = [item.get("country") for item in _main_first(items)]
    return tuple(dict.fromkeys(code_of(name) or name for name in names if name))


def _party(element: _Element, number: str, name: str) -> Party:
    marks: dict[str, str] = {}
    facts = Facts()
    for item in _main_first(element.all("dateOfBirthList", "dateOfBirthItem")):
        facts.add_date_of_birth(item.get("dateOfBirth"), marks)
    others = _identifiers(element, facts)
    remarks = "; ".join(part for part in (*others, element.get("remarks")) if part)
    strong, weak = _aliases(element, marks)
    addresses = tuple(
        dict.fromkeys(
            address
            for item in element.all("addressList", "address")
            if (address := address_of(map(item.get, _ADDRESS_TAGS), item.get("country")))
        )
    )
    vessel = next(element.all("vesselInfo"), _Element("vesselInfo", element.line))
    programs = tuple(dict.fromkeys(item.text for item in element.all("programList", "program") if item.text))
    kind = _kind(element, marks)
    if not programs:
        marks["missing_program"] = "names no sanctions program; look the entry up on the official list"
    unknown = sorted({child.tag for child in element.children} - _ENTRY_TAGS)
    if unknown:
        marks["unknown_element"] = f"has elements that are not read: {', '.join(map(shown, unknown[:5]))}"
    mark_letters(
        {
            "name": name,
            "aliases": "\n".join((*strong, *weak)),
            "addresses": "\n".join(address.text for address in addresses),
            "remarks": remarks,
        },
        marks,
        watched=("name", "aliases", "addresses"),
    )
    entry = ListedEntry(
        list_code="",
        name=name,
        aliases=strong,
        weak_aliases=weak,
        addresses=addresses,
        kind=kind,
        entity_number=number,
        programs=programs,
        title=element.get("title"),
        remarks=remarks,
        nationalities=_countries(element.all("nationalityList", "nationality")),
        citizenships=_countries(element.all("citizenshipList", "citizenship")),
        dates_of_birth=tuple(dict.fromkeys(facts.dates_of_birth)),
        places_of_birth=tuple(
            dict.fromkeys(
                place
                for item in _main_first(element.all("placeOfBirthList", "placeOfBirthItem"))
                if (place := item.get("placeOfBirth"))
            )
        ),
        identifiers=tuple(dict.fromkeys(facts.identifiers)),
        vessel=vessel_facts(dict(zip(VESSEL_COLUMNS, map(vessel.get, _VESSEL_TAGS), strict=True))),
    )
    return Party(element.line, entry, remarks, marks)


def _kind(element: _Element, marks: dict[str, str]) -> str:
    printed = element.get("sdnType") or element.get("nspType")
    kind = _KINDS.get(printed.lower(), "")
    if not kind:
        marks["unknown_type"] = f"has the type “{shown(printed)}”, which is unknown; it is kept without one"
    return kind or "unknown"


def _identifiers(element: _Element, facts: Facts) -> list[str]:
    """Put the identifiers into the facts; give back what else the idList says, as the remarks of the CSV form do."""
    others = []
    for item in element.all("idList", "id"):
        kind, number, country = item.get("idType"), item.get("idNumber"), item.get("idCountry")
        if is_identifier(kind):
            facts.identifiers.append(
                identifier(kind, number, country, item.get("issueDate"), item.get("expirationDate"))
            )
        else:
            others.append(" ".join(part for part in (kind, number, country and f"({country})") if part))
    return others


def _aliases(element: _Element, marks: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    strong: dict[str, None] = {}
    weak: dict[str, None] = {}
    for item in element.all("akaList", "aka"):
        name = _name(item)
        category = item.get("category").lower()
        if category not in ("strong", "weak"):
            marks["unknown_alias_type"] = (
                f"has an alias of the unknown category “{shown(category)}”; it is kept as strong"
            )
        if not name:
            marks["empty_alias"] = f"has an alias without a name (line {item.line})"
        else:
            (weak if category == "weak" else strong)[name] = None
    return tuple(strong), tuple(weak)
