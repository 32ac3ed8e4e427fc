"""A score is the sum of the parts that the officer sees, and each part has its bounds."""

from __future__ import annotations

import pytest

from screening import Entry, Identifier, Index, Name, Party, ScoringConfig, screen_party
from screening.score import score
from tests.screening.conftest import ADDRESSES, entry, party, seed_entries

CONFIG = ScoringConfig()


@pytest.mark.parametrize(
    "ours",
    [
        party("Hangzhou Hik Vision Digital Tech", country="CN", address="555 Qian Mo Rd, Binjiang, Hangzhou"),
        party("Dahua Technology", country="CN"),
        party("Dahua Tech Deutschland GmbH", country="DE", kind="organization"),
        party("Falcon Trading", address="1187 Bin'an Road, Hangzhou"),
    ],
)
def test_score_is_the_sum_of_its_evidence_as_printed(ours: Party) -> None:
    result = screen_party(ours, Index.build(seed_entries()))

    assert result.matches
    for match in result.matches:
        assert match.score == pytest.approx(sum(part.score * part.weight for part in match.evidence), abs=0.0005)
        printed = sum(round(part.contribution * 1000) for part in match.evidence)
        assert printed == round(match.score * 1000)


def test_equal_names_alone_are_strong() -> None:
    match = score(party("Dahua Technology"), entry("e", "DAHUA TECHNOLOGY"))

    assert match is not None
    assert (match.score, match.band) == (1.0, "strong")


def test_another_country_costs_little() -> None:
    match = score(party("Dahua Technology", country="AE"), entry("e", "Dahua Technology", country="CN"))

    assert match is not None
    assert match.score == pytest.approx(1.0 - CONFIG.country_differs)
    assert match.band == "strong"


def test_score_over_one_shows_what_was_capped() -> None:
    match = score(party("Dahua Technology", country="CN"), entry("e", "Dahua Technology", country="CN"))

    assert match is not None
    assert [part.feature for part in match.evidence] == ["name", "country", "cap"]
    assert match.score == 1.0


def test_weak_alias_does_not_raise_alone() -> None:
    listed = Entry("e", (Name("Kherson Orlan Zavod"), Name("Orlan", "weak_alias")))

    alone = score(Party("p", (Name("Orlan"),)), Entry("e", (Name("Orlan", "weak_alias"),)))
    by_name = score(Party("p", (Name("Kherson Orlan Zavod"),)), listed)

    assert alone is None
    assert by_name is not None


def test_former_name_counts_in_full() -> None:
    match = score(
        Party("p", (Name("New Name Ltd"), Name("Dahua Technology", "former"))), entry("e", "Dahua Technology")
    )

    assert match is not None
    assert match.score == 1.0


def test_person_and_vessel_of_one_name_are_told_apart() -> None:
    match = score(party("Orlando Kestrel", kind="person"), entry("e", "Orlando Kestrel", kind="vessel"))

    assert match is not None
    assert match.score == pytest.approx(1.0 - CONFIG.kind_differs)


def test_equal_register_number_is_strong_whatever_the_name() -> None:
    ours = Party("p", (Name("Falcon Trading"),), identifiers=(Identifier("LEI", "5299 00ABCDEF12345678"),))
    listed = Entry("e", (Name("Unrelated Works"),), identifiers=(Identifier("lei", "529900ABCDEF12345678"),))

    match = score(ours, listed)

    assert match is not None
    assert (match.band, match.evidence[0].feature) == ("strong", "identifier")


def test_different_numbers_of_one_register_speak_against() -> None:
    ours = Party("p", (Name("Dahua Tech"),), identifiers=(Identifier("uscc", "91330000712345678X"),))
    listed = Entry("e", (Name("Dahua Technology"),), identifiers=(Identifier("uscc", "913300007654321098"),))

    match = score(ours, listed)

    assert match is not None
    assert match.score == pytest.approx(1.0 - CONFIG.identifier_differs)


def test_known_trade_name_is_shown_as_such_and_not_as_text_of_the_list() -> None:
    match = score(party("海康威视"), entry("e", "Hikvision"))

    assert match is not None
    assert match.evidence[0].feature == "trade_name"


@pytest.mark.parametrize("name", ["", "  ", "Ltd", "Co., Ltd.", "?!", "有限公司", "the and of"])
def test_name_with_nothing_to_match_on_is_not_screenable(index: Index, name: str) -> None:
    result = screen_party(party(name), index)

    assert (result.screenable, result.matches) == (False, ())


def test_no_match_is_not_the_same_as_not_screenable(index: Index) -> None:
    result = screen_party(party("Quiet Bakery of Vermont"), index)

    assert (result.screenable, result.matches) == (True, ())


def test_equal_names_of_trade_words_only_are_a_question() -> None:
    match = score(party("General Trading Co"), entry("e", "General Trading Company"))

    assert match is not None
    assert match.band == "review"


def test_address_of_a_listed_party_is_a_question_under_any_name() -> None:
    listed = entry("dahua", "Dahua Technology", address=ADDRESSES["dahua"])

    match = score(party("Falcon Trading", address="1187 Bin An Rd, Binjiang, Hangzhou"), listed)

    assert match is not None
    assert (match.band, match.evidence[0].feature) == ("review", "address")


class TestConfig:
    def test_survives_being_stored(self) -> None:
        config = ScoringConfig(review=0.5)

        again = ScoringConfig.from_dict(config.as_dict())

        assert again == config
        assert again.fingerprint() == config.fingerprint()

    def test_fingerprint_changes_with_any_setting(self) -> None:
        default = ScoringConfig()

        prints = {
            ScoringConfig.from_dict({name: value * 0.99}).fingerprint() for name, value in default.as_dict().items()
        }

        assert len(prints - {default.fingerprint()}) == len(default.as_dict())

    @pytest.mark.parametrize("bad", [{"review": 0.9, "strong": 0.8}, {"review": 0}, {"clash": 1}, {"review": "x"}])
    def test_refuses_what_makes_no_sense(self, bad: dict[str, float]) -> None:
        with pytest.raises(ValueError, match=r"."):
            ScoringConfig.from_dict(bad)


def test_a_name_that_is_only_somewhat_alike_supports_an_address_that_agrees() -> None:
    listed = entry("hikvision", "Hikvision", address=ADDRESSES["hikvision"])

    match = score(party("Hikvison Trading Europe BV", address="555 Qian Mo Rd, Binjiang, Hangzhou"), listed)

    assert match is not None
    assert {part.feature for part in match.evidence} == {"address", "name"}
    assert match.score > CONFIG.address_alone
