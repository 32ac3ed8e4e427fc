"""Two people at one case at the same instant: one wins, the other is told, nothing is recorded twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.audit.services import verify_database
from compliance.cases import services as cases
from compliance.cases.models import CaseMatch, Decision, Disposition
from compliance.core.errors import ComplianceError, WrongState
from tests.factories import fitting_reason, make_case

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[ComplianceError | None]:
    """Run the acts in threads of their own, started together; the refusal of each, or None."""
    gate = threading.Barrier(len(acts))
    answers: list[ComplianceError | None] = [None] * len(acts)

    def play(number: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except ComplianceError as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=play, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


def decision(pair: CaseMatch, actor: User, outcome: str) -> Callable[[], object]:
    token = cases.seen_token(pair)
    word = cases.Verdict(outcome=outcome, reason=fitting_reason(outcome), note="Looked at it.", seen=token)
    return lambda: cases.decide(case_match=pair, verdict=word, actor=actor)


def test_of_two_officers_who_decide_at_once_one_wins_and_the_other_is_told(officer, second_officer):
    pair = make_case().matches.get()

    answers = at_once(
        decision(pair, officer, Disposition.TRUE_MATCH), decision(pair, second_officer, Disposition.FALSE_POSITIVE)
    )

    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], WrongState)
    assert Decision.objects.count() == 1
    assert AuditEvent.objects.filter(action="case.match_decided").count() == 1


def test_a_hold_whose_release_two_people_decide_at_once_is_released_once(officer, second_officer, manager):
    case = make_case()
    word = cases.Verdict(outcome=Disposition.TRUE_MATCH, reason="known_name", note="Same party.")
    cases.decide(case_match=case.matches.get(), verdict=word, actor=officer)
    cases.second_review(case_match=case.matches.get(), verdict=word, actor=second_officer)
    hold = case.counterparty.holds.get()
    cases.ask_release(hold=hold, reason="License in hand.", actor=officer)

    answers = at_once(
        lambda: cases.decide_release(hold=hold, release=True, reason="Seen.", actor=manager),
        lambda: cases.decide_release(hold=hold, release=True, reason="Seen.", actor=second_officer),
    )

    assert [answer is None for answer in answers].count(True) == 1
    assert AuditEvent.objects.filter(action="hold.released").count() == 1


def test_many_writers_make_one_unbroken_chain(officer):
    case = make_case()

    answers = at_once(
        *[lambda number=number: cases.note(case=case, text=f"Note {number}", actor=officer) for number in range(8)]
    )

    assert answers == [None] * 8
    assert verify_database().holds
