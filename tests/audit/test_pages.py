"""The pages of the trail."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from compliance.audit import selectors
from compliance.audit.models import AuditEvent
from tests.audit.conftest import note

LIST = "/audit/"


@pytest.fixture
def page(client_for, auditor):
    return client_for(auditor)


def test_the_list_shows_the_newest_event_first(page, trail):
    text = page.get(LIST).content.decode()

    assert text.index("note 5") < text.index("note 1")


def test_an_older_page_is_found_by_sequence(page, officer):
    for number in range(selectors.PAGE + 3):
        note(officer, f"note {number}")

    first = selectors.trail_page({})
    older = page.get(LIST + first.older)
    assert [row.event.seq for row in older.context["page"].rows] == [3, 2, 1]
    newer = page.get(LIST + older.context["page"].newer)
    assert newer.context["page"].rows[0].event.seq == selectors.PAGE + 3


def test_the_list_costs_the_same_for_ten_times_the_events(page, officer, django_assert_max_num_queries):
    note(officer)
    page.get(LIST)
    for _ in range(10):
        note(officer)

    with django_assert_max_num_queries(16):
        page.get(LIST)


def test_filters_are_applied_and_counted(page, trail, officer, auditor):
    note(auditor, "mine")

    answer = page.get(LIST, {"actor": auditor.pk})

    assert (answer.context["page"].matching, answer.context["page"].total) == (1, 6)


def test_an_empty_result_says_so(page, trail):
    assert b"No event matches these filters" in page.get(LIST, {"text": "nobody"}).content


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"subject_id": "3"}, {"from": "2020-02-02", "to": "2020-01-01"}]
)
def test_a_filter_that_cannot_be_read_is_marked(page, trail, query):
    answer = page.get(LIST, query)

    assert answer.status_code == 422
    assert b"hot xs" in answer.content


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?after=-1", "?before=%C2%B2"])
def test_a_mistyped_page_is_the_first(page, trail, query):
    assert page.get(LIST + query).status_code == 200


def test_the_chain_is_not_verified_until_somebody_did(page, trail):
    assert b"Chain not verified yet" in page.get(LIST).content


def test_verifying_shows_sequence_and_head(page, trail):
    page.post(reverse("audit:verify"))

    text = page.get(LIST).content.decode()
    assert "Chain verified to sequence 5" in text
    assert trail[-1].hash[:4] in text


def test_a_broken_chain_is_shown_in_red_with_its_place(page, trail, behind_triggers):
    with behind_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET actor_name = 'x' WHERE seq = 2")
    page.post(reverse("audit:verify"))

    text = page.get(LIST).content.decode()
    assert "pill bad big" in text
    assert "event 2 was altered" in text


def test_an_event_shows_facts_clocks_and_neighbors(page, trail):
    text = page.get(reverse("audit:event", args=[3])).content.decode()

    assert "note 3" in text
    assert "Recomputed from the stored bytes, equal." in text
    for event in (trail[1], trail[2], trail[3]):
        assert event.hash[:4] in text


def test_an_altered_event_says_so_on_its_page(page, trail, behind_triggers):
    with behind_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET actor_name = 'x' WHERE seq = 2")

    assert b"This event was altered" in page.get(reverse("audit:event", args=[2])).content


def test_an_event_that_is_not_there_is_404(page, trail):
    assert page.get(reverse("audit:event", args=[99])).status_code == 404


def test_an_export_comes_as_a_zip_and_is_recorded(page, trail):
    answer = page.post(reverse("audit:export"), {"action": "case.*"})

    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert len(archive.read("events.jsonl").splitlines()) == 5
    assert AuditEvent.objects.last().data["filter"] == {"action": "case.*"}


def test_an_export_with_an_unreadable_filter_is_refused(page, trail):
    assert page.post(reverse("audit:export"), {"from": "x"}).status_code == 422
    assert AuditEvent.objects.filter(action="audit.exported").count() == 0


def test_a_manager_reads_the_trail_but_does_not_export_it(client_for, manager, trail):
    client = client_for(manager)

    assert b"Your role may not export" in client.get(LIST).content
    assert client.post(reverse("audit:export")).status_code == 403


def test_names_are_escaped(page, officer):
    note(officer, "<script>alert(1)</script>")

    assert b"<script>alert" not in page.get(LIST).content
