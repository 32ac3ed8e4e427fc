"""The morning page, list changes and entries, search, screening one name, health, errors."""

from __future__ import annotations

import pytest
from django.urls import reverse

from compliance.audit.models import AuditEvent
from compliance.cases import services as cases
from compliance.cases.models import Case
from compliance.jobs.models import Job, JobState
from compliance.runs.models import Match
from compliance.watchlists.models import Entry, EntryRevision, ListVersion
from compliance.watchlists.services import RESCREEN
from tests.factories import load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."


def text_of(client, url, **query):
    return client.get(url, query).content.decode()


# --- today -----------------------------------------------------------------------------------------------------------


def test_today_begins_with_what_is_undecided(client_for, officer):
    make_case()

    page = text_of(client_for(officer), reverse("today"))

    assert (
        '<h1 tabindex="-1">The Entity List changed on 9 October 2019. 1 of 1 cases still needs a decision.</h1>' in page
    )


def test_today_says_when_everything_is_decided(client_for, officer):
    case = make_case()
    pair = case.matches.get()
    verdict = cases.Verdict("inconclusive", "not_enough", "Asked for papers.", cases.seen_token(pair))
    cases.decide(case_match=pair, verdict=verdict, actor=officer)
    Case.objects.update(state="decided")

    assert "Every case is decided." in text_of(client_for(officer), reverse("today"))


def test_today_without_a_list_says_what_comes_next(client_for, manager):
    page = text_of(client_for(manager), reverse("today"))

    assert "No list is in force yet." in page
    assert reverse("lists:upload") in page


def test_today_says_that_screening_still_runs(client_for, officer):
    make_counterparty("Hikvision Digital Tech")
    load_rule([HIKVISION])

    assert "Counterparties are being screened against it." in text_of(client_for(officer), reverse("today"))


def test_today_counts_a_change_that_matches_nobody(client_for, officer):
    make_counterparty("Birch Avionics of Delft")
    load_rule(["Alder Optics"])
    screen_everything()

    assert "It matches no counterparty." in text_of(client_for(officer), reverse("today"))


def test_what_a_change_did_stays_when_a_later_one_revises_its_entry(client_for, officer):
    make_case()
    load_rule([], effective="2019-11-01", title="Later", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK"]}}])
    screen_everything()

    first = ListVersion.objects.earliest("pk")
    impact = client_for(officer).get(first.get_absolute_url()).context["page"].impact
    assert impact.cases == 1


def test_a_coming_change_shows_its_time_to_binding(client_for, officer):
    load_rule(["Alder Optics"], effective="2999-01-01")

    page = text_of(client_for(officer), reverse("today"))

    assert "Change coming" in page
    assert "Binds in" in page


def test_a_ready_version_waits_on_the_managers_page_alone(client_for, manager, officer):
    load_rule(["Alder Optics"], activate=False)

    assert "Look and activate" in text_of(client_for(manager), reverse("today"))
    assert "Version ready" not in text_of(client_for(officer), reverse("today"))


def test_a_failed_job_is_a_red_strip_until_it_was_done_again(client_for, officer):
    load_rule(["Alder Optics"])
    job = Job.objects.get(kind=RESCREEN)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="OSError: disk full")
    client = client_for(officer)
    assert "Screening a list change failed" in text_of(client, reverse("today"))

    Job.objects.create(
        kind=job.kind, key=job.key, state=JobState.SUCCEEDED, created_at=job.created_at, run_after=job.run_after
    )

    assert "Screening a list change failed" not in text_of(client, reverse("today"))


def test_my_work_holds_my_cases_and_those_nobody_took(client_for, officer, second_officer):
    case = make_case()
    assert "Not taken yet" in text_of(client_for(officer), reverse("today"))

    cases.assign(case=case, to=officer, actor=officer)

    assert case.number in text_of(client_for(officer), reverse("today"))
    assert "Nothing waits for you" in text_of(client_for(second_officer), reverse("today"))


def test_an_administrator_begins_at_the_people(client_for, administrator):
    assert client_for(administrator).get(reverse("today")).url == reverse("people")


def test_nobody_sees_today_without_signing_in(client):
    assert client.get(reverse("today")).status_code == 302


# --- versions and entries --------------------------------------------------------------------------------------------


def test_entries_that_hit_a_counterparty_come_first(client_for, officer):
    make_counterparty("Hikvision Digital Tech")
    version = load_rule(["Alder Optics", HIKVISION]).version
    screen_everything()

    page = client_for(officer).get(version.get_absolute_url()).context["page"]

    assert [(line.listed.name, line.hits) for line in page.lines] == [(HIKVISION, 1), ("Alder Optics", 0)]


def test_an_opened_line_shows_requirement_policy_and_hits(client_for, officer):
    make_counterparty("Hikvision Digital Tech")
    version = load_rule([HIKVISION]).version
    screen_everything()

    page = text_of(client_for(officer), version.get_absolute_url(), open=version.deltas.get().pk)

    for text in ("For all items subject to the EAR", "presumption of denial", "Hikvision Digital Tech"):
        assert text in page, text


def test_a_revised_entry_shows_its_words_old_and_new(client_for, officer):
    load_rule([HIKVISION])
    version = load_rule(
        [], title="Later", effective="2019-11-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK"]}}]
    ).version

    page = text_of(client_for(officer), version.get_absolute_url())

    assert '<ins><span class="sr">added: </span>HIK</ins>' in page


@pytest.mark.parametrize(
    "query", [{"tab": "nonsense"}, {"page": "x"}, {"page": "99"}, {"open": "999"}, {"tab": "problems"}]
)
def test_an_odd_address_of_a_version_still_gives_its_page(client_for, officer, query):
    version = load_rule(["Alder Optics"]).version

    assert client_for(officer).get(version.get_absolute_url(), query).status_code == 200


def test_an_entry_shows_every_text_it_had(client_for, officer):
    load_rule([HIKVISION])
    load_rule([], title="Later", effective="2019-11-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK"]}}])

    page = client_for(officer).get(Entry.objects.get().get_absolute_url()).context["page"]

    assert [row.state for row in page.rows] == ["In force", "Ended"]
    assert page.listed.aliases == ("HIK",)


def test_a_proposed_entry_does_not_read_as_listed(client_for, officer):
    load_rule(["Alder Optics"], activate=False)

    page = client_for(officer).get(Entry.objects.get().get_absolute_url()).context["page"]

    assert page.pill.text == "Proposed, not activated"


def test_an_entry_that_left_reads_so(client_for, officer):
    load_rule(["Alder Optics"])
    load_rule([], title="Later", effective="2019-11-01", remove=[{"name": "Alder Optics"}])

    page = client_for(officer).get(Entry.objects.get().get_absolute_url()).context["page"]

    assert page.pill.text == "Left the list"


def test_an_entry_names_its_cases(client_for, officer):
    case = make_case()

    assert case.number in text_of(client_for(officer), Entry.objects.get().get_absolute_url())


# --- search and one name ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["hikvision", "T-00001", "C-{number}", "Hangzhou Hik"])
def test_search_finds_parties_cases_and_entries(client_for, officer, text):
    case = make_case()

    page = text_of(client_for(officer), reverse("search"), q=text.format(number=1000 + case.pk))

    assert "Nothing was found" not in page


def test_search_finds_an_entry_by_a_word_inside_its_name(client_for, officer):
    load_rule([HIKVISION])

    assert HIKVISION in text_of(client_for(officer), reverse("search"), q="digital technology")


@pytest.mark.parametrize("text", ["", "   ", "%", "_" * 300, "C-99999999999", "'; drop table"])
def test_search_takes_any_text(client_for, officer, text):
    make_counterparty("Alder")

    assert client_for(officer).get(reverse("search"), {"q": text}).status_code == 200


def test_screening_a_name_shows_why_and_records_nothing(client_for, officer):
    load_rule([HIKVISION])
    before = AuditEvent.objects.count()

    page = text_of(client_for(officer), reverse("screen"), name="Hik Vision Digital")

    assert HIKVISION in page
    assert "Nothing was recorded." in page
    assert (AuditEvent.objects.count(), Match.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    ("name", "heading"),
    [("Birch Avionics of Delft", "No match"), ("---", "Not screenable"), ("Hikvision", "1 possible match")],
)
def test_the_answers_on_a_name_read_differently(client_for, officer, name, heading):
    load_rule([HIKVISION])

    page = text_of(client_for(officer), reverse("screen"), name=name)

    assert f'<h2 id="answer-title">{heading}' in page


def test_without_a_list_a_name_is_not_called_unmatched(client_for, officer):
    page = text_of(client_for(officer), reverse("screen"), name="Hikvision")

    assert "No list is in force" in page
    assert "No match" not in page


def test_a_country_that_is_none_is_refused_on_the_form(client_for, officer):
    answer = client_for(officer).get(reverse("screen"), {"name": "Hikvision", "country": "QQ"})

    assert answer.status_code == 422


# --- health and errors -----------------------------------------------------------------------------------------------


def test_the_health_check_needs_no_sign_in_and_tells_nothing_private(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "workers": "unknown"})


def test_the_health_check_says_when_the_database_is_gone(client, monkeypatch):
    class Gone:
        def cursor(self):
            raise __import__("django.db").db.OperationalError("gone")

    monkeypatch.setattr("compliance.desk.views.connection", Gone())

    assert client.get("/healthz").status_code == 503


def test_an_unknown_address_has_its_own_page(client_for, officer):
    answer = client_for(officer).get("/lists/versions/999/")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_a_failure_has_its_own_page(client_for, officer, monkeypatch):
    def broken(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr("compliance.desk.selectors.today", broken)
    client = client_for(officer)
    client.raise_request_exception = False

    answer = client.get(reverse("today"))

    assert answer.status_code == 500
    assert "Something failed here" in answer.content.decode()


def test_revisions_exist_for_the_tests_above():
    load_rule([HIKVISION])

    assert EntryRevision.objects.in_force().count() == 1
