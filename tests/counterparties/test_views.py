"""Pages of counterparties: list, one record, form, import."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from compliance.counterparties import importer, services
from compliance.counterparties.forms import initial_of
from compliance.counterparties.models import Counterparty, ImportFile
from compliance.jobs import services as jobs
from tests.factories import load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

HEADER = ",".join(importer.COLUMNS)
FORM = {
    "external_id": "A-1", "name": "Alder Optics", "relation": "customer", "country": "cn", "trading_names": "",
    "former_names": "", "other_script_names": "", "addresses": "", "identifiers": "", "seen": "",
}  # fmt: skip


# --- list ------------------------------------------------------------------------------------------------------------


def test_the_list_shows_each_status(client_for, officer):
    make_case()

    page = client_for(officer).get(reverse("counterparties:list")).content.decode()

    assert "Under review" in page


def test_before_any_list_a_record_reads_as_not_screened(client_for, officer):
    make_counterparty("Alder Optics")

    assert "Not screened" in client_for(officer).get(reverse("counterparties:list")).content.decode()


@pytest.mark.parametrize(
    "query", [{"q": "alder"}, {"q": "T-00001"}, {"relation": "supplier"}, {"country": "de"}, {"q": "pine road"}]
)
def test_the_list_is_narrowed(client_for, officer, query):
    make_counterparty(
        "Alder Optics", relation="supplier", country="DE", addresses=[{"text": "1 Pine Road", "country": "DE"}]
    )
    make_counterparty("Birch Avionics")

    page = client_for(officer).get(reverse("counterparties:list"), query).content.decode()

    assert "Alder Optics" in page
    assert "Birch Avionics" not in page


def test_the_slices_of_the_list_hold_every_record_once(client_for, officer, monkeypatch):
    monkeypatch.setattr("compliance.counterparties.selectors.PER_SLICE", 2)
    for name in ("Alder", "Alder", "Birch", "Cedar", "Dogwood"):
        make_counterparty(name)
    client, after, seen = client_for(officer), "", []

    while True:
        page = client.get(reverse("counterparties:list"), {"after": after}).context["page"]
        seen += [row.record.pk for row in page.rows]
        after = page.slice.next_key
        if not after:
            break

    assert sorted(seen) == sorted(Counterparty.objects.values_list("pk", flat=True))
    assert len(seen) == 5


@pytest.mark.parametrize("after", ["x", "-1", "99999999", "9" * 40])
def test_a_key_that_makes_no_sense_gives_the_first_slice(client_for, officer, after):
    make_counterparty("Alder")

    assert "Alder" in client_for(officer).get(reverse("counterparties:list"), {"after": after}).content.decode()


# --- one record ------------------------------------------------------------------------------------------------------


def test_the_page_says_why_a_party_is_under_review_and_what_follows(client_for, officer):
    case = make_case()

    page = client_for(officer).get(case.counterparty.get_absolute_url()).content.decode()

    assert "A possible match waits for a decision." in page
    assert "This party stops until a person has decided." in page
    assert case.number in page


def test_document_numbers_are_masked(client_for, auditor):
    party = make_counterparty("Alder", identifiers=[{"kind": "uscc", "value": "91330000123456789X"}])

    page = client_for(auditor).get(party.get_absolute_url()).content.decode()

    assert "9133 … 9X" in page
    assert "91330000123456789X" not in page


def test_a_name_in_another_script_is_shown_with_how_it_reads(client_for, officer):
    party = make_counterparty("Alder", other_names=[{"text": "海康威视", "kind": "other_script"}])

    page = client_for(officer).get(party.get_absolute_url()).content.decode()

    assert "Haikangweishi" in page


def test_the_time_line_tells_who_changed_which_field(client_for, officer):
    party = make_counterparty("Alder", external_id="A-1")
    values = {name: getattr(party, name) for name in ("other_names", "addresses", "identifiers", "country", "relation")}
    services.save(external_id="A-1", values={**values, "name": "Alder Photonics"}, actor=officer)

    page = client_for(officer).get(party.get_absolute_url(), {"show": "record"}).content.decode()

    assert "Record 2: name changed" in page
    assert "Rosa Kowalski" in page


def test_an_auditor_reads_and_does_not_edit(client_for, auditor):
    party = make_counterparty("Alder")
    client = client_for(auditor)

    assert "Edit record" not in client.get(party.get_absolute_url()).content.decode()
    assert client.get(reverse("counterparties:edit", args=[party.pk])).status_code == 403


# --- form ------------------------------------------------------------------------------------------------------------


def test_a_record_is_added_with_all_its_values(client_for, officer):
    client_for(officer).post(
        reverse("counterparties:new"),
        FORM | {"trading_names": "Alder\nAO", "addresses": "1 Pine Road\n2 Peak Road | HK", "identifiers": "LEI:5493"},
    )

    record = Counterparty.objects.get()
    assert record.other_names == [{"text": "Alder", "kind": "trading"}, {"text": "AO", "kind": "trading"}]
    assert record.addresses == [{"text": "1 Pine Road", "country": "CN"}, {"text": "2 Peak Road", "country": "HK"}]
    assert record.identifiers == [{"kind": "lei", "value": "5493"}]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("country", "CHN", "at most 2"),
        ("country", "QQ", "not a two-letter country code"),
        ("addresses", "1 Road | China", "not a two-letter country code"),
        ("identifiers", "12345", "not written as kind:value"),
        ("external_id", "T-00001", "has this id already"),
        ("name", "", "required"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(client_for, officer, field, value, words):
    make_counterparty("Birch Avionics")

    answer = client_for(officer).post(reverse("counterparties:new"), FORM | {"former_names": "Old", field: value})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Old" in page


def test_saving_a_form_as_it_was_opened_records_nothing(client_for, officer):
    party = make_counterparty(
        "Alder", other_names=[{"text": "奥", "kind": "other_script"}, {"text": "AO", "kind": "trading"}],
        addresses=[{"text": "1 Road", "country": "CN"}], identifiers=[{"kind": "lei", "value": "1"}],
    )  # fmt: skip

    client_for(officer).post(reverse("counterparties:edit", args=[party.pk]), initial_of(party))

    party.refresh_from_db()
    assert (party.revision, party.history.count()) == (1, 1)


def test_the_second_of_two_people_is_told_and_keeps_their_words(client_for, officer):
    party = make_counterparty("Alder")
    opened = initial_of(party)
    client = client_for(officer)
    client.post(reverse("counterparties:edit", args=[party.pk]), opened | {"name": "Alder Photonics"})

    answer = client.post(reverse("counterparties:edit", args=[party.pk]), opened | {"name": "Alder Lasers"})

    assert answer.status_code == 409
    assert "Alder Lasers" in answer.content.decode()


# --- import ----------------------------------------------------------------------------------------------------------


def upload(client, body: str):
    data = f"{HEADER}\n{body}".encode()
    return client.post(reverse("counterparties:import_new"), {"file": SimpleUploadedFile("parties.csv", data)})


def test_an_import_shows_how_far_it_is_and_asks_again_until_it_is_done(client_for, officer):
    client = client_for(officer)

    answer = upload(client, "A-1,Alder,,,,,\n")

    waiting = client.get(answer.url).content.decode()
    jobs.run_due()
    done = client.get(answer.url).content.decode()
    assert ("hx-trigger" in waiting, "hx-trigger" in done) == (True, False)


def test_the_part_alone_is_sent_to_htmx(client_for, officer):
    client = client_for(officer)
    answer = upload(client, "A-1,Alder,,,,,\n")

    part = client.get(answer.url, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div class="col" id="import-')


def test_refused_rows_are_shown_by_line_and_download_without_formulas(client_for, officer):
    client = client_for(officer)
    answer = upload(client, "=A-1,,,,,,\n")
    jobs.run_due()

    page = client.get(answer.url).content.decode()
    file = client.get(reverse("counterparties:import_refused", args=[ImportFile.objects.get().pk])).content.decode()

    assert "name is empty" in page
    assert file.splitlines() == ["line,external_id,cause", "2,'=A-1,name is empty"]


def test_a_file_that_is_not_ours_is_refused_on_the_form(client_for, officer):
    data = SimpleUploadedFile("parties.csv", b"name;phone\n")

    answer = client_for(officer).post(reverse("counterparties:import_new"), {"file": data})

    assert answer.status_code == 422
    assert "the header is not ours" in answer.content.decode()


def test_an_auditor_does_not_import(client_for, auditor):
    assert client_for(auditor).get(reverse("counterparties:import_new")).status_code == 403


def test_a_record_without_a_match_is_never_called_more_than_that(client_for, officer):
    party = make_counterparty("Birch Avionics of Delft")
    load_rule(["Alder Optics"])
    screen_everything()

    page = client_for(officer).get(party.get_absolute_url()).content.decode()

    assert "No match" in page
    assert "Item, destination and end use are separate questions" in page
