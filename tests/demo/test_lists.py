"""The listed entries and rules of the demo: the facts add up, and the files are what the loaders expect."""

import csv
import io
import json
from typing import Any

import pytest

from compliance.config.demo import entity_list, rules


def rule(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(rules.rule_json(name))
    return loaded


def identity(name: str, country: str, citation: str) -> tuple[str, str, str]:
    return name.casefold(), country, citation


def test_the_list_of_8_october_has_real_variety():
    entries = entity_list.entries()

    assert len(entries) == 106
    assert sum("huawei" in entry.name.casefold() for entry in entries) >= 45
    assert {"CN", "HK", "RU", "IR", "PK", "AE"} <= {entry.country for entry in entries}
    assert all(entry.start_date < entity_list.AS_OF for entry in entries)


def test_no_two_entries_share_an_identity():
    identities = [identity(entry.name, entry.country, entry.first_citation) for entry in entity_list.entries()]

    assert len(set(identities)) == len(identities)


@pytest.mark.parametrize(("citation", "start_date"), [("84 FR 22961", "2019-05-16"), ("84 FR 43495", "2019-08-19")])
def test_huawei_entries_start_when_their_rule_took_effect(citation, start_date):
    dates = {entry.start_date for entry in entity_list.entries() if entry.first_citation == citation}

    assert dates == {start_date}


def test_nothing_later_than_8_october_2019_is_in_the_list():
    text = entity_list.csl_csv().decode()

    assert "85 FR" not in text
    assert "standards organization" not in text
    assert "infectious" not in text


def test_the_csl_file_has_29_columns_in_every_row():
    rows = list(csv.reader(io.StringIO(entity_list.csl_csv().decode("utf-8"))))

    assert rows[0] == list(entity_list.CSL_HEADER)
    assert len(rows) == 1 + len(entity_list.entries())
    assert {len(row) for row in rows} == {29}


def test_the_csl_file_is_the_same_bytes_each_time():
    first = entity_list.csl_csv()
    entity_list.entries.cache_clear()

    assert entity_list.csl_csv() == first


def test_the_csl_file_reads_back_as_the_entries():
    rows = list(csv.DictReader(io.StringIO(entity_list.csl_csv().decode("utf-8"))))

    for row, entry in zip(rows, entity_list.entries(), strict=True):
        assert row["source"] == "Entity List (EL) - Bureau of Industry and Security"
        assert tuple(filter(None, row["alt_names"].split("; "))) == entry.aliases
        addresses = row["addresses"].split("; ")
        assert [text.rpartition(", ")[2] for text in addresses] == [place.country for place in entry.addresses]
    assert len({row["_id"] for row in rows}) == len(rows)


def test_no_letter_was_lost_in_the_facts():
    texts = [
        entity_list.csl_csv().decode(),
        *(rules.rule_json(name).decode() for name in (rules.OCTOBER_2019, rules.JUNE_2020)),
    ]

    for text in texts:
        assert "?" not in text
        assert "; and" not in text
        assert "\ufffd" not in text


@pytest.mark.parametrize(
    ("name", "citation", "effective", "entries", "aliases", "addresses"),
    [
        (rules.OCTOBER_2019, "84 FR 54002", "2019-10-09", 28, 19, 40),
        (rules.JUNE_2020, "85 FR 34505", "2020-06-05", 9, 35, 18),
    ],
)
def test_a_rule_adds_what_the_register_counts(name, citation, effective, entries, aliases, addresses):
    loaded = rule(name)

    assert (loaded["form"], loaded["form_version"], loaded["source"], loaded["list"]) == (
        "entity-desk-rule", 1, "csl", "EL",
    )  # fmt: skip
    assert (loaded["citation"], loaded["effective"]) == (citation, effective)
    assert loaded["announced"] <= loaded["published"] <= loaded["effective"]
    assert len(loaded["add"]) == entries
    assert sum(len(entry["aliases"]) for entry in loaded["add"]) == aliases
    assert sum(len(entry["addresses"]) for entry in loaded["add"]) == addresses
    assert loaded["revise"] == loaded["remove"] == []


@pytest.mark.parametrize("name", [rules.OCTOBER_2019, rules.JUNE_2020])
def test_every_entry_of_a_rule_has_the_same_fields(name):
    for entry in rule(name)["add"]:
        assert set(entry) == {"name", "kind", "aliases", "addresses"}
        assert entry["kind"] == "organization"
        assert all(set(place) == {"text", "country"} and place["country"] == "CN" for place in entry["addresses"])
        assert all(place["text"].strip(" ,") == place["text"] != "" for place in entry["addresses"])


def test_october_2019_is_eight_companies_and_twenty_public_bodies():
    names = {entry["name"] for entry in rule(rules.OCTOBER_2019)["add"]}

    assert set(rules.COMPANIES) < names
    assert len(rules.COMPANIES) == 8
    others = names - set(rules.COMPANIES)
    assert sum("Public Security Bureau" in name for name in others) == 19
    assert "Xinjiang Police College" in others


def test_the_lists_and_rules_of_the_demo_never_add_an_entry_twice():
    identities = [identity(entry.name, entry.country, entry.first_citation) for entry in entity_list.entries()]
    for name in (rules.OCTOBER_2019, rules.JUNE_2020):
        loaded = rule(name)
        identities += [
            identity(entry["name"], entry["addresses"][0]["country"], loaded["citation"]) for entry in loaded["add"]
        ]

    assert len(set(identities)) == len(identities) == 106 + 28 + 9
