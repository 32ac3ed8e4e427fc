"""Numbers that registers gave: equal means equal, near means nothing."""

from __future__ import annotations

from collections.abc import Iterable

from screening.types import Identifier

# Registers that give one party one number: two valid numbers of one kind are two parties.
EXCLUSIVE = frozenset({"lei", "uscc", "imo", "ogrn", "inn"})
_SHORTEST = 5  # shorter numbers agree by chance


def identifier_keys(identifiers: Iterable[Identifier]) -> dict[str, str]:
    """Comparable form "kind:VALUE" (letters and digits, upper case) to the raw value; too short ones are left out."""
    out: dict[str, str] = {}
    for identifier in identifiers:
        value = "".join(c for c in identifier.value.upper() if c.isascii() and c.isalnum())
        if len(value) >= _SHORTEST and any(c.isdigit() for c in value):
            out.setdefault(f"{_kind(identifier)}:{value}", identifier.value)
    return out


def _kind(identifier: Identifier) -> str:
    return "".join(c for c in identifier.kind.lower() if c.isalnum())


def equal_identifier(query: dict[str, str], listed: dict[str, str]) -> tuple[str, str] | None:
    """The raw texts of the first identifier that both have, in alphabetical order of kind; None when there is none."""
    for key in sorted(query):
        if key in listed:
            return query[key], listed[key]
    return None


def conflicting_identifier(query: dict[str, str], listed: dict[str, str]) -> tuple[str, str] | None:
    """The raw texts of two different numbers of one register that gives a party only one; None if none."""
    for key in sorted(query):
        kind = key.split(":", 1)[0]
        if kind not in EXCLUSIVE:
            continue
        others = sorted(other for other in listed if other.split(":", 1)[0] == kind)
        if others and key not in listed:
            return query[key], listed[others[0]]
    return None
