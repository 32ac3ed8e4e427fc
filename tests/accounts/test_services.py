"""Rules of people: who adds, changes and deactivates whom; what is kept of a sign-in."""

from __future__ import annotations

import pytest
from django.test import override_settings
from rest_framework.authtoken.models import Token

from compliance.accounts import services as people
from compliance.accounts.backends import may_sign_in
from compliance.accounts.models import User
from compliance.accounts.roles import PERMISSIONS, Role
from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.core.permissions import Permission
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def last() -> AuditEvent:
    event = AuditEvent.objects.last()
    assert event
    return event


def add(actor: User, **changes) -> User:
    values = {"username": "new", "full_name": "Nia Okoro", "role": "officer", "password": "long-enough-1", **changes}
    return people.create_person(**values, actor=actor)


class TestRoles:
    def test_an_administrator_decides_nothing(self):
        assert PERMISSIONS[Role.ADMINISTRATOR] == {Permission.USER_ADMIN}

    def test_an_auditor_changes_nothing(self):
        assert PERMISSIONS[Role.AUDITOR] == {Permission.DESK_READ, Permission.AUDIT_READ, Permission.AUDIT_EXPORT}

    def test_nobody_but_a_manager_approves_to_file(self):
        assert {role for role, may in PERMISSIONS.items() if Permission.LICENSE_APPROVE in may} == {Role.MANAGER}

    def test_a_deactivated_person_has_no_permission(self, manager):
        manager.is_active = False

        assert not any(manager.has_permission(permission) for permission in Permission)

    def test_people_are_never_deleted(self, officer):
        with pytest.raises(TypeError, match="deactivated, never deleted"):
            officer.delete()


class TestCreate:
    def test_a_person_is_added_with_a_role(self, administrator):
        person = add(administrator)

        assert (str(person), person.role, person.check_password("long-enough-1")) == ("Nia Okoro", "officer", True)
        assert (last().action, last().data) == ("person.created", {"role": "officer"})

    @pytest.mark.parametrize("role", ["officer", "manager", "auditor"])
    def test_only_an_administrator_adds_people(self, request, role):
        with pytest.raises(NotAllowed):
            add(request.getfixturevalue(role))

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"role": "system"}, "not a role"),
            ({"role": "king"}, "not a role"),
            ({"username": "ADMIN"}, "taken"),
            ({"username": "a b"}, "letters, digits"),
            ({"username": ""}, "user name"),
            ({"username": "x" * 151}, "user name"),
            ({"full_name": "  "}, "full name"),
            ({"full_name": "x" * 121}, "full name"),
        ],
    )
    def test_what_can_not_be_is_said(self, administrator, changes, said):
        with pytest.raises(Invalid, match=said):
            add(administrator, **changes)

    @pytest.mark.parametrize("password", ["short", "password1234", "nia-okoro-nia", ""])
    def test_an_easy_password_is_refused(self, password):
        with pytest.raises(Invalid):
            people.check_password_strength(password, username="nia-okoro", full_name="Nia Okoro")


class TestChange:
    def test_a_role_is_changed_and_kept(self, administrator, officer):
        people.change_role(person=officer, role="manager", actor=administrator)

        assert last().data == {"before": "officer", "after": "manager"}
        assert User.objects.get(pk=officer.pk).role == "manager"

    @pytest.mark.parametrize(("role", "error"), [("system", Invalid), ("king", Invalid), ("officer", WrongState)])
    def test_a_role_that_is_none_or_the_same_is_refused(self, administrator, officer, role, error):
        with pytest.raises(error):
            people.change_role(person=officer, role=role, actor=administrator)

    def test_nobody_changes_their_own_role(self, administrator):
        with pytest.raises(NotAllowed, match="their own role"):
            people.change_role(person=administrator, role="manager", actor=administrator)

    def test_the_system_keeps_its_role(self, administrator, system):
        with pytest.raises(Invalid):
            people.change_role(person=system, role="manager", actor=administrator)

    def test_a_deactivated_person_can_not_sign_in_and_loses_the_token(self, administrator, officer):
        people.make_token(person=officer)

        people.set_active(person=officer, active=False, reason="Left the company", actor=administrator)

        assert not may_sign_in(User.objects.get(pk=officer.pk))
        assert not Token.objects.filter(user=officer).exists()
        assert last().data == {"reason": "Left the company"}

    def test_a_person_can_be_let_in_again(self, administrator, officer):
        people.set_active(person=officer, active=False, reason="Leave", actor=administrator)

        people.set_active(person=officer, active=True, reason="Back", actor=administrator)

        assert last().action == "person.reactivated"

    def test_a_reason_is_required(self, administrator, officer):
        with pytest.raises(Invalid, match="reason"):
            people.set_active(person=officer, active=False, reason=" ", actor=administrator)

    def test_nothing_is_recorded_when_nothing_changes(self, administrator, officer):
        with pytest.raises(WrongState, match="already active"):
            people.set_active(person=officer, active=True, reason="x", actor=administrator)

        assert AuditEvent.objects.count() == 0

    def test_nobody_deactivates_themselves(self, administrator):
        with pytest.raises(NotAllowed):
            people.set_active(person=administrator, active=False, reason="x", actor=administrator)


class TestSignIn:
    def test_a_failed_attempt_keeps_the_name_and_never_the_password(self, officer):
        with pytest.raises(NotAllowed):
            people.checked(request=None, username="officer", password="wrong-secret")

        assert last().action == "person.sign_in_failed"
        assert last().data["username"] == "officer"
        assert "wrong-secret" not in str(last().as_dict())

    @pytest.mark.parametrize("typed", ["no\x00body", "x" * 5000, "\ud800", "", "=cmd()"])
    def test_whatever_was_typed_can_be_kept(self, typed):
        people.sign_in_failed(username=typed)

        assert last().action == "person.sign_in_failed"

    def test_a_token_replaces_the_one_before(self, officer):
        first = people.make_token(person=officer)
        second = people.make_token(person=officer)

        assert first != second
        assert Token.objects.get(user=officer).key == second

    def test_the_system_can_not_sign_in(self, system):
        assert not may_sign_in(system)

    @pytest.mark.parametrize("allowed", [True, False])
    def test_demo_people_sign_in_only_where_the_demo_is_allowed(self, allowed):
        person = PersonFactory(is_demo=True)

        with override_settings(DEMO_ALLOWED=allowed):
            assert may_sign_in(person) is allowed
