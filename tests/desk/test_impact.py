"""What a waiting version would touch, as its page and the API say it: cases, holds and requests as they stand now."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.accounts import services as people
from compliance.audit.models import AuditEvent
from compliance.cases.models import Case, Hold
from compliance.desk.impact import impact_preview, preview_card
from compliance.jobs import services as jobs
from compliance.jobs.models import Job
from compliance.licenses import services as licenses
from compliance.licenses.models import LicenseRequest, RequestState
from compliance.runs import previews
from compliance.runs.models import Match, Preview
from compliance.watchlists import services as lists
from compliance.watchlists.models import ListVersion
from tests.desk.queries import queries
from tests.factories import load_rule, make_case, make_counterparty, rule_bytes
from tests.licenses.conftest import confirm, content

pytestmark = pytest.mark.django_db

HIKVISION, DAHUA = "Hangzhou Hikvision Digital Technology Co., Ltd.", "Dahua Technology Co., Ltd."


def waiting(names=(), **more) -> ListVersion:
    return lists.load(
        key="rule", data=rule_bytes(names, effective="2020-01-01", title="Waits", **more), filename="waits.json",
        actor=people.User.objects.system(),
    ).version  # fmt: skip


@pytest.fixture
def world(officer, second_officer, second_manager) -> dict[str, Case | LicenseRequest]:
    """Hikvision confirmed, with a hold and a request; Dahua's case open; a counterparty that nothing names yet."""
    confirmed = confirm(make_case(), second_officer, second_manager)
    request = licenses.draft(case=confirmed, content=content(confirmed), actor=officer)
    undecided = make_case("Dahua Tech", DAHUA)
    make_counterparty("Yitu Technologies")
    jobs.run_due()
    return {"confirmed": confirmed, "undecided": undecided, "request": request}


@pytest.fixture
def counted(world, manager) -> ListVersion:
    """A version that adds a new name, revises Dahua and removes Hikvision, with its preview."""
    version = waiting(
        ["Yitu Technologies"],
        revise=[{"name": DAHUA, "set": {"aliases": ["Dahua"]}}],
        remove=[{"name": HIKVISION, "country": "CN"}],
    )
    previews.ask(version, manager)
    jobs.run_due()
    return version


def test_the_numbers_of_a_small_world(counted):
    impact = impact_preview(counted)

    assert (impact.state, impact.percent, impact.counterparties, impact.screened) == ("done", 100, 3, 3)
    assert (impact.parties, impact.failed, impact.entries) == (2, 0, 2)
    assert (impact.open_cases, impact.holds, impact.license_requests) == (1, 1, 1)
    assert (impact.entries_removed_with_holds, impact.is_stale, impact.is_partial) == (1, False, False)


def test_what_rests_on_a_touched_counterparty_counts_though_its_entry_stays(world, manager):
    version = waiting(["Hikvision Digital Tech"])

    before = impact_preview(version)
    previews.ask(version, manager)
    jobs.run_due()

    after = impact_preview(version)
    assert (before.state, before.parties, before.holds, before.license_requests) == ("not_asked", 0, 0, 0)
    assert (after.parties, after.holds, after.license_requests, after.open_cases) == (1, 1, 1, 0)
    assert after.entries_removed_with_holds == 0


def test_a_request_counts_where_a_party_to_it_is_touched(world, manager):
    buyer = make_counterparty("Fjord Optics")
    world["request"].parties.update(counterparty=buyer)
    version = waiting(["Fjord Optics"])
    previews.ask(version, manager)
    jobs.run_due()

    impact = impact_preview(version)

    assert (impact.parties, impact.license_requests, impact.holds) == (1, 1, 0)


@pytest.mark.parametrize(
    ("state", "found"),
    [(RequestState.SUBMITTED, 1), (RequestState.RETURNED, 1), (RequestState.APPROVED_TO_FILE, 0),
     (RequestState.REJECTED, 0), (RequestState.WITHDRAWN, 0)],
)  # fmt: skip
def test_a_request_that_ended_is_not_counted(counted, state, found):
    LicenseRequest.objects.update(state=state)

    assert impact_preview(counted).license_requests == found


def test_cases_decided_and_holds_released_since_are_read_as_they_are_now(counted, officer, manager):
    Case.objects.update(state="decided")
    Hold.objects.update(released_at=timezone.now(), released_by=manager, release_asked_by=officer)

    impact = impact_preview(counted)

    assert (impact.open_cases, impact.holds, impact.entries_removed_with_holds) == (0, 0, 0)


def test_looking_changes_nothing(counted, client_for, officer):
    before = [model.objects.count() for model in (Match, Case, AuditEvent, Preview, Job)]

    client_for(officer).get(counted.get_absolute_url())
    client_for(officer).get(reverse("api:list_impact", args=[counted.pk]))

    assert [model.objects.count() for model in (Match, Case, AuditEvent, Preview, Job)] == before


def test_more_parties_than_are_kept_by_name_make_the_rest_a_lower_bound(counted, client_for, officer):
    Preview.objects.update(parties=9_000)

    assert impact_preview(counted).is_partial
    assert "there are at least as many" in client_for(officer).get(counted.get_absolute_url()).content.decode()


def test_a_plan_that_changed_since_shows_on_the_page(counted, client_for, officer):
    counted.deltas.filter(revision__name=DAHUA).delete()

    assert impact_preview(counted).is_stale
    assert "Counted for an earlier plan" in client_for(officer).get(counted.get_absolute_url()).content.decode()


def test_the_queries_grow_with_nothing(counted, world, officer, manager):
    few = queries(lambda: preview_card(counted, officer))
    for name in ("Yitu Technologies Ltd", "Yitu Technologies Inc", "YITU Technologies Beijing"):
        make_counterparty(name)
    previews.ask(counted, manager)
    jobs.run_due()

    many = queries(lambda: preview_card(counted, officer))

    assert impact_preview(counted).parties == 5
    assert few == many <= 8


# --- the page --------------------------------------------------------------------------------------------------------


def page_of(client: Client, version: ListVersion) -> str:
    return client.get(version.get_absolute_url()).content.decode()


def test_the_page_shows_the_numbers_and_the_counterparties(counted, client_for, officer):
    page = page_of(client_for(officer), counted)

    assert "What activation would touch" in page
    assert "against 3 counterparties; nothing was changed" in page
    assert "Yitu Technologies" in page.split('id="version-preview"')[1].split("</section>")[0]


def test_a_manager_asks_and_an_officer_does_not(world, client_for, officer, manager):
    version = waiting(["Fjord Optics"])
    url = reverse("lists:preview", args=[version.pk])

    assert "Count now" not in page_of(client_for(officer), version)
    assert client_for(officer).post(url).status_code == 403
    assert not Preview.objects.exists()
    assert "Count now" in page_of(client_for(manager), version)

    assert client_for(manager).post(url).url == version.get_absolute_url()
    assert Preview.objects.get().version == version


def test_while_it_is_counted_the_part_asks_for_itself_again_and_then_stops(world, client_for, manager):
    version = waiting(["Fjord Optics"])
    client, url = client_for(manager), reverse("lists:preview", args=[version.pk])
    client.post(url)

    waits = client.get(url).content.decode()
    jobs.run_due()

    assert ("every 2s" in waits, "Waits for a worker" in waits, "<html" in waits) == (True, True, False)
    assert "every 2s" not in client.get(url).content.decode()


def test_a_count_that_stopped_says_so_and_can_be_asked_for_again(world, client_for, manager):
    version = waiting(["Fjord Optics"])
    previews.ask(version, manager)
    Job.objects.filter(kind=previews.PREVIEW).update(state="failed", finished_at=timezone.now())

    page = page_of(client_for(manager), version)

    assert ("The count stopped" in page, "Count again" in page) == (True, True)


def test_a_version_in_force_has_no_preview_and_cannot_be_asked_for_one(counted, client_for, manager):
    lists.activate(version=counted, actor=manager)
    client, url = client_for(manager), reverse("lists:preview", args=[counted.pk])

    assert "version-preview" not in page_of(client, counted)
    assert client.post(url).status_code == 409
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


# --- the API ---------------------------------------------------------------------------------------------------------


def test_the_api_gives_the_same_numbers(counted, client_for, officer):
    answer = client_for(officer).get(reverse("api:list_impact", args=[counted.pk])).json()

    impact = impact_preview(counted)
    assert {name: answer[name] for name in answer if name != "finished_at"} == {
        name: getattr(impact, name) for name in answer if name != "finished_at"
    }
    assert answer["finished_at"]


def test_the_api_answers_409_for_a_version_in_force(client_for, officer):
    version = load_rule([HIKVISION]).version

    answer = client_for(officer).get(reverse("api:list_impact", args=[version.pk]))

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
