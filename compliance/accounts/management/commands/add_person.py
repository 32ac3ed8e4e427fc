"""manage.py add_person USERNAME "Full Name" --role ROLE: the first administrator of a real installation."""

from __future__ import annotations

import getpass
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.accounts import services
from compliance.accounts.models import User
from compliance.core.errors import ComplianceError


class Command(BaseCommand):
    help = (
        "Add a person. Asks for a password at a terminal, reads it with --password-stdin, else makes one and prints it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("full_name", metavar="FULL_NAME")
        parser.add_argument("--role", required=True, choices=[str(role) for role in services.ASSIGNABLE])
        parser.add_argument("--password-stdin", action="store_true", help="the first line of standard input")

    def handle(
        self, *args: Any, username: str, full_name: str, role: str, password_stdin: bool, **options: Any
    ) -> None:
        made = ""
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        elif sys.stdin.isatty():
            password = self.asked()
        else:
            password = made = secrets.token_urlsafe(15)
        try:
            services.check_password_strength(password, username=username, full_name=full_name)
            person = services.create_person(
                username=username, full_name=full_name, role=role, password=password, actor=User.objects.system()
            )
        except ComplianceError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{person} ({person.username}) was added as {person.get_role_display().lower()}.")
        if made:
            self.stdout.write(f"Password: {made}")

    def asked(self) -> str:
        """Two times the same from the terminal."""
        password = getpass.getpass("Password: ")
        if getpass.getpass("The same again: ") != password:
            raise CommandError("The two passwords differ. Nothing was added.")
        return password
