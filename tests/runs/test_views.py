"""Pages of screening runs: progress, failures by name, start and retry."""

from __future__ import annotations

import pytest
from django.urls import reverse

from compliance.counterparties.models import DueState, ScreeningDue
from compliance.jobs.models import Job, JobState
from compliance.runs.models import RunState, ScreeningRun, Trigger
from tests.factories import load_rule, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(db: None) -> ScreeningRun:
    make_counterparty("Alder Optics")
    load_rule(["Alder Optics"])
    screen_everything()
    return ScreeningRun.objects.get(trigger=Trigger.LIST_CHANGE)


@pytest.fixture
def interrupted(finished: ScreeningRun) -> ScreeningRun:
    ScreeningRun.objects.filter(pk=finished.pk).update(state=RunState.RUNNING, finished_at=None)
    Job.objects.filter(pk=finished.job_id).update(state=JobState.FAILED, error="OSError: disk full")
    return ScreeningRun.objects.get(pk=finished.pk)


def test_a_run_shows_what_it_used_and_found(client_for, auditor, finished):
    page = client_for(auditor).get(finished.get_absolute_url()).content.decode()

    for text in (finished.fingerprint, "1 of 1, against 1 entries", "Finished"):
        assert text in page, text


def test_a_run_names_the_new_matches_it_found(client_for, auditor, finished):
    found = ScreeningRun.objects.get(matches__isnull=False)

    assert "Alder Optics" in client_for(auditor).get(found.get_absolute_url()).content.decode()


def test_an_open_run_asks_for_itself_again_and_a_finished_one_does_not(client_for, officer, finished):
    client, url = client_for(officer), reverse("runs:progress", args=[finished.pk])
    done = client.get(url).content.decode()
    ScreeningRun.objects.update(state=RunState.RUNNING, finished_at=None)
    Job.objects.filter(pk=finished.job_id).update(state=JobState.RUNNING)

    assert ("every 2s" in client.get(url).content.decode(), "every 2s" in done) == (True, False)


def test_when_a_run_ends_the_page_around_its_progress_is_fetched_again(client_for, officer, finished):
    url = reverse("runs:progress", args=[finished.pk])

    assert client_for(officer).get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_run_whose_job_failed_reads_as_failed_and_not_as_running(client_for, officer, interrupted):
    page = client_for(officer).get(interrupted.get_absolute_url()).content.decode()

    assert "disk full" in page
    assert "every 2s" not in page
    assert "Try again from where it stopped" in page


def test_an_officer_lets_a_failed_job_go_on(client_for, officer, interrupted):
    client_for(officer).post(reverse("runs:retry", args=[interrupted.job_id]))

    assert Job.objects.get(pk=interrupted.job_id).state == JobState.QUEUED


def test_a_job_that_has_not_failed_is_not_retried(client_for, officer, finished):
    assert client_for(officer).post(reverse("runs:retry", args=[finished.job_id])).status_code == 409


def test_an_auditor_does_not_retry(client_for, auditor, interrupted):
    assert client_for(auditor).post(reverse("runs:retry", args=[interrupted.job_id])).status_code == 403


@pytest.mark.parametrize(("target", "lands"), [("/", "/"), ("https://elsewhere.example/", "/runs/"), ("", "/runs/")])
def test_retry_leads_back_to_a_page_of_ours_only(client_for, officer, interrupted, target, lands):
    answer = client_for(officer).post(reverse("runs:retry", args=[interrupted.job_id]), {"next": target})

    assert answer.url == lands


def test_failed_and_unfit_records_are_named_apart(client_for, officer, finished):
    failing, unfit = make_counterparty("Birch Avionics"), make_counterparty("---")
    ScreeningDue.objects.filter(pk=failing.pk).update(state=DueState.FAILED, error="ValueError: odd")
    ScreeningDue.objects.filter(pk=unfit.pk).update(state=DueState.NOT_SCREENABLE)

    page = client_for(officer).get(finished.get_absolute_url()).context["page"]

    assert [due.counterparty for due in page.failures] == [failing]
    assert [due.counterparty for due in page.not_screenable] == [unfit]


def test_a_full_rescreen_is_started_with_a_reason(client_for, officer, finished):
    client_for(officer).post(reverse("runs:start"), {"reason": "Engine settings reviewed"})

    run = ScreeningRun.objects.get(trigger=Trigger.FULL)
    assert (run.reason, run.requested_by) == ("Engine settings reviewed", officer.audit_name)


def test_a_full_rescreen_without_a_reason_is_refused_on_the_page(client_for, officer, finished):
    assert client_for(officer).post(reverse("runs:start"), {"reason": " "}).status_code == 422
    assert not ScreeningRun.objects.filter(trigger=Trigger.FULL).exists()


def test_without_a_list_there_is_nothing_to_screen_against(client_for, officer):
    answer = client_for(officer).post(reverse("runs:start"), {"reason": "To be sure"})

    assert answer.status_code == 422
    assert "No list is in force" in answer.content.decode()


def test_the_slices_of_the_list_go_back_in_time(client_for, officer, finished, monkeypatch):
    monkeypatch.setattr("compliance.runs.selectors.PER_SLICE", 1)
    client = client_for(officer)
    client.post(reverse("runs:start"), {"reason": "once more"})

    first = client.get(reverse("runs:list")).context
    second = client.get(reverse("runs:list"), {"before": first["slice"].next_key}).context

    assert [row.run.pk for row in first["rows"] + second["rows"]] == sorted(
        ScreeningRun.objects.values_list("pk", flat=True), reverse=True
    )[:2]
