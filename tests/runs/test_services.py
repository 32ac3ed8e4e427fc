"""Screening runs: everything is screened once, nothing is lost, the same work twice changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.errors import Invalid
from compliance.counterparties.models import DueState, ScreeningDue
from compliance.jobs import services as jobs
from compliance.jobs.models import Job
from compliance.runs import engine, services
from compliance.runs.models import Match, RunState, ScreeningRun, Trigger
from compliance.watchlists import services as lists
from tests.factories import load_rule, make_counterparty, rule_bytes

pytestmark = pytest.mark.django_db

HIKVISION, DAHUA = "Hangzhou Hikvision Digital Technology Co., Ltd.", "Zhejiang Dahua Technology Co., Ltd."


def pairs() -> set[tuple[str, str]]:
    return set(Match.objects.standing().values_list("counterparty__name", "revision__name"))


def test_a_new_list_is_screened_against_every_stored_counterparty():
    make_counterparty("Hik Vision Digital Tech")
    make_counterparty("Orchard Software Ltd")

    load_rule([HIKVISION, DAHUA])
    jobs.run_due()

    assert pairs() == {("Hik Vision Digital Tech", HIKVISION)}
    run = ScreeningRun.objects.get(trigger=Trigger.LIST_CHANGE)
    assert (run.state, run.screened, run.entries) == (RunState.FINISHED, 2, 2)


def test_the_same_work_twice_gives_no_second_match():
    make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    jobs.run_due()
    before = list(Match.objects.values_list("pk", flat=True))

    services.start_full(reason="again", actor=User.objects.system())
    jobs.run_due()

    assert list(Match.objects.values_list("pk", flat=True)) == before


def test_a_delta_run_finds_what_a_full_run_finds_of_the_changed_entries():
    for name in ("Hik Vision Digital Tech", "DAHUA TECHNOLOGY", "Orchard Software Ltd"):
        make_counterparty(name)
    load_rule([HIKVISION], title="first")
    jobs.run_due()
    load_rule([DAHUA], title="second")
    jobs.run_due()
    by_deltas = pairs()

    services.start_full(reason="check", actor=User.objects.system())
    jobs.run_due()

    full = ScreeningRun.objects.filter(trigger=Trigger.FULL).get()
    assert (pairs(), full.matches_found) == (by_deltas, 0)


def test_a_changed_counterparty_is_screened_again_against_everything():
    party = make_counterparty("Orchard Software Ltd", external_id="X-1")
    load_rule([HIKVISION])
    jobs.run_due()
    assert pairs() == set()

    make_counterparty("Hikvision Digital Technology", external_id="X-1")
    jobs.run_due()

    party.refresh_from_db()
    assert (party.revision, pairs()) == (2, {("Hikvision Digital Technology", HIKVISION)})
    assert not ScreeningDue.objects.exists()


def test_without_a_list_a_counterparty_stays_due():
    party = make_counterparty("Hik Vision Digital Tech")

    jobs.run_due()

    assert ScreeningDue.objects.get().counterparty == party


def test_without_a_list_a_full_rescreen_is_refused_in_words():
    with pytest.raises(Invalid, match="No list is in force"):
        services.start_full(reason="", actor=User.objects.system())


def test_a_record_with_nothing_to_match_on_is_not_screenable_and_not_a_no_match():
    party = make_counterparty("???")
    load_rule([HIKVISION])

    jobs.run_due()

    assert ScreeningDue.objects.get(counterparty=party).state == DueState.NOT_SCREENABLE


def test_a_record_the_engine_fails_on_is_a_failure_of_its_own(monkeypatch):
    good, bad = make_counterparty("Hik Vision Digital Tech"), make_counterparty("Poison Ltd")
    real = services.screen_party

    def fails(party: Any, index: Any) -> Any:
        if party.id == str(bad.pk):
            raise ValueError("poison")
        return real(party, index)

    monkeypatch.setattr(services, "screen_batch", lambda parties, index: [fails(p, index) for p in parties])
    monkeypatch.setattr(services, "screen_party", fails)
    load_rule([HIKVISION])

    jobs.run_due()

    run = ScreeningRun.objects.get(trigger=Trigger.LIST_CHANGE)
    assert (run.failed, run.percent) == (1, 99)
    assert ScreeningDue.objects.get().counterparty == bad
    assert ScreeningDue.objects.get().state == DueState.FAILED
    assert Match.objects.get().counterparty == good


def test_a_run_whose_worker_was_lost_goes_on_from_its_cursor(settings, monkeypatch):
    settings.SCREEN_BATCH = 2
    for number in range(7):
        make_counterparty(f"Hikvision Digital Technology {number}")
    load_rule([HIKVISION])
    job = Job.objects.get(kind=lists.RESCREEN)
    keep, kept = services.keep_batch, []

    def dies_after_two(*args: Any, **kwargs: Any) -> int:
        if len(kept) == 2:
            raise SystemExit("killed")
        kept.append(args)
        return keep(*args, **kwargs)

    monkeypatch.setattr(services, "keep_batch", dies_after_two)
    with pytest.raises(SystemExit):
        jobs.run(job.pk)
    monkeypatch.setattr(services, "keep_batch", keep)
    run = ScreeningRun.objects.get(trigger=Trigger.LIST_CHANGE)
    assert (run.screened, Match.objects.count()) == (4, 4)

    with time_machine.travel(timezone.now() + jobs.lease_time() + timedelta(seconds=1)):
        jobs.run(job.pk)

    run.refresh_from_db()
    assert (run.screened, run.state, Match.objects.count()) == (7, RunState.FINISHED, 7)
    assert run.batches.count() == 4


def test_a_coming_change_is_screened_before_it_binds():
    make_counterparty("Hik Vision Digital Tech")
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()

    load_rule([HIKVISION], effective=tomorrow)
    jobs.run_due()

    assert ScreeningRun.objects.get(version__isnull=False).trigger == Trigger.LIST_COMING
    assert pairs() == {("Hik Vision Digital Tech", HIKVISION)}


def test_a_new_counterparty_is_screened_against_a_coming_change_too():
    load_rule([HIKVISION], effective=(timezone.now() + timedelta(days=1)).isoformat())
    jobs.run_due()

    make_counterparty("Hik Vision Digital Tech")
    jobs.run_due()

    assert pairs() == {("Hik Vision Digital Tech", HIKVISION)}


def test_matches_of_a_removed_entry_are_withdrawn_and_kept():
    make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    jobs.run_due()

    data = rule_bytes(title="removal", effective="2020-01-01", remove=[{"name": HIKVISION, "country": "CN"}])
    lists.load(key="rule", data=data, filename="r.json", actor=User.objects.system(), activate_now=True)
    jobs.run_due()

    match = Match.objects.get()
    assert match.withdrawn_at is not None
    assert match.withdrawn_by == ScreeningRun.objects.filter(trigger=Trigger.LIST_CHANGE).first()


def test_a_version_that_lost_its_job_is_found_by_the_sweep():
    make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    Job.objects.all().delete()

    jobs.sweep()
    jobs.run_due()

    assert pairs() == {("Hik Vision Digital Tech", HIKVISION)}


def test_an_index_is_built_once_for_the_same_entries(monkeypatch):
    load_rule([HIKVISION])
    built = []
    real = engine.Index.build
    monkeypatch.setattr(engine.Index, "build", lambda *args, **kw: built.append(1) or real(*args, **kw))

    engine.watched_index()
    engine.watched_index()

    assert len(built) == 1


def test_asking_for_a_name_records_nothing(officer):
    load_rule([HIKVISION])
    jobs.run_due()
    before = Match.objects.count()

    answer = services.screen_name(name="Hikvision", country="CN", actor=officer)

    assert answer.matches[0].score > 0.6
    assert Match.objects.count() == before


def test_a_run_over_changed_records_is_finished_even_if_another_took_its_records():
    make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    job = Job.objects.get(kind=lists.RESCREEN)
    jobs.run(job.pk)
    changed = jobs.enqueue("runs.screen_changed", key="changed")
    claimed = jobs.claim(changed.pk)
    assert claimed is not None
    run = services.new_run(trigger=Trigger.RECORD_CHANGE, version=None, requested_by="")
    ScreeningRun.objects.filter(pk=run.pk).update(job=changed, state=RunState.RUNNING, started_at=timezone.now())

    services.screen_changed(claimed)

    run.refresh_from_db()
    assert run.state == RunState.FINISHED


def test_a_run_whose_job_was_given_up_has_failed_and_goes_on_when_tried_again(monkeypatch, settings, manager):
    settings.JOB_MAX_ATTEMPTS = 1
    make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    job = Job.objects.get(kind=lists.RESCREEN)
    with monkeypatch.context() as broken:
        broken.setattr(services, "keep_batch", lambda *args, **kw: (_ for _ in ()).throw(OSError("disk full")))
        jobs.run(job.pk)

    jobs.sweep()

    run = ScreeningRun.objects.get(version__isnull=False)
    assert run.state == RunState.FAILED
    jobs.retry(Job.objects.get(pk=job.pk), actor=manager)
    jobs.run(job.pk)
    run.refresh_from_db()
    assert (run.state, Match.objects.count()) == (RunState.FINISHED, 1)


def test_a_name_asked_while_no_list_is_in_force_is_not_screened_and_not_a_no_match(officer):
    with pytest.raises(Invalid, match="nothing was screened"):
        services.screen_name(name="Hikvision", actor=officer)
