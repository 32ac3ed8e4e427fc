"""The JSON form of a rule: what it gives, and that anything else in it is refused by its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import ListedAddress, RefusedFile, Removal, parse

RULE: dict[str, Any] = {
    "form": "entity-desk-rule",
    "form_version": 1,
    "source": "csl",
    "list": "EL",
    "title": "Addition of Certain Entities to the Entity List",
    "citation": "84 FR 54002",
    "document_number": "2019-22210",
    "announced": "2019-10-07",
    "published": "2019-10-09",
    "effective": "2019-10-09",
    "license_requirement": "For all items subject to the EAR",
    "license_policy": "Presumption of denial",
    "add": [
        {
            "name": "Yitu Technologies",
            "kind": "organization",
            "aliases": ["Yitu"],
            "addresses": [{"text": "23F, Shanghai Arch Tower, Shanghai", "country": "CN"}],
        },
        {"name": "Megvii Technology", "license_policy": "Case-by-case", "citation": "84 FR 54004"},
    ],
    "revise": [{"name": "Huawei", "country": "CN", "set": {"aliases": ["Huawei Tech"], "start_date": "2019-05-16"}}],
    "remove": [{"name": "Formerly Listed Co.", "country": "CN"}],
}


def read(**changes: Any):
    rule = {key: value for key, value in (RULE | changes).items() if value is not ...}
    return parse("rule", json.dumps(rule, indent=1).encode(), "rule.json")


def test_a_rule_gives_facts_and_changes():
    found = read()

    assert found.form == "change"
    assert found.rule is not None
    assert (found.rule.list_code, found.rule.citation, found.rule.announced) == ("EL", "84 FR 54002", "2019-10-07")
    assert found.removed == (Removal("Formerly Listed Co.", "CN", "EL"),)
    assert found.revised[0].changes == {
        "aliases": ("Huawei Tech",),
        "start_date": "2019-05-16",
        "start_date_raw": "2019-05-16",
    }


def test_a_rule_may_give_its_inspection_and_the_bounds_of_its_savings_clause():
    found = read(inspection="2023-10-16T16:15", savings_cutoff="2023-10-17", savings_end="2023-11-16").rule

    assert found is not None
    assert (found.inspection, found.savings_cutoff, found.savings_end) == (
        "2023-10-16T16:15", "2023-10-17", "2023-11-16",
    )  # fmt: skip


def test_added_entries_take_what_they_leave_out_from_the_rule():
    yitu, megvii = read().entries

    assert yitu.addresses == (ListedAddress("23F, Shanghai Arch Tower, Shanghai", "CN"),)
    assert (yitu.citation, yitu.start_date, yitu.license_policy) == (
        "84 FR 54002",
        "2019-10-09",
        "Presumption of denial",
    )
    assert (megvii.citation, megvii.license_policy, megvii.kind) == ("84 FR 54004", "Case-by-case", "unknown")


def test_the_start_date_is_the_day_in_washington_on_which_the_rule_takes_effect():
    assert read(effective="2019-10-09T03:00:00Z").entries[0].start_date == "2019-10-08"


def test_each_added_entry_has_the_line_of_its_name():
    found = read()

    text = json.dumps(RULE, indent=1).splitlines()
    assert [text[line - 1].strip() for line in found.lines] == [
        '"name": "Yitu Technologies",',
        '"name": "Megvii Technology",',
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"form": "something"}, "its “form” is not"),
        ({"form_version": 2}, "form_version: only version 1"),
        ({"form_version": True}, "form_version: only version 1"),
        ({"title": ...}, "title is missing"),
        ({"citation": " "}, "citation is empty"),
        ({"colour": "red"}, "colour is not a known key"),
        ({"list": "XX"}, "list names the unknown list “XX”"),
        ({"source": "../csl"}, "source is not a source key"),
        ({"effective": "9 October"}, "effective is “9 October”, not a date or time"),
        ({"announced": "2019-13-01"}, "announced is"),
        ({"published": 20191009}, "published is a number, not a text"),
        ({"add": {}}, "add is an object, not a list"),
        ({"add": ["Yitu"]}, r"add\[0\] is a text, not an object"),
        ({"add": [{"kind": "person"}]}, r"add\[0\]\.name is missing"),
        ({"add": [{"name": ""}]}, r"add\[0\]\.name is empty"),
        ({"add": [{"name": "A"}, {"name": "B", "aliases": "C"}]}, r"add\[1\]\.aliases is a text, not a list"),
        ({"add": [{"name": "A", "aliases": ["B", None]}]}, r"add\[0\]\.aliases\[1\] is null, not a text"),
        ({"add": [{"name": "A", "kind": "company"}]}, r"add\[0\]\.kind is “company”"),
        ({"add": [{"name": "A", "alias": []}]}, r"add\[0\]\.alias is not a known key"),
        (
            {"add": [{"name": "A", "addresses": [{"text": "B", "country": "China"}]}]},
            r"addresses\[0\]\.country is “China”",
        ),
        ({"add": [{"name": "A", "addresses": ["B"]}]}, r"add\[0\]\.addresses\[0\] is a text"),
        ({"add": [{"name": "A", "start_date": "2019-10-09T00:00"}]}, r"add\[0\]\.start_date is .* not a date"),
        ({"add": [{"name": "A"}, {"name": "A"}]}, r"add\[1\] repeats add\[0\]"),
        ({"revise": [{"name": "A"}]}, r"revise\[0\]\.set is missing"),
        ({"revise": [{"name": "A", "set": {}}]}, r"revise\[0\]\.set changes nothing"),
        ({"revise": [{"name": "A", "set": {"marks": []}}]}, r"revise\[0\]\.set\.marks is not a known key"),
        ({"remove": [{"name": "A", "country": "CN"}] * 2}, r"remove\[1\] repeats remove\[0\]"),
        ({"add": [], "revise": [], "remove": []}, "adds, revises and removes nothing"),
    ],
)
def test_a_fault_refuses_the_rule_and_names_its_path(changes, words):
    with pytest.raises(RefusedFile, match=words):
        read(**changes)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"name,country\n", "not_json"),
        (b"[]", "bad_rule"),
        (b"{}", "wrong_form"),
        (json.dumps(RULE).encode()[:-30], "cut_off"),
        (b'{"form": 1, "form": 2}', "repeated_key"),
        (b'{"form": NaN}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"form": ' + b"9" * 5000 + b"}", "not_json"),
        (b'{"form": "\xff"}', "not_utf8"),
    ],
)
def test_what_is_no_rule_is_refused(data, code):
    with pytest.raises(RefusedFile) as caught:
        parse("rule", data, "rule.json")

    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RULE)), json_values)
def test_any_value_anywhere_is_read_or_refused(key, value):
    try:
        read(**{key: value})
    except RefusedFile as error:
        str(error).encode()


@given(st.sampled_from(["name", "kind", "aliases", "addresses", "citation", "start_date", "other"]), json_values)
def test_any_value_in_an_entry_is_read_or_refused(key, value):
    try:
        read(add=[{"name": "A", key: value}])
    except RefusedFile as error:
        fault = str(error)
    else:
        return
    assert fault.startswith("add[0].")
