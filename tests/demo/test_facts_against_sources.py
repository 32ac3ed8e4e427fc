"""The demo's facts against the official files they were taken from, where a copy of those lies beside the checkout."""

import csv
import gzip
import json
import re
from pathlib import Path

import pytest

from compliance.config.demo import entity_list, rules

SOURCES = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not SOURCES.is_dir(), reason="the official files are not beside this checkout")


def listed(name: str) -> list[dict[str, str]]:
    with gzip.open(SOURCES / "csl" / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,")


def letters(text: str) -> str:
    """Letters and digits only, the country's name and code left out: both files order an address differently."""
    text = re.sub(r"(, ?China|, CN)$", "", text)
    return "".join(sorted(letter for letter in text.casefold() if letter.isalnum()))


def first_citation(notice: str) -> str:
    volume, page = re.findall(r"\d+", notice)[:2]
    return f"{volume} FR {page}"


def test_every_entry_of_8_october_is_in_the_official_list_with_its_first_citation():
    official = {
        (squeeze(row["name"]), row["addresses"].split(";")[0][-2:], first_citation(row["federal_register_notice"]))
        for row in listed("derived_entity_list_2019-10-08.csv.gz")
        if row["federal_register_notice"]
    }

    ours = {(entry.name, entry.country, entry.first_citation) for entry in entity_list.entries()}

    assert ours - official == set()


def test_the_rule_of_october_2019_is_exactly_what_the_official_list_gained():
    before = {row["_id"] for row in listed("derived_entity_list_2019-10-08.csv.gz")}
    gained = {row["name"]: row for row in listed("derived_entity_list_2019-10-09.csv.gz") if row["_id"] not in before}

    rule = json.loads(rules.rule_json(rules.OCTOBER_2019))

    assert {entry["name"] for entry in rule["add"]} == set(gained)
    for entry in rule["add"]:
        row = gained[entry["name"]]
        assert set(entry["aliases"]) == set(filter(None, row["alt_names"].split("; ")))
        assert len(entry["addresses"]) == len(row["addresses"].split("; "))
        assert rule["license_requirement"] == row["license_requirement"]
        assert rule["license_policy"] == row["license_policy"]
        assert row["federal_register_notice"].startswith(rule["citation"])


def test_the_addresses_of_october_2019_are_those_of_the_regulation():
    facts = json.loads((SOURCES / "entity_list_2019-10-09.json").read_text(encoding="utf-8"))
    official = sorted(letters(text) for entry in facts["entries"] for text in entry["addresses"])

    rule = json.loads(rules.rule_json(rules.OCTOBER_2019))

    assert sorted(letters(place["text"]) for entry in rule["add"] for place in entry["addresses"]) == official


def test_the_rule_of_june_2020_is_what_the_official_list_cites_under_it():
    cited = [row for row in listed("csl_2022-04-21_full.csv.gz") if "85 FR 34505" in row["federal_register_notice"]]
    earlier = {"Beijing Sensetime Technology Development Co., Ltd.", "Shihezi Municipality Public Security Bureau"}
    official = {row["name"].replace("?", "'"): row for row in cited if row["name"] not in earlier}

    rule = json.loads(rules.rule_json(rules.JUNE_2020))

    assert {entry["name"] for entry in rule["add"]} == set(official)
    wrong = {name for name, row in official.items() if row["start_date"] != "2020-06-05"}
    assert wrong == {"NetPosa", "SenseNets", "Nanjing FiberHome Starrysky Communication Development Co."}
    for entry in rule["add"]:
        aliases = re.split(r"; (?:and )?", official[entry["name"]]["alt_names"].replace("?", "'"))
        assert {letters(alias) for alias in entry["aliases"]} == {letters(alias) for alias in aliases}
        assert len(entry["addresses"]) == len(official[entry["name"]]["addresses"].split("; "))
