"""How many queries something takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries(act: Callable[[], Any]) -> int:
    """The number of queries of one call."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)
