"""Who may do what, address by address: every URL as every role and as nobody, compared with a written table.

Each cell is the answer to a request without content (POST and PUT send an empty form), so that nothing is changed:
200 shown, 302 done or sent to sign in, 401 nobody at the API, 403 not for this role, 404 not there, 405 no such act,
409 not in this state, 422 or 400 allowed but incomplete. A new address without a row fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases import services as cases
from compliance.cases.models import Hold, ListReview
from compliance.counterparties import services as counterparties
from compliance.counterparties.importer import COLUMNS
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.licenses import services as licenses
from compliance.runs.models import ScreeningRun
from compliance.watchlists import notices
from compliance.watchlists.models import SupplementaryName
from compliance.watchlists.notices import NoticeFacts
from tests.factories import load_rule, make_case
from tests.licenses.conftest import confirm, content

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "officer", "manager", "auditor", "administrator")
# address: the answers to nobody, officer, manager, auditor, administrator
TABLE: dict[str, dict[str, str]] = {
    "today": {"GET": "302 200 200 200 302", "POST": "302 405 405 405 405"},
    "search": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "screen": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "healthz": {"GET": "200 200 200 200 200", "POST": "405 405 405 405 405"},
    "login": {"GET": "200 302 302 302 302", "POST": "422 302 302 302 302"},
    "logout": {"GET": "302 405 405 405 405", "POST": "302 302 302 302 302"},
    "account": {"GET": "302 200 200 200 200", "POST": "302 405 405 405 405"},
    "account_password": {"GET": "302 200 200 200 200", "POST": "302 422 422 422 422"},
    "account_token": {"GET": "302 405 405 405 405", "POST": "302 200 200 200 200"},
    "people": {"GET": "302 403 403 403 200", "POST": "302 405 405 405 405"},
    "person_new": {"GET": "302 403 403 403 200", "POST": "302 403 403 403 422"},
    "person": {"GET": "302 403 403 403 200", "POST": "302 405 405 405 405"},
    "person_role": {"GET": "302 405 405 405 405", "POST": "302 403 403 403 422"},
    "person_active": {"GET": "302 405 405 405 405", "POST": "302 403 403 403 422"},
    "cases:list": {"GET": "302 302 302 302 403", "POST": "302 405 405 405 405"},
    "cases:detail": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "cases:assign": {"GET": "302 405 405 405 405", "POST": "302 302 302 403 403"},
    "cases:ask": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:answer": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:escalate": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:return": {"GET": "302 405 405 405 405", "POST": "302 403 422 403 403"},
    "cases:note": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:decide": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:second_review": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:ask_release": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:decide_release": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "cases:close_review": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "counterparties:list": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "counterparties:detail": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "counterparties:new": {"GET": "302 200 200 403 403", "POST": "302 422 422 403 403"},
    "counterparties:edit": {"GET": "302 200 200 403 403", "POST": "302 422 422 403 403"},
    "counterparties:import_new": {"GET": "302 200 200 403 403", "POST": "302 422 422 403 403"},
    "counterparties:import": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "counterparties:import_refused": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:home": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:upload": {"GET": "302 403 200 403 403", "POST": "302 403 422 403 403"},
    "lists:form_template": {"GET": "302 403 200 403 403", "POST": "302 405 405 405 405"},
    "lists:source": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:check": {"GET": "302 405 405 405 405", "POST": "302 403 302 403 403"},
    "lists:notices": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:notice_new": {"GET": "302 200 200 403 403", "POST": "302 422 422 403 403"},
    "lists:notice": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:notice_close": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "lists:rules": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:rule_record": {"GET": "302 405 405 405 405", "POST": "302 403 422 403 403"},
    "lists:conflicts": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:activate": {"GET": "302 405 405 405 405", "POST": "302 403 302 403 403"},
    "lists:hold": {"GET": "302 405 405 405 405", "POST": "302 403 422 403 403"},
    "lists:release": {"GET": "302 405 405 405 405", "POST": "302 403 422 403 403"},
    "lists:raw": {"GET": "302 403 200 200 403", "POST": "302 405 405 405 405"},
    "lists:version": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:preview": {"GET": "302 200 200 200 403", "POST": "302 403 302 403 403"},
    "lists:entry": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:as_of": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "lists:name_add": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "lists:name_withdraw": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "runs:list": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "runs:start": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "runs:detail": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "runs:progress": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "runs:retry": {"GET": "302 405 405 405 405", "POST": "302 302 302 403 403"},
    "licenses:list": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "licenses:new": {"GET": "302 200 200 403 403", "POST": "302 422 422 403 403"},
    "licenses:detail": {"GET": "302 200 200 200 403", "POST": "302 405 405 405 405"},
    "licenses:edit": {"GET": "302 409 409 403 403", "POST": "302 422 422 403 403"},
    "licenses:submit": {"GET": "302 405 405 405 405", "POST": "302 409 409 403 403"},
    "licenses:decide": {"GET": "302 405 405 405 405", "POST": "302 403 422 403 403"},
    "licenses:withdraw": {"GET": "302 405 405 405 405", "POST": "302 422 422 403 403"},
    "audit:list": {"GET": "302 403 200 200 403", "POST": "302 405 405 405 405"},
    "audit:verify": {"GET": "302 405 405 405 405", "POST": "302 403 302 302 403"},
    "audit:export": {"GET": "302 405 405 405 405", "POST": "302 403 403 200 403"},
    "audit:event": {"GET": "302 403 200 200 403", "POST": "302 405 405 405 405"},
    "schema": {"GET": "401 200 200 200 200", "POST": "401 405 405 405 405"},
    "api:token": {"GET": "405 405 405 405 405", "POST": "400 400 400 400 400"},
    "api:screen": {"GET": "401 405 405 405 403", "POST": "401 400 400 400 403"},
    "api:counterparties": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:counterparty": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403", "PUT": "401 400 400 403 403"},
    "api:cases": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:case": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:case_assign": {"GET": "401 405 405 403 403", "POST": "401 400 400 403 403"},
    "api:decide": {"GET": "401 405 405 403 403", "POST": "401 400 400 403 403"},
    "api:second_review": {"GET": "401 405 405 403 403", "POST": "401 400 400 403 403"},
    "api:close_review": {"GET": "401 405 405 403 403", "POST": "401 400 400 403 403"},
    "api:license_requests": {"GET": "401 200 200 200 403", "POST": "401 400 400 403 403"},
    "api:license_request": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:license_submit": {"GET": "401 405 405 403 403", "POST": "401 409 409 403 403"},
    "api:license_decide": {"GET": "401 403 405 403 403", "POST": "401 403 400 403 403"},
    "api:license_withdraw": {"GET": "401 405 405 403 403", "POST": "401 400 400 403 403"},
    "api:list_versions": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_version": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_delta": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_impact": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_entries": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_entry": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:list_determination": {"GET": "401 422 422 422 403", "POST": "401 405 405 405 403"},
    "api:runs": {"GET": "401 200 200 200 403", "POST": "401 400 400 403 403"},
    "api:run": {"GET": "401 200 200 200 403", "POST": "401 405 405 405 403"},
    "api:audit_events": {"GET": "401 403 200 200 403", "POST": "401 403 405 405 403"},
    "api:audit_event": {"GET": "401 403 200 200 403", "POST": "401 403 405 405 403"},
}  # fmt: skip
# The only addresses that answer without a sign-in.
OPEN = {"login", "healthz", "api:token"}


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or pattern.pattern}", pattern
        else:
            yield from patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


ADDRESSES = [name for name, _pattern in patterns(get_resolver())]


@pytest.fixture
def people(officer, manager, auditor, administrator) -> dict[str, User | None]:
    return {
        "nobody": None, "officer": officer, "manager": manager, "auditor": auditor, "administrator": administrator,
    }  # fmt: skip


@pytest.fixture
def places(people, officer, second_officer, second_manager) -> dict[str, list[object]]:
    """What stands in each address that names a thing: one of everything, made through the services."""
    undecided = make_case("Dahua Tech", "Dahua Technology Co., Ltd.")
    confirmed = confirm(make_case(), second_officer, second_manager)
    request = licenses.draft(case=confirmed, content=content(confirmed), actor=officer)
    licenses.submit(request=request, actor=officer)
    hold = Hold.objects.get()
    cases.ask_release(hold=hold, reason="Delisted", actor=second_officer)
    ready = load_rule(["Yitu Technologies"], activate=False, effective="2019-11-01", title="Ready").version
    assert ready
    job = Job.objects.order_by("-pk")[0]
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    file = counterparties.receive_import(
        data=(",".join(COLUMNS) + "\nX-1,Fjord Optics,,NO,,customer,\n").encode(), filename="x.csv", actor=officer
    )
    jobs.run_due()
    review = ListReview.objects.create(
        case_match=hold.case_match, kind="hold", because="It left the list.", version=ready, asked_at=timezone.now()
    )
    notice = notices.enter(
        facts=NoticeFacts("Additions", ("EL",), source="Press release", announced_at=timezone.now()), actor=officer
    )
    pair, run = undecided.matches.get(), ScreeningRun.objects.order_by("-pk")[0]
    entry = pair.entry_id
    one = {
        "person": second_officer.pk, "cases": undecided.pk, "counterparties": undecided.counterparty_id,
        "lists": ready.pk, "runs": run.pk, "licenses": request.pk,
    }  # fmt: skip
    own = {
        "cases:decide": pair.pk, "cases:second_review": pair.pk, "cases:ask_release": hold.pk,
        "cases:decide_release": hold.pk, "cases:close_review": review.pk, "api:close_review": review.pk,
        "counterparties:import": file.pk, "counterparties:import_refused": file.pk,
        "lists:source": "csl", "lists:check": "csl", "lists:notice": notice.pk, "lists:notice_close": notice.pk,
        "lists:entry": entry, "lists:name_add": entry, "lists:name_withdraw": SupplementaryName.objects.all()[0].pk,
        "api:list_entry": entry, "api:list_determination": entry,
        "runs:retry": job.pk, "licenses:new": confirmed.pk, "audit:event": 1,
        "api:counterparty": undecided.counterparty.external_id, "api:case": undecided.pk,
        "api:case_assign": undecided.pk, "api:decide": pair.pk, "api:second_review": pair.pk,
        "api:license_request": request.pk, "api:license_submit": request.pk, "api:license_decide": request.pk,
        "api:license_withdraw": request.pk, "api:list_version": ready.pk, "api:list_delta": ready.pk,
        "api:list_impact": ready.pk, "api:run": run.pk, "api:audit_event": 1,
    }  # fmt: skip
    found: dict[str, list[object]] = {}
    for name, pattern in patterns(get_resolver()):
        if pattern.pattern.converters:
            found[name] = [own.get(name, one.get(name.split(":")[0].split("_")[0]))]
    return found


def answer(person: User | None, method: str, url: str, *, is_api: bool) -> int:
    """The status of one request whose effects are taken back."""
    with transaction.atomic():
        client = Client(raise_request_exception=False)
        if person:
            client.force_login(person)
        send = getattr(client, method.lower())
        got = send(url) if method == "GET" else send(url, {}, content_type="application/json") if is_api else send(url)
        transaction.set_rollback(True)
    return got.status_code


def test_every_address_has_a_row_and_every_row_an_address():
    assert sorted(TABLE) == sorted(ADDRESSES)


def test_every_address_answers_each_role_as_written(people, places):
    found = {}
    for name in ADDRESSES:
        url = reverse(name, args=places.get(name, []))
        methods = TABLE.get(name, {"GET": "", "POST": ""})
        found[name] = {
            method: " ".join(str(answer(people[role], method, url, is_api=name.startswith("api:"))) for role in ROLES)
            for method in methods
        }
    assert found == TABLE


def test_nobody_is_sent_to_sign_in_and_gets_no_further(client, places):
    for name in ADDRESSES:
        if name in OPEN:
            continue
        got = client.get(reverse(name, args=places.get(name, [])))
        assert got.status_code == 401 or got.url.startswith(f"{reverse('login')}?next="), name
