"""Sign-in, account and people pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


def actions() -> list[str]:
    return list(AuditEvent.objects.values_list("action", flat=True))


class TestSignIn:
    def test_a_good_password_opens_a_session_and_is_kept(self, client, officer):
        answer = client.post(LOGIN, {"username": "officer", "password": "password"})

        assert answer.url == reverse("today")
        assert client.session["_auth_user_id"] == str(officer.pk)
        assert actions() == ["person.signed_in"]

    def test_a_wrong_password_is_refused_and_kept(self, client, officer):
        answer = client.post(LOGIN, {"username": "officer", "password": "wrong"})

        assert answer.status_code == 422
        assert "_auth_user_id" not in client.session
        assert actions() == ["person.sign_in_failed"]

    @pytest.mark.parametrize("data", [{}, {"username": "officer"}, {"username": "a\x00b", "password": "x"}])
    def test_an_odd_form_is_refused(self, client, data):
        assert client.post(LOGIN, data).status_code == 422

    @pytest.mark.parametrize(
        ("next_url", "goes"),
        [("/licenses/", "/licenses/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("javascript:1", "/")],
    )
    def test_it_goes_on_only_to_our_own_pages(self, client, officer, next_url, goes):
        answer = client.post(LOGIN, {"username": "officer", "password": "password", "next": next_url})

        assert answer.url == goes

    def test_the_session_gets_a_new_key(self, client, officer):
        session = client.session
        session["seed"] = 1
        session.save()
        before = client.session.session_key

        client.post(LOGIN, {"username": "officer", "password": "password"})

        assert client.session.session_key != before

    def test_a_deactivated_person_stays_outside(self, client):
        PersonFactory(username="gone", is_active=False)

        assert client.post(LOGIN, {"username": "gone", "password": "password"}).status_code == 422

    def test_a_session_ends_when_its_person_is_deactivated(self, client_for, officer):
        client = client_for(officer)
        User.objects.filter(pk=officer.pk).update(is_active=False)

        assert client.get("/account/").status_code == 302

    @pytest.mark.parametrize("allowed", [True, False])
    def test_the_demo_s_sign_ins_are_shown_where_the_demo_is_allowed(self, client, settings, allowed):
        PersonFactory(username="demoperson", is_demo=True)
        settings.DEMO_ALLOWED = allowed

        assert (b"demoperson" in client.get(LOGIN).content) is allowed

    def test_no_table_of_sign_ins_without_demo_people(self, client, officer, settings):
        assert settings.DEMO_PASSWORD.encode() not in client.get(LOGIN).content

    def test_the_form_needs_its_token(self, officer):
        client = Client(enforce_csrf_checks=True)

        assert client.post(LOGIN, {"username": "officer", "password": "password"}).status_code == 403

    def test_signing_out_takes_a_post(self, client_for, officer):
        client = client_for(officer)

        assert client.get(reverse("logout")).status_code == 405
        assert client.post(reverse("logout")).url == LOGIN
        assert "_auth_user_id" not in client.session
        assert actions() == ["person.signed_out"]


class TestAccount:
    def test_it_says_what_the_role_may_do(self, client_for, auditor):
        text = client_for(auditor).get("/account/").content.decode()

        assert text.index("Export the audit trail") < text.index("What others do") < text.index("Decide matches")

    def test_a_token_is_shown_once(self, client_for, officer):
        client = client_for(officer)

        made = client.post(reverse("account_token")).content.decode()

        key = Token.objects.get(user=officer).key
        assert key in made
        assert key not in client.get("/account/").content.decode()


class TestPeople:
    @pytest.fixture
    def as_admin(self, client_for, administrator):
        return client_for(administrator)

    def test_everyone_is_listed_but_the_system(self, as_admin, officer, system):
        text = as_admin.get("/people/").content.decode()

        assert "Rosa Kowalski" in text
        assert "System" not in text

    def test_the_list_costs_the_same_for_many_people(self, as_admin, django_assert_max_num_queries):
        PersonFactory.create_batch(30)

        with django_assert_max_num_queries(8):
            as_admin.get("/people/")

    def test_a_person_is_added(self, as_admin):
        data = {"username": "nia", "full_name": "Nia Okoro", "role": "auditor", "password": "a-long-password-9"}

        assert as_admin.post(reverse("person_new"), data).url == "/people/"
        assert User.objects.get(username="nia").role == "auditor"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"password": "short"}, "too short"),
            ({"username": "admin"}, "is taken"),
            ({"role": ""}, "This field is required"),
            ({"role": "system"}, "not one of the available choices"),
        ],
    )
    def test_what_is_wrong_is_said(self, as_admin, changes, said):
        data = {"username": "nia", "full_name": "Nia", "role": "auditor", "password": "a-long-password-9", **changes}

        answer = as_admin.post(reverse("person_new"), data)

        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_the_password_is_never_sent_back(self, as_admin):
        answer = as_admin.post(reverse("person_new"), {"username": "", "password": "a-long-password-9"})

        assert b"a-long-password-9" not in answer.content

    def test_a_role_is_changed(self, as_admin, officer):
        as_admin.post(reverse("person_role", args=[officer.pk]), {"role": "manager"})

        assert User.objects.get(pk=officer.pk).role == "manager"

    def test_one_s_own_role_is_locked(self, as_admin, administrator):
        assert b"Nobody changes their own role" in as_admin.get(reverse("person", args=[administrator.pk])).content
        answer = as_admin.post(reverse("person_role", args=[administrator.pk]), {"role": "manager"})
        assert answer.status_code == 403

    def test_a_person_is_deactivated_and_let_in_again(self, as_admin, officer):
        url = reverse("person_active", args=[officer.pk])

        as_admin.post(url, {"active": "no", "reason": "Left"})
        assert not User.objects.get(pk=officer.pk).is_active
        as_admin.post(url, {"active": "yes", "reason": "Back"})
        assert User.objects.get(pk=officer.pk).is_active

    def test_without_a_reason_nobody_is_deactivated(self, as_admin, officer):
        answer = as_admin.post(reverse("person_active", args=[officer.pk]), {"active": "no", "reason": " "})

        assert answer.status_code == 422
        assert User.objects.get(pk=officer.pk).is_active

    def test_the_second_of_two_administrators_is_told(self, as_admin, officer):
        answer = as_admin.post(reverse("person_active", args=[officer.pk]), {"active": "yes", "reason": "x"})

        assert answer.status_code == 409
        assert b"already active" in answer.content

    def test_the_system_has_no_page(self, as_admin, system):
        assert as_admin.get(reverse("person", args=[system.pk])).status_code == 404
