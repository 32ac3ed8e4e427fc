"""Which dated rules (switches.py) matter to a listed entry, and how they stand on a day."""

from __future__ import annotations

from datetime import date

from compliance.watchlists import later_rules
from compliance.watchlists.effects import programs_of_744_8
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.switches import SWITCHES, Reading

# 15 CFR 744.11(a)(1), 744.21 and 744.8, as 90 FR 47201 has them.
AFFILIATE_LISTS = frozenset(("EL", "MEU", "SDN"))


def touching(listed: ListedEntry, day: date) -> list[Reading]:
    """The dated rules that matter to this entry as they stand on that day; those not begun are left out. One query."""
    keys = set(keys_for(listed))
    return [row for row in later_rules.readings(day) if row.switch.key in keys and row.state != "not_yet"]


def keys_for(listed: ListedEntry) -> list[str]:
    """Which dated rules reach an entry: affiliates by its list, the others by its name or its date of listing.

    The Affiliates Rule does not reach through an entry that is only an address, nor an SDN outside 744.8's programs.
    """
    keys = []
    reaches = listed.list_code != "SDN" or bool(programs_of_744_8(listed))
    if listed.list_code in AFFILIATE_LISTS and listed.kind != "address" and reaches:
        keys.append("affiliates_rule")
    if listed.list_code != "EL":
        return keys
    if any("huawei" in name.casefold() for name in (listed.name, *listed.aliases)):
        keys.append("tgl_huawei_2019")
    days = {listed.start_date, *(day for _citation, day in listed.citations)}
    for switch in SWITCHES.values():
        if switch.kind == "savings clause" and switch.phases[0].begins.isoformat() in days:
            keys.append(switch.key)
    return keys
