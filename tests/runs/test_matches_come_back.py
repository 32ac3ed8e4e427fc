"""A match that was withdrawn with its text is found again when that text is planned again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError

from compliance.cases.models import CaseMatch, Disposition
from compliance.jobs import services as jobs
from compliance.runs.models import Match
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision
from compliance.watchlists.times import WASHINGTON
from tests.factories import make_counterparty
from tests.watchlists.samples import csl, load, row, rule

pytestmark = pytest.mark.django_db

NOON = datetime(2019, 10, 7, 12, tzinfo=WASHINGTON)
LISTED = "Alder Optics"


def test_an_alias_that_a_coming_rule_gives_is_matched_though_its_text_was_taken_back_meanwhile():
    """The list changes the entry and changes it back, so that the coming rule makes the same text a second time."""
    with time_machine.travel(NOON, tick=False) as clock:
        make_counterparty("Zeta Lasers")
        load("csl", csl(LISTED))
        rule(effective="2019-10-20", revise=[{"name": LISTED, "set": {"aliases": ["Zeta Lasers"]}}])
        jobs.run_due()
        for day, listed in ((1, row(LISTED, license_policy="Policy of denial")), (2, LISTED)):
            clock.move_to(NOON + timedelta(days=day))
            load("csl", csl(listed))
            jobs.run_due()
        clock.move_to(NOON + timedelta(days=20))

        lists.record_begun()
        jobs.run_due()

        standing = Match.objects.standing().filter(revision__in=EntryRevision.objects.in_force())
        assert standing.count() == 1
        assert CaseMatch.objects.get().disposition == Disposition.PENDING


def test_the_same_match_is_stored_once_while_it_stands():
    with time_machine.travel(NOON, tick=False):
        party = make_counterparty(LISTED)
        load("csl", csl(LISTED))
        jobs.run_due()
        found = Match.objects.get()

        with pytest.raises(IntegrityError):
            Match.objects.create(
                **{
                    name: getattr(found, name)
                    for name in ("run", "entry", "revision", "counterparty_revision", "counterparty_digest", "score",
                                 "band", "engine_version", "fingerprint", "names_digest", "found_at")
                },
                counterparty=party,
            )  # fmt: skip
