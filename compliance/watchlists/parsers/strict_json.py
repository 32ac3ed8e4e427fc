"""JSON from outside, one value at a time: what is doubtful in it is named instead of settled silently.

Numbers are kept as the text they were printed in: a list gives numbers only as facts to show.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .base import RefusedFile

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class JsonValue:
    """One value: where it ends in the text, and what is doubtful in it ("" when nothing is).

    `fault` continues a sentence that begins with a place: "gives the key “name” twice in one object".
    """

    value: Any
    end: int
    fault: str = ""


@dataclass
class StrictJson:
    """Reads the values of one text, for sentences called `wanted`."""

    text: str
    wanted: str
    _faults: list[str] = field(default_factory=list)
    _decoder: json.JSONDecoder = field(init=False)

    def __post_init__(self) -> None:
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=str, parse_float=str, parse_constant=self._constant
        )

    def skip_space(self, at: int) -> int:
        """The place of the next sign that is no white space; the length of the text when there is none."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def line_of(self, at: int, *, since: int = 0, line: int = 1) -> int:
        """The line of a place, counted from a place `since` whose line is known."""
        return line + self.text.count("\n", since, at)

    def value(self, at: int) -> JsonValue:
        """The value that begins at a place. Raises RefusedFile when it is no JSON, naming the line."""
        self._faults.clear()
        try:
            value, end = self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise self.refused(error.pos, error.msg) from error
        except RecursionError as error:
            raise RefusedFile(
                "not_json",
                f"The file nests its values too deep after line {self.line_of(at)}: it is not {self.wanted}. "
                "Download it again.",
                line=self.line_of(at),
            ) from error
        # Only an escape can bring in a NUL or half a character: the text itself has been decoded.
        if not self._faults and "\\u" in self.text[at:end]:
            self._faults.extend(_bad_characters(value))
        return JsonValue(value, end, self._faults[0] if self._faults else "")

    def refused(self, at: int, what: str) -> RefusedFile:
        """The refusal of the whole file for what stands at a place; "cut off" when the text ends there."""
        ended = at >= len(self.text.rstrip()) or what.startswith("Unterminated string")
        line = self.line_of(min(at, len(self.text)))
        if ended:
            return RefusedFile(
                "cut_off",
                f"The file is cut off: it ends at line {line}, within a value. Download it again.",
                line=line,
            )
        return RefusedFile(
            "not_json",
            f"The file is not valid JSON at line {line} ({what}); {self.wanted} was expected. Download it again.",
            line=line,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            twice = next(key for key, count in counts.items() if count > 1)
            self._faults.append(f"gives the key “{printable(twice)}” twice in one object")
        return found

    def _constant(self, name: str) -> None:
        self._faults.append(f"holds {name}, which is no JSON value")


def printable(text: str) -> str:
    """The first 40 characters, with half characters replaced, for a sentence."""
    return text[:40].encode("utf-8", "replace").decode()


def _bad_characters(value: Any) -> list[str]:
    """A fault for the first text in the value that holds a NUL or half a character; walks without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and ("\0" in item or _HALF_CHARACTER.search(item)):
            return ["holds a NUL or half a character"]
    return []
