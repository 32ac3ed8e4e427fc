"""Supplement no. 2 to part 744: the items that need a license for military end users (15 CFR 744.21), by ECCN."""

from __future__ import annotations

from datetime import date
from typing import Literal

from .eccn import within

CITATION = "supp. 2 to part 744, 85 FR 23464 as amended by 86 FR 54812"
# The table is the text as amended on this day; what it said before is to be read in the regulation of the day.
SINCE = date(2021, 10, 5)

# Named without a limit: every item of the ECCN.
_WHOLE = (
    "1C996 1D993 2A290 2A291 2B992 2B999 2D290 3A991 3A992 3A999 3B991 3B992 3D991 4D993 5B991 5A992 5D992 "
    "6A991 6A993 6A995 6A996 7A994 7B994 7D994 7E994 8A992 8D992 8E992 9A991 9B990 9D991 9E991"
)
WHOLE = frozenset(_WHOLE.split())
# Named with a limit ("Limited to ...", a quantity, a property): whether an item is meant takes its data, not its ECCN.
_LIMITED = "1A290 1C990 1D999 1E994 2A991 2B991 2B996 3C992 3E991 4A994 4D994 5A991 5D991 5E991 6C992"
LIMITED = frozenset(_LIMITED.split())

Named = Literal["yes", "no", "in part"]


def names(item: str, day: date) -> Named | None:
    """Whether the supplement names the item (an ECCN as `eccn.item_code` gives it, or "EAR99") on a day.

    None when it can't be said: the day lies before the text that the table holds, or the item is not understood.
    """
    if day < SINCE or not item:
        return None
    if any(within(item, code) for code in WHOLE):
        return "yes"
    return "in part" if any(within(item, code) for code in LIMITED) else "no"
