"""Parties and entries made ready for comparison: every name, address and number read once."""

from __future__ import annotations

from dataclasses import dataclass

from screening.config import ScoringConfig
from screening.features.addresses import AddressForm, analyze_address
from screening.features.identifiers import identifier_keys
from screening.tokens import NameForm, analyze, is_placeholder
from screening.types import Entry, Identifier, Party


@dataclass(frozen=True, slots=True)
class Record:
    """One side of a comparison. `names` pairs each readable name with its kind."""

    id: str
    names: tuple[tuple[NameForm, str], ...]
    addresses: tuple[AddressForm, ...]
    countries: tuple[str, ...]
    identifiers: dict[str, str]
    kind: str

    @property
    def screenable(self) -> bool:
        """Whether anything in the record can match."""
        return bool(self.names or self.identifiers or any(address.keys for address in self.addresses))

    @property
    def address_only(self) -> bool:
        """Whether the record has no name: an address-only entry of the Entity List."""
        return not self.names and bool(self.addresses)


def read_party(party: Party, config: ScoringConfig) -> Record:
    """Read a party of ours."""
    names = tuple((form, name.kind) for name in party.names if (form := analyze(name.text, config)).tokens)
    addresses = tuple(analyze_address(address.text) for address in party.addresses)
    countries = (
        (party.country,) if party.country else tuple(dict.fromkeys(a.country for a in party.addresses if a.country))
    )
    return _record(party.id, names, addresses, countries, party.identifiers, party.kind)


def read_entry(entry: Entry, config: ScoringConfig) -> Record:
    """Read a listed party; "Address 01" is the number of an address, not a name."""
    named = (name for name in entry.names if not is_placeholder(name.text))
    names = tuple((form, name.kind) for name in named if (form := analyze(name.text, config)).tokens)
    addresses = tuple(analyze_address(address.text) for address in entry.addresses)
    countries = entry.countries or tuple(dict.fromkeys(a.country for a in entry.addresses if a.country))
    return _record(entry.id, names, addresses, countries, entry.identifiers, entry.kind)


def _record(
    id_: str,
    names: tuple[tuple[NameForm, str], ...],
    addresses: tuple[AddressForm, ...],
    countries: tuple[str, ...],
    identifiers: tuple[Identifier, ...],
    kind: str,
) -> Record:
    upper = tuple(country.strip().upper() for country in countries if country.strip())
    return Record(id_, names, addresses, upper, identifier_keys(identifiers), kind)
