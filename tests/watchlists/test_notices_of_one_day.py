"""Two rules of one day, printed one after the other: an entry closes the notice of its own rule alone."""

from __future__ import annotations

import pytest

from compliance.accounts.models import User
from compliance.watchlists import notices
from compliance.watchlists.models import Notice
from compliance.watchlists.times import moment
from tests.watchlists.samples import load, part744

pytestmark = pytest.mark.django_db


def notice(citation: str, number: str) -> Notice:
    facts = notices.NoticeFacts(
        title=f"Rule {number}", lists=("EL",), citation=citation, document_number=number,
        published_at=moment("2024-12-05"),
    )  # fmt: skip
    found = notices.found(facts=facts, actor=User.objects.system())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("page", "closed"), [(96789, []), (96790, ["A"]), (96829, ["A"]), (96830, ["B"]), (96836, ["B"]), (96951, [])]
)
def test_a_cited_page_belongs_to_the_rule_that_began_last_before_it(page, closed):
    both = notice("89 FR 96790", "A"), notice("89 FR 96830", "B")

    load("ecfr744", part744("Alder Optics, 1 Lake Road, Harbin, China", citation=f"89 FR {page}, 12/5/24."))

    for each in both:
        each.refresh_from_db()
    assert [each.document_number for each in both if each.closed_at] == closed
