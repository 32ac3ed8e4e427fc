"""The smallest valid things, for tests. Lists and cases are made through the product's own services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import factory
from django.utils import timezone

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.cases.models import Case
from compliance.counterparties import services as counterparties
from compliance.counterparties.models import Counterparty
from compliance.jobs import services as jobs
from compliance.watchlists import services as lists

REVIEW_POLICY = (
    "Case-by-case review for ECCNs 1A004.c, 1A004.d, 1A995, 1A999.a, 1D003, 2A983, 2D983, and 2E983, and for EAR99 "
    "items described in the Note to ECCN 1A995; presumption of denial for all other items subject to the EAR"
)


class PersonFactory(factory.django.DjangoModelFactory):
    """A person who may sign in with the password `password`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Pat"
    last_name = factory.Sequence(lambda n: f"Person{n}")
    role = Role.OFFICER
    password = factory.django.Password("password")


def make_counterparty(name: str, **values: Any) -> Counterparty:
    """A stored counterparty, through the service, with its pending screening."""
    number = Counterparty.objects.count() + 1
    external_id = values.pop("external_id", f"T-{number:05d}")
    facts = {
        "name": name, "other_names": [], "addresses": [], "identifiers": [], "country": "CN", "relation": "customer",
        **values,
    }  # fmt: skip
    return counterparties.save(external_id=external_id, values=facts, actor=User.objects.system())[0]


def rule_bytes(
    names: Sequence[str | dict[str, Any]] = (), *, effective: str = "2019-10-09", title: str = "Test rule", **more: Any
) -> bytes:
    """A rule in our JSON form that adds these names (or whole entries) to the Entity List."""
    add = [
        name if isinstance(name, dict)
        else {"name": name, "kind": "organization", "aliases": [], "addresses": [{"text": "1 Road", "country": "CN"}]}
        for name in names
    ]  # fmt: skip
    body = {
        "form": "entity-desk-rule", "form_version": 1, "source": "csl", "list": "EL", "title": title,
        "citation": "84 FR 54002", "document_number": "2019-22210", "announced": "", "published": "",
        "effective": effective, "license_requirement": "For all items subject to the EAR (See § 744.11 of the EAR)",
        "license_policy": REVIEW_POLICY, "add": add, "revise": [], "remove": [], **more,
    }  # fmt: skip
    return json.dumps(body).encode()


def load_rule(names: Sequence[str | dict[str, Any]] = (), *, activate: bool = True, **more: Any) -> lists.Loaded:
    """Load (and activate) a rule that adds these names, as the system."""
    data = rule_bytes(names, **more)
    return lists.load(key="rule", data=data, filename="rule.json", actor=User.objects.system(), activate_now=activate)


def screen_everything() -> None:
    """Do all pending work here: runs, then cases."""
    jobs.run_due()


def make_case(name: str = "Hikvision Digital Tech", listed: str | None = None, **values: Any) -> Case:
    """A counterparty that matches an Entity List entry, screened, with its open case."""
    entry = listed or "Hangzhou Hikvision Digital Technology Co., Ltd."
    party = make_counterparty(name, **values)
    load_rule([entry], title=f"Rule on {entry} at {timezone.now().isoformat()}")
    screen_everything()
    return Case.objects.get(counterparty=party)


def fitting_reason(outcome: str) -> str:
    """A reason that speaks for this answer."""
    return {"true_match": "known_name", "false_positive": "other_name"}.get(outcome, "not_enough")
