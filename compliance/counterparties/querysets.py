"""Filters on counterparties. Bulk writes that would leave no history are not offered."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models

from compliance.accounts.models import User
from compliance.core.permissions import Permission

if TYPE_CHECKING:
    from compliance.counterparties.models import Counterparty  # noqa: F401


def fold_search(text: str) -> str:
    """Text as it is searched: no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


class CounterpartyQuerySet(models.QuerySet["Counterparty"]):
    """Counterparties that a person may see, found by name, number or id."""

    def visible_to(self, user: User) -> CounterpartyQuerySet:
        return self if user.has_permission(Permission.DESK_READ) else self.none()

    def found_by(self, text: str) -> CounterpartyQuerySet:
        """Records whose id begins with the text, or whose names, addresses or numbers hold it."""
        words = fold_search(text)
        if not words:
            return self
        return self.filter(models.Q(external_id__istartswith=text.strip()) | models.Q(search_text__contains=words))

    def update(self, **changes: Any) -> int:
        raise TypeError("update() would leave no history; use counterparties.services")

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("bulk_create() would leave no history; use counterparties.services")
