"""Documents of the Federal Register: what an answer holds, which list a document is about, what its abstract counts."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.abstracts import MAX_CHARACTERS, Counts
from compliance.watchlists.federal_register import (
    Document,
    counts_by_list,
    counts_of,
    effective_in,
    inspection_address,
    is_about_a_list,
    lists_named,
    next_page_address,
    read_documents,
    read_page,
    search_address,
)
from compliance.watchlists.parsers.base import RefusedFile

BASE = "https://www.federalregister.gov/api/v1"
SHARED_FR = Path(__file__).resolve().parents[3] / "shared" / "data" / "fr"
REAL = SHARED_FR / "federal_register_bis_documents_2020-2026.json"
with_real_documents = pytest.mark.skipif(not REAL.is_file(), reason="the real documents (../shared/data/fr) are absent")


def answer(*results: object, **more: object) -> bytes:
    return json.dumps({"count": len(results), "total_pages": 1, "results": list(results)} | more).encode()


def row(**fields: object) -> dict[str, object]:
    """A published rule as the search gives it, with the given fields in place of its own."""
    sound = {
        "document_number": "2019-22210",
        "title": "Addition of Certain Entities to the Entity List",
        "type": "Rule",
        "citation": "84 FR 54002",
        "publication_date": "2019-10-09",
        "effective_on": "2019-10-09",
        "abstract": "This rule amends the EAR by adding twenty-eight entities to the Entity List.",
        "html_url": "https://www.federalregister.gov/d/2019-22210",
        "action": "Final rule.",
        "agencies": [{"raw_name": "DEPARTMENT OF COMMERCE"}, {"name": "Industry and Security Bureau"}],
        "docket_ids": ["Docket No. 190925-0044"],
    }
    return sound | fields


def read_one(**fields: object) -> Document:
    (document,) = read_documents(answer(row(**fields)))
    return document


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        read_documents(data)
    return caught.value


def said(abstract: str, title: str = "A Rule on the Entity List") -> Counts:
    return counts_of(Document("2026-00001", title, abstract=abstract))


# Addresses


def test_a_search_asks_for_the_documents_of_bis_since_a_day():
    parts = urlsplit(search_address(BASE + "/", date(2026, 3, 1)))
    asked = parse_qs(parts.query)

    assert (parts.hostname, parts.path) == ("www.federalregister.gov", "/api/v1/documents.json")
    assert asked["conditions[agencies][]"] == ["industry-and-security-bureau"]
    assert asked["conditions[publication_date][gte]"] == ["2026-03-01"]
    assert asked["order"] == ["newest"]
    assert {"document_number", "abstract", "effective_on", "dates", "citation"} < set(asked["fields[]"])


def test_public_inspection_is_asked_for_as_it_is_now():
    parts = urlsplit(inspection_address(BASE))

    assert parts.path == "/api/v1/public-inspection-documents/current.json"
    assert "filed_at" in parse_qs(parts.query)["fields[]"]


# What an answer holds


def test_a_published_document_gives_its_fields():
    assert read_one() == Document(
        document_number="2019-22210",
        title="Addition of Certain Entities to the Entity List",
        kind="Rule",
        citation="84 FR 54002",
        published="2019-10-09",
        effective="2019-10-09",
        abstract="This rule amends the EAR by adding twenty-eight entities to the Entity List.",
        url="https://www.federalregister.gov/d/2019-22210",
        action="Final rule.",
        agencies=("DEPARTMENT OF COMMERCE", "Industry and Security Bureau"),
        dockets=("Docket No. 190925-0044",),
    )


def test_a_document_on_public_inspection_gives_the_time_of_its_filing():
    filed = {
        "document_number": "2026-01234",
        "title": None,
        "toc_subject": "Additions to the Entity List",
        "toc_doc": "Revisions",
        "type": "Rule",
        "filed_at": "2026-03-02T08:45:00.000-05:00",
        "publication_date": "2026-03-03",
        "html_url": None,
        "pdf_url": "https://public-inspection.federalregister.gov/2026-01234.pdf",
        "agency_names": ["Commerce Department", "Industry and Security Bureau"],
    }

    (document,) = read_documents(answer(filed))

    assert document.title == "Additions to the Entity List Revisions"
    assert document.inspection_at == "2026-03-02T08:45:00-05:00"
    assert document.url.endswith("2026-01234.pdf")
    assert document.is_of_bis
    assert (document.citation, document.abstract, document.effective) == ("", "", "")


def test_documents_of_other_agencies_are_told_apart():
    assert not read_one(agencies=[{"name": "Environmental Protection Agency"}]).is_of_bis
    assert read_one(agencies=[{"slug": "industry-and-security-bureau"}]).is_of_bis


def test_null_and_missing_fields_are_unknown():
    (document,) = read_documents(answer({"document_number": "2019-22210", "title": None, "abstract": None}))

    assert document == Document("2019-22210", "")


def test_a_letter_that_is_spelled_out_is_read():
    assert read_one(abstract="under T[uuml]rkiye").abstract == "under Türkiye"


def test_the_next_page_is_named():
    data = answer(row(), next_page_url=f"{BASE}/documents?page=2")

    assert next_page_address(data) == f"{BASE}/documents?page=2"
    assert next_page_address(answer(row())) == ""


def test_an_answer_without_documents_may_leave_them_out():
    page = read_page(b'{"count": 0, "description": "Documents"}')

    assert (page.documents, page.count) == ((), 0)


@pytest.mark.parametrize(
    ("dates", "effective"),
    [
        ("This rule is effective October 9, 2019.", "2019-10-09"),
        ("Effective date: This rule is effective on March 25, 2025.", "2025-03-25"),
        ("Effective September 29, 2025. Comments must be received by October 29, 2025.", "2025-09-29"),
        ("The effective date is May 1, 2026.", "2026-05-01"),
        ("The rule published on May 1, 2020, was effective May 4, 2020.", ""),
        ("Effective May 4, 2020, except for instruction 3, which is effective June 1, 2020.", ""),
        ("Effective May 4, 2020. This rule is effective May 4, 2020.", "2020-05-04"),
        ("This rule is effective on publication.", ""),
        ("Effective February 30, 2020.", ""),
        ("", ""),
    ],
)
def test_the_effective_day_is_read_from_the_printed_dates_when_they_name_one(dates, effective):
    assert effective_in(dates) == effective
    assert read_one(effective_on=None, dates=dates).effective == effective


def test_the_effective_day_of_the_answer_leads():
    assert read_one(effective_on="2019-10-08", dates="Effective October 9, 2019.").effective == "2019-10-08"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html>Request Access</html>", "not_json"),
        (b'{"count": 1, "results": [', "cut_off"),
        (b"[]", "wrong_layout"),
        (b"{}", "wrong_layout"),
        (b'{"count": 3}', "wrong_layout"),
        (b'{"count": "many", "results": []}', "wrong_layout"),
        (b'{"count": 0, "results": {}}', "wrong_layout"),
        (b'{"count": 0, "results": []} {}', "wrong_layout"),
        (b'{"errors": {"order": "is unknown"}}', "api_error"),
        (answer(7), "wrong_layout"),
        (answer(row(document_number=None)), "wrong_layout"),
        (answer(row(document_number="../x")), "wrong_layout"),
        (answer(row(title=["A Rule"])), "wrong_layout"),
        (answer(row(publication_date="soon")), "wrong_layout"),
        (answer(row(filed_at="soon")), "wrong_layout"),
        (answer(row(docket_ids="one")), "wrong_layout"),
        (answer(row(agencies="one")), "wrong_layout"),
        (answer(row(), next_page_url=["page 2"]), "wrong_layout"),
        (b'{"count": 1, "results": [{"document_number": "2019-22210", "title": "\\u0000"}]}', "wrong_layout"),
        ("{}".encode("utf-16"), "not_text"),
        (b"[" * 100_000, "not_json"),
    ],
)
def test_what_is_no_answer_is_refused(data, code):
    assert refusal(data).code == code


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_a_damaged_answer_gives_documents_or_a_refusal(noise, start, end):
    sound = answer(row())

    try:
        documents = read_documents(sound[:start] + noise + sound[end:])
    except RefusedFile:
        return
    assert all(isinstance(document, Document) for document in documents)


# Which list


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("Additions to the Entity List", ("EL",)),
        ("Revisions to the Unverified List (UVL)", ("UVL",)),
        ("Removal From the Military End-User List", ("MEU",)),
        ("Addition of Entity to the Military End User (MEU) List and the Entity List", ("EL", "MEU")),
        ("In the Matter of: A Person; Order Denying Export Privileges", ("DPL",)),
        ("Order Renewing Temporary Denial of Export Privileges", ("DPL",)),
        ("Revisions to Supplement No. 4 to part 744", ("EL",)),
        ("Addition of Entities to the Uyghur Forced Labor Prevention Act Entity List", ("UFLPA",)),
        ("Revocation of Validated End-User Authorizations", ()),
        ("Restrictions on Persons on the SDN List", ()),
        ("Elimination of License Exception Civil End Users (CIV)", ()),
        ("Revisions to Supplement No. 7 to part 748", ()),
    ],
)
def test_a_document_names_its_lists(text, lists):
    assert lists_named(Document("2026-00001", text)) == lists
    assert lists_named(Document("2026-00001", "A Rule", abstract=text)) == lists
    assert is_about_a_list(Document("2026-00001", text)) == bool(lists)


# What is counted


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("37", 37),
        ("1,024", 1024),
        ("one", 1),
        ("nineteen", 19),
        ("twenty-eight", 28),
        ("seventy six", 76),
        ("thirty-three (33)", 33),
        ("one hundred", 100),
        ("one hundred and forty", 140),
        ("two hundred five", 205),
    ],
)
def test_a_number_is_read_in_words_and_in_digits(words, number):
    assert said(f"BIS amends the EAR by adding {words} entities to the Entity List.").added_entities == number


@pytest.mark.parametrize(
    ("abstract", "counts"),
    [
        ("This rule adds 37 entities to the Entity List.", Counts(added_entities=37)),
        ("BIS amends the EAR to add 5 entities to the Entity List.", Counts(added_entities=5)),
        ("This rule adds to the Entity List five entities.", Counts(added_entities=5)),
        ("By adding ten entities under 42 entries to the Entity List.", Counts(added_entities=10, added_entries=42)),
        ("By adding 11 entries to the Entity List.", Counts(added_entries=11)),
        (
            "By adding 29 entries (26 entities and 3 addresses) to the Entity List.",
            Counts(added_entities=26, added_entries=29),
        ),
        ("This rule removes an entity from the Entity List.", Counts(removed=1)),
        ("This rule removes this entity from the Entity List.", Counts(removed=1)),
        ("It removes from the Entity List one entity listed in three entries.", Counts(removed=1)),
        ("It modifies 5 existing entries on the Entity List.", Counts(revised=5)),
        ("It revises an entry by removing two addresses from one entity on the Entity List.", Counts(revised=1)),
        ("It amends 27 existing entries on the Entity List to correct errors.", Counts(corrected=27)),
        ("It corrects typographical errors in two existing entries on the Entity List.", Counts(corrected=2)),
        ("It adds a total of 5 entities and removes three entities from the Entity List.", Counts(5, removed=3)),
        ("These 32 entities will be listed on the Entity List.", Counts(added_entities=32)),
    ],
)
def test_a_number_belongs_to_its_verb_and_its_noun(abstract, counts):
    assert said(abstract) == counts


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        "This rule adds entities to the Entity List.",
        "This rule adds several entities to the Entity List.",
        "On May 1, 2026, BIS amended the EAR by adding 5 entities to the Entity List.",
        "BIS proposes to add 5 entities to the Entity List.",
        "Two persons are removed from the Entity List.",
        "This rule adds five paragraphs about the Entity List.",
        "This rule adds five entities to the Validated End-User list and explains the Entity List.",
        "This rule removes six aliases from the Entity List.",
        "This rule requires a license for 28 entities on the Entity List.",
    ],
)
def test_what_the_abstract_does_not_say_is_not_known(abstract):
    assert said(abstract).says_nothing


def test_what_is_said_again_counts_once():
    found = said("By modifying one entity on the Entity List. This rule modifies one entity on the Entity List.")

    assert found.revised == 1


def test_what_is_said_on_top_is_added():
    found = said("This rule adds 9 entities to the Entity List. In addition, it adds 27 entities to the Entity List.")

    assert found.added_entities == 36


@pytest.mark.parametrize(
    "abstract",
    [
        "This rule adds 9 entities to the Entity List. This rule adds 8 entities to the Entity List.",
        "This rule adds 9 entities to the Entity List. These 8 entities will be listed on the Entity List.",
        "This rule adds 9 entities to the Entity List. It also adds several entities to the Entity List.",
    ],
)
def test_numbers_that_disagree_are_not_known(abstract):
    assert said(abstract).added_entities is None


def test_a_part_is_not_added_to_its_whole():
    abstract = "It is removing 35 persons from the Unverified List, including removing 27 persons under China."

    assert said(abstract, "Revisions to the Unverified List").removed == 35


def test_a_title_speaks_where_no_abstract_is():
    found = counts_of(
        Document("2026-00001", "Addition of Twelve Entities to and Removal of an Entity From the Entity List")
    )

    assert (found.added_entities, found.removed) == (12, 1)


def test_a_title_and_an_abstract_that_disagree_are_not_known():
    found = said("This rule removes two entities from the Entity List.", "Removal of an Entity From the Entity List")

    assert found.removed is None


def test_numbers_are_kept_apart_by_list():
    found = counts_by_list(
        Document(
            "2026-00001",
            "Revisions",
            abstract="By removing 9 persons from the Unverified List (UVL) and adding them to the Entity List. This "
            "rule also removes two entities from the Military End-User List.",
        )
    )

    assert found == {"EL": Counts(added_entities=9), "UVL": Counts(removed=9), "MEU": Counts(removed=2)}


def test_entries_stand_in_for_entities_that_are_not_counted():
    assert said("By adding 11 entries to the Entity List.").added == 11
    assert said("By adding 10 entities under 13 entries to the Entity List.").added == 10


@pytest.mark.parametrize(
    ("abstract", "codes"),
    [
        ("under the destination of the People's Republic of China (China).", ("CN",)),
        ("under the destinations of China, People's Republic of (China) (11), and Pakistan (1).", ("CN", "PK")),
        ("under the destinations of Iran (2); Pakistan (19), and the United Arab Emirates (4).", ("IR", "PK", "AE")),
        ("under the destinations of Latvia; Oman (1); and the U.A.E. This rule removes one.", ("LV", "OM", "AE")),
        ("under the destinations of India (1) Panama (2), Spain, (1), and Turkey.", ("IN", "PA", "ES", "TR")),
        ("under the destinations of Bosnia and Herzegovina and the Russian Federation (Russia).", ("BA", "RU")),
        ("under each of the following destinations: Bulgaria; 14 under the destination of China", ("BG", "CN")),
        ("one entry under France, one entry under Iran, and removes an entity", ("FR", "IR")),
        ("under the destination of Russia and removes Iran from a table.", ("RU",)),
        ("under multiple entries, in China.", ()),
        ("under Atlantis and China.", ()),
    ],
)  # fmt: skip
def test_destinations_are_those_that_entries_stand_under(abstract, codes):
    assert said(abstract).destinations == codes


WORDS = (
    "adding", "removes", "these", "5", "an", "(3)", "entities", "entry", "under", "the", "Entity", "List", "also", "to",
    "correct", ".", ";",
)  # fmt: skip


@settings(max_examples=80)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_words_give_counts(words):
    found = said(" ".join(words))

    assert all(value is None or value >= 0 for value in (found.added, found.revised, found.removed, found.corrected))


@pytest.mark.parametrize(
    "piece", ["these 5 entities ", "adding ", "the Entity ", "one hundred and ", "destination of the "]
)
def test_a_hostile_abstract_costs_no_time(piece):
    abstract = "Entity List " + piece * (MAX_CHARACTERS // len(piece) - 5)
    started = time.monotonic()

    said(abstract)

    assert time.monotonic() - started < 1


def test_of_a_text_that_is_no_abstract_nothing_is_counted():
    assert said("This rule adds 5 entities to the Entity List. " + "x" * MAX_CHARACTERS).says_nothing


# The real documents of BIS, 2020 to 2026: (added entities, added entries, revised, removed, corrected) as I read them.

SAID = {
    "2020-03157": (24, None, 5, None, None),
    "2020-27931": (None, None, None, 3, None),
    "2021-00995": (2, None, None, 2, None),
    "2021-04505": (14, None, None, None, 6),
    "2021-04794": (4, None, None, None, None),
    "2021-07400": (7, None, None, None, None),
    "2022-02536": (33, None, None, None, None),
    "2022-03029": (7, 7, 4, None, None),
    "2022-07284": (120, 120, None, None, None),
    "2022-07643": (None, None, 2, None, 1),
    "2022-12144": (71, 71, None, None, None),
    "2022-14069": (36, 41, 11, 2, 1),
    "2022-18268": (7, 7, None, None, 2),
    "2022-21520": (57, 57, None, None, None),
    "2022-21714": (31, None, None, 9, None),
    "2022-26622": (24, 26, None, 1, None),
    "2022-27149": (9, None, None, 36, None),
    "2022-27151": (36, None, 3, 1, None),
    "2022-28033": (None, None, 1, None, None),
    "2023-02130": (7, None, None, None, None),
    "2023-03193": (6, None, None, None, None),
    "2023-03929": (10, 13, None, None, None),
    "2023-04099": (76, None, 4, None, None),
    "2023-04558": (37, 38, 10, None, None),
    "2023-06171": (32, None, None, None, None),
    "2023-06663": (11, None, None, None, None),
    "2023-07840": (28, 32, 2, None, None),
    "2023-10684": (71, None, None, None, None),
    "2023-12726": (43, 50, None, 1, None),
    "2023-13196": (1, None, None, None, None),
    "2023-15343": (4, None, None, None, None),
    "2023-18125": (None, None, None, 35, None),
    "2023-21080": (28, None, 2, 1, None),
    "2023-22536": (49, 52, None, None, None),
    "2023-23048": (13, None, None, None, None),
    "2023-24508": (13, None, None, None, None),
    "2023-25557": (None, None, None, 1, None),
    "2023-25684": (4, 9, None, None, None),
    "2023-26935": (42, 44, None, None, None),
    "2023-27928": (13, None, None, None, None),
    "2023-27932": (None, None, None, 4, None),
    "2024-01253": (None, None, None, 3, None),
    "2024-03674": (2, 7, 2, 1, None),
    "2024-03969": (93, 95, None, None, None),
    "2024-07760": (None, 11, 1, None, None),
    "2024-10485": (37, 37, None, None, None),
    "2024-31468": (13, 13, None, None, None),
    "2025-00480": (16, None, None, None, None),
    "2025-00704": (11, 11, 1, None, None),
    "2025-05426": (70, None, 4, None, None),
    "2025-05427": (12, None, None, None, None),
    "2025-07185": (18, None, None, 5, None),
    "2025-17893": (32, None, 1, None, 27),
    "2025-19508": (26, 29, None, None, None),
    "2025-19858": (None, None, None, 1, None),
}
# They name a list and change none of its entries by number: controls, explanations, a longer time for comments.
SAID_NOTHING = {
    "2022-11885", "2022-16754", "2022-19415", "2022-21658", "2022-26662", "2023-00888", "2023-03930", "2023-23055",
    "2025-19001",
}  # fmt: skip
BY_LIST = {
    "2021-00995": {"EL": Counts(added_entities=1), "MEU": Counts(added_entities=1, removed=2)},
    "2022-21714": {"EL": Counts(), "UVL": Counts(added_entities=31, removed=9)},
    "2022-27149": {"EL": Counts(added_entities=9), "UVL": Counts(removed=36)},
    "2022-27151": {"EL": Counts(added_entities=36, revised=3), "UVL": Counts(removed=1)},
    "2023-18125": {"EL": Counts(), "UVL": Counts(removed=35)},
    "2023-21080": {"EL": Counts(added_entities=28, revised=2), "MEU": Counts(removed=1)},
}
DESTINATIONS = {
    "2020-03157": "CN IR PK RU AE FR LB SG GB",
    "2022-14069": "CN LT PK RU SG AE GB UZ VN BY SK",
    "2022-26622": "LV PK RU SG CH AE OM SA",
    "2023-06171": "BG CA ID IL MY SA SG CN DE TR AE",
    "2023-07840": "AM CN MT RU SG ES SY TR AE UZ",
    "2023-12726": "CN KE LA MY PK SG ZA TH AE GB LV",
    "2023-25684": "CR EC IN PA ES RU VE",
    "2024-03969": "CN IN KG RU KR TR AE",
    "2025-05426": "CN IR PK ZA AE FR SN GB",
    "2025-07185": "CN FI TR KZ IT GB AE",
    "2025-17893": "CN IN IR SG TW TR AE RU BY PK",
}


@pytest.fixture(scope="module")
def real() -> dict[str, Document]:
    rows = json.loads(REAL.read_text("utf-8"))
    return {document.document_number: document for document in read_documents(answer(*rows))}


@with_real_documents
def test_every_real_document_is_read(real):
    assert len(real) == 87
    assert sum("entity list" in document.title.lower() for document in real.values()) == 52


@with_real_documents
def test_the_real_documents_about_a_list_are_found(real):
    about = {number for number, document in real.items() if is_about_a_list(document)}

    assert about == set(SAID) | SAID_NOTHING


@with_real_documents
@pytest.mark.parametrize("number", sorted(SAID))
def test_the_counts_of_a_real_abstract_are_those_it_says(real, number):
    found = counts_of(real[number])

    assert (found.added_entities, found.added_entries, found.revised, found.removed, found.corrected) == SAID[number]


@with_real_documents
def test_no_other_real_abstract_gives_a_count(real):
    counted = {number for number, document in real.items() if not counts_of(document).says_nothing}

    assert counted == set(SAID)


@with_real_documents
@pytest.mark.parametrize("number", sorted(BY_LIST))
def test_the_counts_of_a_real_abstract_are_kept_apart_by_list(real, number):
    assert counts_by_list(real[number]) == BY_LIST[number]


@with_real_documents
@pytest.mark.parametrize("number", sorted(DESTINATIONS))
def test_the_destinations_of_a_real_abstract_are_read(real, number):
    assert " ".join(counts_of(real[number]).destinations) == DESTINATIONS[number]


@with_real_documents
def test_the_answer_of_the_seed_case_is_read():
    (document,) = read_documents((SHARED_FR / "federal_register_api_sample_constructed.json").read_bytes())

    assert (document.document_number, document.citation, document.effective) == (
        "2019-22210",
        "84 FR 54002",
        "2019-10-09",
    )
    assert document.is_of_bis
    assert counts_of(document) == Counts(added_entities=28, destinations=("CN",))
