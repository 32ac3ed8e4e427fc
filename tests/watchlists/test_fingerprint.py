"""Identity and content of an entry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.fingerprint import (
    changed_fields,
    content_fingerprint,
    first_citation,
    fold_key,
    keys_of,
    stable_key,
)
from compliance.watchlists.parsers import ListedAddress, ListedEntry, parse

SHARED_CSL = Path(__file__).resolve().parents[3] / "shared" / "data" / "csl"

DAHUA = ListedEntry(
    list_code="EL",
    name="Dahua Technology",
    aliases=("Zhejiang Dahua Technology",),
    addresses=(ListedAddress("807 Block A, Hangzhou, CN", "CN"),),
    citation="84 FR 54002; 85 FR 44159",
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("People's Bank", "PEOPLE?S  BANK"),
        ("People’s Bank", "Peoples Bank"),
        ("Société Générale", "SOCIETE GENERALE"),
        ("Co., Ltd.", "co ltd"),
        ("Łódź Østfold Straße", "lodz ostfold strasse"),
    ],
)
def test_case_accents_punctuation_and_lost_letters_are_no_part_of_a_key(left, right):
    assert fold_key(left) == fold_key(right)


def test_other_scripts_and_texts_of_signs_alone_keep_apart():
    assert fold_key("海康威视") == "海康威视"
    assert fold_key("???") != fold_key("!!")


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("84 FR 54002; 85 FR 44159", "84 FR 54002"),
        ("68 F.R. 38290 6/27/03 71 F.R. 38843", "68 FR 38290"),
        ("81.F.R. 22576 4/18/2016", "81 FR 22576"),
        ("80FR 69852", "80 FR 69852"),
        ("84  FR 21233", "84 FR 21233"),
        ("Vol. 86, No. 71, 04/15/2021", ""),
        ("76 FR No. 197 (10/12/2011)", ""),
    ],
)
def test_the_first_citation_is_found_in_every_spelling(text, citation):
    assert first_citation(text) == citation


def test_the_key_is_readable():
    assert stable_key(DAHUA) == "EL|dahua technology|CN|84 FR 54002"


def test_an_ofac_entry_is_known_by_its_number_and_list():
    entry = ListedEntry(list_code="SDN", name="'ABBAS, Rim", entity_number="21944")

    assert stable_key(entry) == stable_key(replace(entry, name="Other")) == "SDN|21944"
    assert stable_key(replace(entry, list_code="SSI")) != stable_key(entry)


def test_equal_keys_are_told_apart_by_address_then_by_order():
    other = replace(DAHUA, addresses=(ListedAddress("Elsewhere, CN", "CN"),))

    assert keys_of([DAHUA, other, DAHUA, DAHUA]) == [
        "EL|dahua technology|CN|84 FR 54002|807 block a hangzhou cn",
        "EL|dahua technology|CN|84 FR 54002|elsewhere cn",
        "EL|dahua technology|CN|84 FR 54002|807 block a hangzhou cn#2",
        "EL|dahua technology|CN|84 FR 54002|807 block a hangzhou cn#3",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Dahua  Technology "},
        {"marks": ("lost_letters",)},
        {"source_list_url": "http://other"},
        {"start_date_raw": "unknown"},
        {"addresses": (ListedAddress("807 Block A,\nHangzhou, CN", "CN"),)},
    ],
)
def test_white_space_marks_and_links_are_no_content(changes):
    changed = replace(DAHUA, **changes)

    assert content_fingerprint(changed) == content_fingerprint(DAHUA)
    assert changed_fields(DAHUA, changed) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Dahua Technologies"},
        {"aliases": ()},
        {"addresses": (ListedAddress("807 Block A, Hangzhou, CN", "HK"),)},
        {"license_policy": "Policy of denial"},
        {"start_date": "2019-10-09"},
        {"remarks": "x"},
        {"vessel": (("vessel_flag", "Iran"),)},
    ],
)
def test_every_other_field_is_content(changes):
    changed = replace(DAHUA, **changes)

    assert content_fingerprint(changed) != content_fingerprint(DAHUA)
    assert list(changed_fields(DAHUA, changed)) == list(changes)


def test_a_value_cannot_slip_from_one_field_to_the_next():
    left = replace(DAHUA, remarks="a", title="")
    right = replace(DAHUA, remarks="", title="a")

    assert content_fingerprint(left) != content_fingerprint(right)


few = st.sampled_from(["", "a", "A", "b?", "a#2", "a|b", "?"])
entries = st.builds(
    ListedEntry,
    list_code=st.sampled_from(["EL", "SDN"]),
    name=few,
    addresses=st.lists(st.builds(ListedAddress, few, st.sampled_from(["", "CN"])), max_size=2).map(tuple),
    entity_number=few,
    citation=few,
)


@given(st.lists(entries, max_size=30))
def test_keys_are_unique_in_any_list(listed):
    keys = keys_of(listed)

    assert len(set(keys)) == len(keys) == len(listed)


@given(entries, entries)
def test_fingerprints_are_equal_exactly_when_no_field_changed(left, right):
    assert (content_fingerprint(left) == content_fingerprint(right)) == (changed_fields(left, right) == {})


@pytest.mark.skipif(not SHARED_CSL.is_dir(), reason="the real lists (../shared/data/csl) are not here")
def test_keys_of_the_real_list_are_unique_and_few_share_a_stable_key():
    path = SHARED_CSL / "csl_2022-04-21_full.csv.gz"
    listed = parse("csl", path.read_bytes(), path.name).entries

    assert len(set(keys_of(listed))) == 14_160
    assert len({stable_key(entry) for entry in listed}) == 14_160 - 28
