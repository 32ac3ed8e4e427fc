"""Fixtures shared by all tests: people, clients, and a flush that the append-only triggers allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import triggers
from compliance.runs import engine
from tests.factories import PersonFactory

_flush = TransactionTestCase._fixture_teardown


def _flush_with_triggers_off(self: TransactionTestCase) -> None:
    """A live-server test flushes the database, which the append-only triggers refuse."""
    triggers.remove(connection)
    try:
        _flush(self)
    finally:
        triggers.install(connection)


TransactionTestCase._fixture_teardown = _flush_with_triggers_off  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _fresh_indexes() -> Iterator[None]:
    """Row ids come back after a flush, so no index may outlive its test."""
    engine._INDEXES.clear()
    yield
    engine._INDEXES.clear()


@pytest.fixture
def system(db: None) -> User:
    return User.objects.system()


@pytest.fixture
def officer(db: None) -> User:
    return PersonFactory(username="officer", first_name="Rosa", last_name="Kowalski", role=Role.OFFICER)


@pytest.fixture
def second_officer(db: None) -> User:
    return PersonFactory(username="second", first_name="Joe", last_name="Mensah", role=Role.OFFICER)


@pytest.fixture
def manager(db: None) -> User:
    return PersonFactory(username="manager", first_name="Tobias", last_name="Wells", role=Role.MANAGER)


@pytest.fixture
def second_manager(db: None) -> User:
    return PersonFactory(username="manager2", first_name="Ana", last_name="Grant", role=Role.MANAGER)


@pytest.fixture
def auditor(db: None) -> User:
    return PersonFactory(username="auditor", first_name="Ivy", last_name="Okafor", role=Role.AUDITOR)


@pytest.fixture
def administrator(db: None) -> User:
    return PersonFactory(username="admin", first_name="Max", last_name="Adler", role=Role.ADMINISTRATOR)


@pytest.fixture
def client_for() -> Callable[[Any], Client]:
    """A test client signed in as this person."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in
