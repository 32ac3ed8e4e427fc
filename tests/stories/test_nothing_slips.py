"""Sequences in which a stop could slip away unseen, each found by review; none may."""

from __future__ import annotations

import pytest

from compliance.accounts.models import User
from compliance.cases import services as cases
from compliance.cases.models import Case, Disposition
from compliance.config.demo import entity_list
from compliance.counterparties.models import ScreeningDue
from compliance.desk.status import UNDER_REVIEW, status_of
from compliance.jobs import services as jobs
from compliance.jobs.models import Job
from compliance.runs import services as runs
from compliance.runs.models import Match, Trigger
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, ListVersion, VersionState
from compliance.watchlists.times import moment
from tests.factories import load_rule, make_case, make_counterparty, rule_bytes

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
DAHUA = "Zhejiang Dahua Technology Co., Ltd."


def whole_list(**more: object) -> lists.Loaded:
    return lists.load(
        key="csl", data=entity_list.csl_csv(), filename="list.csv", actor=User.objects.system(),
        times=lists.Times(effective=moment("2019-10-08")), activate_now=True,
    )  # fmt: skip


def test_a_record_changed_while_an_older_index_is_at_work_stays_due(monkeypatch):
    party = make_counterparty("Orchard Software Ltd", external_id="X-1")
    load_rule([DAHUA], title="first")
    jobs.run_due()
    make_counterparty("Orchard Software Limited", external_id="X-1")
    job = Job.objects.get(kind="runs.screen_changed", state="queued")
    screen = runs.screen_rows

    def meanwhile(rows, index):  # between reading the lists and keeping the batch, a rule comes and its own run passes
        monkeypatch.setattr(runs, "screen_rows", screen)
        load_rule([HIKVISION], title="second")
        jobs.run(Job.objects.get(kind=lists.RESCREEN, state="queued").pk)
        return screen(rows, index)

    monkeypatch.setattr(runs, "screen_rows", meanwhile)
    jobs.run(job.pk)

    assert ScreeningDue.objects.filter(counterparty=party).exists()


def test_renaming_a_record_and_back_does_not_let_one_person_clear_a_strong_match(officer):
    case = make_case("Hangzhou Hikvision Digital Technology Co., Ltd.", external_id="X-1")
    assert case.matches.get().match.band == "strong"
    make_counterparty("Hikvision Garden", external_id="X-1")
    jobs.run_due()
    word = cases.Verdict(outcome=Disposition.FALSE_POSITIVE, reason="other_name", note="Other words.")

    decision = cases.decide(case_match=case.matches.get(), verdict=word, actor=officer)

    assert decision.needs_second


def test_a_record_that_reads_as_it_once_did_is_matched_anew():
    make_case("Hangzhou Hikvision Digital Technology Co., Ltd.", external_id="X-1")
    make_counterparty("Orchard Software Ltd", external_id="X-1")
    jobs.run_due()

    make_counterparty("Hangzhou Hikvision Digital Technology Co., Ltd.", external_id="X-1")
    jobs.run_due()

    assert sorted(Match.objects.values_list("counterparty_revision", flat=True)) == [1, 3]


def test_a_late_run_of_a_removal_leaves_the_matches_of_an_entry_that_came_back():
    case = make_case()
    remove = [{"name": HIKVISION, "country": "CN"}]
    load_rule(title="removal", effective="2020-01-01", remove=remove)
    late = Job.objects.get(kind=lists.RESCREEN, state="queued")
    Job.objects.filter(pk=late.pk).update(run_after=moment("2100-01-01"))
    load_rule([HIKVISION], title="listed again", effective="2020-02-01")
    jobs.run_due()

    Job.objects.filter(pk=late.pk).update(run_after=late.run_after)
    jobs.run_due()

    assert status_of(case.counterparty).value == UNDER_REVIEW


def test_a_whole_file_that_forgets_a_rule_is_held():
    whole_list()
    load_rule([HIKVISION])

    data = entity_list.csl_csv().replace(b"Presumption of denial", b"Presumption of Denial", 1)
    loaded = lists.load(key="csl", data=data, filename="l.csv", actor=User.objects.system(), activate_now=True)

    assert loaded.state == VersionState.HELD
    assert "a rule added" in loaded.sentence
    assert EntryRevision.objects.in_force().filter(name=HIKVISION).exists()


def test_a_ready_version_that_would_empty_the_list_by_now_is_held_when_activated(manager):
    lines = entity_list.csl_csv().splitlines(keepends=True)
    small = lists.load(key="csl", data=b"".join(lines[:3]), filename="small.csv", actor=User.objects.system())
    assert small.state == VersionState.READY
    assert small.version is not None
    load_rule([f"Company {letter * 6} Holdings" for letter in "ABCDEFGHIJ"])

    held = lists.activate(version=small.version, actor=manager)

    assert held.state == VersionState.HELD
    assert EntryRevision.objects.in_force().count() == 10
    assert ListVersion.objects.in_force().get().form == "change"


def test_a_hold_binds_since_the_entry_does_though_its_text_was_revised(officer, second_officer):
    case = make_case()
    change = {"name": HIKVISION, "country": "CN", "set": {"license_policy": "Presumption of denial"}}
    load_rule(title="revision", effective="2020-07-22", revise=[change])
    jobs.run_due()
    word = cases.Verdict(outcome=Disposition.TRUE_MATCH, reason="known_name", note="Same party.")
    pair = case.matches.get()

    cases.decide(case_match=pair, verdict=word, actor=officer)
    cases.second_review(case_match=pair, verdict=word, actor=second_officer)

    assert case.counterparty.holds.get().binds_from == moment("2019-10-09")


def test_a_person_who_asks_for_a_run_stands_in_the_trail(officer):
    load_rule([HIKVISION])

    runs.start_full(reason="Quarterly check", actor=officer)

    assert Case.objects.count() == 0
    run = runs.ScreeningRun.objects.get(trigger=Trigger.FULL)
    event = runs.audit.about(run).get(action="run.asked")
    assert (event.actor_id, event.data["reason"]) == (str(officer.pk), "Quarterly check")


def test_a_rule_that_waits_changes_nothing_in_force():
    data = rule_bytes([HIKVISION])
    lists.load(key="rule", data=data, filename="r.json", actor=User.objects.system())

    assert not EntryRevision.objects.in_force().exists()
