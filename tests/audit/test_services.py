"""Recording: one event in the transaction of its change, with exactly the fields of the catalogue."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from compliance.audit import chain, events
from compliance.audit import services as audit
from compliance.audit.models import AuditEvent, AuditMention, ChainHead
from compliance.core.errors import Invalid
from tests.audit.conftest import note


def test_an_event_links_to_the_one_before(officer):
    first, second = note(officer), note(officer)

    assert (first.prev_hash, second.prev_hash) == (chain.GENESIS, first.hash)


def test_the_head_is_the_last_event(officer):
    last = [note(officer), note(officer)][-1]

    head = ChainHead.objects.get()
    assert (head.seq, head.hash) == (last.seq, last.hash)


def test_a_stored_event_hashes_to_its_own_hash(officer):
    event = AuditEvent.objects.get(pk=note(officer, "Ürümqi 乌鲁木齐 \u2028").pk)

    assert chain.event_hash(event.as_dict()) == event.hash


def test_times_rise_with_the_sequence(officer):
    times = [note(officer).recorded_at for _ in range(3)]

    assert times == sorted(times)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, ValueError),
        ({"text": "x", "more": "y"}, ValueError),
        ({"text": 0.5}, TypeError),
        ({"text": {1: "a"}}, TypeError),
    ],
)
def test_facts_that_the_catalogue_does_not_name_are_refused(officer, data, error):
    with pytest.raises(error), transaction.atomic():
        audit.record("case.noted", subject=officer, actor=officer, data=data)

    assert AuditEvent.objects.count() == 0


def test_an_action_outside_the_catalogue_is_refused(officer):
    with pytest.raises(KeyError):
        audit.record("case.invented", subject=officer, actor=officer)


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(officer):
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record("case.noted", subject=officer, actor=officer, data={"text": "x"})


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_its_change(officer):
    def change_that_fails():
        with transaction.atomic():
            note(officer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_that_fails()

    assert (AuditEvent.objects.count(), audit.head_of_chain().seq) == (0, 0)


def test_an_event_stands_in_the_trail_of_all_it_mentions(officer, manager, auditor):
    event = note(officer, subject=officer, mentions=[manager, manager])

    assert list(audit.about(manager)) == [event]
    assert list(audit.about(officer)) == [event]
    assert list(audit.about(auditor)) == []
    assert AuditMention.objects.count() == 2


def test_a_very_long_actor_name_is_cut(officer):
    officer.first_name = officer.last_name = "a" * 150

    assert len(note(officer).actor_name) == 160


@pytest.mark.parametrize(
    ("label", "said"),
    [("case C-1001", "Case C-1001 was escalated: too close"), ("iFLYTEK", "iFLYTEK was escalated: too close")],
)
def test_a_sentence_begins_with_a_capital_but_names_keep_their_letters(label, said):
    assert events.sentence("case.escalated", label, {"reason": "too close"}) == said


def test_an_action_no_longer_in_the_catalogue_still_reads():
    assert events.sentence("case.forgotten", "case C-1", {"a": 1}) == "case C-1: case.forgotten"


def test_braces_in_recorded_words_are_no_fields():
    assert events.sentence("case.noted", "case C-1", {"text": "{subject} {0}"}) == "Note: {subject} {0}"


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({}, 5),
            ({"action": "case.noted"}, 5),
            ({"action": "case.*"}, 5),
            ({"action": "cas.*"}, 0),
            ({"action": "hold.*"}, 0),
            ({"from": "2000-01-01"}, 5),
            ({"from": "2999-01-01"}, 0),
            ({"to": "2000-01-01"}, 0),
            ({"to": "2999-01-01T00:00:00Z"}, 5),
            ({"text": "rosa"}, 5),
            ({"text": "nobody"}, 0),
            ({"subject_type": "user"}, 5),
            ({"subject_type": "case"}, 0),
            ({"actor": "0"}, 0),
        ],
    )
    def test_each_filter_selects(self, trail, filters, found):
        assert AuditEvent.objects.matching(filters).count() == found

    def test_a_subject_selects_everything_that_mentions_it(self, officer, manager):
        event = note(officer, mentions=[manager])
        note(officer)

        found = AuditEvent.objects.matching({"subject_type": "user", "subject_id": str(manager.pk)})

        assert list(found) == [event]

    @pytest.mark.parametrize(
        "filters", [{"colour": "red"}, {"from": "yesterday"}, {"to": "2019-13-01"}, {"subject_id": "1"}]
    )
    def test_a_filter_that_cannot_be_read_is_refused(self, db, filters):
        with pytest.raises(Invalid):
            AuditEvent.objects.matching(filters)

    def test_a_day_in_to_is_included_whole(self, officer):
        event = note(officer)
        day = timezone.localdate(event.recorded_at).isoformat()

        assert AuditEvent.objects.matching({"from": day, "to": day}).count() == 1
