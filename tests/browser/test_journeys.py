"""The three journeys in a real browser, on the demo: an officer decides, a manager activates and approves, an auditor
exports and proves. Things are found as a person finds them, by role and label; the console must stay empty.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from compliance.accounts.models import User
from compliance.audit import export
from compliance.cases import services as cases
from compliance.cases.models import Case, Disposition, Hold
from compliance.config.demo.counterparties import planted
from compliance.config.demo.people import DEMO_PASSWORD
from compliance.jobs import services as jobs
from compliance.licenses import services as licenses
from compliance.licenses.models import LicenseRequest, PartyRole, RequestState
from compliance.watchlists.models import ListVersion, VersionState

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, str, str], None]
OFFICER, SECOND, MANAGER, OTHER_MANAGER, AUDITOR = "rkowalski", "jmensah", "twells", "agrant", "nlindqvist"


@pytest.fixture
def demo() -> None:
    call_command("seed_demo", stdout=io.StringIO())


def planted_case(of: str) -> Case:
    row = next(row for row in planted("match") if row.of == of)
    return Case.objects.not_closed().get(counterparty__external_id=row.external_id)


def confirm(case: Case) -> None:
    """Two people confirm the case's best match, as in the officer's journey."""
    word = cases.Verdict(outcome=Disposition.TRUE_MATCH, reason="known_name", note="Same party.")
    pair = case.matches.first()
    assert pair is not None
    cases.decide(case_match=pair, verdict=word, actor=User.objects.get(username=OFFICER))
    cases.second_review(case_match=pair, verdict=word, actor=User.objects.get(username=SECOND))


def test_an_officer_decides_and_a_second_officer_agrees(
    demo: None, new_page: Callable[[], Page], sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    case = planted_case("Hikvision")
    name = case.counterparty.name
    page = new_page()
    sign_in(page, OFFICER, DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("still need a decision")
    axe(page)

    page.get_by_role("link", name=re.compile("^Cases")).first.click()
    page.get_by_role("navigation", name=re.compile("queue", re.I)).get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("License required").first).to_be_visible()
    axe(page)
    page.keyboard.press("t")
    expect(page.get_by_role("radio", name="True match")).to_be_checked()
    page.get_by_label("Reason").select_option(label="Known name of the listed party")
    page.get_by_role("textbox", name=re.compile("^Note")).fill("Hikvision written as two words; the same firm.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("recorded", re.I)).first).to_be_visible()
    assert Hold.objects.count() == 0

    other = new_page()
    sign_in(other, SECOND, DEMO_PASSWORD)
    other.goto(case.get_absolute_url())
    expect(other.get_by_role("heading", name=re.compile("Second review"))).to_be_visible()
    other.get_by_role("radio", name="True match").check()
    other.get_by_label("Reason").select_option(label="Known name of the listed party")
    other.get_by_role("textbox", name=re.compile("^Note")).fill("Agreed after comparing both records.")
    other.get_by_role("button", name=re.compile("Record second review")).click()
    expect(other.get_by_text(re.compile("recorded", re.I)).first).to_be_visible()

    hold = Hold.objects.get()
    assert (hold.counterparty, hold.binds_now) == (case.counterparty, True)
    other.goto(case.counterparty.get_absolute_url())
    expect(other.get_by_text("Restricted").first).to_be_visible()
    axe(other)


def test_the_first_decider_sees_why_another_person_must_review(demo: None, page: Page, sign_in: SignIn) -> None:
    case = planted_case("Hikvision")
    word = cases.Verdict(outcome=Disposition.TRUE_MATCH, reason="known_name", note="Same party.")
    pair = case.matches.first()
    assert pair is not None
    cases.decide(case_match=pair, verdict=word, actor=User.objects.get(username=OFFICER))

    sign_in(page, OFFICER, DEMO_PASSWORD)
    page.goto(case.get_absolute_url())

    expect(page.get_by_text("another officer or a manager reviews it")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Record second review"))).to_have_count(0)


def test_a_manager_activates_a_rule_and_approves_a_request_to_file(
    demo: None, page: Page, sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    case = planted_case("Dahua Technology")
    confirm(case)
    content = licenses.Content(
        title="Camera chips", end_use="Shop cameras",
        items=[licenses.Item("5A992.c", "Network processor", 500, Decimal(21460))],
        parties=[licenses.Party(PartyRole.PURCHASER, case.counterparty.name, country="CN")],
    )  # fmt: skip
    officer = User.objects.get(username=OFFICER)
    request = licenses.submit(request=licenses.draft(case=case, content=content, actor=officer), actor=officer)
    version = ListVersion.objects.get(state=VersionState.READY)
    sign_in(page, MANAGER, DEMO_PASSWORD)

    page.goto(version.get_absolute_url())
    axe(page)
    page.get_by_role("button", name=re.compile("Activate")).click()
    expect(page.get_by_text(re.compile("active", re.I)).first).to_be_visible()
    version.refresh_from_db()
    assert version.state == VersionState.ACTIVE
    jobs.run_due()
    later = {row.external_id for row in planted("later")}
    opened = Case.objects.filter(opened_by_run__version=version)
    assert later <= set(opened.values_list("counterparty__external_id", flat=True))
    run = version.runs.latest("pk")
    page.goto(run.get_absolute_url())
    expect(page.get_by_text("Finished").first).to_be_visible()
    axe(page)

    page.get_by_role("link", name=re.compile("^Licenses")).first.click()
    page.get_by_role("link", name=re.compile(request.number)).first.click()
    axe(page)
    page.get_by_role("radio", name=re.compile("Approve to file")).check()
    page.get_by_label(re.compile("^Reason")).fill("Complete; the policy is quoted.")
    page.get_by_label(re.compile("conditions", re.I)).fill("File with the purchase order.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Approved to file").first).to_be_visible()
    expect(page.get_by_text(re.compile("only BIS grants")).first).to_be_visible()
    assert LicenseRequest.objects.get().state == RequestState.APPROVED_TO_FILE


def test_a_manager_watches_a_change_being_screened(demo: None, page: Page, sign_in: SignIn) -> None:
    version = ListVersion.objects.get(state=VersionState.READY)
    sign_in(page, MANAGER, DEMO_PASSWORD)
    page.goto(version.get_absolute_url())
    page.get_by_role("button", name=re.compile("Activate")).click()
    expect(page.get_by_text("Waiting for a worker to take up the screening.")).to_be_visible()

    jobs.run_due()

    expect(page.get_by_role("link", name="See the cases")).to_be_visible(timeout=15_000)


def test_an_auditor_filters_exports_and_proves_the_trail(
    demo: None, page: Page, sign_in: SignIn, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    confirm(planted_case("Hikvision"))
    sign_in(page, AUDITOR, DEMO_PASSWORD)

    page.get_by_role("link", name=re.compile("^Audit")).first.click()
    axe(page)
    page.get_by_role("button", name=re.compile("Verify")).click()
    expect(page.get_by_text("Verified").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Export the whole trail")).click()
    download.value.save_as(tmp_path / "trail.zip")

    with zipfile.ZipFile(tmp_path / "trail.zip") as archive:
        archive.extractall(tmp_path / "trail")
    assert export.verify_folder(tmp_path / "trail").faults == ()
    call_command("verify_audit", str(tmp_path / "trail"), "--against-database", stdout=io.StringIO())
    page.goto(reverse("audit:list") + "?action=case.match_decided")
    decided = page.get_by_role("row", name=re.compile("true match", re.I)).first
    decided.get_by_role("link", name=re.compile("^Event")).click()
    expect(page.get_by_text("Same party.").first).to_be_visible()
    axe(page)


def test_an_officer_decides_with_the_keyboard_alone(demo: None, page: Page, sign_in: SignIn) -> None:
    case = planted_case("IFLYTEK")
    sign_in(page, OFFICER, DEMO_PASSWORD)
    page.goto(case.get_absolute_url())

    page.keyboard.press("f")
    page.keyboard.press("n")
    page.keyboard.type("Another firm: other city, other trade.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("d")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text(re.compile("recorded", re.I)).first).to_be_visible()
    assert case.matches.filter(decisions__outcome=Disposition.FALSE_POSITIVE).exists()
