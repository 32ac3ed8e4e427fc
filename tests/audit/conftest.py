"""A short trail, and a way behind the triggers, as somebody with the database password would go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.audit import triggers
from compliance.audit.models import AuditEvent


def note(actor: User, text: str = "looked at it", **more: Any) -> AuditEvent:
    """One more event in the trail."""
    with transaction.atomic():
        return audit.record("case.noted", subject=more.pop("subject", actor), actor=actor, data={"text": text}, **more)


@pytest.fixture
def trail(officer: User) -> list[AuditEvent]:
    """Five events about one person."""
    return [note(officer, f"note {number}") for number in range(1, 6)]


@pytest.fixture
def behind_triggers() -> Callable[..., Any]:
    @contextmanager
    def open_way() -> Iterator[Any]:
        triggers.remove(connection)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            triggers.install(connection)

    return open_way
