"""7 to 9 October 2019, played with a set clock and no worker that nobody started."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from compliance.accounts.models import User
from compliance.audit import export
from compliance.cases import services as cases
from compliance.cases.models import Case, Disposition, Hold
from compliance.config.demo import entity_list, rules
from compliance.config.demo.counterparties import planted
from compliance.counterparties.models import Counterparty
from compliance.desk.status import NO_MATCH, RESTRICTED, UNDER_REVIEW, status_of
from compliance.jobs import services as jobs
from compliance.licenses import services as licenses
from compliance.licenses.models import PartyRole, RequestState
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, VersionState
from compliance.watchlists.times import WASHINGTON

pytestmark = pytest.mark.django_db


def washington(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2019, 10, day, hour, minute, second, tzinfo=WASHINGTON)


@pytest.fixture
def week() -> Any:
    with time_machine.travel(washington(6, 9), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(week: Any) -> dict[str, User]:
    """The company on the Sunday before: its people, its 600 counterparties and the list of that day, all screened."""
    call_command("seed_demo", "--counterparties-only", stdout=io.StringIO())
    people = {person.username: person for person in User.objects.all()}
    loaded = lists.load(
        key="csl", data=entity_list.csl_csv(), filename="entity-list.csv", actor=people["twells"], activate_now=True
    )
    assert loaded.state == VersionState.ACTIVE
    jobs.run_due()
    return people


def party_of(row: Any) -> Counterparty:
    return Counterparty.objects.get(external_id=row.external_id)


def verdict(case: Case, outcome: str, reason: str, note: str) -> tuple[Any, cases.Verdict]:
    pair = case.matches.first()
    return pair, cases.Verdict(outcome=outcome, reason=reason, note=note, seen=cases.seen_token(pair))


def test_the_week(desk: dict[str, User], week: Any, client_for: Callable[[User], Client], tmp_path: Path) -> None:
    officer, second = desk["rkowalski"], desk["jmensah"]
    manager, other_manager, auditor = desk["twells"], desk["agrant"], desk["nlindqvist"]
    hikvision = next(row for row in planted("match") if row.of == "Hikvision")
    lookalike = planted("review")[0]
    assert status_of(party_of(hikvision)).value == NO_MATCH

    # Monday 7 October, 17:00: the rule is announced, and entered the same hour.
    week.move_to(washington(7, 17))
    loaded = lists.load(
        key="rule", data=rules.rule_json(rules.OCTOBER_2019), filename="rule.json", actor=manager, activate_now=True
    )
    assert loaded.version is not None
    assert (loaded.state, loaded.version.added) == (VersionState.PENDING, 28)
    page = client_for(officer).get(reverse("lists:home")).content.decode()
    assert "Coming" in page
    assert not EntryRevision.objects.in_force().filter(version=loaded.version).exists()

    # Tuesday 8 October: possible matches are on the officer's desk before the law binds.
    week.move_to(washington(8, 9))
    jobs.run_due()
    expected = {row.external_id for row in planted("match")}
    shown = set(Case.objects.unfinished().filter(matches__match__revision__version=loaded.version)
                .values_list("counterparty__external_id", flat=True))  # fmt: skip
    assert expected <= shown
    assert not shown & {row.external_id for row in planted("clear")}

    case = Case.objects.not_closed().get(counterparty=party_of(hikvision))
    pair, word = verdict(case, Disposition.TRUE_MATCH, "known_name", "Hik Vision is Hikvision written as two words.")
    cases.decide(case_match=pair, verdict=word, actor=officer)
    case.refresh_from_db()
    assert (case.state, Hold.objects.count()) == ("awaiting_second_review", 0)
    week.move_to(washington(8, 15))
    pair, word = verdict(case, Disposition.TRUE_MATCH, "known_name", "Agreed after reading the extract.")
    cases.second_review(case_match=pair, verdict=word, actor=second)
    hold = Hold.objects.get()
    assert hold.binds_from == washington(9)

    # One second before midnight the party is stopped as a question; at midnight the law binds, with nobody at work.
    week.move_to(washington(9) - timedelta(seconds=1))
    assert (hold.binds_now, status_of(case.counterparty).value) == (False, UNDER_REVIEW)
    week.move_to(washington(9))
    assert (hold.binds_now, status_of(case.counterparty).value) == (True, RESTRICTED)
    assert EntryRevision.objects.in_force().filter(version=loaded.version).count() == 28

    # Wednesday 9 October: one false positive, one license request approved to file.
    week.move_to(washington(9, 9))
    jobs.sweep()
    jobs.run_due()
    loaded.version.refresh_from_db()
    assert loaded.version.state == VersionState.ACTIVE
    near = Case.objects.not_closed().get(counterparty=party_of(lookalike))
    pair, word = verdict(near, Disposition.FALSE_POSITIVE, "other_business", "Another trade in another country.")
    cases.decide(case_match=pair, verdict=word, actor=officer)
    near.refresh_from_db()
    if near.state == "awaiting_second_review":
        pair, word = verdict(near, Disposition.FALSE_POSITIVE, "other_business", "Agreed.")
        cases.second_review(case_match=pair, verdict=word, actor=second)
        near.refresh_from_db()
    assert near.state == "closed"

    content = licenses.Content(
        title="Network chips for one customer",
        end_use="Recorders for retail shops",
        items=[licenses.Item("5A992.c", "Network processor", 500, Decimal("21460.00"))],
        parties=[licenses.Party(PartyRole.PURCHASER, case.counterparty.name, country="CN")],
    )
    request = licenses.draft(case=case, content=content, actor=officer)
    licenses.submit(request=request, actor=officer)
    licenses.decide(
        request=request,
        move="approve",
        reason="Complete.",
        conditions="File with the purchase order.",
        actor=other_manager,
    )
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED_TO_FILE
    assert request.items.get().policy == "presumption of denial"

    # The auditor takes the trail away and proves it, in the database and on the files alone.
    call_command("verify_audit", stdout=io.StringIO())
    answer = client_for(auditor).post(reverse("audit:export"))
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(tmp_path)
    assert export.verify_folder(tmp_path).faults == ()
    call_command("verify_audit", str(tmp_path), "--against-database", stdout=io.StringIO())
