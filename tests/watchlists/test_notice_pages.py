"""Pages of early warnings and of dated rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.desk import selectors as desk
from compliance.watchlists import later_rules, notices
from compliance.watchlists.models import LaterRule, Notice
from compliance.watchlists.notice_selectors import CLOSED_PER_PAGE, notice_counts, notice_page, notices_page
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.rule_selectors import rule_rows
from tests.desk.queries import queries
from tests.factories import load_rule

pytestmark = pytest.mark.django_db

ENTERED = {
    "title": "Commerce announces additions", "lists": ["EL"], "source": "Press release of 7 October",
    "announced": "2019-10-07", "effective": "2019-10-09",
}  # fmt: skip

LATER = {"switch": "affiliates_rule", "state": "stayed", "begins": "2026-11-10", "citation": "91 FR 70001"}


def warn(title: str, *, actor: User | None = None, **facts: object) -> Notice:
    """An announcement entered by hand."""
    values = {"lists": ("EL",), "source": "Press release", "announced_at": datetime(2019, 10, 7, tzinfo=UTC), **facts}
    return notices.enter(facts=NoticeFacts(title=title, **values), actor=actor or User.objects.system())  # type: ignore[arg-type]


def in_hours(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def text(client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_what_binds_first_stands_on_top_and_what_binds_already_is_marked(client_for, officer):
    warn("Someday", effective_at=None)
    warn("Next month", effective_at=in_hours(700))
    warn("Since yesterday", effective_at=in_hours(-24))

    page = text(client_for(officer), "lists:notices")

    assert page.index("Since yesterday") < page.index("Next month") < page.index("Someday")
    assert page.count("Binds, no version") == 1
    assert "3 early warnings open, 1 binds without a version" in page


def test_the_time_left_stands_beside_the_date(client_for, officer):
    notice = warn("Tomorrow", effective_at=in_hours(31.5))

    assert "binds in 31 h" in text(client_for(officer), "lists:notice", notice.pk)


def test_a_count_that_is_not_given_is_not_zero(client_for, officer):
    notice = warn("Counts", added=28, removed=0)

    row = notice_page(notice, officer).row
    page = text(client_for(officer), "lists:notice", notice.pk)

    assert row.counts == (("added", "28"), ("revised", "does not say"), ("removed", "0"))
    assert "does not say" in page


def test_an_announcement_is_entered_in_the_name_of_who_read_it(client_for, officer):
    answer = client_for(officer).post(reverse("lists:notice_new"), ENTERED)

    notice = Notice.objects.get()
    assert (answer.status_code, answer.url) == (302, notice.get_absolute_url())
    assert (notice.origin, notice.entered_by, notice.lists, notice.added) == ("by_hand", officer, ["EL"], None)
    assert notice.effective_at == datetime(2019, 10, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ("title", "Give the notice a title"),
        ("lists", "Choose the list that it is about."),
        ("source", "Say where it was announced"),
        ("announced", "Give the date on which it was announced."),
    ],
)
def test_what_is_needed_is_asked_for_at_its_field_and_the_rest_is_kept(client_for, officer, left_out, sentence):
    given = {name: value for name, value in ENTERED.items() if name != left_out}

    answer = client_for(officer).post(reverse("lists:notice_new"), {**given, "abstract": "Kept words"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'aria-describedby="id_{left_out}' in page
    assert "Kept words" in page
    assert not Notice.objects.exists()


def test_a_document_is_not_entered_twice(client_for, officer):
    client = client_for(officer)
    client.post(reverse("lists:notice_new"), {**ENTERED, "document_number": "2019-22210"})

    answer = client.post(reverse("lists:notice_new"), {**ENTERED, "document_number": "2019-22210"})

    assert answer.status_code == 422
    assert "is on the desk already" in answer.content.decode()


def test_an_address_that_is_no_web_address_is_no_link(client_for, officer):
    notice = warn("Odd", url="javascript:alert(1)")

    assert 'href="javascript' not in text(client_for(officer), "lists:notice", notice.pk)


def test_a_person_closes_a_notice_with_a_reason(client_for, officer):
    notice = warn("Elsewhere")
    client = client_for(officer)

    client.post(reverse("lists:notice_close", args=[notice.pk]), {"reason": "It changes no list we use"})

    notice.refresh_from_db()
    page = text(client, "lists:notice", notice.pk)
    assert notice.closed_by == officer
    assert "Closed by a person" in page
    assert "Closed: It changes no list we use" in page
    assert "Close without a version" not in page


def test_without_a_reason_it_stays_open_and_the_field_says_so(client_for, officer):
    notice = warn("Elsewhere")

    answer = client_for(officer).post(reverse("lists:notice_close", args=[notice.pk]), {"reason": " "})

    notice.refresh_from_db()
    assert (answer.status_code, notice.closed_at) == (422, None)
    assert "Say why the notice is closed" in answer.content.decode()


def test_closing_twice_says_that_it_moved_on(client_for, officer):
    notice = warn("Elsewhere")
    notices.close(notice=notice, reason="Done", actor=officer)

    answer = client_for(officer).post(reverse("lists:notice_close", args=[notice.pk]), {"reason": "Again"})

    assert answer.status_code == 409


def test_the_version_that_carries_it_closes_it_and_is_linked(client_for, officer):
    notice = warn("Additions", citation="84 FR 54002")

    version = load_rule(["Alder Optics"]).version

    page = text(client_for(officer), "lists:notice", notice.pk)
    assert "Closed by a version" in page
    assert version is not None
    assert version.get_absolute_url() in page


def test_an_auditor_reads_notices_and_enters_none(client_for, auditor):
    notice = warn("Elsewhere")
    client = client_for(auditor)

    assert reverse("lists:notice_new") not in text(client, "lists:notices")
    assert reverse("lists:notice_close", args=[notice.pk]) not in text(client, "lists:notice", notice.pk)
    assert client.post(reverse("lists:notice_new"), ENTERED).status_code == 403


def test_the_pages_of_notices_take_the_same_queries_at_any_size(officer):
    first = warn("First", citation="84 FR 54002")
    notices.close(notice=warn("Closed"), reason="Done", actor=officer)
    small = queries(lambda: notices_page(officer))
    for number in range(2 * CLOSED_PER_PAGE):
        made = warn(f"Notice {number}", effective_at=in_hours(number))
        if number % 2:
            notices.close(notice=made, reason="Done", actor=officer)

    assert queries(lambda: notices_page(officer)) == small <= 5
    assert queries(lambda: notice_page(Notice.objects.get(pk=first.pk), officer)) == 2


def test_today_says_how_many_wait_and_how_many_bind_already(client_for, officer):
    warn("Late", effective_at=in_hours(-1))
    warn("Later", effective_at=in_hours(40))

    page = text(client_for(officer), "today")

    assert desk.today(officer).warnings == notice_counts(timezone.now())
    assert f'<a href="{reverse("lists:notices")}">2 early warnings</a>, 1 binds already without a version.' in page


def test_today_is_silent_when_nothing_is_announced(client_for, officer):
    assert "early warning" not in text(client_for(officer), "today")


# --- dated rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025-09-28", "Not yet in force"),
        ("2025-10-01", "In force"),
        ("2026-01-01", "Stayed"),
        ("2026-11-10", "In force, not confirmed"),
    ],
)
def test_the_affiliates_rule_reads_by_the_day(day, words):
    rows = {row.reading.switch.key: row for row in rule_rows(date.fromisoformat(day))}

    assert rows["affiliates_rule"].pill.text == words


def test_what_nobody_confirmed_is_amber_and_on_top():
    first = rule_rows(date(2026, 11, 10))[0]

    assert (first.reading.switch.key, first.pill.tone) == ("affiliates_rule", "warn")


def test_the_page_takes_a_day(client_for, officer):
    page = text(client_for(officer), "lists:rules", day="2026-01-01")

    assert "Dated rules on" in page
    assert 'value="2026-01-01"' in page
    assert "Stayed" in page


def test_a_day_that_is_none_is_refused_at_its_field_and_the_page_shows_today(client_for, officer):
    answer = client_for(officer).get(reverse("lists:rules"), {"day": "soon"})

    assert answer.status_code == 422
    assert "Give a day like 2026-11-10. The page shows today." in " ".join(answer.content.decode().split())


def test_a_manager_records_a_later_rule_by_its_citation(client_for, manager):
    given = {
        "switch": "affiliates_rule",
        "state": "stayed",
        "begins": "2026-11-10",
        "ends": "",
        "citation": "91 FR 70001",
    }
    client = client_for(manager)

    answer = client.post(reverse("lists:rule_record"), given)

    rule = LaterRule.objects.get()
    page = text(client, "lists:rules", day="2026-11-10")
    assert answer.status_code == 302
    assert (rule.citation, rule.recorded_by) == ("91 FR 70001", manager)
    assert "91 FR 70001" in page
    assert "In force, not confirmed" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"citation": "a letter"}, "Give the Federal Register citation"),
        ({"begins": ""}, "Give the first day"),
        ({"ends": "2026-11-01"}, "The last day lies before the first"),
    ],
)
def test_a_later_rule_without_its_facts_is_not_recorded(client_for, manager, change, sentence):
    given = {
        "switch": "affiliates_rule",
        "state": "stayed",
        "begins": "2026-11-10",
        "citation": "91 FR 70001",
        **change,
    }

    answer = client_for(manager).post(reverse("lists:rule_record"), given)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not LaterRule.objects.exists()


def test_an_officer_reads_dated_rules_and_records_none(client_for, officer):
    client = client_for(officer)

    assert reverse("lists:rule_record") not in text(client, "lists:rules")
    assert client.post(reverse("lists:rule_record"), {}).status_code == 403


def test_the_page_of_rules_takes_two_queries_at_any_size(manager):
    for number in range(5):
        later_rules.record(
            switch="affiliates_rule", state="stayed", begins=date(2026, 11, 10 + number), ends=None,
            citation=f"91 FR 7000{number}", note="", actor=manager,
        )  # fmt: skip

    assert queries(lambda: rule_rows(date(2026, 11, 12))) == 2
