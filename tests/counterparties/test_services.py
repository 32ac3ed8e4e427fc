"""Creating, changing and importing counterparties: history, pending screening and trail go together."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.counterparties import importer
from compliance.counterparties import services as counterparties
from compliance.counterparties.models import Counterparty, DueState, ImportFile, ScreeningDue
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db

HEADER = ",".join(importer.COLUMNS)


def values(name: str = "Alder Optics", **changes: Any) -> dict[str, Any]:
    facts = {
        "name": name, "other_names": [], "addresses": [], "identifiers": [], "country": "CN", "relation": "customer",
    }  # fmt: skip
    return {**facts, **changes}


def save(actor: User, external_id: str = "A-1", seen: int | None = None, **changes: Any) -> tuple[Counterparty, str]:
    return counterparties.save(external_id=external_id, values=values(**changes), actor=actor, seen=seen)


def receive(actor: User, *rows: str) -> ImportFile:
    data = "\n".join([HEADER, *rows]).encode()
    return counterparties.receive_import(data=data, filename="parties.csv", actor=actor)


def do_import(actor: User, *rows: str) -> dict[str, int]:
    file = receive(actor, *rows)
    run_imports()
    file.refresh_from_db()
    return file.counts


def run_imports() -> None:
    for pk in Job.objects.filter(kind=counterparties.IMPORT, state=JobState.QUEUED).values_list("pk", flat=True):
        jobs.run(pk)


# --- one record ------------------------------------------------------------------------------------------------------


def test_a_new_record_waits_for_its_first_screening(officer):
    record, outcome = save(officer)

    assert outcome == "created"
    assert (record.due.state, record.due.screened_before) == (DueState.DUE, False)


def test_a_new_record_has_history_and_an_event_with_the_person(officer):
    record, _ = save(officer)

    assert record.history.get().history_user == officer
    assert audit.about(record).get().actor_name == officer.audit_name


def test_the_same_values_again_change_nothing(officer):
    save(officer)

    record, outcome = save(officer)

    assert outcome == "unchanged"
    assert (record.history.count(), AuditEvent.objects.filter(action="counterparty.updated").count()) == (1, 0)


def test_a_changed_name_makes_a_new_revision_that_must_be_screened(officer):
    record, _ = save(officer)
    ScreeningDue.objects.all().delete()

    record, outcome = save(officer, name="Alder Photonics")

    assert (outcome, record.revision) == ("updated", 2)
    assert record.due.screened_before


def test_a_changed_relation_is_kept_without_a_new_screening(officer):
    save(officer)
    ScreeningDue.objects.all().delete()

    record, _ = save(officer, relation="supplier")

    assert (record.revision, ScreeningDue.objects.exists()) == (1, False)
    assert record.history.count() == 2


def test_the_trail_names_what_changed_but_no_document_number(officer):
    save(officer)

    record, _ = save(officer, identifiers=[{"kind": "passport", "value": "E12345678"}])

    event = audit.about(record).get(action="counterparty.updated")
    before, after = event.data["changes"]["identifiers"]
    assert (before, [item["kind"] for item in after], set(after[0])) == ([], ["passport"], {"kind", "digest"})


def test_an_auditor_may_not_change_a_record(auditor):
    with pytest.raises(NotAllowed):
        save(auditor)


@pytest.mark.parametrize(
    "bad",
    [
        {"external_id": " "},
        {"external_id": "x" * 65},
        {"name": "  "},
        {"name": "x" * 401},
        {"name": "Al\x00der"},
        {"country": "CHN"},
        {"relation": "friend"},
    ],
)
def test_values_that_no_good_row_could_hold_are_refused(officer, bad):
    with pytest.raises(Invalid):
        save(officer, **bad)


def test_of_two_people_editing_one_record_the_second_is_told(officer):
    record, _ = save(officer)
    seen = counterparties.edit_token(record)
    save(officer, name="Alder Photonics", seen=seen)

    with pytest.raises(WrongState, match="somebody else"):
        save(officer, name="Alder Lasers", seen=seen)
    record.refresh_from_db()
    assert record.name == "Alder Photonics"


def test_bulk_writes_without_history_are_not_offered(officer):
    save(officer)

    with pytest.raises(TypeError):
        Counterparty.objects.update(name="X")


def test_a_record_is_found_by_id_name_other_name_address_and_number(officer):
    record, _ = save(
        officer, name="Ålder Optics", other_names=[{"text": "奥尔德", "kind": "other_script"}],
        addresses=[{"text": "1 Pine Road", "country": "CN"}], identifiers=[{"kind": "lei", "value": "5493"}],
    )  # fmt: skip

    for text in ("a-1", "alder", "ÅLDER  optics", "奥尔德", "pine road", "5493"):
        assert list(Counterparty.objects.found_by(text)) == [record], text
    assert not Counterparty.objects.found_by("birch").exists()


# --- what was screened -----------------------------------------------------------------------------------------------


def test_a_screened_record_is_no_longer_due(officer):
    record, _ = save(officer)

    counterparties.screened([(record.pk, 1)], failures={}, not_screenable=set())

    assert not ScreeningDue.objects.exists()


def test_a_record_that_changed_while_it_was_screened_stays_due(officer):
    record, _ = save(officer)
    save(officer, name="Alder Photonics")

    counterparties.screened([(record.pk, 1)], failures={}, not_screenable=set())

    assert ScreeningDue.objects.get().revision == 2


def test_a_failed_screening_and_an_empty_record_keep_their_own_states(officer):
    failing, _ = save(officer)
    empty, _ = save(officer, external_id="A-2", name="---")

    counterparties.screened(
        [(failing.pk, 1), (empty.pk, 1)], failures={failing.pk: "ValueError"}, not_screenable={empty.pk}
    )

    states = dict(ScreeningDue.objects.values_list("counterparty", "state"))
    assert states == {failing.pk: DueState.FAILED, empty.pk: DueState.NOT_SCREENABLE}


# --- import ----------------------------------------------------------------------------------------------------------


def test_an_import_counts_every_row(officer):
    save(officer, external_id="A-1")
    save(officer, external_id="A-2")

    counts = do_import(
        officer, "A-1,Alder Optics,,CN,,customer,", "A-2,Birch,,CN,,customer,", "A-3,Cedar,,,,,", "A-4,,,,,,"
    )

    assert counts == {"read": 4, "created": 1, "updated": 1, "unchanged": 1, "refused": 1}


def test_importing_a_file_again_updates_nothing_and_doubles_nothing(officer):
    do_import(officer, "A-1,Alder,,,,,", "A-2,Birch,,,,,")

    counts = do_import(officer, "A-1,Alder,,,,,", "A-2,Birch,,,,,")

    assert counts == {"read": 2, "created": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert Counterparty.objects.count() == 2


def test_a_refused_row_is_kept_with_line_and_cause(officer):
    file = receive(officer, "A-1,Alder,,,,,", "A-2,,,,,,")
    run_imports()

    file.refresh_from_db()
    assert file.refusals == [{"line": 3, "cause": "name is empty", "external_id": "A-2"}]


def test_imported_records_carry_the_person_who_loaded_the_file(officer):
    do_import(officer, "A-1,Alder,,,,,")

    assert Counterparty.objects.get().history.get().history_user == officer


def test_an_import_killed_between_batches_goes_on_where_it_was(officer, monkeypatch):
    monkeypatch.setattr(counterparties, "BATCH", 2)
    rows = [f"A-{number},Party {number},,,,," for number in range(5)]
    file = receive(officer, *rows)
    done = counterparties.import_batch
    calls = []

    def killed_at_the_second(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        done(*args)

    monkeypatch.setattr(counterparties, "import_batch", killed_at_the_second)
    job = Job.objects.get(kind=counterparties.IMPORT)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.pk)
    assert Counterparty.objects.count() == 2
    Job.objects.update(heartbeat_at=job.created_at - jobs.lease_time())
    jobs.run(job.pk)

    file.refresh_from_db()
    assert file.counts == {"read": 5, "created": 5, "updated": 0, "unchanged": 0, "refused": 0}
    assert Counterparty.objects.count() == 5


def test_a_batch_does_not_write_the_file_itself_again(officer, django_assert_max_num_queries):
    file = receive(officer, "A-1,Alder,,,,,")

    with django_assert_max_num_queries(80) as captured:
        run_imports()

    updates = [q["sql"] for q in captured.captured_queries if q["sql"].startswith('UPDATE "counterparties_importfile"')]
    assert updates
    assert not any("content_gz" in sql for sql in updates)
    assert file.content_gz


def test_a_file_that_is_not_ours_is_refused_and_keeps_nothing(officer):
    with pytest.raises(Invalid, match="the header is not ours"):
        counterparties.receive_import(data=b"name,phone\n", filename="x.csv", actor=officer)

    assert not ImportFile.objects.exists()


def test_an_auditor_may_not_import(auditor):
    with pytest.raises(NotAllowed):
        receive(auditor, "A-1,Alder,,,,,")
