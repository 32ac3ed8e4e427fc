"""What a match on each list means, and which clause of a review policy governs an item."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.parsers import LIST_CODES
from compliance.watchlists.policy import LIST_POLICIES, Clause, policy_for, review_clauses

OCTOBER_2019 = (
    "Case-by-case review for ECCNs 1A004.c, 1A004.d, 1A995, 1A999.a, 1D003, 2A983, 2D983, and 2E983, and for EAR99 "
    "items described in the Note to ECCN 1A995; presumption of denial for all other items subject to the EAR."
)
JULY_2020 = (
    "Case-by-case review for ECCNs 1A004.c, 1A004.d, 1A995, 1A999.a, 1D003, 2A983, 2D983, and 2E983, and for EAR99 "
    "items described in the Note to ECCN 1A995; casa-by-case review for items necessary to detect, identify and treat "
    "infectious disease; and presumption of denial for all other items subject to the EAR."
)
BY_CCL = "Presumption of  approval for EAR99; case-by-case review for all items on the CCL"
CHIP_TOOLS = (
    "Presumption of denial for items uniquely required for production of semiconductors at advanced technology nodes "
    "(10 nanometers and below, including extreme ultraviolet technology); Case by case for all other items."
)


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
        ("CMIC", "warning", False),
        ("DTC", "debarred", True),
        ("ISN", "read_notice", True),
    ],
)
def test_lists_have_different_effects(code, effect, places_hold):
    assert (LIST_POLICIES[code].effect, LIST_POLICIES[code].places_hold) == (effect, places_hold)


@pytest.mark.parametrize("policy", LIST_POLICIES.values(), ids=str)
def test_words_are_neutral_and_grant_nothing(policy):
    assert not re.search(r"\b(cleared|safe|approved|guilty|criminal)\b", policy.label + policy.sentence, re.IGNORECASE)
    assert "blocked" not in policy.label.lower()
    assert len(policy.label) <= 40


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", ()),
        ("Presumption of denial.", [("presumption of denial", "")]),
        ("Presumption of  Denial", [("presumption of denial", "")]),
        ("Case-by-case basis.", [("case-by-case", "")]),
        ("See §744.2(d) of the EAR.", [("other", "See §744.2(d) of the EAR")]),
        (
            "Policy of denial. See §§ 746.8(b) and 744.21(e).",
            [("policy of denial", ""), ("other", "See §§ 746.8(b) and 744.21(e)")],
        ),
        (
            "Policy of denial; Case-by-case basis for U.S. Government supported space programs.",
            [("policy of denial", ""), ("case-by-case", "U.S. Government supported space programs")],
        ),
        (
            "Case-by-case for all items listed on the CCL. Presumption of approval for EAR99 items",
            [("case-by-case", "all items listed on the CCL"), ("presumption of approval", "EAR99 items")],
        ),
        ("For EAR99 items, case-by-case review.", [("case-by-case", "EAR99 items")]),
        (
            OCTOBER_2019,
            [
                (
                    "case-by-case",
                    "ECCNs 1A004.c, 1A004.d, 1A995, 1A999.a, 1D003, 2A983, 2D983, and 2E983, and for EAR99 items "
                    "described in the Note to ECCN 1A995",
                ),
                ("presumption of denial", "all other items subject to the EAR"),
            ],
        ),
    ],
)
def test_a_review_policy_is_split_into_its_clauses(text, clauses):
    assert review_clauses(text) == tuple(Clause(policy, scope) for policy, scope in clauses)


def test_the_clause_of_july_2020_stands_between_the_two():
    assert [clause.policy for clause in review_clauses(JULY_2020)] == [
        "case-by-case",
        "case-by-case",
        "presumption of denial",
    ]


@pytest.mark.parametrize(
    ("item", "text", "policy"),
    [
        ("5A992.c", OCTOBER_2019, "presumption of denial"),
        ("5a992.C", OCTOBER_2019, "presumption of denial"),
        ("2A983", OCTOBER_2019, "case-by-case"),
        ("1A995.b", OCTOBER_2019, "case-by-case"),
        ("1A004.c", OCTOBER_2019, "case-by-case"),
        ("1A004.cx", OCTOBER_2019, "presumption of denial"),
        ("1A004.a", OCTOBER_2019, "presumption of denial"),
        ("1A004", OCTOBER_2019, None),
        ("EAR99", OCTOBER_2019, "presumption of denial"),
        ("5A992.c", JULY_2020, "presumption of denial"),
        ("2A983", JULY_2020, "case-by-case"),
        ("EAR99", BY_CCL, "presumption of approval"),
        ("3A001", BY_CCL, "case-by-case"),
        ("3A001", "Presumption of approval for EAR99 items", None),
        ("3B001", CHIP_TOOLS, None),
        ("EAR99", "Presumption of denial", "presumption of denial"),
        ("EAR99", "See §744.3(d) of this part", None),
        ("EAR99", "", None),
        ("chips", OCTOBER_2019, None),
        ("9A610", "Case-by-Case review for licenses for the safety of civil aviation of aircraft.", None),
    ],
)  # fmt: skip
def test_the_policy_is_chosen_by_item_and_never_guessed(item, text, policy):
    found = policy_for(item, text)

    assert (found.policy if found else None) == policy


def test_an_ear99_item_described_in_the_note_is_reviewed_case_by_case():
    found = policy_for("EAR99", OCTOBER_2019, described_in_note=True)

    assert found is not None
    assert found.policy == "case-by-case"


@given(st.text(max_size=200), st.sampled_from(["EAR99", "5A992.c", "?"]))
def test_any_text_is_split_without_error(text, item):
    assert all(clause.policy for clause in review_clauses(text))
    policy_for(item, text)
