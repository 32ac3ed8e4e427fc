"""The parsers of list files, by key: bytes in, entries and problems by line out.

A file that is no list at all raises RefusedFile; a row that cannot be read becomes a Problem.
"""

from __future__ import annotations

from collections.abc import Callable

from . import csl, dpl, ecfr744, form, ftm, ofac, rule, uk, un
from .base import (
    CSL_LISTS,
    KINDS,
    LIST_CODES,
    OFAC_LISTS,
    ListedAddress,
    ListedEntry,
    ParsedList,
    Problem,
    RefusedFile,
    Removal,
    Revision,
    RuleFacts,
)
from .text import unpack

__all__ = [
    "CSL_LISTS",
    "KINDS",
    "LIST_CODES",
    "OFAC_LISTS",
    "PARSERS",
    "ListedAddress",
    "ListedEntry",
    "ParsedList",
    "Problem",
    "RefusedFile",
    "Removal",
    "Revision",
    "RuleFacts",
    "parse",
    "unpack",
]

PARSERS: dict[str, Callable[[bytes, str], ParsedList]] = {
    "csl": csl.parse,
    "ecfr744": ecfr744.parse,
    "dpl": dpl.parse,
    "ofac": ofac.parse,
    "un": un.parse,
    "uk": uk.parse,
    "form": form.parse,
    "ftm": ftm.parse,
    "rule": rule.parse,
}


def parse(key: str, data: bytes, filename: str) -> ParsedList:
    """Read one file, packed with gzip or plain, with the parser of that key.

    Raises RefusedFile, and nothing else, whatever the bytes are.
    """
    parser = PARSERS.get(key)
    if parser is None:
        raise RefusedFile(
            "unknown_parser", f"There is no list called “{key}”. Known are: {', '.join(sorted(PARSERS))}."
        )
    return parser(unpack(data), filename)
