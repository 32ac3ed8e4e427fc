"""What OFAC's forms say of a party beside names and addresses: dates, places, countries, identifiers, weak aliases.

In the CSV form the dates of birth, documents and weak aliases of an entry stand in one text, the remarks, as
"DOB 10 Dec 1948; Passport A1 (Egypt) issued 18 Jan 1984; a.k.a. 'BNC'." The XML form has an element for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .base import ListedAddress
from .ofac_countries import code_of
from .text import collapse

# The types of identifier that OFAC uses, as printed. What else the remarks say of an entry (gender, websites,
# operators, sanctions information) is no identifier and stays in the remarks.
_IDENTIFIER_TYPES = """
Afghan Money Service Provider License Number|Aircraft Construction Number (also called L/N or S/N or F/N)
Aircraft Manufacturer's Serial Number (MSN)|Aircraft Mode S Transponder Code|Aircraft Serial Identification
Aircraft Tail Number|Previous Aircraft Tail Number|BIK (RU)|Birth Certificate Number|Bosnian Personal ID No.
Branch Unit Number|British National Overseas Passport|Business Number|Business Registration Document #
Business Registration Number|C.I.F.|C.R. No.|C.U.I.|C.U.I.P.|C.U.I.T.|C.U.R.P.|CNP (Personal Numerical Code)
Cartilla de Servicio Militar Nacional|Cedula No.|Cedula de Ciudadania|Cedula de Residencia
Central Registration System Number|Certificate of Incorporation Number|Chamber of Commerce Number
Chinese Commercial Code|Citizen's Card Number|Commercial Registry Number|Company Number|Credencial electoral
D-U-N-S Number|D.N.I.|Diplomatic Passport|Driver's License No.|Dubai Chamber of Commerce Membership No.
Electoral Registry No.|Enterprise Number|Equity Ticker|File Number|Fiscal Code|Folio Mercantil No.
Government Gazette Number|I.F.E.|ISIN|Identification Number|Immigration No.
Istanbul Chamber of Comm. No.|Italian Fiscal Code|Kenyan ID No.|LE Number|Legal Entity Number|License
Linked Account Number|MICEX Code|MMSI|MSB Registration Number|Matricula Mercantil No
Maritime Mobile Service Identity|Moroccan Personal ID No.|N.I.E.|NIT #|National Foreign ID Number
National ID No.|Numero Unico de Identificacao Tributaria (NUIT)|Numero de Identidad|Other Vessel Call Sign
Paraguayan tax identification number|Passport|Personal ID Card|Pilot License Number|Public Registration Number
Public Security and Immigration No.|R.F.C.|RFC|RIF #|RSIN|RTN|RUC #|Refugee ID Card|Registered Charity No.
Registration Certificate Number (Dubai)|Registration ID|Registration Number|Residency Number|Romanian C.R.
Romanian Permanent Resident|Romanian Tax Registration|SRE Permit No.|SSN|SWIFT/BIC
Seafarer's Identification Document|Serial No.|Stateless Person ID Card|Stateless Person Passport
Tarjeta de Identidad|Tax ID No.|Tazkira National ID Card|Tourism License No.|Trade License No.
Travel Document Number|Turkish Identification Number|UAE Identification|UK Company Number|US FEIN
Unified Social Credit Code (USCC)|United Social Credit Code Certificate (USCCC)|V.A.T. Number
Vessel Registration Identification|VisaNumberID
"""
IDENTIFIER_TYPES = frozenset(item for line in _IDENTIFIER_TYPES.split("\n") for item in line.split("|") if item)
# Codes that may be letters alone. Elsewhere a text without a digit is a sentence: "Passport issued in Sarajevo".
_WITHOUT_DIGITS = frozenset({"SWIFT/BIC", "Equity Ticker", "Other Vessel Call Sign", "MICEX Code"})
_CRYPTO = "Digital Currency Address - "

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_DATE = r"(?:(?:\d{1,2} )?[A-Z][a-z]{2} )?\d{4}"
_ONE_DATE = re.compile(r"^(?:(?:(\d{1,2}) )?([A-Z][a-z]{2}) )?(\d{4})$")
_FACT = re.compile(r"^(?:alt\. )?(DOB|POB|nationality|citizen) (.+)$", re.DOTALL)
_WEAK_ALIAS = re.compile(r"^([afn]\.k\.a\.) '(.+)'$", re.DOTALL)
# A space is left out before a lower-case word here and there; other semicolons stand within web addresses.
_SEMICOLON = re.compile(r"; |;(?=[a-z]+ )")
_OPEN_ALIAS = re.compile(r"^[afn]\.k\.a\. '(?!.*'$)", re.DOTALL)
_NUMBER = re.compile(
    # An end of a span of dates, and a name on the document, are left to the remarks.
    rf"^(?P<number>.+?)(?: \((?P<country>[^()]+(?:\([^()]*\))?)\))?(?: issued (?P<issued>{_DATE})(?: to {_DATE})?)?"
    rf"(?: expires (?P<expires>{_DATE})(?: to {_DATE})?)?(?: issued under the name .+)?$",
    re.DOTALL,
)
_IDENTIFIER = re.compile(
    r"^(?:alt\. )?(" + "|".join(sorted(map(re.escape, IDENTIFIER_TYPES), key=len, reverse=True)) + r") (.+)$", re.DOTALL
)
_CRYPTO_ADDRESS = re.compile(rf"^(?:alt\. )?({re.escape(_CRYPTO)}[A-Z0-9]+) (.+)$", re.DOTALL)


def iso_date(text: str) -> str:
    """A date as OFAC prints it ("10 Dec 1948", "Sep 1938", "1946") in ISO form, as exact as printed, or ""."""
    found = _ONE_DATE.match(collapse(text))
    if not found:
        return ""
    day, month, year = found.groups()
    if not month:
        return year
    number = _MONTHS.get(month, 0)
    try:
        whole = date(int(year), number, int(day or 1))
    except ValueError:
        return ""
    return whole.isoformat() if day else whole.isoformat()[:7]


def date_of_birth(text: str) -> str:
    """A date of birth with its dates in ISO form: "circa 1951", "1961-01-01 to 1962-12-31"; "" when it can't be."""
    plain = collapse(text)
    circa, rest = ("circa ", plain[6:]) if plain.lower().startswith("circa ") else ("", plain)
    ends = [iso_date(end) for end in re.sub(r"^(\d{4})-(\d{4})$", r"\1 to \2", rest).split(" to ")]
    return circa + " to ".join(ends) if all(ends) and len(ends) <= 2 else ""


def identifier(kind: str, number: str, country: str = "", issued: str = "", expires: str = "") -> str:
    """An identifier as the Consolidated Screening List prints it: "EG, 1994-01-17, 1984-01-18, 484824, Passport".

    The parts are country, date of expiry, date of issue, number and type; those that are not known are left out.
    """
    code = code_of(country)
    if country and not code:
        number = f"{number} ({country})"
    parts = (code, iso_date(expires) or expires, iso_date(issued) or issued, number, kind)
    return ", ".join(part for part in map(collapse, parts) if part)


def is_identifier(kind: str) -> bool:
    """Whether a type of OFAC's idList names an identifier of the party."""
    return kind in IDENTIFIER_TYPES or kind.startswith(_CRYPTO)


@dataclass
class Facts:
    """What is known of one entry beside its names and addresses, in the order printed."""

    dates_of_birth: list[str] = field(default_factory=list)
    places_of_birth: list[str] = field(default_factory=list)
    nationalities: list[str] = field(default_factory=list)
    citizenships: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    weak_aliases: list[str] = field(default_factory=list)

    def add_date_of_birth(self, text: str, marks: dict[str, str]) -> None:
        """Add a date of birth; one that can't be read is kept as printed and marked."""
        found = date_of_birth(text)
        if not found:
            marks["unread_birth_date"] = f"gives the date of birth “{collapse(text)[:60]}”, kept as printed"
        self.dates_of_birth.append(found or collapse(text))


def facts_of(remarks: str, marks: dict[str, str]) -> Facts:
    """The facts that the remarks of the CSV form give. What is none of these stays in the remarks alone."""
    facts = Facts()
    for part in parts_of(remarks):
        fact, weak = _FACT.match(part), _WEAK_ALIAS.match(part)
        if weak:
            facts.weak_aliases.append(collapse(weak[2]))
        elif fact and fact[1] == "DOB":
            facts.add_date_of_birth(fact[2], marks)
        elif fact and fact[1] == "POB":
            facts.places_of_birth.append(collapse(fact[2]))
        elif fact:
            where = facts.nationalities if fact[1] == "nationality" else facts.citizenships
            where.append(code_of(fact[2]) or collapse(fact[2]))
        elif (document := _CRYPTO_ADDRESS.match(part) or _IDENTIFIER.match(part)) and (
            document[1] in _WITHOUT_DIGITS or re.search(r"\d", document[2])
        ):
            facts.identifiers.append(_document(document[1], document[2]))
    return facts


def _document(kind: str, rest: str) -> str:
    found = _NUMBER.match(collapse(rest))
    if not found:
        return identifier(kind, rest)
    return identifier(kind, found["number"], found["country"] or "", found["issued"] or "", found["expires"] or "")


def parts_of(remarks: str) -> list[str]:
    """The parts of the remarks, split at semicolons but not within the quotes of an alias."""
    text = collapse(remarks)
    parts: list[str] = []
    for part in _SEMICOLON.split(text.removesuffix(".")):
        if parts and _OPEN_ALIAS.match(parts[-1]):
            parts[-1] += "; " + part
        else:
            parts.append(part)
    return [part.strip() for part in parts if part.strip()]


def address_of(parts: Iterable[str], country: str, remark: str = "") -> ListedAddress | None:
    """An address with its country as the ISO code, or as printed where it has none, at the end; None for no text.

    A remark on the address, which OFAC has never given so far, follows in parentheses.
    """
    code = code_of(country)
    text = ", ".join(part for part in (*parts, code or country) if part)
    if remark:
        text = f"{text} ({remark})".strip()
    return ListedAddress(text, code) if text else None


def vessel_facts(cells: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts of a vessel that are given, tonnages without the commas between thousands ("99,144")."""
    return tuple((key, re.sub(r"(?<=\d),(?=\d{3})", "", value)) for key, value in cells.items() if value)
