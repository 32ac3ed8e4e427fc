"""Between stored texts and the engine: what of an entry is screened, and as what."""

from __future__ import annotations

import pytest

from compliance.runs.engine import as_entry, identifier_of
from compliance.watchlists.parsers import ListedAddress, ListedEntry
from screening import Identifier


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("PK, 2013-09-09, 2008-09-09, 4117921, Passport", Identifier("passport", "4117921")),
        ("Passport, 4117921, PK", Identifier("passport", "4117921")),
        ("MX, CTC140807HHA, R.F.C.", Identifier("r.f.c.", "CTC140807HHA")),
        (
            "IMO 8848276, Vessel Registration Identification",
            Identifier("vessel registration identification", "IMO 8848276"),
        ),
        ("Male, Gender", None),
        ("Subject to Directive 1, Executive Order 13662 Directive Determination -", None),
        ("05 Jul 2006, Organization Established Date", None),
        ("http://www.cra.ir, Website", None),
    ],
)
def test_an_identifier_is_read_in_whichever_order_the_list_prints_it(printed, found):
    assert identifier_of(printed) == found


def test_an_entry_that_lists_only_an_address_is_not_screened_by_its_name():
    listed = ListedEntry(
        list_code="EL", name="Address 01", kind="address", addresses=(ListedAddress("Unit 5, Kowloon, HK", "HK"),)
    )

    entry = as_entry(1, "EL", listed.as_dict())

    assert entry.names == ()
    assert [a.text for a in entry.addresses] == ["Unit 5, Kowloon, HK"]


def test_a_weak_alias_helps_and_is_not_screened_on_alone():
    listed = ListedEntry(list_code="SDN", name="KIM, Jong", aliases=("KIM, J.",), weak_aliases=("The Boss",))

    names = as_entry(1, "SDN", listed.as_dict()).names

    assert [(name.text, name.kind) for name in names] == [
        ("KIM, Jong", "legal"), ("KIM, J.", "alias"), ("The Boss", "weak_alias"),
    ]  # fmt: skip
