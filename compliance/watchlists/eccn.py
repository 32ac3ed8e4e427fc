"""Classifications of items: an Export Control Classification Number such as 5A992.c, or EAR99. Pure."""

from __future__ import annotations

import re

EAR99 = "EAR99"
_ECCN = re.compile(r"([0-9][A-E][0-9]{3})((?:\.[a-z0-9]+)*)", re.IGNORECASE)


def item_code(text: str) -> str:
    """A classification as the Commerce Control List prints it: "5a992.C" is 5A992.c. "" if it is none."""
    text = text.strip()
    if text.upper() == EAR99:
        return EAR99
    found = _ECCN.fullmatch(text)
    return found[1].upper() + found[2].lower() if found and text.isascii() else ""


def within(item: str, code: str) -> bool:
    """Whether an item's classification is the code or a paragraph of it: 1A995.b is within 1A995."""
    return item == code or item.startswith(code + ".")
