"""What a listed entry means for a given item on a given day."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.eccn import item_code
from compliance.watchlists.parsers import LIST_CODES, ListedEntry
from compliance.watchlists.policy import Determination, determine, policy_for
from compliance.watchlists.policy_reading import STRICTNESS

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SUPPLEMENT = DATA / "ecfr" / "entity_list_rows_2026-07-18.csv.gz"

EVERYTHING = "For all items subject to the EAR (See § 744.11 of the EAR)"
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
FOOD = (
    "Policy of denial for all items subject to the EAR apart from food and medicine designated as EAR99, which will be "
    "reviewed on a case-by-case basis. See §§ 746.8(b) and 744.21(e)"
)
NOT_THESE = "Presumption of denial except case-by-case for items not described in ECCN 3B001.c, .k to .p; or 3B993"
HIKVISION = ListedEntry(
    list_code="EL",
    name="Hangzhou Hikvision Digital Technology Co., Ltd.",
    license_requirement=EVERYTHING,
    license_policy=OCTOBER_2019,
    citation="84 FR 54004, 10/9/19",
    citations=(("84 FR 54004", "2019-10-09"),),
    start_date="2019-10-09",
)
HIKVISION_2020 = replace(
    HIKVISION,
    license_policy=JULY_2020,
    citation="84 FR 54004, 10/9/19. 85 FR 44159, 7/22/20",
    citations=(("84 FR 54004", "2019-10-09"), ("85 FR 44159", "2020-07-22")),
)
ORDERED = date(2019, 10, 15)
LATER = date(2020, 8, 3)
READ = "read it yourself"


def listed(list_code: str = "EL", **values: object) -> ListedEntry:
    return ListedEntry(list_code=list_code, name="Example Works", **values)  # type: ignore[arg-type]


def texts(answer: Determination) -> list[str]:
    return [quoted.text for quoted in answer.governing]


# --- the seed case ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "policy", "clause"),
    [
        ("2A983", "case-by-case", OCTOBER_2019.partition(";")[0]),
        ("1A995.b", "case-by-case", OCTOBER_2019.partition(";")[0]),
        ("5A992.c", "presumption of denial", "presumption of denial for all other items subject to the EAR"),
        ("5a992.C", "presumption of denial", "presumption of denial for all other items subject to the EAR"),
    ],
)
def test_the_policy_for_hikvision_in_october_2019_is_chosen_by_item(item, policy, clause):
    answer = determine(HIKVISION, item, ORDERED)

    assert (answer.requirement, answer.policy, answer.item) == ("license required", policy, item_code(item))
    assert texts(answer) == ["For all items subject to the EAR", clause]
    assert {quoted.citation for quoted in answer.governing} == {"84 FR 54004, 10/9/19"}
    assert (answer.conditional, answer.left_over, answer.to_read) == ((), (), False)


def test_an_answer_is_cited():
    answer = determine(HIKVISION, "5A992.c", ORDERED)

    assert answer.citations == ("84 FR 54004, 2019-10-09", "15 CFR 744.11(a)", "15 CFR 744.11")
    assert "744.11(a)" in answer.exceptions[0]
    assert answer.day == ORDERED


@pytest.mark.parametrize(("item", "policy"), [("5A992.c", "presumption of denial"), ("2A983", "case-by-case")])
def test_the_answer_of_august_2020_stays_and_the_clause_on_infectious_disease_stands_apart(item, policy):
    answer = determine(HIKVISION_2020, item, LATER)

    (apart,) = answer.conditional
    assert (answer.requirement, answer.policy) == ("license required", policy)
    assert apart.text.startswith("casa-by-case review for items necessary")
    assert "Applies only if" in apart.note
    assert "Read it yourself" in apart.note
    assert "85 FR 44159" in apart.citation


@pytest.mark.parametrize(
    ("described_in_note", "policy"),
    [(True, "case-by-case"), (False, "presumption of denial"), (None, READ)],
)
def test_an_ear99_item_depends_on_the_note(described_in_note, policy):
    answer = determine(HIKVISION, "EAR99", ORDERED, described_in_note=described_in_note)

    assert (answer.requirement, answer.policy) == ("license required", policy)


def test_an_open_note_shows_both_clauses():
    answer = determine(HIKVISION, "EAR99", ORDERED)

    assert [quoted.clause.policy for quoted in answer.governing] == [None, "presumption of denial"]
    assert [quoted.clause.policy for quoted in answer.conditional] == ["case-by-case"]
    assert "Note to ECCN 1A995" in answer.conditional[0].note


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        (date(2019, 10, 8), {}),
        (date(2024, 1, 2), {"end_date": "2024-01-01"}),
        (date(2020, 1, 1), {"end_date": "2019-01-01"}),
    ],
)
def test_a_day_outside_the_entry_s_own_dates_is_left_to_a_person(day, dates):
    answer = determine(replace(HIKVISION, **dates), "2A983", day)

    assert (answer.requirement, answer.policy) == (READ, READ)
    assert "The entry's own" in answer.notes[-1]
    assert "2019-10-09" in answer.notes[-1] or dates["end_date"] in answer.notes[-1]


def test_the_first_day_of_an_entry_counts():
    assert determine(HIKVISION, "2A983", date(2019, 10, 9)).requirement == "license required"


def test_an_entry_without_a_date_says_so():
    answer = determine(replace(HIKVISION, start_date=""), "2A983", ORDERED)

    assert answer.policy == "case-by-case"
    assert answer.notes == ("The entry carries no date of its own.",)


# --- requirements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "item", "answer"),
    [
        ("All items subject to the EAR", "EAR99", "license required"),
        ("All items subject to the EAR", "chips", "license required"),
        ("For items on the CCL", "3A001", "license required"),
        ("For items on the CCL", "EAR99", "not for this item"),
        ("For items on the CCL", "chips", READ),
        ("For EAR99 and 3A991", "EAR99", "license required"),
        ("For EAR99 and 3A991", "3A001", "not for this item"),
        ("For ECCN 1A004.c", "1A004", READ),
        ("For ECCN 1A004.c", "1A004.d", "not for this item"),
        ("For all items subject to the EAR except ECCN 5A992.c", "5A992.c", "not for this item"),
        ("For all items subject to the EAR except ECCN 5A992.c", "5A992", READ),
        ("For all items subject to the EAR except ECCN 5A992.c", "5A002", "license required"),
        ("For all items subject to the EAR when used in projects specified in § 746.5", "EAR99", READ),
        ("For items on the CCL and EAR99 items listed in supplement no. 7 to part 746 of the EAR", "EAR99", READ),
        ("For items on the CCL and listed in supplement no. 7 to part 746 of the EAR", "EAR99", READ),
        ("For items on the CCL and listed in supplement no. 7 to part 746 of the EAR", "3A001", READ),
        ("For items in supplement no. 2 to part 744", "3A991", READ),
        ("For ECCN 3A001; and something else", "EAR99", READ),
        ("Something else", "EAR99", READ),
        ("Presumption of denial", "EAR99", READ),
        ("", "EAR99", READ),
    ],
)
def test_a_requirement_reaches_the_items_it_names_and_an_open_one_is_never_a_no(requirement, item, answer):
    entry = listed(license_requirement=requirement, license_policy="Presumption of denial")

    assert determine(entry, item, ORDERED).requirement == answer


def test_an_exception_that_may_take_the_item_out_stands_apart_and_the_requirement_stays():
    text = (
        "All items subject to the EAR except for food or medicine designated as EAR99, or ECCN 5A992.c and 5D992.c "
        "unless for a government"
    )

    answer = determine(listed(license_requirement=text, license_policy="Policy of denial"), "5A992.c", LATER)

    assert answer.requirement == "license required"
    assert [quoted.note for quoted in answer.conditional] == [
        "Does not take in the item if this is so: “ECCN 5A992.c and 5D992.c unless for a government”. Read it yourself."
    ]


def test_what_could_not_be_read_is_shown_and_the_requirement_for_all_items_stays():
    entry = listed(license_requirement=f"{EVERYTHING}. Russia is another matter.", license_policy="Policy of denial")

    answer = determine(entry, "EAR99", LATER)

    assert (answer.requirement, answer.policy) == ("license required", "policy of denial")
    assert (answer.left_over, answer.to_read) == (("Russia is another matter",), True)


def test_columns_that_look_exchanged_are_left_to_a_person():
    entry = listed(license_requirement="Presumption of denial", license_policy=EVERYTHING)

    answer = determine(entry, "EAR99", LATER)

    assert (answer.requirement, answer.policy) == (READ, READ)
    assert "The review policy reads like a license requirement." in answer.notes


def test_an_item_that_needs_no_license_by_the_entry_has_no_review_policy():
    answer = determine(listed(license_requirement="For ECCN 3A090", license_policy="Denial"), "EAR99", LATER)

    assert (answer.requirement, answer.policy) == ("not for this item", None)


def test_a_license_exception_that_the_entry_opens_is_quoted():
    opened = "This license requirement may be overcome by License Exception GOV under § 740.11(b)(2) and (e)"

    answer = determine(listed(license_requirement=f"{EVERYTHING} {opened}"), "EAR99", LATER)

    assert answer.exceptions[1] == f"The entry itself says: “{opened}”."


def test_footnotes_show_their_reach_and_what_they_leave_open():
    entry = listed(license_requirement="For all items subject to the EAR, see §§ 734.9(e) 1 and 744.11 of the EAR 2")

    answer = determine(entry, "EAR99", LATER)

    assert [reach.sign for reach in answer.reach] == ["1"]
    assert [sentence.partition(",")[0].partition(":")[0] for sentence in answer.exceptions[1:]] == [
        "Footnote 1",
        "Footnote 2",
    ]
    assert [effect.code for effect in answer.effects] == ["license_required", "foreign_made_1"]


def test_a_wider_reach_is_told():
    wider = "The license requirements under this entry also extend to any export to the entity wherever located"

    assert wider in determine(listed(license_requirement=f"{EVERYTHING}. {wider}"), "EAR99", LATER).notes


# --- review policies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "text", "policy"),
    [
        ("5A992.c", OCTOBER_2019, "presumption of denial"),
        ("2A983", OCTOBER_2019, "case-by-case"),
        ("1A004.c", OCTOBER_2019, "case-by-case"),
        ("1A004.cx", OCTOBER_2019, "presumption of denial"),
        ("1A004.a", OCTOBER_2019, "presumption of denial"),
        ("1A004", OCTOBER_2019, None),
        ("EAR99", OCTOBER_2019, "presumption of denial"),
        ("chips", OCTOBER_2019, None),
        ("5A992.c", JULY_2020, "presumption of denial"),
        ("2A983", JULY_2020, "case-by-case"),
        ("EAR99", BY_CCL, "presumption of approval"),
        ("3A001", BY_CCL, "case-by-case"),
        ("3A001", "Presumption of approval for EAR99 items", None),
        ("3B001", CHIP_TOOLS, None),
        ("EAR99", FOOD, "policy of denial"),
        ("3A001", FOOD, "policy of denial"),
        ("3B001.c", NOT_THESE, "presumption of denial"),
        ("3B001.m", NOT_THESE, "presumption of denial"),
        ("3B001.e", NOT_THESE, "case-by-case"),
        ("3B001", NOT_THESE, None),
        ("EAR99", NOT_THESE, "case-by-case"),
        ("EAR99", "Presumption of denial", "presumption of denial"),
        ("EAR99", "Policy of denial; case-by-case for space programs", "policy of denial"),
        ("EAR99", "Presumption of denial for all items except items for hospitals", "presumption of denial"),
        ("EAR99", "Policy of denial. See § 746.8(b)", "policy of denial"),
        ("EAR99", "Case-by-case. See § 744.2(d)", None),
        ("EAR99", "See § 744.3(d) of this part", None),
        ("EAR99", "Presumption of denial for all items; case-by-case for EAR99 items", None),
        ("EAR99", "Presumption of denial for all other items", None),
        ("EAR99", "Presumption of denial; something else", None),
        ("EAR99", "", None),
        ("9A610", "Case-by-Case review for licenses for the safety of civil aviation of aircraft.", None),
    ],
)
def test_the_review_policy_is_chosen_by_item_and_never_guessed(item, text, policy):
    found = policy_for(item, text)

    assert (found.policy if found else None) == policy
    assert determine(replace(HIKVISION, license_policy=text), item, ORDERED, described_in_note=False).policy == (
        policy or READ
    )


def test_the_clause_that_governs_names_its_items_as_printed():
    found = policy_for("2A983", OCTOBER_2019)

    assert found is not None
    assert found.scope in OCTOBER_2019
    assert found.scope.startswith("ECCNs 1A004.c")


def test_a_case_that_only_food_meets_is_shown_for_ear99_and_not_for_an_eccn():
    of_ear99 = determine(listed(license_requirement=EVERYTHING, license_policy=FOOD), "EAR99", LATER)
    of_chips = determine(listed(license_requirement=EVERYTHING, license_policy=FOOD), "3A001", LATER)

    assert [quoted.clause.policy for quoted in of_ear99.conditional] == ["case-by-case", None]
    assert [quoted.clause.kind for quoted in of_chips.conditional] == ["reference"]


def test_an_exception_without_a_policy_of_its_own_is_shown_beside_the_policy():
    entry = replace(HIKVISION, license_policy="Presumption of denial for all items except items for hospitals")

    answer = determine(entry, "EAR99", ORDERED)

    assert answer.policy == "presumption of denial"
    assert "“items for hospitals”" in answer.conditional[0].note


POLICY_WORDS = ("case-by-case review", "presumption of denial", "policy of denial", "presumption of approval")
ITEMS = st.sampled_from(["EAR99", "3A001", "3A001.b", "5A992.c", "chips"])
SCOPES = st.sampled_from(
    ["EAR99 items", "ECCN 3A001", "ECCN 5A992.c", "items on the CCL", "items for hospitals", "all other items",
     "all items", "EAR99 items described in the Note to ECCN 1A995"]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(POLICY_WORDS), SCOPES), min_size=1, max_size=4), ITEMS)
def test_no_clause_that_may_apply_is_stricter_than_the_answer(clauses, item):
    text = "; ".join(f"{policy} for {scope}" for policy, scope in clauses)

    answer = determine(replace(HIKVISION, license_policy=text), item, ORDERED)

    if answer.policy != READ:
        shown = [quoted.clause for quoted in (*answer.governing, *answer.conditional)]
        assert all(STRICTNESS[clause.policy] <= STRICTNESS[answer.policy] for clause in shown if clause.policy)


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=12), st.sampled_from(LIST_CODES))
def test_any_entry_and_any_item_get_an_answer(requirement, policy, item, list_code):
    entry = listed(list_code, license_requirement=requirement, license_policy=policy)

    assert determine(entry, item, ORDERED).effects


# --- the other lists -------------------------------------------------------------------------------------------------

IN_2024 = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("list_code", "requirement"),
    [
        ("DPL", "prohibited"),
        ("UVL", "statement required"),
        ("SDN", "prohibited"),
        ("SSI", READ),
        ("CAP", READ),
        ("DTC", READ),
        ("ISN", READ),
        ("CMIC", "none from this list"),
        ("UFLPA", "none from this list"),
        ("1260H", "none from this list"),
        ("889", "none from this list"),
        ("UN", READ),
        ("UK", READ),
        ("OS", READ),
        ("OWN", READ),
        ("INF", READ),
    ],
)
def test_each_other_list_answers_by_its_effect(list_code, requirement):
    answer = determine(listed(list_code), "5A992.c", IN_2024)

    assert answer.requirement == requirement
    assert answer.effects[0].sentence in answer.notes or list_code == "INF"


@pytest.mark.parametrize(
    ("day", "requirement"),
    [
        (date(2015, 1, 1), "prohibited"),
        (date(2020, 6, 30), "prohibited"),
        (date(2020, 7, 1), "expired order"),
        (date(2014, 12, 31), READ),
    ],
)
def test_a_denial_order_binds_within_its_dates_and_an_expired_one_is_information(day, requirement):
    order = listed("DPL", start_date="2015-01-01", end_date="2020-06-30")

    answer = determine(order, "EAR99", day)

    assert answer.requirement == requirement
    assert any(effect.places_hold for effect in answer.effects) == (requirement != "expired order")


def test_an_order_without_an_end_goes_on():
    assert determine(listed("DPL", start_date="2015-01-01"), "EAR99", IN_2024).requirement == "prohibited"


def test_no_license_exception_is_open_for_an_unverified_party():
    assert "740.2(a)(17)" in determine(listed("UVL"), "EAR99", IN_2024).exceptions[0]


@pytest.mark.parametrize(
    ("item", "day", "requirement", "policy"),
    [
        ("5A992.c", IN_2024, "license required", "presumption of denial"),
        ("3A991", IN_2024, "license required", "presumption of denial"),
        ("2A991", IN_2024, READ, READ),
        ("EAR99", IN_2024, "not for this item", None),
        ("5A002", IN_2024, "not for this item", None),
        ("chips", IN_2024, READ, READ),
        ("EAR99", date(2021, 1, 5), READ, READ),
    ],
)
def test_a_military_end_user_needs_a_license_for_the_items_of_supplement_2(item, day, requirement, policy):
    answer = determine(listed("MEU", start_date="2020-12-23"), item, day)

    assert (answer.requirement, answer.policy) == (requirement, policy)
    assert any("not exhaustive" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("day", "policy", "effects"),
    [
        (date(2024, 3, 21), "presumption of denial", ["blocked_property", "license_required_744_8"]),
        (date(2024, 3, 20), READ, ["blocked_property"]),
    ],
)
def test_a_program_of_744_8_adds_a_license_requirement_from_its_day(day, policy, effects):
    answer = determine(listed("SDN", programs=("RUSSIA-EO14024",)), "EAR99", day)

    assert (answer.requirement, answer.policy) == ("prohibited", policy)
    assert [effect.code for effect in answer.effects] == effects


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2019, 8, 12), "neither Part A"),
        (date(2019, 8, 13), "Part A applied"),
        (date(2020, 8, 13), "Part A and Part B applied"),
    ],
)
def test_section_889_has_two_parts_by_date(day, words):
    assert any(words in note for note in determine(listed("889"), "EAR99", day).notes)


def test_an_entry_s_own_effect_answers_for_it():
    assert determine(listed("OWN", effect="warning"), "EAR99", IN_2024).requirement == "none from this list"
    assert determine(listed("OWN", effect="prohibited"), "EAR99", IN_2024).requirement == "prohibited"
    assert determine(listed("889", effect="unheard_of"), "EAR99", IN_2024).requirement == READ


def test_a_letter_from_bis_answers_by_its_own_words():
    letter = listed("INF", license_requirement="For ECCN 3A090", start_date="2022-08-26")

    assert determine(letter, "3A090", IN_2024).requirement == "license required"
    assert determine(letter, "EAR99", IN_2024).requirement == "not for this item"
    assert determine(letter, "3A090", date(2022, 8, 25)).requirement == READ


# --- the real list ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SUPPLEMENT.exists(), reason="the real list is not here")
def test_in_the_supplement_of_2026_hikvision_reads_as_revised():
    text = gzip.decompress(SUPPLEMENT.read_bytes()).decode("utf-8")
    row = next(row for row in csv.DictReader(io.StringIO(text, newline="")) if "Hikvision" in row["entity"])
    entry = replace(
        HIKVISION, license_requirement=row["license_requirement"], license_policy=row["license_review_policy"]
    )

    chips, detectors = (determine(entry, item, date(2026, 7, 20)) for item in ("5A992.c", "2A983"))

    assert (chips.requirement, chips.policy) == ("license required", "presumption of denial")
    assert (detectors.requirement, detectors.policy) == ("license required", "case-by-case")
    assert "infectious disease" in chips.conditional[0].text
