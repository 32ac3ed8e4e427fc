"""Tokens of programs."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/token/"
CASES = "/api/v1/cases/"


def sign_in(**data):
    return APIClient().post(TOKEN, data, format="json")


def test_name_and_password_give_a_token_that_works(officer):
    token = sign_in(username="officer", password="password").json()["token"]

    assert APIClient().get(CASES, HTTP_AUTHORIZATION=f"Token {token}").status_code == 200


def test_it_is_recorded_as_a_sign_in_by_api(officer):
    sign_in(username="officer", password="password")

    events = AuditEvent.objects.values_list("action", flat=True)
    assert list(events) == ["person.signed_in", "person.token_made"]
    assert AuditEvent.objects.first().data == {"method": "api"}


@pytest.mark.parametrize("username", ["officer", "nobody", "system"])
def test_a_wrong_password_is_refused_and_recorded(officer, system, username):
    answer = sign_in(username=username, password="wrong")

    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_failed")
    assert AuditEvent.objects.last().action == "person.sign_in_failed"


@pytest.mark.parametrize(
    "data", [{}, {"username": "x"}, {"username": "a\x00", "password": "x"}, {"username": [], "password": 1}]
)
def test_an_odd_request_is_refused(db, data):
    assert sign_in(**data).status_code in (400, 403)


@pytest.mark.parametrize("header", ["", "Token nonsense", "Bearer x", "Token"])
def test_without_a_token_there_is_no_answer(header):
    assert APIClient().get(CASES, HTTP_AUTHORIZATION=header).status_code in (401, 403)


def test_a_token_stops_with_its_person(officer):
    token = sign_in(username="officer", password="password").json()["token"]
    User.objects.filter(pk=officer.pk).update(is_active=False)

    assert APIClient().get(CASES, HTTP_AUTHORIZATION=f"Token {token}").status_code in (401, 403)


def test_a_session_works_too(client_for, officer):
    assert client_for(officer).get(CASES).status_code == 200
