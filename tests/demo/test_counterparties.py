"""The demo's counterparties: the same on every machine, well formed, with the table of planted cases complete."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from compliance.config.demo import counterparties as demo
from compliance.config.demo import entity_list, rules
from compliance.config.demo.people import DEMO_PEOPLE

ROOT = Path(__file__).resolve().parents[2]


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(demo.counterparties_csv().decode("utf-8"))))


def test_the_file_has_600_well_formed_rows():
    table = list(csv.reader(io.StringIO(demo.counterparties_csv().decode("utf-8"))))

    assert tuple(table[0]) == demo.COLUMNS
    assert len(table) == 1 + demo.TOTAL
    assert {len(row) for row in table} == {len(demo.COLUMNS)}
    assert [row[0] for row in table[1:]] == [f"C-{number:05d}" for number in range(1, 601)]


def test_the_file_is_the_same_bytes_in_another_process_with_another_hash_seed():
    code = (
        "import sys; from compliance.config.demo.counterparties import counterparties_csv;"
        "sys.stdout.buffer.write(counterparties_csv())"
    )

    again = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )

    assert again.stdout == demo.counterparties_csv()


def test_every_row_has_name_country_address_relation_and_identifier():
    for row in rows():
        assert row["name"].strip() == row["name"] != ""
        assert len(row["country"]) == 2
        assert row["country"].isupper()
        assert row["address"]
        assert row["relation"] in {"customer", "supplier", "distributor", "forwarder", "bank"}
        for identifier in row["identifiers"].split("|"):
            kind, _, value = identifier.partition(":")
            assert kind
            assert value


def test_the_base_covers_many_countries_relations_and_scripts():
    table = rows()
    letters = "".join(row["other_names"] for row in table)

    assert len({row["country"] for row in table}) >= 35
    assert len({row["relation"] for row in table}) == 5
    for low, high in (("\u4e00", "\u9fff"), ("\u0400", "\u04ff"), ("\u0600", "\u06ff"), ("\uac00", "\ud7a3")):
        assert any(low <= letter <= high for letter in letters)


def test_no_name_and_no_identifier_is_used_twice():
    table = rows()
    names = Counter(row["name"].casefold() for row in table)
    identifiers = Counter(value for row in table for value in row["identifiers"].split("|"))

    assert [name for name, times in names.items() if times > 1] == []
    assert [value for value, times in identifiers.items() if times > 1] == []


def test_planted_rows_stand_in_the_file_as_the_table_says():
    by_id = {row["external_id"]: row for row in rows()}

    assert len({planted.external_id for planted in demo.PLANTED}) == len(demo.PLANTED)
    for planted in demo.PLANTED:
        assert by_id[planted.external_id]["name"] == planted.name
        assert by_id[planted.external_id]["country"] == planted.country
        assert planted.why


@pytest.mark.parametrize(
    ("expect", "least", "most"),
    [("match", 18, 22), ("clear", 18, 22), ("review", 3, 3), ("earlier", 4, 6), ("later", 4, 6)],
)
def test_the_table_plants_enough_of_each_kind(expect, least, most):
    assert least <= len(demo.planted(expect)) <= most


def test_every_listed_name_in_the_table_is_one_of_the_list_or_rule_it_points_to():
    october, june = (
        {entry["name"] for entry in json.loads(rules.rule_json(name))["add"]}
        for name in (rules.OCTOBER_2019, rules.JUNE_2020)
    )
    listed = {
        "match": october,
        "review": october,
        "clear": october | {""},
        "earlier": {entry.name for entry in entity_list.entries()},
        "later": june,
    }

    for planted in demo.PLANTED:
        assert planted.of in listed[planted.expect]


def test_every_company_and_at_least_five_bureaus_are_planted():
    planted = {row.of for row in demo.planted("match")}

    assert set(rules.COMPANIES) <= planted
    assert len(planted - set(rules.COMPANIES)) >= 5


def test_two_of_the_companies_carry_their_chinese_name():
    in_chinese = [
        row.of for row in demo.planted("match") if any("\u4e00" <= name[0] <= "\u9fff" for name in row.other_names)
    ]

    assert len(set(in_chinese)) >= 2


def test_the_demo_has_two_people_for_each_two_person_decision():
    roles = Counter(person.role for person in DEMO_PEOPLE)

    assert roles == {"officer": 2, "manager": 2, "auditor": 1, "administrator": 1}
    assert len({person.username for person in DEMO_PEOPLE}) == len(DEMO_PEOPLE)
