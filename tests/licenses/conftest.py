"""A case with a confirmed match, and requests in each state, made through the services."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from compliance.accounts.models import User
from compliance.cases import services as cases
from compliance.cases.models import Case
from compliance.licenses import services as licenses
from compliance.licenses.models import LicenseRequest, PartyRole
from compliance.licenses.services import Content, Item, Party
from tests.factories import make_case

CHIPS = Item("5A992.c", "Network processor, HN-5516", 4000, Decimal("128400.00"))
DETECTORS = Item("2A983", "Explosives trace detector, ET-200", 6, Decimal("74200.50"))


def confirm(case: Case, first: User, second: User) -> Case:
    """Two people decide the case's match to be true."""
    pair = case.matches.get()
    verdict = cases.Verdict("true_match", "name_and_address", "Same name and street.")
    cases.decide(case_match=pair, verdict=verdict, actor=first)
    cases.second_review(case_match=pair, verdict=verdict, actor=second)
    case.refresh_from_db()
    return case


@pytest.fixture
def case(officer: User, second_officer: User) -> Case:
    return confirm(make_case(), officer, second_officer)


def content(case: Case, **changes: Any) -> Content:
    party = Party(PartyRole.END_USER, case.counterparty.name, "1 Road", "CN", case.counterparty_id)
    values = {"title": "Detectors", "end_use": "Baggage screening", "items": [CHIPS, DETECTORS], "parties": [party]}
    return Content(**{**values, **changes})


@pytest.fixture
def draft(case: Case, officer: User) -> LicenseRequest:
    return licenses.draft(case=case, content=content(case), actor=officer)


@pytest.fixture
def submitted(draft: LicenseRequest, officer: User) -> LicenseRequest:
    return licenses.submit(request=draft, actor=officer)


@pytest.fixture
def decided(submitted: LicenseRequest, manager: User) -> Callable[[str], LicenseRequest]:
    """The submitted request after a manager's move."""

    def after(move: str) -> LicenseRequest:
        return licenses.decide(request=submitted, move=move, reason="Read", conditions="File alone", actor=manager)

    return after
