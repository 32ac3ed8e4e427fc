"""What the parsers of row-wise lists share: rows with their lines, findings as they are made, damaged letters."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from .base import ListedEntry, ParsedList, Problem, RefusedFile
from .text import collapse

# A file with more unreadable rows than this is another file, not a list with faults.
MAX_UNREADABLE_ROWS = 10_000
# The longest text of one field, in characters: the limit of Python's csv module, kept for the other formats too.
MAX_FIELD_LENGTH = 131_072
EARLIEST_YEAR = 1900

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# UTF-8 read as Windows-1252 or Latin-1: "Ã©", "â€™".
_MOJIBAKE = re.compile(r"[ÂÃ][\u0080-\u00bf]|â€|â\u0080")
_UNCLOSED = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the physical line it begins at, and its fields or what the reader objected to."""

    line: int
    fields: list[str]
    error: str = ""

    @property
    def unclosed(self) -> bool:
        """Whether a quote of this row is open at the end of the file."""
        return self.error == _UNCLOSED


def csv_rows(text: str, delimiter: str = ",") -> Iterator[Row]:
    """The records of a CSV text; empty lines come as rows without fields."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            yield Row(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], str(error))


def shown(text: str) -> str:
    """A text short enough for a sentence: one line, at most 60 characters."""
    short = collapse(text)
    return short if len(short) <= 60 else short[:57] + "..."


@dataclass
class Findings:
    """What is found while one file is read. `wanted` names the file for the sentences.

    `where` is put behind the line number in each sentence, as " (result 12)" where lines alone say too little.
    """

    wanted: str
    entries: list[ListedEntry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    where: str = ""
    unreadable_rows: int = 0

    def unreadable(self, line: int, code: str, what: str) -> None:
        """Report a row that is not loaded; `what` continues "Line 5 ...". Raises RefusedFile at the 10,001st."""
        self.unreadable_rows += 1
        if self.unreadable_rows > MAX_UNREADABLE_ROWS:
            raise RefusedFile(
                "too_many_unreadable",
                f"More than {MAX_UNREADABLE_ROWS:,} rows cannot be read (the last at line {line}): "
                f"this is not {self.wanted}. Check what was downloaded.",
                line=line,
            )
        self.problems.append(Problem(line, code, f"Line {line}{self.where} {what}.", "unreadable"))

    def add(self, line: int, entry: ListedEntry, marks: Mapping[str, str]) -> None:
        """Load an entry; each mark is also reported, its text continuing "Line 5 (Name) ..."."""
        if marks:
            entry = replace(entry, marks=tuple(sorted(marks)))
            self.problems.extend(
                Problem(line, code, f"Line {line}{self.where} ({shown(entry.name)}) {what}.", "damaged")
                for code, what in sorted(marks.items())
            )
        self.entries.append(entry)
        self.lines.append(line)

    def mark_unended_line(self, line: int) -> None:
        """Mark the last entry when its line, the last of the file, ends without a line break."""
        self.problems.append(
            Problem(
                line,
                "no_final_line_break",
                f"Line {line}, the last, ends without a line break, so the end of its last field may be "
                "missing. Compare it with the official list.",
                "damaged",
            )
        )
        marks = {*self.entries[-1].marks, "no_final_line_break"}
        self.entries[-1] = replace(self.entries[-1], marks=tuple(sorted(marks)))

    def result(self, *, edition: str = "", notes: tuple[tuple[str, str], ...] = ()) -> ParsedList:
        """The whole list as found so far, its problems in the order of their lines."""
        return ParsedList(
            form="whole",
            entries=tuple(self.entries),
            lines=tuple(self.lines),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)),
            notes=notes,
            edition=edition,
        )


def mark_letters(texts: Mapping[str, str], marks: dict[str, str], *, watched: tuple[str, ...]) -> None:
    """Mark damage to letters in the texts of one row; "?" counts as damage in the `watched` ones only."""
    lost = [name for name in watched if "?" in texts.get(name, "")]
    if lost:
        marks["lost_letters"] = f"has “?” where letters were lost ({', '.join(lost)}); the text is kept as it is"
    everything = "\n".join(texts.values())
    if "\ufffd" in everything:
        marks["replacement_character"] = "holds the sign U+FFFD, where a character was lost; the text is kept as it is"
    if _CONTROL.search(everything):
        marks["control_character"] = "holds a control character; the text is kept as it is"
    if _MOJIBAKE.search(everything):
        marks["wrong_letters"] = "has letters that were read in a wrong encoding (as “Ã©”); the text is kept as it is"
