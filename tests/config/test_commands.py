"""The commands that machines call: one JSON object with the keys that were promised."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance.cases.models import Case
from compliance.config.demo import entity_list, rules
from compliance.config.demo.counterparties import planted
from compliance.counterparties.models import Counterparty
from compliance.watchlists.models import ListVersion

pytestmark = pytest.mark.django_db

LOADED = {
    "source", "version", "state", "entries", "added", "modified", "removed", "cosmetic", "problems", "held", "run",
}  # fmt: skip


def said(*args: object) -> dict[str, object]:
    out = io.StringIO()
    call_command(*map(str, args), "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def seeded(tmp_path: Path) -> Path:
    call_command("seed_demo", "--counterparties-only", stdout=io.StringIO())
    (tmp_path / "list.csv").write_bytes(entity_list.csl_csv())
    (tmp_path / "rule.json").write_bytes(rules.rule_json(rules.OCTOBER_2019))
    return tmp_path


def test_a_change_opens_one_case_for_each_planted_party_and_none_for_the_near_misses(tmp_path):
    files = seeded(tmp_path)
    said("load_list", "csl", files / "list.csv", "--effective", "2019-10-08", "--activate")
    said("rescreen", "--wait")

    loaded = said("load_list", "rule", files / "rule.json", "--activate")
    run = said("rescreen", "--wait")

    assert (loaded["state"], loaded["added"], loaded["modified"], loaded["removed"]) == ("active", 28, 0, 0)
    assert set(loaded) == LOADED
    assert set(run) == {"counterparties", "entries", "matches", "cases_opened", "seconds"}
    opened = set(Case.objects.filter(opened_by_run=loaded["run"]).values_list("counterparty__external_id", flat=True))
    must = {row.external_id for row in planted("match")}
    assert must <= opened <= must | {row.external_id for row in planted("review")}
    assert run["cases_opened"] == len(opened)


def test_the_same_file_again_gives_no_version(tmp_path):
    files = seeded(tmp_path)
    said("load_list", "csl", files / "list.csv", "--activate")

    again = said("load_list", "csl", files / "list.csv", "--activate")

    assert (again["state"], ListVersion.objects.count()) == ("unchanged", 1)


def test_without_activate_a_good_version_stops_at_ready(tmp_path):
    files = seeded(tmp_path)

    assert said("load_list", "csl", files / "list.csv")["state"] == "ready"


def test_a_file_that_is_no_list_is_refused_and_the_last_version_stays(tmp_path):
    files = seeded(tmp_path)
    said("load_list", "csl", files / "list.csv", "--activate")
    (files / "bad.csv").write_text("a,b\n1,2\n")

    bad = said("load_list", "csl", files / "bad.csv", "--activate")

    assert bad["state"] == "refused"
    assert ListVersion.objects.in_force().get().entries == len(entity_list.entries())


def test_importing_twice_updates_and_never_doubles(tmp_path):
    files = tmp_path
    (files / "p.csv").write_text(
        "external_id,name,other_names,country,address,relation,identifiers\n"
        'A-1,Acme Chips,,US,"1 Road",customer,\nA-2,,,US,,customer,\n'
    )

    first = said("import_counterparties", files / "p.csv")
    second = said("import_counterparties", files / "p.csv")

    assert first == {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert second == {"read": 2, "created": 0, "updated": 0, "unchanged": 1, "refused": 1}
    assert Counterparty.objects.count() == 1


def test_a_wrong_time_is_refused_with_the_right_form(tmp_path):
    files = seeded(tmp_path)

    with pytest.raises(CommandError, match="ISO 8601"):
        call_command("load_list", "csl", str(files / "list.csv"), "--effective", "9 Oct 2019")


def test_the_demo_is_never_seeded_in_production(settings):
    settings.DEMO_ALLOWED = False

    with pytest.raises(CommandError, match="production"):
        call_command("seed_demo")


def test_seeding_twice_changes_nothing(tmp_path):
    seeded(tmp_path)
    before = Counterparty.objects.count()

    call_command("seed_demo", "--counterparties-only", stdout=io.StringIO())

    assert Counterparty.objects.count() == before == 600


def test_a_refused_file_gives_its_reason_to_programs_too(tmp_path):
    (tmp_path / "page.csv").write_text("<html>down</html>")

    refused = said("load_list", "csl", tmp_path / "page.csv")

    assert refused["state"] == "refused"
    assert "HTML" in refused["held"][0]
