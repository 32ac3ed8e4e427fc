"""manage.py add_person: how the first administrator comes in."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    def at_stdin(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return at_stdin


def test_a_password_comes_from_standard_input(typed):
    typed("a-long-password-9\n")

    call_command("add_person", "boss", "Ada Min", "--role", "administrator", "--password-stdin")

    assert User.objects.get(username="boss").check_password("a-long-password-9")
    assert AuditEvent.objects.get().data == {"role": "administrator"}


def test_without_a_terminal_a_password_is_made_and_printed(typed, capsys):
    typed("")

    call_command("add_person", "boss", "Ada Min", "--role", "administrator")

    password = capsys.readouterr().out.split("Password: ")[1].strip()
    assert User.objects.get(username="boss").check_password(password)


def test_at_a_terminal_it_is_asked_twice(monkeypatch):
    answers = iter(["a-long-password-9", "something else"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))

    with pytest.raises(CommandError, match="differ"):
        call_command("add_person", "boss", "Ada Min", "--role", "administrator")

    assert not User.objects.filter(username="boss").exists()


@pytest.mark.parametrize(
    ("username", "name", "password", "said"),
    [
        ("officer", "X Y", "a-long-password-9", "taken"),
        ("boss", "X Y", "short", "too short"),
        ("a b", "X", "a-long-password-9", "letters"),
    ],
)
def test_what_can_not_be_is_said(officer, typed, username, name, password, said):
    typed(password + "\n")

    with pytest.raises(CommandError, match=said):
        call_command("add_person", username, name, "--role", "officer", "--password-stdin")
