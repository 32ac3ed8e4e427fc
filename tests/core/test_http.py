"""Requests that no database takes as text are refused before they reach it."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("address", ["/search/?q=%00", "/counterparties/?q=a%00b", "/api/v1/counterparties/%00/"])
def test_an_address_with_a_nul_is_a_bad_request(client, address):
    assert client.get(address).status_code == 400
