"""Addresses on their own: the same door is found however it is written, the tower's neighbors are not."""

from __future__ import annotations

import pytest

from screening import Index, screen_party
from screening.features.addresses import analyze_address, compare_addresses
from tests.screening.conftest import entry, party

FLAT = "Flat 1204, Block B, Kowloon Tower, 88 Nathan Road, Hong Kong"


@pytest.mark.parametrize(
    ("ours", "listed", "least", "most"),
    [
        (
            "555 Qian Mo Rd, Binjiang, Hangzhou",
            "No. 555 Qianmo Road, Binjiang District, Hangzhou 310052, China",
            0.95,
            1.0,
        ),
        ("1204 Kowloon Tower, 88 Nathan Rd., HK", FLAT, 0.95, 1.0),
        ("Room 1204, 88 Nathan Road, Hong Kong", FLAT, 0.95, 1.0),
        ("88 Nathan Road, Hong Kong", FLAT, 0.7, 0.9),
        ("Room 903, 88 Nathan Road, Hong Kong", FLAT, 0.0, 0.65),
        ("5/F, 217 Gaoxin Street, Urumqi", "23rd Floor, Block A, No. 217 Gaoxin Street, Urumqi, China", 0.0, 0.9),
        ("89 Nathan Road, Hong Kong", FLAT, 0.0, 0.5),
        ("88 Nathan Road, London", FLAT, 0.0, 0.3),
        ("Hangzhou, China", "No. 555 Qianmo Road, Hangzhou, China", 0.0, 0.0),
        ("", FLAT, 0.0, 0.0),
    ],
)
def test_addresses_are_alike_as_far_as_the_door_is_the_same(ours: str, listed: str, least: float, most: float) -> None:
    likeness = compare_addresses(analyze_address(ours), analyze_address(listed))

    assert least <= likeness <= most


def test_address_only_entry_is_found_under_any_name() -> None:
    index = Index.build([entry("a1", "Address 01", address=FLAT, country="HK")])

    result = screen_party(party("Unknown Goods Co", address="1204 Kowloon Tower, 88 Nathan Rd., Hong Kong"), index)

    assert [match.band for match in result.matches] == ["strong"]


def test_neighbors_in_an_office_tower_are_not_raised() -> None:
    index = Index.build([entry("a1", "Address 01", address=FLAT), entry("e", "Orlan Works", address=FLAT)])

    result = screen_party(
        party("Unknown Goods Co", address="Room 903, Kowloon Tower, 88 Nathan Road, Hong Kong"), index
    )

    assert result.matches == ()


def test_placeholder_of_an_address_entry_is_no_name() -> None:
    index = Index.build([entry("a1", "Address 01", address=FLAT)])

    result = screen_party(party("Address 01"), index)

    assert result.matches == ()
