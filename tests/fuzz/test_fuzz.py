"""A short draw of `make fuzz`: the same files, the first few hundred."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import file_of, read
from tests.fuzz.seeds import SEEDS


@pytest.mark.parametrize("start", range(0, 330, 33))
def test_a_mutated_file_is_refused_or_read_whole(start):
    for number in range(start, start + 33):
        assert read(*file_of(number)) in ("read", "refused")


@pytest.mark.parametrize(("key", "whole"), SEEDS)
def test_a_sound_file_is_read_so_that_the_mutations_start_from_something(key, whole):
    assert read(key, whole) == "read"
