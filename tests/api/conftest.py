"""Clients of the API, and a case to work on."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from compliance.accounts import services as people
from compliance.cases.models import Case
from tests.factories import make_case


@pytest.fixture
def api():
    """An API client that sends this person's token; a new token would void the one before, so it is made once."""
    clients: dict[int, APIClient] = {}

    def with_token(person) -> APIClient:
        if person.pk not in clients:
            clients[person.pk] = APIClient()
            clients[person.pk].credentials(HTTP_AUTHORIZATION=f"Token {people.make_token(person=person)}")
        return clients[person.pk]

    return with_token


@pytest.fixture
def case(db) -> Case:
    return make_case()
