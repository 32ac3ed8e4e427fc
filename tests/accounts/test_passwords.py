"""Guessing a password ends after a few tries; everyone sets their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from compliance.accounts import services
from compliance.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

NEW = "a long and quiet evening"


def tries(username: str, password: str) -> int:
    return Client().post(reverse("login"), {"username": username, "password": password}).status_code


def test_after_ten_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour(officer):
    for _ in range(services.FAILED_LIMIT):
        tries("officer", "wrong")

    assert tries("officer", "password") == 422
    with time_machine.travel(timezone.now() + services.FAILED_WINDOW + timedelta(minutes=1)):
        assert tries("officer", "password") == 302


def test_a_locked_name_does_not_fill_the_trail(officer):
    for _ in range(services.FAILED_LIMIT + 5):
        tries("officer", "wrong")

    assert AuditEvent.objects.filter(action="person.sign_in_failed").count() == services.FAILED_LIMIT


def test_another_name_is_not_locked_by_it(officer, manager):
    for _ in range(services.FAILED_LIMIT):
        tries("officer", "wrong")

    assert tries("manager", "password") == 302


def test_a_person_changes_their_own_password_and_stays_signed_in(officer, client_for):
    client, other = client_for(officer), client_for(officer)
    Token.objects.create(user=officer)

    words = {"old_password": "password", "new_password1": NEW, "new_password2": NEW}
    answer = client.post(reverse("account_password"), words)

    assert answer.status_code == 302
    assert client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302
    assert not Token.objects.exists()
    assert AuditEvent.objects.filter(action="person.password_changed").count() == 1
    assert tries("officer", NEW) == 302


def test_a_wrong_old_password_changes_nothing(officer, client_for):
    words = {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}

    assert client_for(officer).post(reverse("account_password"), words).status_code == 422
    assert tries("officer", "password") == 302
