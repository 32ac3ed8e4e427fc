"""Early warnings: found once, completed by later news, open until a version carries the rule or a person ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from compliance.audit import services as audit
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.watchlists import notices
from compliance.watchlists import services as lists
from compliance.watchlists.models import Notice
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.times import WASHINGTON
from tests.watchlists.samples import NOON, csl, entity, load, part744, row, rule

pytestmark = pytest.mark.django_db

PRINTED = datetime(2019, 10, 9, tzinfo=WASHINGTON)
ON_INSPECTION = NoticeFacts(
    title="Addition of Certain Entities to the Entity List", lists=("EL",), document_number="2019-22210",
    inspection_at=NOON, effective_at=PRINTED, added=28,
)  # fmt: skip
IN_PRINT = replace(ON_INSPECTION, citation="84 FR 54002", published_at=PRINTED, abstract="This rule adds 28 entities.")
PRESS = NoticeFacts(
    title="The Department announces an addition", lists=("EL",), source="Press release", announced_at=NOON
)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def watch(system, clock) -> Any:
    """What the Federal Register gives, taken in by the system."""
    return lambda facts: notices.found(facts=facts, actor=system)


def is_open(notice: Notice) -> bool:
    notice.refresh_from_db()
    return notice.closed_at is None


# --- found -----------------------------------------------------------------------------------------------------------


def test_a_document_is_found_once_by_its_number(watch):
    first, again = watch(ON_INSPECTION), watch(ON_INSPECTION)

    assert first == again == Notice.objects.get()
    assert (first.origin, first.lists, first.added, first.revised) == ("register", ["EL"], 28, None)
    assert [event.action for event in audit.about(first)] == ["lists.notice_found"]


def test_news_of_a_document_complete_its_notice_and_take_nothing_away(watch, clock):
    notice = watch(replace(ON_INSPECTION, url="https://example.org/doc"))
    clock.shift(timedelta(days=1))

    watch(IN_PRINT)

    notice.refresh_from_db()
    assert (notice.citation, notice.published_at, notice.url) == ("84 FR 54002", PRINTED, "https://example.org/doc")
    assert (notice.inspection_at, notice.changed_at) == (NOON, NOON + timedelta(days=1))
    assert [event.action for event in audit.about(notice)] == ["lists.notice_found", "lists.notice_changed"]


def test_a_document_without_a_number_is_not_found_but_entered(watch):
    with pytest.raises(Invalid, match="enter it by hand"):
        watch(replace(IN_PRINT, document_number=""))


def test_a_document_that_is_in_force_already_raises_no_notice(watch, clock):
    rule(names=[entity("Alder Optics")], effective="2019-10-01")

    assert watch(IN_PRINT) is None


def test_a_document_whose_rule_is_only_coming_raises_one(watch):
    rule(names=[entity("Alder Optics")], effective="2019-10-09")

    assert watch(IN_PRINT) is not None


# --- closed by a version ---------------------------------------------------------------------------------------------


def test_a_notice_is_closed_by_the_rule_with_its_citation(watch, clock):
    notice = watch(IN_PRINT)
    clock.move_to(PRINTED + timedelta(hours=1))

    version = rule(names=[entity("Alder Optics")], document_number="")

    assert not is_open(notice)
    assert (notice.closed_by_version, notice.closed_by.username) == (version, version.loaded_by.username)


def test_a_notice_without_a_citation_is_closed_by_the_rule_with_its_document_number(watch, clock):
    notice = watch(ON_INSPECTION)
    clock.move_to(PRINTED + timedelta(hours=1))

    rule(names=[entity("Alder Optics")])

    assert not is_open(notice)


def test_a_rule_that_is_coming_closes_its_notice_when_it_begins_to_bind(watch, clock):
    notice = watch(IN_PRINT)
    rule(names=[entity("Alder Optics")], effective="2019-10-09")
    assert is_open(notice)
    clock.move_to(PRINTED + timedelta(seconds=1))

    lists.record_begun()

    assert not is_open(notice)


def test_a_held_or_ready_version_closes_nothing(watch, clock):
    notice = watch(IN_PRINT)

    rule(names=[entity("Alder Optics")], effective="2019-10-01", activate=False)

    assert is_open(notice)


@pytest.mark.parametrize(
    ("citation", "is_closed"),
    [
        ("84 FR 54002, 10/9/19.", True),
        ("84 FR 54004, 10/9/19.", True),
        ("83 FR 1000, 1/8/18. 84 FR 54004, 10/9/19.", True),
        ("84 FR 54001, 10/9/19.", False),
        ("84 FR 54004, 10/10/19.", False),
        ("84 FR 54200, 10/9/19.", False),
        ("85 FR 54004, 10/9/19.", False),
        ("84 FR 540021, 10/9/19.", False),
    ],
)
def test_a_notice_is_closed_by_a_whole_list_that_cites_a_page_of_its_rule_of_the_same_day(
    watch, clock, citation, is_closed
):
    notice = watch(IN_PRINT)
    clock.move_to(PRINTED + timedelta(hours=30))

    load("ecfr744", part744("Alder Optics, 12 Lake Road, Harbin, China.", citation=citation))

    assert is_open(notice) is not is_closed


def test_a_list_that_cited_the_rule_before_its_citation_was_known_closes_the_notice_when_it_is(watch, clock):
    notice = watch(ON_INSPECTION)
    load("csl", csl(row("Alder Optics", federal_register_notice="84 FR 54002")))
    assert is_open(notice)

    watch(IN_PRINT)

    assert not is_open(notice)


def test_a_list_that_cites_other_rules_closes_nothing(watch):
    notice = watch(IN_PRINT)

    load("csl", csl(row("Alder Optics", federal_register_notice="80 FR 52963")))

    assert is_open(notice)


def test_a_closed_notice_is_not_opened_by_later_news(watch, officer):
    notice = watch(ON_INSPECTION)
    notices.close(notice=notice, reason="It changes no list we use.", actor=officer)

    watch(IN_PRINT)

    assert not is_open(notice)
    assert Notice.objects.count() == 1


# --- by hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(PRESS, source=" "), "where it was announced"),
        (replace(PRESS, announced_at=None), "date"),
        (replace(PRESS, title=""), "title"),
        (replace(PRESS, lists=()), "Choose the list"),
        (replace(PRESS, lists=("EL", "XX")), "no list XX"),
    ],
)
def test_an_announcement_needs_title_source_date_and_a_list(officer, facts, words):
    with pytest.raises(Invalid, match=words):
        notices.enter(facts=facts, actor=officer)

    assert not Notice.objects.exists()


def test_an_announcement_entered_by_hand_leads_the_same_life(officer, clock):
    notice = notices.enter(facts=replace(PRESS, citation="84 FR 54002"), actor=officer)
    assert (notice.origin, notice.entered_by) == ("by_hand", officer)
    clock.move_to(PRINTED + timedelta(hours=1))

    rule(names=[entity("Alder Optics")])

    assert not is_open(notice)


def test_an_auditor_enters_and_closes_nothing(officer, auditor):
    notice = notices.enter(facts=PRESS, actor=officer)

    with pytest.raises(NotAllowed):
        notices.enter(facts=PRESS, actor=auditor)
    with pytest.raises(NotAllowed):
        notices.close(notice=notice, reason="No", actor=auditor)


def test_a_person_closes_a_notice_once_and_with_a_reason(officer):
    notice = notices.enter(facts=PRESS, actor=officer)

    with pytest.raises(Invalid, match="why"):
        notices.close(notice=notice, reason="  ", actor=officer)
    closed = notices.close(notice=notice, reason="A hoax.", actor=officer)
    with pytest.raises(WrongState, match="already"):
        notices.close(notice=notice, reason="Again", actor=officer)

    assert (closed.closed_by, closed.closed_because, closed.closed_by_version) == (officer, "A hoax.", None)


def test_a_notice_without_citation_and_number_is_closed_by_no_version(officer, clock):
    notice = notices.enter(facts=PRESS, actor=officer)
    clock.move_to(PRINTED + timedelta(hours=1))

    rule(names=[entity("Alder Optics")], document_number="")

    assert is_open(notice)


# --- what waits ------------------------------------------------------------------------------------------------------


def test_a_notice_is_late_once_its_rule_binds_and_no_version_carries_it(watch, clock, officer):
    notice, undated = watch(IN_PRINT), notices.enter(facts=PRESS, actor=officer)

    assert not notices.is_late(notice, PRINTED - timedelta(seconds=1))
    assert notices.is_late(notice, PRINTED)
    assert not notices.is_late(undated, PRINTED)
    assert not notices.is_late(notices.close(notice=notice, reason="Done.", actor=officer), PRINTED)


def test_open_notices_come_with_those_that_bind_first_on_top(watch, officer):
    undated = notices.enter(facts=PRESS, actor=officer)
    late = watch(replace(IN_PRINT, document_number="2019-2", effective_at=PRINTED + timedelta(days=9)))
    soon = watch(IN_PRINT)
    notices.close(notice=watch(replace(IN_PRINT, document_number="2019-3")), reason="Done.", actor=officer)

    assert list(notices.open_notices()) == [soon, late, undated]
