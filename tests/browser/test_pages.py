"""Every page: no serious accessibility finding, nothing on the console, no sideways scrolling on a phone."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page

from compliance.cases.models import Case
from compliance.config.demo.people import DEMO_PASSWORD
from compliance.counterparties.models import ImportFile
from compliance.runs.models import ScreeningRun
from compliance.watchlists.models import EntryRevision, ListVersion

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, str, str], None]


def officer_pages() -> list[str]:
    case = Case.objects.queue_order()[0]
    return [
        reverse("today"), case.get_absolute_url(), reverse("cases:list") + "?show=decided",
        reverse("counterparties:list"), case.counterparty.get_absolute_url(), reverse("counterparties:new"),
        reverse("counterparties:edit", args=[case.counterparty_id]), reverse("counterparties:import_new"),
        ImportFile.objects.get().get_absolute_url(), reverse("screen") + "?name=Hikvision&country=CN",
        reverse("search") + "?q=Hikvision", reverse("account"),
    ]  # fmt: skip


def manager_pages() -> list[str]:
    entry = EntryRevision.objects.in_force().order_by("pk")[0].entry
    return [
        reverse("lists:home"), reverse("lists:upload"), entry.get_absolute_url(), reverse("runs:list"),
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
