"""The states of a list version, written once."""

from __future__ import annotations

from typing import Any

from compliance.core.errors import NotAllowed, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.core.workflow import Move, Workflow
from compliance.watchlists.models import VersionState as S


def check_can_load(actor: Any, version: Any) -> None:
    check_permission(actor, Permission.LIST_LOAD)


def check_can_release(actor: Any, version: Any) -> None:
    """A held version is released by two people: one asks, another agrees."""
    check_permission(actor, Permission.LIST_LOAD)
    if version.release_asked_by_id is None:
        raise WrongState("Nobody has asked for the release of this version yet. Two people release a held version.")
    if version.release_asked_by_id == actor.pk:
        raise NotAllowed("You asked for the release of this version, so another person agrees to it.")


WORKFLOW = Workflow(
    "List version",
    Move("refuse", frozenset({S.RECEIVED}), S.REFUSED, "list_version.refused", check_can_load),
    Move("hold", frozenset({S.RECEIVED, S.READY, S.PENDING}), S.HELD, "list_version.held", check_can_load),
    Move("accept", frozenset({S.RECEIVED}), S.READY, "list_version.received", check_can_load),
    Move("ask_release", frozenset({S.HELD}), S.HELD, "list_version.release_asked", check_can_load, "Ask for release"),
    Move("release", frozenset({S.HELD}), S.READY, "list_version.released", check_can_release, "Release"),
    Move("schedule", frozenset({S.READY}), S.PENDING, "list_version.scheduled", check_can_load, "Activate"),
    Move("activate", frozenset({S.READY}), S.ACTIVE, "list_version.activated", check_can_load, "Activate"),
    Move("begin", frozenset({S.PENDING}), S.ACTIVE, "list_version.activated", check_can_load),
    Move("supersede", frozenset({S.ACTIVE}), S.SUPERSEDED, "list_version.superseded"),
)
