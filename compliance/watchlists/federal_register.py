"""Documents of the Federal Register (API v1): published, and on public inspection before they are.

Pure reading. Only the fields that the product shows are taken; what an answer leaves out is "". The API is no
official edition: the citation leads to that. What an abstract counts is read in `abstracts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from .abstracts import Counts, counts_by_list_in, counts_in, lists_in
from .parsers.base import RefusedFile
from .parsers.strict_json import StrictJson
from .parsers.text import collapse, decode

WANTED = "an answer of the Federal Register API"
AGENCY = "industry-and-security-bureau"
PER_PAGE = 100

_SEARCH_FIELDS = (
    "document_number",
    "title",
    "type",
    "citation",
    "publication_date",
    "effective_on",
    "dates",
    "abstract",
    "html_url",
    "action",
    "agencies",
    "docket_ids",
)
_INSPECTION_FIELDS = (
    "document_number",
    "title",
    "toc_subject",
    "toc_doc",
    "type",
    "publication_date",
    "filed_at",
    "html_url",
    "pdf_url",
    "agencies",
    "agency_names",
    "docket_numbers",
)
_OWN_NAMES = frozenset({"industry and security bureau", "bureau of industry and security", AGENCY})

_NUMBER = re.compile(r"[A-Z0-9]{1,4}(?:-[A-Z0-9]{1,8}){1,3}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE = rf"(?P<month>{'|'.join(_MONTHS)})\s+(?P<day>\d{{1,2}}),\s+(?P<year>\d{{4}})"
# "This rule is effective October 9, 2019.", "Effective date: ...", "is effective on ...", "effective from ..."
_EFFECTIVE = re.compile(
    rf"(?<!was )(?<!were )\beffective(?:\s+date)?(?:\s+(?:on|from|as\s+of|is|beginning)|:)?\s+{_DATE}", re.IGNORECASE
)
# Letters that the Federal Register spells out: "T[uuml]rkiye".
_SPELLED = {"[uuml]": "ü", "[Uuml]": "Ü", "[ouml]": "ö", "[auml]": "ä", "[eacute]": "é", "[egrave]": "è"}


@dataclass(frozen=True)
class Document:
    """One document. Dates are ISO, `inspection_at` is the ISO time of its filing as printed; what is unknown is "".

    `agencies`: every name and sign the answer gives the agencies by.
    """

    document_number: str
    title: str
    kind: str = ""
    citation: str = ""
    published: str = ""
    inspection_at: str = ""
    effective: str = ""
    abstract: str = ""
    url: str = ""
    action: str = ""
    dates: str = ""
    agencies: tuple[str, ...] = ()
    dockets: tuple[str, ...] = ()

    @property
    def is_of_bis(self) -> bool:
        """Whether the Bureau of Industry and Security is among its agencies."""
        return any(name.casefold() in _OWN_NAMES for name in self.agencies)


@dataclass(frozen=True)
class Page:
    """One page of an answer. `next_address` is "" on the last, `count` that of all pages."""

    documents: tuple[Document, ...]
    count: int
    next_address: str = ""


def search_address(base: str, since: date) -> str:
    """Where the documents of BIS published on or after a day are listed, the newest first."""
    query = [
        ("conditions[agencies][]", AGENCY),
        ("conditions[publication_date][gte]", since.isoformat()),
        *(("fields[]", name) for name in _SEARCH_FIELDS),
        ("per_page", str(PER_PAGE)),
        ("order", "newest"),
    ]
    return f"{base.rstrip('/')}/documents.json?{urlencode(query)}"


def inspection_address(base: str) -> str:
    """Where all documents now on public inspection are listed. It takes no conditions: choose by `is_of_bis`."""
    query = urlencode([("fields[]", name) for name in _INSPECTION_FIELDS])
    return f"{base.rstrip('/')}/public-inspection-documents/current.json?{query}"


def read_documents(data: bytes) -> tuple[Document, ...]:
    """The documents of one page of an answer. Raises RefusedFile when it is none."""
    return read_page(data).documents


def next_page_address(data: bytes) -> str:
    """The address of the next page, "" on the last. Raises RefusedFile when the data is no answer."""
    return read_page(data).next_address


def read_page(data: bytes) -> Page:
    """One page of an answer, of a search or of public inspection. Raises RefusedFile when it is none."""
    answer = _answer(decode(data, WANTED))
    if "errors" in answer:
        raise RefusedFile(
            "api_error",
            "The Federal Register API answered with an error instead of documents. Try again later; if it stays so, "
            "its parameters have changed and the program must be changed.",
        )
    count = answer.get("count")
    results = answer.get("results", [] if count == "0" else None)
    if not isinstance(results, list) or not (isinstance(count, str) and count.isdecimal() and len(count) < 10):
        raise _wrong("has no count with a list of results")
    return Page(
        documents=tuple(_document(row, place) for place, row in enumerate(results, 1)),
        count=int(count),
        next_address=_text(answer, "next_page_url", "The answer"),
    )


def _answer(text: str) -> dict[str, Any]:
    reader = StrictJson(text, WANTED)
    found = reader.value(reader.skip_space(0))
    if reader.skip_space(found.end) != len(text):
        raise _wrong("goes on after its end")
    if found.fault:
        raise _wrong(found.fault)
    if not isinstance(found.value, dict):
        raise _wrong("is no JSON object")
    return found.value


def _wrong(what: str) -> RefusedFile:
    return RefusedFile(
        "wrong_layout",
        f"The answer of the Federal Register API {what}. Try again later; if it stays so, its layout has changed and "
        "the program must be changed. Until then look at federalregister.gov.",
    )


def _document(row: object, place: int) -> Document:
    if not isinstance(row, dict):
        raise _wrong(f"gives as result {place} something that is no document")
    number = _text(row, "document_number", f"Result {place}")
    if not _NUMBER.fullmatch(number):
        raise _wrong(f"gives result {place} no document number")
    where = f"Document {number}"
    dates = _text(row, "dates", where)
    # On public inspection a title may be missing; then the table of contents names the document.
    contents = f"{_text(row, 'toc_subject', where)} {_text(row, 'toc_doc', where)}"
    return Document(
        document_number=number,
        title=_text(row, "title", where) or collapse(contents),
        kind=_text(row, "type", where),
        citation=_text(row, "citation", where),
        published=_day(row, "publication_date", where),
        inspection_at=_time(row, "filed_at", where),
        effective=_day(row, "effective_on", where) or effective_in(dates),
        abstract=_text(row, "abstract", where),
        url=_text(row, "html_url", where) or _text(row, "pdf_url", where),
        action=_text(row, "action", where),
        dates=dates,
        agencies=_agencies(row, where),
        dockets=_texts(row, "docket_ids", where) or _texts(row, "docket_numbers", where),
    )


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(f"gives {where[0].lower()}{where[1:]} a “{key}” that is no text")
    for sign, letter in _SPELLED.items():
        value = value.replace(sign, letter)
    return collapse("".join(sign if sign.isprintable() else " " for sign in value))


def _texts(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong(f"gives {where} a “{key}” that is no list")
    return tuple(text for text in (_text({key: item}, key, where) for item in value) if text)


def _agencies(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    names = list(_texts(row, "agency_names", where))
    agencies = row.get("agencies") or []
    if not isinstance(agencies, list):
        raise _wrong(f"gives {where} “agencies” that are no list")
    for agency in agencies:
        if isinstance(agency, dict):
            names += [_text(agency, key, where) for key in ("name", "raw_name", "slug")]
    return tuple(dict.fromkeys(name for name in names if name))


def _day(row: Mapping[str, Any], key: str, where: str) -> str:
    printed = _text(row, key, where)
    try:
        return date.fromisoformat(printed).isoformat() if printed else ""
    except ValueError as error:
        raise _wrong(f"gives {where} a “{key}” that is no date") from error


def _time(row: Mapping[str, Any], key: str, where: str) -> str:
    printed = _text(row, key, where)
    try:
        return datetime.fromisoformat(printed).isoformat() if printed else ""
    except ValueError as error:
        raise _wrong(f"gives {where} a “{key}” that is no time") from error


def effective_in(dates: str) -> str:
    """The ISO day on which the printed "dates" say a rule takes effect; "" when they name none, or several."""
    found = set()
    for match in _EFFECTIVE.finditer(collapse(dates)):
        month = [name.lower() for name in _MONTHS].index(match["month"].lower()) + 1
        try:
            found.add(date(int(match["year"]), month, int(match["day"])).isoformat())
        except ValueError:
            return ""
    return found.pop() if len(found) == 1 else ""


def lists_named(document: Document) -> tuple[str, ...]:
    """The codes of the lists that its title or abstract names: EL, UVL, MEU, DPL, UFLPA."""
    return lists_in(document.title, document.abstract)


def is_about_a_list(document: Document) -> bool:
    """Whether it may change or explain one of the lists; false for other rules of the EAR."""
    return bool(lists_named(document))


def counts_of(document: Document) -> Counts:
    """What it says it changes, over all lists together; None for what it doesn't say."""
    return counts_in(document.title, document.abstract)


def counts_by_list(document: Document) -> dict[str, Counts]:
    """What it says it changes on each list it names."""
    return counts_by_list_in(document.title, document.abstract)
