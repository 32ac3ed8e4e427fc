"""The table of list sources: every list is carried, addresses can be replaced, moving addresses are read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers.base import CSL_LISTS, FORM_LISTS, LIST_CODES, RefusedFile
from compliance.watchlists.sources import (
    FEDERAL_REGISTER,
    FILE,
    SOURCES,
    addresses_of,
    denied_persons_file,
    filled,
    index_of,
    newest_ecfr_date,
    rank_of,
    source_for_key,
)

PAGE = "https://www.bis.gov/licensing/end-user-guidance/denied-persons-list-dpl"
TITLES = {
    "titles": [
        {"number": 14, "latest_issue_date": "2026-07-01", "reserved": False},
        {"number": 15, "latest_issue_date": "2026-07-18", "up_to_date_as_of": "2026-07-20", "reserved": False},
        {"number": 35, "latest_issue_date": None, "reserved": True},
    ]
}


def titles(**changes: object) -> bytes:
    rows = [row | changes if row["number"] == 15 else row for row in TITLES["titles"]]
    return json.dumps({"titles": rows}).encode()


# The table


def test_every_list_of_the_product_has_a_source():
    carried = {code for source in SOURCES.values() for code in source.lists}

    assert carried | {"OS"} == set(LIST_CODES)


def test_each_source_is_known_by_its_key():
    assert {key: source.key for key, source in SOURCES.items()} == {key: key for key in SOURCES}
    assert list(SOURCES) == [
        "csl", "ecfr744", "dpl", "ofac_sdn", "ofac_cons", "un", "uk", "uflpa", "dod1260h", "sec889", "informed",
        "watchlist",
    ]  # fmt: skip


def test_the_consolidated_list_carries_the_thirteen_lists():
    assert SOURCES["csl"].lists == CSL_LISTS


def test_lists_of_the_form_are_loaded_by_hand():
    by_hand = {code for source in SOURCES.values() if source.parser == "form" for code in source.lists}

    assert by_hand == set(FORM_LISTS)
    assert not any(source.is_fetched for source in SOURCES.values() if source.parser == "form")


@pytest.mark.parametrize("key", ["informed", "watchlist"])
def test_private_lists_never_grow_stale(key):
    assert SOURCES[key].period is None


@pytest.mark.parametrize("key", ["uflpa", "dod1260h", "sec889"])
def test_lists_entered_by_hand_are_looked_at_once_a_year(key):
    assert SOURCES[key].period == timedelta(days=365)


@pytest.mark.parametrize("source", [each for each in SOURCES.values() if each.is_fetched], ids=lambda each: each.key)
def test_a_fetched_source_has_a_rhythm_shorter_than_its_period(source):
    rhythm = source.every or timedelta(days=1)

    assert (source.daily_at is None) != (source.every is None)
    assert source.period is not None
    assert rhythm < source.period


def test_every_official_address_is_https():
    addresses = [FEDERAL_REGISTER]
    for source in SOURCES.values():
        addresses += [address for address in source.addresses.values() if address != "{file}"]
        addresses += [source.index] if source.index else []

    assert {urlsplit(address).scheme for address in addresses} == {"https"}


def test_every_placeholder_has_an_index():
    moving = {key for key, source in SOURCES.items() if any("{" in text for text in source.addresses.values())}

    assert moving == {key for key, source in SOURCES.items() if source.index} == {"ecfr744", "dpl"}


@pytest.mark.parametrize(
    ("one", "other"), [("ecfr744", "csl"), ("dpl", "csl"), ("ofac_sdn", "csl"), ("csl", "os-us_trade_csl"), ("un", "?")]
)
def test_the_regulation_and_the_agency_lead_the_copies(one, other):
    assert rank_of(one) < rank_of(other)


# OpenSanctions


def test_any_open_sanctions_data_set_is_a_source():
    source = source_for_key("os-us_trade_csl")

    assert source is not None
    assert (source.key, source.parser, source.lists) == ("os-us_trade_csl", "ftm", ("OS",))
    assert source.addresses == {FILE: "https://data.opensanctions.org/datasets/latest/us_trade_csl/entities.ftm.json"}


@pytest.mark.parametrize(
    "key", ["", "os", "os-", "os-../x", "os-A", "os-a b", "os-a/b", "os-a?b", "rule", "CSL", "os-" + "a" * 60]
)
def test_an_unknown_key_has_no_source(key):
    assert source_for_key(key) is None


@given(st.text())
def test_no_key_puts_a_foreign_path_into_an_address(dataset):
    source = source_for_key(f"os-{dataset}")

    if source is not None:
        address = urlsplit(source.addresses[FILE])
        assert address.netloc == "data.opensanctions.org"
        assert address.path == f"/datasets/latest/{dataset}/entities.ftm.json"


# Addresses in the settings


def test_without_a_setting_the_official_addresses_count():
    assert addresses_of(SOURCES["un"], {}) == SOURCES["un"].addresses


def test_an_address_can_be_replaced():
    assert addresses_of(SOURCES["un"], {"un": "http://127.0.0.1/un.xml"}) == {FILE: "http://127.0.0.1/un.xml"}


def test_one_file_of_a_bundle_can_be_replaced():
    found = addresses_of(SOURCES["ofac_sdn"], {"ofac_sdn": {"ALT.CSV": "http://127.0.0.1/alt.csv"}})

    assert found == {**SOURCES["ofac_sdn"].addresses, "ALT.CSV": "http://127.0.0.1/alt.csv"}


@pytest.mark.parametrize("nothing", ["", {}])
def test_a_source_can_be_taken_off_the_schedule(nothing):
    assert addresses_of(SOURCES["un"], {"un": nothing}) == {}


def test_a_source_loaded_by_hand_can_be_given_an_address():
    assert addresses_of(SOURCES["uflpa"], {"uflpa": "http://intranet/uflpa.csv"}) == {FILE: "http://intranet/uflpa.csv"}


@pytest.mark.parametrize(
    ("key", "given", "says"),
    [
        ("ofac_sdn", "http://a/sdn.csv", "has 4 files"),
        ("ofac_sdn", {"SDN.TXT": "http://a"}, "Known: SDN.CSV"),
        ("un", {"other": "http://a"}, "Known: file"),
        ("un", 7, "must be an address"),
        ("un", {FILE: 7}, "must be an address"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(key, given, says):
    with pytest.raises(ValueError, match=says):
        addresses_of(SOURCES[key], {key: given})


# Addresses that move


def test_only_an_address_with_a_placeholder_needs_its_index():
    source = SOURCES["ecfr744"]

    assert index_of(source, {}) == source.index
    assert index_of(source, {"ecfr744": "http://127.0.0.1/744.xml"}) == ""
    assert index_of(source, {"ecfr744-index": "http://127.0.0.1/titles.json"}) == "http://127.0.0.1/titles.json"
    assert index_of(SOURCES["un"], {}) == ""


def test_the_regulation_is_fetched_for_the_newest_issued_date():
    source = SOURCES["ecfr744"]

    assert filled(source, source.addresses, titles()) == {
        FILE: "https://www.ecfr.gov/api/versioner/v1/full/2026-07-18/title-15.xml?part=744"
    }
    assert newest_ecfr_date(titles(), 14) == date(2026, 7, 1)


@pytest.mark.parametrize(
    "answer",
    [
        titles(latest_issue_date=None),
        titles(latest_issue_date="yesterday"),
        titles(number=16),
        b'{"titles": {}}',
        b'{"titles": [7]}',
        b"[]",
        b"7",
        b"<html>",
        b"",
        b"\xff\xfe",
        b'{"titles": ' + b"[" * 100_000,
    ],
)
def test_without_an_issued_date_there_is_no_address(answer):
    with pytest.raises(RefusedFile):
        filled(SOURCES["ecfr744"], SOURCES["ecfr744"].addresses, answer)


def test_the_denied_persons_file_is_read_from_its_page():
    link = "https://media.bis.gov/sites/default/files/dpl_04142026.csv"
    page = f'<p>See <a class="x" href="{link}">Export as CSV</a> or <a href="{link}">the same</a>.</p>'.encode()

    assert filled(SOURCES["dpl"], SOURCES["dpl"].addresses, page) == {FILE: link}


def test_a_relative_link_is_taken_from_the_page():
    assert denied_persons_file(b"<a href='/sites/dpl_1.csv'>", PAGE) == "https://www.bis.gov/sites/dpl_1.csv"


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<p>No list today</p>",
        b'<a href="/files/dpl_1.csv"><a href="/files/dpl_2.csv">',
        b'<a href="https://bis.gov.example.org/files/dpl_1.csv">',
        b'<a href="http://media.bis.gov/files/dpl_1.csv">',
        b'<a href="https://evil.org/https://media.bis.gov/dpl.csv">',
    ],
)
def test_a_page_without_one_certain_link_is_refused(page):
    with pytest.raises(RefusedFile, match="LIST_ADDRESSES"):
        denied_persons_file(page, PAGE)


@given(st.binary(max_size=300))
def test_an_index_of_any_bytes_gives_an_address_or_a_refusal(data):
    for key in ("ecfr744", "dpl"):
        with pytest.raises(RefusedFile):
            filled(SOURCES[key], SOURCES[key].addresses, data)
