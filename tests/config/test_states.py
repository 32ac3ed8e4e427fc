"""docs/states.md is what the workflow tables say."""

from __future__ import annotations

from django.core.management import call_command


def test_the_page_of_states_is_current():
    call_command("draw_states", "--check")
