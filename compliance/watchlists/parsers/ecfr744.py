"""The lists of 15 CFR part 744 as the eCFR prints them: Entity List, Unverified List, Military End-User List.

Supplements No. 4 (EL), No. 6 (UVL) and No. 7 (MEU) each hold one table. Every row becomes an entry, a
note (footnotes, headings, "[Reserved]") or a problem, so that rows can be counted out. A country stands
on its first row only and is carried down. Requirement, policy and citation are kept as printed, white
space apart; footnote signs leave the text of the requirement only where they are superscripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from .base import ListedEntry, ParsedList
from .ecfr744_address import country_code
from .ecfr744_cell import CellReading, read_entity_cell
from .ecfr744_xml import COLUMNS, SUP, SUP_END, WANTED, Supplement, TableRow, plain, read_part_744
from .rows import Findings, mark_letters, shown
from .text import collapse

LIST_CODES = {4: "EL", 6: "UVL", 7: "MEU"}

_SUP = re.compile(rf"{SUP}([^{SUP_END}]{{0,40}}){SUP_END}(?P<fraction>\s*[⁄/])?")
_SIGN = re.compile(r"^(?P<comma>[\s,]*)(?P<sign>\d{1,2})[\s,]*$")
_NOTE_ROW = re.compile(rf"^{SUP}\s*(\d{{1,2}})\s*{SUP_END}\s*")
_RESERVED = re.compile(r"^\[?Reserved\]?\.?$", re.IGNORECASE)
_ADDRESS_ENTRY = re.compile(r"^Address \d{1,4}$")
_LABEL_ROW = re.compile(r"^Subordinate institut?i?on:?$", re.IGNORECASE)
_GROUP_ROW = re.compile(r"^The following .{1,120}? of (?P<owner>.{1,200}):$")

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_CITATION = re.compile(r"\b(\d{1,3})\s+FR\s+(?:FR\s+)?(\d{1,6})\b")
_NUMBERS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])")
_WORDS = re.compile(r"\b([A-Z][a-z]{2,8})\.? (\d{1,2}), (\d{4})\b")
_AMENDED = ("%b. %d, %Y", "%B %d, %Y", "%b %d, %Y", "%Y-%m-%d", "%m/%d/%Y")

# Volume 1 of the Federal Register is that of 1936: a citation gives its year away.
YEAR_OF_VOLUME_0 = 1935


def parse(data: bytes, filename: str) -> ParsedList:
    """Read the plain bytes of part 744. Raises RefusedFile when they are not the three lists, whole."""
    part = read_part_744(data)
    findings = Findings(WANTED)
    notes: list[tuple[str, str]] = []
    for number in COLUMNS:
        _Table(part.supplements[number], findings, notes).read()
    return findings.result(edition=_edition(part.amended), notes=tuple(notes))


def _edition(amended: str) -> str:
    for form in _AMENDED:
        try:
            return datetime.strptime(amended, form).date().isoformat()
        except ValueError:
            continue
    return ""


@dataclass
class _Table:
    """The reading of one supplement: the country that is carried down, the group a row belongs to."""

    supplement: Supplement
    findings: Findings
    notes: list[tuple[str, str]]
    country: str = ""
    country_line: int = 0
    group: str = ""
    group_citation: str = ""
    footnotes: frozenset[str] = field(default_factory=frozenset)

    def read(self) -> None:
        self.footnotes = frozenset(
            found[1] for row in self.supplement.rows if len(row.cells) == 1 and (found := _NOTE_ROW.match(row.cells[0]))
        )
        for row in self.supplement.rows:
            if row.part == "head":
                continue
            if len(row.cells) == 1:
                self._read_note(row)
            elif len(row.cells) == len(COLUMNS[self.supplement.number]):
                self._read_row(row)
            else:
                self.findings.unreadable(
                    row.line,
                    "wrong_cell_count",
                    f"has {len(row.cells)} cells where {len(COLUMNS[self.supplement.number])} are expected. "
                    "Compare it with the regulation",
                )

    def _note(self, label: str, text: str) -> None:
        self.notes.append((label, collapse(plain(text))))

    def _read_note(self, row: TableRow) -> None:
        sign = _NOTE_ROW.match(row.cells[0])
        if sign:
            self._note(f"footnote {sign[1]}", row.cells[0][sign.end() :])
        elif row.part == "foot":
            self._note(f"note to {LIST_CODES[self.supplement.number]}", row.cells[0])
        else:
            self.findings.unreadable(
                row.line, "wrong_cell_count", "has one cell and is no footnote. Compare it with the regulation"
            )

    def _read_row(self, row: TableRow) -> None:
        country = collapse(plain(row.cells[0]))
        if country:
            self.country, self.country_line = country, row.line
        signs: list[str] = []
        cells = [_without_signs(cell, signs) for cell in row.cells]
        entity = collapse(plain(cells[1]))
        code = LIST_CODES[self.supplement.number]
        if _RESERVED.match(entity):
            self._note(f"{code} reserved", self.country)
        elif code != "EL" and _LABEL_ROW.match(entity):
            self._note(f"{code} label", entity)
        elif code != "EL" and (group := _GROUP_ROW.match(entity)):
            self.group, self.group_citation = f"Subordinate institution of {group['owner']}", collapse(cells[-1])
            self._note(f"{code} heading", entity)
        elif not entity:
            self.findings.unreadable(row.line, "no_name", "names no entity. Compare it with the regulation")
        else:
            self._load(row.line, code, cells, tuple(dict.fromkeys(signs)))

    def _load(self, line: int, code: str, cells: list[str], signs: tuple[str, ...]) -> None:
        marks: dict[str, str] = {}
        reading = read_entity_cell(cells[1])
        if not reading.name:
            self.findings.unreadable(line, "no_name", "names no entity. Compare it with the regulation")
            return
        requirement, policy = (collapse(plain(cell)) for cell in cells[2:4]) if code == "EL" else ("", "")
        citation = collapse(plain(cells[-1]))
        remarks = list(reading.remarks)
        if self.group and not citation:
            remarks.append(self.group)
            citation = self.group_citation
        else:
            self.group = ""
        continues = code == "EL" and not (requirement or policy or citation)
        if continues:
            above = self.findings.entries[-1].name if self.findings.entries else ""
            marks["continues_row_above"] = (
                f"gives no requirement, policy and citation: it continues the row above ({shown(above)}), read both"
            )
        citations, start_raw = read_citations(citation, marks)
        _mark_reading(reading, code, marks)
        _mark_what_is_missing(code, requirement, policy, citations, marks, continues=continues)
        for sign in signs:
            if sign not in self.footnotes:
                marks["unknown_footnote"] = f"carries the footnote sign {sign}, whose text the table does not give"
        texts = {"entity": cells[1], "requirement": requirement, "policy": policy}
        mark_letters({name: collapse(plain(text)) for name, text in texts.items()}, marks, watched=("entity",))
        entry = ListedEntry(
            list_code=code,
            name=reading.name,
            aliases=tuple(reading.aliases),
            addresses=tuple(reading.addresses),
            kind="address" if _ADDRESS_ENTRY.match(reading.name) else "unknown",
            license_requirement=requirement,
            license_policy=policy,
            citation=citation,
            start_date=citations[0][1] if citations else "",
            start_date_raw=start_raw,
            remarks="; ".join(remarks),
            destination=self._destination(marks),
            footnotes=signs,
            citations=citations,
        )
        self.findings.add(line, entry, marks)

    def _destination(self, marks: dict[str, str]) -> str:
        code = country_code(self.country) or country_code(self.country.rstrip("."))
        if not self.country:
            marks["missing_country"] = "stands under no country; look it up in the regulation"
        elif not code:
            marks["unknown_country"] = (
                f"stands under “{shown(self.country)}” (line {self.country_line}), which is no country known to the "
                "product; it is kept without one. Have the name added"
            )
        return code


def _without_signs(cell: str, signs: list[str]) -> str:
    """The cell without its footnote signs, which are added to `signs`.

    A sign is a number in superscript; that of a fraction ("1⁄2") or an ordinal ("3rd") is text and stays.
    """

    def resolve(found: re.Match[str]) -> str:
        sign = _SIGN.match(found[1])
        before = cell[found.start() - 1 : found.start()] if found.start() else ""
        if sign and not found["fraction"]:
            signs.append(sign["sign"])
            return sign["comma"]
        apart = " " if sign and before.isdigit() else ""
        return f"{apart}{found[1]}{found['fraction'] or ''}"

    return _SUP.sub(resolve, cell)


def read_citations(text: str, marks: dict[str, str]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Every Federal Register citation of a text with its date, and the first date as printed.

    A date that cannot be, or lies in another year than the volume cited, is kept as "" and marked.
    """
    found = list(_CITATION.finditer(text))
    citations: list[tuple[str, str]] = []
    first_raw = ""
    for number, citation in enumerate(found):
        until = found[number + 1].start() if number + 1 < len(found) else len(text)
        iso, raw = _first_date(text[citation.end() : until], int(citation[1]))
        if raw and not iso:
            marks["impossible_date"] = (
                f"gives the date “{raw}” for {citation[1]} FR {citation[2]}, which cannot be; it is kept as unknown"
            )
        elif not raw:
            marks["missing_date"] = f"gives no date for {citation[1]} FR {citation[2]}; it is kept as unknown"
        citations.append((f"{citation[1]} FR {citation[2]}", iso))
        first_raw = first_raw or (raw if number == 0 else "")
    return tuple(citations), first_raw


def _first_date(text: str, volume: int) -> tuple[str, str]:
    numbers, words = _NUMBERS.search(text), _WORDS.search(text)
    if numbers and (not words or numbers.start() < words.start()):
        year, month, day = int(numbers[3]), int(numbers[1]), int(numbers[2])
        raw = numbers[0]
        if len(numbers[3]) == 2:
            year += 1900 if year > 35 else 2000
    elif words:
        year, month, day = int(words[3]), _MONTHS.get(words[1][:3].lower(), 0), int(words[2])
        raw = words[0]
    else:
        return "", ""
    try:
        found = date(year, month, day)
    except ValueError:
        return "", raw
    return (found.isoformat() if year == volume + YEAR_OF_VOLUME_0 else ""), raw


def _mark_reading(reading: CellReading, code: str, marks: dict[str, str]) -> None:
    if differs := reading.count_differs:
        marks["alias_count_differs"] = (
            f"announces {differs[0]} alias{'' if differs[0] == 1 else 'es'}, but {differs[1]} can be read; "
            "compare them with the regulation"
        )
    if reading.parties > 1:
        marks["several_parties"] = (
            f"names {reading.parties} parties in one row; the names of all are kept as aliases of the first"
        )


def _mark_what_is_missing(
    code: str,
    requirement: str,
    policy: str,
    citations: tuple[tuple[str, str], ...],
    marks: dict[str, str],
    *,
    continues: bool,
) -> None:
    if not citations:
        marks["missing_citation"] = "cites no Federal Register notice"
    if code == "EL" and not continues:
        if not requirement:
            marks["missing_requirement"] = "states no license requirement; read the regulation"
        if not policy:
            marks["missing_policy"] = "states no license review policy; read the regulation"
