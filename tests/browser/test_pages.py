"""Every page: no serious accessibility finding, nothing on the console, no sideways scrolling on a phone."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from compliance.accounts.models import User
from compliance.cases.models import Case
from compliance.config.demo.people import DEMO_PASSWORD
from compliance.counterparties.models import ImportFile
from compliance.runs.models import ScreeningRun
from compliance.watchlists import notices
from compliance.watchlists.models import (
    EntryRevision,
    FetchAttempt,
    FetchOutcome,
    ListSource,
    ListVersion,
    SourceConflict,
)
from compliance.watchlists.notices import NoticeFacts

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, str, str], None]


def officer_pages() -> list[str]:
    case = Case.objects.queue_order()[0]
    return [
        reverse("today"), case.get_absolute_url(), reverse("cases:list") + "?show=decided",
        reverse("counterparties:list"), case.counterparty.get_absolute_url(), reverse("counterparties:new"),
        reverse("counterparties:edit", args=[case.counterparty_id]), reverse("counterparties:import_new"),
        ImportFile.objects.get().get_absolute_url(), reverse("screen") + "?name=Hikvision&country=CN",
        reverse("search") + "?q=Hikvision", reverse("account"), reverse("lists:as_of") + "?at=2019-10-15T12:00&q=a",
        reverse("lists:as_of") + "?known=2001-01-01",
    ]  # fmt: skip


def lists_area() -> list[str]:
    """Sources, early warnings, dated rules and conflicts, each with something on it."""
    actor, now = User.objects.system(), timezone.now()
    facts = NoticeFacts("Additions to the Entity List", ("EL",), source="Press release", announced_at=now, added=28)
    notice = notices.enter(facts=facts, actor=actor)
    done = notices.enter(facts=replace(facts, title="Closed", effective_at=now), actor=actor)
    notices.close(notice=done, reason="It changes no list we use", actor=actor)
    notices.enter(facts=replace(facts, title="Late", effective_at=now), actor=actor)
    source, row = ListSource.objects.get(key="csl"), EntryRevision.objects.in_force().order_by("pk")[0]
    for outcome in (FetchOutcome.UNCHANGED, FetchOutcome.FAILED):
        FetchAttempt.objects.create(source=source, started_at=now, finished_at=now, outcome=outcome, code="timeout")
    for field, one, two in (("start_date", "2019-05-21", "2019-08-21"), ("aliases", "Alder OOO", "")):
        SourceConflict.objects.create(
            entry=row.entry, field=field, leading=row, other=row, leading_says=one, other_says=two, found_at=now
        )
    return [
        reverse("lists:source", args=["csl"]), reverse("lists:source", args=["uflpa"]), reverse("lists:notices"),
        reverse("lists:notice_new"), notice.get_absolute_url(), done.get_absolute_url(), reverse("lists:rules"),
        reverse("lists:rules") + "?day=2026-01-01", reverse("lists:conflicts"),
        reverse("lists:conflicts") + "?field=aliases", reverse("today"),
    ]  # fmt: skip


def manager_pages() -> list[str]:
    entry = EntryRevision.objects.in_force().order_by("pk")[0].entry
    return [
        reverse("lists:home"), reverse("lists:upload") + "?source=uflpa", *lists_area(),
        entry.get_absolute_url(), f"{entry.get_absolute_url()}?at=2019-10-15&item=5A992.c&day=2019-10-15",
        f"{ListVersion.objects.earliest('pk').get_absolute_url()}?tab=cosmetic", reverse("runs:list"),
        *[version.get_absolute_url() for version in ListVersion.objects.all()],
        ScreeningRun.objects.latest("pk").get_absolute_url(), reverse("licenses:list"),
    ]  # fmt: skip


def auditor_pages() -> list[str]:
    return [reverse("audit:list"), reverse("audit:event", args=[5]), reverse("audit:list") + "?action=person.signed_in"]


def administrator_pages() -> list[str]:
    return [reverse("account"), reverse("account_password"), reverse("people"), reverse("person_new")]


@pytest.mark.parametrize(
    ("username", "pages"),
    [
        ("rkowalski", officer_pages),
        ("twells", manager_pages),
        ("nlindqvist", auditor_pages),
        ("pdasgupta", administrator_pages),
    ],
)
def test_each_page_is_accessible_quiet_and_fits_a_phone(
    username: str, pages: Callable[[], list[str]], page: Page, sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    call_command("seed_demo", stdout=io.StringIO())
    page.goto(reverse("login"))
    axe(page)
    sign_in(page, username, DEMO_PASSWORD)

    for address in pages():
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("h1").count() == 1, address
        axe(page)
        page.set_viewport_size({"width": 390, "height": 844})
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{address} is {overflow} pixels too wide for a phone"
