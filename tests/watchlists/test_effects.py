"""What a match on each list means, and what a single entry adds to it."""

from __future__ import annotations

import re

import pytest

from compliance.watchlists.effects import (
    EFFECTS,
    LIST_POLICIES,
    REACHES,
    effects_of,
    footnotes_of,
    places_hold,
    programs_of_744_8,
)
from compliance.watchlists.parsers import LIST_CODES, ListedEntry
from compliance.watchlists.parsers.form import EFFECT_CODES

EVERYTHING = "For all items subject to the EAR. (See § 744.11 of the EAR)"


def entry(list_code: str = "EL", **values: object) -> ListedEntry:
    return ListedEntry(list_code=list_code, name="Example Works", **values)  # type: ignore[arg-type]


def codes(list_code: str, listed: ListedEntry) -> list[str]:
    return [effect.code for effect in effects_of(list_code, listed)]


def test_every_list_has_its_own_policy():
    assert set(LIST_POLICIES) == set(LIST_CODES)
    assert all(code == policy.code and policy.authority for code, policy in LIST_POLICIES.items())


@pytest.mark.parametrize(
    ("code", "effect", "places_hold"),
    [
        ("EL", "license_required", True),
        ("DPL", "prohibited", True),
        ("UVL", "statement_required", True),
        ("MEU", "license_required_supp2", True),
        ("SDN", "blocked_property", True),
        ("SSI", "program_specific", True),
        ("CMIC", "securities_limit", False),
        ("DTC", "debarred", True),
        ("ISN", "read_notice", True),
        ("UN", "foreign_sanctions", True),
        ("UK", "foreign_sanctions", True),
        ("UFLPA", "import_presumption", False),
        ("1260H", "warning", False),
        ("889", "procurement_ban", False),
        ("INF", "license_required", True),
        ("OWN", "own_stop", True),
        ("OS", "read_notice", True),
    ],
)
def test_lists_have_different_effects(code, effect, places_hold):
    assert (LIST_POLICIES[code].effect, LIST_POLICIES[code].places_hold) == (effect, places_hold)


def test_every_effect_that_a_list_or_a_form_names_is_known():
    named = {policy.effect for policy in LIST_POLICIES.values()} | set(EFFECT_CODES)

    assert named <= set(EFFECTS)


@pytest.mark.parametrize("policy", LIST_POLICIES.values(), ids=lambda policy: policy.code)
def test_a_list_stops_business_exactly_when_its_effect_does(policy):
    assert policy.places_hold == EFFECTS[policy.effect].places_hold


@pytest.mark.parametrize("shown", [*LIST_POLICIES.values(), *EFFECTS.values()], ids=lambda shown: shown.code)
def test_words_are_neutral_and_grant_nothing(shown):
    assert not re.search(r"\b(cleared|safe|approved|guilty|criminal)\b", shown.label + shown.sentence, re.IGNORECASE)
    assert "blocked" not in shown.label.lower()
    assert len(shown.label) <= 40


def test_an_entry_without_an_effect_of_its_own_has_that_of_its_list():
    effect = effects_of("UVL", entry("UVL"))[0]

    assert (effect.code, effect.label, effect.authority) == (
        "statement_required",
        LIST_POLICIES["UVL"].label,
        LIST_POLICIES["UVL"].authority,
    )


def test_an_entry_s_own_effect_leads():
    assert codes("OWN", entry("OWN", effect="warning")) == ["warning"]
    assert not places_hold("OWN", entry("OWN", effect="warning"))
    assert places_hold("OWN", entry("OWN"))


def test_an_effect_that_is_not_known_stops_business_beside_that_of_the_list():
    assert codes("889", entry("889", effect="anything")) == ["procurement_ban", "read_entry"]
    assert places_hold("889", entry("889", effect="anything"))


@pytest.mark.parametrize(
    ("program", "adds"),
    [
        ("RUSSIA-EO14024", True),
        ("[SDGT]", True),
        ("ILLICIT DRUGS-EO14059", True),
        ("ILLICIT-DRUGS-EO", True),
        ("CYBER2", False),
        ("UKRAINE-EO1366", False),
    ],
)
def test_a_program_that_744_8_names_adds_a_license_requirement(program, adds):
    listed = entry("SDN", programs=("IRAN", program))

    assert codes("SDN", listed) == ["blocked_property", *(["license_required_744_8"] if adds else [])]
    assert programs_of_744_8(listed) == ((program,) if adds else ())


def test_a_program_adds_nothing_on_another_list():
    assert codes("CAP", entry("CAP", programs=("SDGT",))) == ["program_specific"]


@pytest.mark.parametrize(
    ("requirement", "code"),
    [
        (EVERYTHING, "license_required"),
        ("", "license_required"),
        ("Something nobody can read", "license_required"),
        ("For items on the CCL", "license_required_in_part"),
        ("For all items subject to the EAR when used in projects specified in § 746.5", "license_required_in_part"),
        ("All items subject to the EAR except for food designated as EAR99", "license_required_in_part"),
    ],
)
def test_an_entity_list_entry_that_names_some_items_says_so(requirement, code):
    assert codes("EL", entry(license_requirement=requirement)) == [code]


@pytest.mark.parametrize(
    ("sign", "section"),
    [("1", "734.9(e)(1)"), ("3", "734.9(g)"), ("4", "734.9(e)(2)"), ("5", "734.9(e)(3)")],
)
def test_a_footnote_reaches_to_foreign_made_items(sign, section):
    found = effects_of("EL", entry(license_requirement=EVERYTHING, footnotes=(sign,)))

    assert [effect.code for effect in found] == ["license_required", f"foreign_made_{sign}"]
    assert section in found[1].authority
    assert section in REACHES[sign].sections


def test_a_footnote_still_in_the_text_counts_once_beside_the_sign_kept_apart():
    text = "For all items subject to the EAR, see §§ 734.9(e) 1 and 744.11 of the EAR 2"

    assert footnotes_of(entry(license_requirement=text)) == ("1", "2")
    assert footnotes_of(entry(license_requirement=text, footnotes=("1", "2"))) == ("1", "2")
    assert codes("EL", entry(license_requirement=text, footnotes=("1",))) == ["license_required", "foreign_made_1"]


def test_an_unknown_list_is_an_error():
    with pytest.raises(KeyError):
        effects_of("XX", entry("XX"))
