"""The tables of supplements No. 4, 6 and 7 to 15 CFR part 744, read from the XML of the eCFR.

The XML is read as a stream, without DTD, entities or anything outside the file. A cell keeps three
things of its layout, as characters that no XML text may hold: `SUP`...`SUP_END` around a superscript,
`ITALIC`...`ITALIC_END` around italics, and a line break for `<br/>`. Line breaks of the file are spaces.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Literal
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from .base import RefusedFile
from .text import collapse, decode

WANTED = "15 CFR part 744 as XML of the eCFR"

SUP, SUP_END, ITALIC, ITALIC_END = "\x02", "\x03", "\x04", "\x05"

# Supplement number: the columns its table must have.
COLUMNS = {
    4: ("Country", "Entity", "License requirement", "License review policy", "Federal Register citation"),
    6: ("Country", "Listed person and address", "Federal Register citation"),
    7: ("Country", "Entity", "Federal Register citation"),
}
TITLES = {4: "Entity List", 6: "Unverified List", 7: "Military End-User List"}

# The longest cell of 2026 has 3,358 characters. What is three times as long is no cell of a list.
MAX_CELL_CHARACTERS = 10_000

# The part has 2.5 MB in 2026, the whole of title 15 some twenty.
MAX_BYTES = 50_000_000

Part = Literal["head", "body", "foot"]

_SUPPLEMENT = re.compile(r"^Supplement No\. ?(\d+) to Part 744$", re.IGNORECASE)
_MARKS = {"sup": (SUP, SUP_END), "SU": (SUP, SUP_END), "E": (ITALIC, ITALIC_END), "I": (ITALIC, ITALIC_END)}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One `<TR>`: the physical line it begins at, the part of the table it stands in, and its cells."""

    line: int
    part: Part
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Supplement:
    """One supplement with every row of its table, headings and footnotes too, in file order."""

    number: int
    line: int
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class Part744:
    """The three lists of the part. `amended` is the text of the file's amendment date, or ""."""

    supplements: dict[int, Supplement]
    amended: str = ""


def read_part_744(data: bytes) -> Part744:
    """The tables of supplements No. 4, 6 and 7. Raises RefusedFile when the file has not all three, whole."""
    if len(data) > MAX_BYTES:
        raise RefusedFile(
            "too_large", f"The file is larger than {MAX_BYTES // 1_000_000} MB; {WANTED} has 3. Check what was sent."
        )
    text = decode(data, WANTED)
    _check_is_xml(text)
    handler = _Handler()
    try:
        # A parser of defusedxml: a DTD, an entity or a reference to another file is an error.
        parser = DefusedExpatParser(forbid_dtd=True)
        parser.setContentHandler(handler)
        source = InputSource()
        source.setByteStream(io.BytesIO(text.encode()))
        source.setEncoding("utf-8")
        parser.parse(source)
    except RefusedFile:
        raise
    except SAXParseException as error:
        raise _not_well_formed(error, text) from error
    except DefusedXmlException as error:
        raise RefusedFile(
            "hostile_xml",
            f"The XML declares a document type or entities, which {WANTED} never does; nothing of it was followed. "
            "Download the file from ecfr.gov again.",
        ) from error
    except (SAXException, ValueError) as error:
        raise RefusedFile("not_xml", f"The file cannot be read as XML; {WANTED} was expected.") from error
    return handler.finish()


def _check_is_xml(text: str) -> None:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        kind = "an HTML page, perhaps an error page of the server"
    elif start.startswith(("{", "[")):
        kind = "JSON"
    elif not start.startswith("<"):
        kind = "no XML at all"
    else:
        return
    raise RefusedFile(
        "not_xml", f"The file is {kind}, not {WANTED} (line 1). Download the XML of title 15, part 744.", line=1
    )


def _not_well_formed(error: SAXParseException, text: str) -> RefusedFile:
    line = error.getLineNumber() or 1
    if line >= text.rstrip().count("\n") + 1:
        return RefusedFile(
            "cut_off",
            f"The file is cut off: it ends in line {line} before its elements do. Download it again.",
            line=line,
        )
    return RefusedFile(
        "not_well_formed",
        f"The XML is not well-formed at line {line}: {error.getMessage()}. Nothing of it was loaded. "
        "Download it again.",
        line=line,
    )


@dataclass
class _Cells:
    """The supplement being read."""

    number: int
    line: int
    rows: list[TableRow] = field(default_factory=list)


class _Handler(ContentHandler):
    """Collects the rows of the wanted supplements; all else is passed by."""

    def __init__(self) -> None:
        super().__init__()
        self.locator: Locator | None = None
        self.has_part = False
        self.amended = ""
        self.done: dict[int, Supplement] = {}
        self.current: _Cells | None = None
        self.part: Part = "body"
        self.row_line = 0
        self.cells: list[str] | None = None
        self.buffer: list[str] | None = None
        self.length = 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 (name given by SAX)
        self.locator = locator

    def _line(self) -> int:
        return (self.locator.getLineNumber() if self.locator else None) or 1

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 (name given by SAX)
        if name == "DIV5":
            self.has_part = self.has_part or attrs.get("N", "") == "744"
        elif name == "DIV9":
            self._start_supplement(attrs.get("N", ""))
        elif name == "AMDDATE" and self.current is None:
            self.buffer, self.length = [], 0
        elif self.current is not None:
            self._start_in_supplement(name)

    def _start_supplement(self, name: str) -> None:
        self._refuse_if(self.current is not None, "a supplement within a supplement")
        found = _SUPPLEMENT.match(collapse(name))
        number = int(found[1]) if found and len(found[1]) < 4 else 0
        if number not in COLUMNS:
            return
        if number in self.done:
            raise RefusedFile(
                "repeated_supplement",
                f"Supplement No. {number} begins in line {self._line()}, but the file has had it before. "
                "Two files may have been joined: download part 744 again.",
                line=self._line(),
            )
        self.current, self.part = _Cells(number, self._line()), "body"

    def _start_in_supplement(self, name: str) -> None:
        if name == "THEAD":
            self.part = "head"
        elif name == "TFOOT":
            self.part = "foot"
        elif name == "TR":
            self._refuse_if(self.cells is not None, "a row within a row")
            self.cells, self.row_line = [], self._line()
        elif name in ("TD", "TH"):
            self._refuse_if(self.cells is None or self.buffer is not None, "a cell that is in no row, or in a cell")
            self.buffer, self.length = [], 0
        elif self.buffer is not None:
            self._put("\n" if name == "br" else _MARKS.get(name, ("", ""))[0])

    def characters(self, content: str) -> None:
        if self.buffer is not None:
            self._put(content.replace("\n", " "))

    def _put(self, text: str) -> None:
        if self.buffer is None:
            return
        self.buffer.append(text)
        self.length += len(text)
        if self.length > MAX_CELL_CHARACTERS:
            raise RefusedFile(
                "cell_too_long",
                f"A cell at line {self._line()} is longer than {MAX_CELL_CHARACTERS:,} characters, which no cell of "
                "these lists is: the file is damaged. Download it again.",
                line=self._line(),
            )

    def endElement(self, name: str) -> None:  # noqa: N802 (name given by SAX)
        if name == "AMDDATE" and self.current is None and self.buffer is not None:
            self.amended = self.amended or collapse("".join(self.buffer))
            self.buffer = None
        elif self.current is None:
            return
        elif name == "DIV9":
            self.done[self.current.number] = Supplement(
                self.current.number, self.current.line, tuple(self.current.rows)
            )
            self.current = None
        elif name in ("THEAD", "TFOOT"):
            self.part = "body"
        elif name == "TR" and self.cells is not None:
            self.current.rows.append(TableRow(self.row_line, self.part, tuple(self.cells)))
            self.cells = None
        elif name in ("TD", "TH") and self.buffer is not None and self.cells is not None:
            self.cells.append(_tidy("".join(self.buffer)))
            self.buffer = None
        elif self.buffer is not None:
            self._put(_MARKS.get(name, ("", ""))[1])

    def _refuse_if(self, wrong: bool, what: str) -> None:
        if wrong:
            raise RefusedFile(
                "wrong_layout",
                f"Line {self._line()} has {what}: the layout has changed. The parser must be changed first.",
                line=self._line(),
            )

    def finish(self) -> Part744:
        if not self.has_part:
            raise RefusedFile(
                "not_part_744",
                f"The file is XML but not {WANTED}: it has no element DIV5 with N=“744”. "
                "Download title 15, part 744, from ecfr.gov.",
            )
        lacking = [number for number in COLUMNS if number not in self.done]
        if lacking:
            names = " and ".join(f"supplement No. {number} ({TITLES[number]})" for number in lacking)
            raise RefusedFile(
                "missing_supplement",
                f"The file lacks {names} to part 744. Download the whole part, not a section of it.",
            )
        for supplement in self.done.values():
            _check_columns(supplement)
        return Part744(self.done, self.amended)


def _check_columns(supplement: Supplement) -> None:
    wanted = COLUMNS[supplement.number]
    place = f"supplement No. {supplement.number} ({TITLES[supplement.number]})"
    heads = [row for row in supplement.rows if row.part == "head"]
    if not heads or supplement.rows[0].part != "head":
        raise RefusedFile(
            "missing_table",
            f"{place[0].upper()}{place[1:]}, which begins in line {supplement.line}, has no table that begins with "
            f"the column names {', '.join(wanted)}. If the layout has changed, the parser must be changed first.",
            line=supplement.line,
        )
    for row in heads:
        found = [collapse(plain(cell)) for cell in row.cells]
        if [name.casefold() for name in found] != [name.casefold() for name in wanted]:
            shown = ", ".join(name[:40] or "(none)" for name in found[:8]) or "(none)"
            raise RefusedFile(
                "wrong_columns",
                f"The columns of {place} in line {row.line} are “{shown}” where “{', '.join(wanted)}” are expected. "
                "If the layout has changed, the parser must be changed first.",
                line=row.line,
            )
    if not any(row.part == "body" for row in supplement.rows):
        raise RefusedFile(
            "no_rows",
            f"The table of {place} in line {heads[0].line} has no row. Download the file again.",
            line=heads[0].line,
        )


def plain(cell: str) -> str:
    """The text of a cell without the characters that mark its layout."""
    return cell.translate({ord(mark): None for mark in (SUP, SUP_END, ITALIC, ITALIC_END)})


def _tidy(text: str) -> str:
    """Runs of spaces as one space, none around line breaks; line breaks are kept."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(lines).strip()
