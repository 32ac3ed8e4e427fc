"""manage.py seed_demo: the story of 7 to 9 October 2019, through the same services as in production."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from compliance.accounts import services as accounts
from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import services as audit
from compliance.audit.models import AuditEvent
from compliance.config.demo import entity_list, rules
from compliance.config.demo.counterparties import counterparties_csv
from compliance.config.demo.people import DEMO_PASSWORD, DEMO_PEOPLE
from compliance.config.waiting import until_done
from compliance.counterparties import services as counterparties
from compliance.counterparties.services import SCREEN_CHANGED
from compliance.runs import services as runs
from compliance.watchlists import notices
from compliance.watchlists import services as lists
from compliance.watchlists.models import Notice
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.services import RESCREEN
from compliance.watchlists.times import moment


class Command(BaseCommand):
    help = "Fill an empty database with the demo. Stopped half-way, it goes on where it was. Never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--counterparties-only", action="store_true", help="people and counterparties, no list")

    def handle(self, *args: Any, counterparties_only: bool, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("This is production (DATABASE_URL or REDIS_URL is set): the demo is never seeded here.")
        if AuditEvent.objects.filter(action="demo.seeded").exists():
            self.stdout.write("The demo is seeded already.")
            return
        if User.objects.exclude(role=Role.SYSTEM).filter(is_demo=False).exists():
            raise CommandError("This database holds people of its own, so the demo is not seeded into it.")
        system = User.objects.system()
        self.people(system)
        self.counterparties()
        if not counterparties_only:
            self.lists()
        with transaction.atomic():
            parts = "people, counterparties" if counterparties_only else "people, counterparties, lists, cases"
            audit.record("demo.seeded", subject=system, actor=system, data={"parts": parts})

    def people(self, system: User) -> None:
        for person in DEMO_PEOPLE:
            if not User.objects.filter(username=person.username).exists():
                accounts.create_person(
                    username=person.username, full_name=person.full_name, role=person.role, password=DEMO_PASSWORD,
                    actor=system, is_demo=True,
                )  # fmt: skip
        self.stdout.write(f"{len(DEMO_PEOPLE)} people")

    def counterparties(self) -> None:
        officer = User.objects.get(username=person_with(Role.OFFICER))
        file = counterparties.receive_import(
            data=counterparties_csv(), filename="larkspur-counterparties.csv", actor=officer
        )
        until_done(kind=counterparties.IMPORT, key=str(file.pk))
        file.refresh_from_db()
        self.stdout.write(f"{file.created + file.unchanged} counterparties")

    def lists(self) -> None:
        """The list of 8 October, the rule of the 9th on top of it, and a later rule that waits."""
        manager = User.objects.get(username=person_with(Role.MANAGER))
        base = lists.Times(effective=moment(entity_list.AS_OF))
        loads: list[tuple[str, bytes, str, lists.Times, bool]] = [
            ("csl", entity_list.csl_csv(), f"entity-list-{entity_list.AS_OF}.csv", base, True),
            ("rule", rules.rule_json(rules.OCTOBER_2019), "rule-84-fr-54002.json", lists.Times(), True),
            ("rule", rules.rule_json(rules.JUNE_2020), "rule-85-fr-34505.json", lists.Times(), False),
        ]
        for facts in NOTICES:
            if not Notice.objects.filter(title=facts.title).exists():
                notices.enter(facts=facts, actor=manager)
        for parser, data, filename, times, activate in loads:
            loaded = lists.load(
                key=parser, data=data, filename=filename, actor=manager, times=times, activate_now=activate
            )
            if loaded.state in ("refused", "held"):
                raise CommandError(f"{filename}: {loaded.sentence}")
            self.stdout.write(f"{filename}: {loaded.state}")
            for kind in (RESCREEN, SCREEN_CHANGED, runs.OPEN_CASES):
                until_done(kind=kind)


# Early warnings as the news had them: the first is closed by its rule, the second waits with the rule that is ready.
NOTICES = (
    NoticeFacts(
        title="Commerce announces 28 Chinese bodies for the Entity List", lists=("EL",), citation="84 FR 54002",
        document_number="2019-22210", source="Press release of the Department of Commerce",
        announced_at=moment("2019-10-07"), published_at=moment("2019-10-09"), effective_at=moment("2019-10-09"),
        added=28,
    ),
    NoticeFacts(
        title="Commerce announces nine more bodies tied to Xinjiang for the Entity List", lists=("EL",),
        citation="85 FR 34505", source="Press release of the Department of Commerce",
        announced_at=moment("2020-05-22"), published_at=moment("2020-06-05"), effective_at=moment("2020-06-05"),
        added=9,
    ),
)  # fmt: skip


def person_with(role: str) -> str:
    """The first demo person with this role."""
    return next(person.username for person in DEMO_PEOPLE if person.role == role)
