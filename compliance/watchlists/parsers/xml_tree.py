"""XML from outside as a plain tree whose elements know their lines; no entities, no external files.

Only what lists need: names, texts, attributes, children. Reading does not recurse, and depth is limited.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parse as parse_safely

from .base import RefusedFile
from .text import collapse, decode

MAX_DEPTH = 50
_DECLARED = re.compile(r"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@dataclass(slots=True)
class Element:
    """One element: the line it begins at, its own text, and its children in file order."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def texts(self, name: str) -> list[str]:
        """The texts of the children of that name, white space collapsed, empty ones left out."""
        return [text for child in self.all(name) if (text := collapse(child.text))]


class _Builder(ContentHandler):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.root: Element | None = None
        self.open: list[tuple[Element, list[str]]] = []
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - name of the interface
        self.locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - name of the interface
        line = (self.locator.getLineNumber() if self.locator else None) or 1
        if len(self.open) >= MAX_DEPTH:
            raise RefusedFile(
                "not_xml",
                f"The file nests its elements more than {MAX_DEPTH} deep at line {line}: it is not {self.wanted}. "
                "Download it again.",
                line=line,
            )
        element = Element(name, line, dict(attrs.items()))
        if self.open:
            self.open[-1][0].children.append(element)
        else:
            self.root = element
        self.open.append((element, []))

    def characters(self, content: str) -> None:
        if self.open:
            self.open[-1][1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - name of the interface
        element, parts = self.open.pop()
        element.text = "".join(parts)


def read_xml(data: bytes, wanted: str) -> Element:
    """The root element of a well-formed UTF-8 file. Raises RefusedFile naming the first bad line.

    A document type declaration is refused, and with it every entity of the file's own.
    """
    text = decode(data, wanted)
    if not text.lstrip().startswith("<"):
        raise RefusedFile("not_xml", f"The file does not begin as XML does; {wanted} was expected.", line=1)
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise RefusedFile(
            "not_utf8",
            f"The file says in line 1 that it is written in {declared[1][:40]}, not in UTF-8. Save it as UTF-8.",
            line=1,
        )
    builder = _Builder(wanted)
    try:
        parse_safely(io.StringIO(text), builder, forbid_dtd=True)
    except SAXParseException as error:
        raise _not_well_formed(error, text, wanted) from error
    except DefusedXmlException as error:
        raise RefusedFile(
            "unsafe_xml",
            f"The file declares a document type or entities of its own, which {wanted} does not. "
            "It may be meant to do harm: check where it comes from.",
            line=1,
        ) from error
    except (SAXException, ValueError) as error:
        if isinstance(error, RefusedFile):
            raise
        raise RefusedFile("not_xml", f"The file cannot be read as XML; {wanted} was expected.", line=1) from error
    if builder.root is None:
        raise RefusedFile("not_xml", f"The file holds no XML element; {wanted} was expected.", line=1)
    return builder.root


def _not_well_formed(error: SAXParseException, text: str, wanted: str) -> RefusedFile:
    line = error.getLineNumber() or 1
    what = collapse(error.getMessage())[:100]
    last = text.rstrip().count("\n") + 1
    if line >= last and what in ("no element found", "unclosed token", "unclosed CDATA section"):
        return RefusedFile(
            "cut_off", f"The file is cut off: it ends at line {line} within an element. Download it again.", line=line
        )
    return RefusedFile(
        "not_well_formed",
        f"The file is not well-formed XML: line {line}, column {(error.getColumnNumber() or 0) + 1} ({what}). "
        f"{wanted[:1].upper()}{wanted[1:]} is refused whole, for what follows cannot be trusted. Download it again.",
        line=line,
    )
