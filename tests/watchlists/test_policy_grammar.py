"""How texts on license requirements and review policies are read into clauses."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.policy_grammar import LONGEST_TEXT, read
from compliance.watchlists.policy_tokens import Clause

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SUPPLEMENT = DATA / "ecfr" / "entity_list_rows_2026-07-18.csv.gz"
CSL = DATA / "csl" / "csl_2022-04-21_full.csv.gz"
COLUMNS = {
    SUPPLEMENT: ("license_requirement", "license_review_policy"),
    CSL: ("license_requirement", "license_policy"),
}
real_files = pytest.mark.skipif(not SUPPLEMENT.exists(), reason="the real lists are not here")


def kinds(text: str) -> list[tuple[str, str | None]]:
    return [(clause.kind, clause.policy) for clause in read(text).clauses]


def groups(clause: Clause) -> list[tuple[str, tuple[str, ...], str]]:
    return [(scope.covers, scope.eccns, scope.condition) for scope in clause.scopes]


# --- single rules ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("Presumption of denial.", "presumption of denial"),
        ("Presumption of  Denial", "presumption of denial"),
        ("A presumption of denial license review policy", "presumption of denial"),
        ("License applications will be reviewed under a policy of denial.", "policy of denial"),
        ("Case-by-case basis.", "case-by-case"),
        ("Reviewed on a case-by-case basis", "case-by-case"),
        ("Casa-by-case review", "case-by-case"),
        ("Case by case", "case-by-case"),
        ("Denial.", "denial"),
        ("Presumption of approval", "presumption of approval"),
    ],
)
def test_each_review_policy_is_known_alone(text, policy):
    reading = read(text)

    assert [(clause.kind, clause.policy, clause.scopes) for clause in reading.clauses] == [("review", policy, ())]
    assert reading.left_over == ()


@pytest.mark.parametrize(
    ("text", "sections", "footnotes"),
    [
        ("See § 744.2(d) of the EAR", ("744.2(d)",), ()),
        ("See §744.2 (d) of the EAR.", ("744.2(d)",), ()),
        ("(See part§744.11 of the EAR).", ("744.11",), ()),
        ("See §§ 744.2(d), 744.3(d), and 744.4(d) of this part", ("744.2(d)", "744.3(d)", "744.4(d)"), ()),
        ("(See §§ 734.9(g),3 746.8(a)(3). of the EAR)", ("734.9(g)", "746.8(a)(3)"), ("3",)),
        ("(See §§ 734.9(g)3, and 744.2l(b) of the EAR)", ("734.9(g)", "744.21(b)"), ("3",)),
        ("see §§ 734.9(e) 1 and 744.11 of the EAR 2", ("734.9(e)", "744.11"), ("1", "2")),
        ("(See § 744.11 of the EAR) 1 4", ("744.11",), ("1", "4")),
        ("(See § 734.9(e) and § 744.11of the EAR)4", ("734.9(e)", "744.11"), ("4",)),
    ],
)
def test_a_reference_names_its_sections_and_the_footnote_signs_in_it(text, sections, footnotes):
    reading = read(text)

    assert [(clause.kind, clause.sections, clause.footnotes) for clause in reading.clauses] == [
        ("reference", sections, footnotes)
    ]
    assert reading.left_over == ()


@pytest.mark.parametrize(
    ("listed", "codes"),
    [
        ("ECCN 2A983", ("2A983",)),
        ("ECCNs 1a004.C, 1A995, and 1D003", ("1A004.c", "1A995", "1D003")),
        ("3A001 or 3A002", ("3A001", "3A002")),
        ("ECCN 3A001, ECCN 3A002.b.1", ("3A001", "3A002.b.1")),
        ("items classified under ECCN 3B001.a.4, .c, f.1; 3B002.c", ("3B001.a.4", "3B001.c", "3B001.f.1", "3B002.c")),
        ("ECCN 3B001.k to .n", ("3B001.k", "3B001.l", "3B001.m", "3B001.n")),
        ("ECCN 3B001.a.2 through a.4", ("3B001.a.2", "3B001.a.3", "3B001.a.4")),
    ],
)
def test_a_list_of_eccns_is_written_out(listed, codes):
    (clause,) = read(f"Case-by-case review for {listed}").clauses

    assert groups(clause) == [("eccn", codes, "")]


@pytest.mark.parametrize("listed", ["ECCN 3B001.k to .a", "ECCN 3B001.a to b.4", "ECCN 3B001.a.1 to .c"])
def test_a_range_that_is_no_plain_row_is_left_over(listed):
    reading = read(f"Case-by-case review for {listed}")

    assert (reading.clauses, len(reading.left_over)) == ((), 1)


def test_items_not_described_in_an_eccn_are_all_the_others():
    main, other = read("Presumption of denial except case-by-case for items not described in ECCN 3B001.c").clauses

    assert (main.policy, other.policy) == ("presumption of denial", "case-by-case")
    assert groups(other) == [("not_eccn", ("3B001.c",), "")]
    assert main.exceptions == other.scopes


def test_what_is_reviewed_otherwise_is_a_clause_of_its_own_and_an_exception_of_the_first():
    text = (
        "Policy of denial for all items subject to the EAR apart from food and medicine designated as EAR99 and for "
        "items for U.S. Government supported use, which will be reviewed on a case-by-case basis. See §§ 746.8(b)"
    )

    main, other, reference = read(text).clauses

    assert (main.policy, groups(main), main.exceptions) == ("policy of denial", [("all", (), "")], other.scopes)
    assert (other.policy, groups(other)) == (
        "case-by-case",
        [("ear99", (), "food and medicine"), ("described", (), "items for U.S. Government supported use")],
    )
    assert reference.sections == ("746.8(b)",)


def test_a_requirement_may_carry_its_review_policy():
    requirement, review = read("For all items subject to the EAR, with a presumption of denial").clauses

    assert (requirement.kind, groups(requirement)) == ("requirement", [("all", (), "")])
    assert (review.kind, review.policy, review.scopes) == ("review", "presumption of denial", ())


def test_a_note_that_describes_an_item_is_told_from_other_conditions():
    (clause,) = read("Case-by-case review for EAR99 items described in the Note to ECCN 1A995").clauses

    assert [(scope.covers, scope.by_note) for scope in clause.scopes] == [("ear99", True)]


def test_a_license_exception_that_the_entry_opens_is_read_with_its_paragraphs():
    text = (
        "All items subject to the EAR. (See § 744.11 of the EAR). This license requirement may be overcome by License "
        "Exception GOV under § 740.11(b)(2) and (e) when used by a public agency"
    )

    opened = read(text).clauses[-1]

    assert (opened.kind, opened.codes, opened.sections) == ("exception", ("GOV",), ("740.11(b)(2)", "740.11(e)"))
    assert opened.conditions == ("when used by a public agency",)


@pytest.mark.parametrize(
    "text",
    [
        "No presumption of denial",
        "Not on a case-by-case basis",
        "Items may be shipped",
        "Russia does not include this region",
        "Presumption of denial for ECCN 3A001 (except 3A001.b)",
        "Presumption of denial, unless the moon is full",
        "For ECCN 3A001 presumption of denial for chips",
        "x" * (LONGEST_TEXT + 1),
    ],
)
def test_what_no_rule_reads_is_given_back_verbatim_and_not_guessed(text):
    reading = read(text)

    assert (reading.clauses, reading.left_over) == ((), (text,))


def test_a_stretch_that_no_rule_reads_spoils_no_other():
    reading = read("Policy of denial; and quite another thing; case-by-case review for EAR99 items.")

    assert [clause.policy for clause in reading.clauses] == ["policy of denial", "case-by-case"]
    assert reading.left_over == ("quite another thing",)


@pytest.mark.parametrize("text", ["", "  \n ", ";.;", ". and ,"])
def test_a_text_without_words_has_no_clauses_and_leaves_nothing(text):
    assert read(text) == read("")


# --- fifty sentences made by recombining clauses ---------------------------------------------------------------------

SCOPES = (
    ("all items subject to the EAR", [("all", (), "")]),
    ("EAR99 items", [("ear99", (), "")]),
    ("all items listed on the CCL", [("ccl", (), "")]),
    ("ECCNs 3A001, 3A002.b, and 4A003", [("eccn", ("3A001", "3A002.b", "4A003"), "")]),
    ("items not described in ECCN 5A002 or 5D002.c", [("not_eccn", ("5A002", "5D002.c"), "")]),
    (
        "ECCNs 2A983 and 2D983, and for EAR99 items described in the Note to ECCN 1A995",
        [("eccn", ("2A983", "2D983"), ""), ("ear99", (), "described in the Note to ECCN 1A995")],
    ),
    (
        "items necessary to detect, identify and treat infectious disease",
        [("described", (), "items necessary to detect, identify and treat infectious disease")],
    ),
    ("food and medicine designated as EAR99", [("ear99", (), "food and medicine")]),
    ("items destined to a weather station", [("described", (), "items destined to a weather station")]),
    ("items on the CCL and EAR99 items", [("ccl", (), ""), ("ear99", (), "")]),
)
POLICIES = (
    ("Presumption of denial", "presumption of denial"),
    ("case-by-case review", "case-by-case"),
    ("a policy of denial", "policy of denial"),
    ("Presumption of approval", "presumption of approval"),
    ("reviewed on a case-by-case basis", "case-by-case"),
)
CONNECTORS = ("; ", ". ", "; and ", ", and ", " and ")
LAST = (
    ("presumption of denial for all other items subject to the EAR", "presumption of denial", "rest"),
    ("Policy of denial for all others", "policy of denial", "rest"),
    ("case-by-case for everything else", "case-by-case", "rest"),
)
REFERENCES = (
    ("", ()),
    (" See § 746.8(b) of the EAR", ("746.8(b)",)),
    (" (See §§ 744.2(d) and 744.3)", ("744.2(d)", "744.3")),
)


@dataclass(frozen=True)
class Recombined:
    text: str
    expected: list[tuple[str, str | None, list[tuple[str, tuple[str, ...], str]]]]


def recombined() -> list[Recombined]:
    """Fifty texts, each of two policies for two groups of items, one for the rest, and at times a reference."""
    made = []
    for n in range(50):
        (scope_a, groups_a), (scope_b, groups_b) = SCOPES[n % 10], SCOPES[(n * 3 + n // 10 + 1) % 10]
        (words_a, policy_a), (words_b, policy_b) = POLICIES[n % 5], POLICIES[(n // 5 + n + 1) % 5]
        last, policy_c, covers = LAST[n % 3]
        reference, sections = REFERENCES[n // 7 % 3]
        first = f"For {scope_a}, {words_a}" if n % 4 == 3 else f"{words_a} for {scope_a}"
        text = CONNECTORS[n % 5].join((first, f"{words_b} for {scope_b}"))
        text += CONNECTORS[n // 3 % 3] + last + "." + reference
        expected = [
            ("review", policy_a, groups_a),
            ("review", policy_b, groups_b),
            ("review", policy_c, [(covers, (), "")]),
            *([("reference", None, [])] if sections else []),
        ]
        made.append(Recombined(text, expected))
    return made


def test_the_fifty_recombined_sentences_are_fifty():
    assert len({made.text for made in recombined()}) == 50


@pytest.mark.parametrize("made", recombined(), ids=lambda made: made.text[:60])
def test_a_recombined_sentence_gives_exactly_its_clauses(made):
    reading = read(made.text)

    assert [(clause.kind, clause.policy, groups(clause)) for clause in reading.clauses] == made.expected
    assert reading.left_over == ()


HEADS = ("For all items subject to the EAR", "All items subject to the EAR", "For items on the CCL and ECCN 9A991")
EXCEPTIONS = (
    ("", []),
    (", except for ECCN 5A992.c and 5D992.c", [("eccn", ("5A992.c", "5D992.c"), "")]),
    (" apart from food or medicine designated as EAR99", [("ear99", (), "food or medicine")]),
)
TAILS = (
    (". (See § 744.11 of the EAR)", ("744.11",)),
    (" (See §§ 734.9(g),3 746.8(a)(3) of the EAR.)", ("734.9(g)", "746.8(a)(3)")),
)
OPENED = ("", ". This license requirement may be overcome by License Exception GOV under § 740.11(b)(2)")


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize(("tail", "sections"), TAILS)
@pytest.mark.parametrize(("excepted", "exceptions"), EXCEPTIONS)
@pytest.mark.parametrize("head", HEADS)
def test_a_recombined_requirement_gives_exactly_its_clauses(head, excepted, exceptions, tail, sections, opened):
    reading = read(head + excepted + tail + opened)

    requirement, reference = reading.clauses[:2]
    assert (requirement.kind, requirement.sentence) == ("requirement", head + excepted)
    assert [(scope.covers, scope.eccns, scope.condition) for scope in requirement.exceptions] == exceptions
    assert (reference.kind, reference.sections) == ("reference", sections)
    assert [clause.codes for clause in reading.clauses[2:]] == ([("GOV",)] if opened else [])
    assert reading.left_over == ()


# --- nothing is lost -------------------------------------------------------------------------------------------------


def lost_words(text: str) -> list[str]:
    """The words of a text that stand neither in a clause's sentence nor in what was left over."""
    text = " ".join(text.split())
    reading = read(text)
    kept = [False] * len(text)
    for stretch in (*(clause.sentence for clause in reading.clauses), *reading.left_over):
        at = text.find(stretch)
        assert at >= 0, stretch
        while at >= 0:
            kept[at : at + len(stretch)] = [True] * len(stretch)
            at = text.find(stretch, at + 1)
    rest = "".join(" " if stays else letter for letter, stays in zip(text, kept, strict=True))
    return [word for word in re.findall(r"[^\s;.,)]+", rest) if word.lower() not in ("and", "but", "except")]


@pytest.mark.parametrize("made", recombined(), ids=lambda made: made.text[:60])
def test_no_word_of_a_recombined_sentence_is_lost(made):
    assert lost_words(made.text) == []


VOCABULARY = (
    "for all any other items subject to the EAR EAR99 CCL on and or ; , . : ( ) § see See of except apart from which"
    " will be reviewed a with not described in ECCN 3A001 3A002.b .c to 744.11(a) 1 Presumption of denial case-by-case"
    " food policy review basis when may License Exception GOV under This license requirement overcome by"
)


@given(st.lists(st.sampled_from(VOCABULARY.split()), max_size=30))
def test_no_word_is_lost_whatever_stands_where(words):
    assert lost_words(" ".join(words)) == []


@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text):
    assert lost_words(text) == []


# --- the real lists --------------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[tuple[str, str]]:
    """Requirement and review policy of every Entity List entry of a real file."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    first, second = COLUMNS[path]
    return [(row[first], row[second]) for row in rows if "Entity List" in row.get("source", "Entity List")]


def is_whole(text: str) -> bool:
    reading = read(text)
    return bool(reading.clauses) and not reading.left_over


def left_over_table() -> list[str]:
    """The lines of the table in docs/policy.md: file, how many entries, the stretch."""
    lines = []
    for path, name in ((SUPPLEMENT, "supplement of 2026-07-18"), (CSL, "CSL of 2022-04-21")):
        found = Counter(stretch for row in rows_of(path) for text in row for stretch in read(text).left_over)
        empty = sum(not text.strip() for row in rows_of(path) for text in row)
        lines += [f"| {name} | {count} | “{stretch}” |" for stretch, count in sorted(found.items())]
        lines.append(f"| {name} | {empty} | (the cell is empty) |")
    return lines


@real_files
@pytest.mark.parametrize(("path", "entries"), [(SUPPLEMENT, 3415), (CSL, 2001)], ids=["supplement", "csl"])
def test_of_the_real_entries_98_percent_and_of_the_distinct_texts_90_percent_are_read_whole(path, entries):
    rows = rows_of(path)
    distinct = [{" ".join(row[column].split()) for row in rows} for column in (0, 1)]

    assert len(rows) == entries
    assert sum(all(map(is_whole, row)) for row in rows) >= 0.98 * entries
    assert all(sum(map(is_whole, texts)) >= 0.90 * len(texts) for texts in distinct)


@real_files
@pytest.mark.parametrize("path", [SUPPLEMENT, CSL], ids=["supplement", "csl"])
def test_no_word_of_a_real_text_is_lost(path):
    texts = {text for row in rows_of(path) for text in row}

    assert [text for text in texts if lost_words(text)] == []


@real_files
def test_the_documentation_lists_what_is_left_over():
    documented = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")

    assert [line for line in left_over_table() if line not in documented] == []


@real_files
def test_no_whole_text_of_a_list_stands_in_the_program():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "compliance" / "watchlists").glob("policy*.py")]
    texts = {" ".join(text.split()) for path in COLUMNS for row in rows_of(path) for text in row}

    assert sources
    assert not [text for text in texts if len(text) > 40 and any(text in source for source in sources)]
