"""Whoever goes behind the triggers is found by the chain, at the right sequence."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from compliance.audit import services as audit
from compliance.audit import triggers
from compliance.audit.models import AuditEvent, ChainHead
from tests.audit.conftest import note


def broken_at() -> int | None:
    verdict = audit.verify_database()
    return verdict.broken.seq if verdict.broken else None


def test_an_untouched_trail_holds(trail):
    assert audit.verify_database().count == 5
    assert broken_at() is None


def test_an_empty_trail_holds(db):
    assert audit.verify_database().holds


@pytest.mark.parametrize(
    "column", ["actor_name = 'x'", "action = 'case.closed'", 'data = \'{"text": "y"}\'', "subject_id = '0'"]
)
def test_an_edited_row_is_found(trail, behind_triggers, column):
    with behind_triggers() as cursor:
        cursor.execute(f"UPDATE audit_auditevent SET {column} WHERE seq = 3")

    assert broken_at() == 3


def test_a_deleted_row_is_found(trail, behind_triggers):
    with behind_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditmention WHERE event_id = 3")
        cursor.execute("DELETE FROM audit_auditevent WHERE seq = 3")

    assert broken_at() == 4
    assert "event 3 is missing" in audit.verify_database().broken.sentence


def test_two_rows_that_changed_places_are_found(trail, behind_triggers):
    with behind_triggers() as cursor:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            cursor.execute("UPDATE audit_auditevent SET seq = %s WHERE seq = %s", [after, before])

    assert broken_at() == 2


@pytest.mark.parametrize("cut", [1, 2])
def test_a_cut_tail_is_found(trail, behind_triggers, cut):
    with behind_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditmention WHERE event_id > %s", [5 - cut])
        cursor.execute("DELETE FROM audit_auditevent WHERE seq > %s", [5 - cut])

    assert broken_at() == 6 - cut


def test_events_behind_the_recorded_head_are_found(trail):
    ChainHead.objects.update(seq=3, hash=trail[2].hash)

    assert broken_at() == 4


def test_a_lost_head_is_found(trail):
    ChainHead.objects.all().delete()

    assert not audit.verify_database().holds


def test_a_row_put_before_the_first_is_found(trail, behind_triggers):
    with behind_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET seq = 0 WHERE seq = 1")
        cursor.execute("UPDATE audit_auditmention SET event_id = 0 WHERE event_id = 1")

    assert broken_at() == 0


def test_an_event_taken_out_of_a_trail_is_found(trail, behind_triggers):
    with behind_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditmention WHERE event_id = 4")

    assert broken_at() == 4


def test_chunks_hide_nothing(trail, behind_triggers, monkeypatch):
    monkeypatch.setattr(audit, "VERIFY_CHUNK", 2)
    assert audit.verify_database().count == 5
    with behind_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET actor_id = '0' WHERE seq = 5")

    assert broken_at() == 5


class TestTheCommand:
    def test_it_says_how_many_and_where_it_ends(self, trail, capsys):
        call_command("verify_audit")

        assert capsys.readouterr().out == f"The chain holds: 5 events, head 5 {trail[-1].hash}.\n"

    def test_it_fails_on_a_broken_chain(self, trail, behind_triggers):
        with behind_triggers() as cursor:
            cursor.execute("UPDATE audit_auditevent SET actor_name = 'x' WHERE seq = 2")

        with pytest.raises(CommandError, match="Broken at event 2"):
            call_command("verify_audit")

    def test_it_fails_on_missing_triggers(self, trail):
        triggers.remove(connection)

        with pytest.raises(CommandError, match="append-only triggers are missing"):
            call_command("verify_audit")

        triggers.install(connection)


class TestVerifyAndRecord:
    def test_the_result_is_an_event(self, trail, auditor):
        audit.verify_and_record(actor=auditor)

        event = AuditEvent.objects.last()
        assert (event.action, event.data) == ("audit.verified", {"result": audit.HOLDS, "count": 5, "head_seq": 5})

    def test_a_broken_chain_is_recorded_as_such(self, trail, auditor, behind_triggers):
        with behind_triggers() as cursor:
            cursor.execute("UPDATE audit_auditevent SET actor_name = 'x' WHERE seq = 2")

        assert audit.verify_and_record(actor=auditor).broken.seq == 2
        assert "event 2 was altered" in AuditEvent.objects.last().data["result"]

    def test_writers_go_on_while_it_reads(self, trail, officer, monkeypatch):
        stored = audit.stored_events

        def with_a_writer(*args, **kwargs):
            note(officer, "meanwhile")
            return stored(*args, **kwargs)

        monkeypatch.setattr(audit, "stored_events", with_a_writer)

        assert audit.verify_database().holds
