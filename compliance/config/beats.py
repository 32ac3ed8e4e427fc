"""What beat sends and when: one entry for each source of lists that is fetched, at its hour in Washington."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celery.schedules import crontab

from compliance.watchlists.sources import REGISTER, SOURCES, Source

ASK = "lists.ask_for_source"  # the task in watchlists/tasks.py
HOUR_SECONDS = 3600


def fetch_beats(sources: Iterable[Source] = (*SOURCES.values(), REGISTER)) -> dict[str, dict[str, Any]]:
    """The entries of the beat schedule. They only ask for the job that the sweep would ask for; a lost one costs
    seconds. So a message that nobody took in an hour is dropped.
    """
    return {
        f"fetch {source.key}": {
            "task": ASK,
            "args": (source.key,),
            "schedule": rhythm_of(source),
            "options": {"expires": HOUR_SECONDS},
        }
        for source in sources
        if source.daily_at or source.every
    }


def rhythm_of(source: Source) -> crontab | timedelta | None:
    """The hour of a source, in CELERY_TIMEZONE, or its pause."""
    return crontab(hour=source.daily_at[0], minute=source.daily_at[1]) if source.daily_at else source.every
