"""One sound file for each parser, authored, small, with what each format can hold."""

from __future__ import annotations

from compliance.config.demo import rules
from compliance.watchlists.parsers.bundle import pack
from tests.watchlists import (
    test_parsers_csl,
    test_parsers_csl_json,
    test_parsers_dpl,
    test_parsers_ecfr744,
    test_parsers_form,
    test_parsers_ftm,
    test_parsers_ofac,
    test_parsers_ofac_xml,
    test_parsers_uk,
    test_parsers_un,
)

# Parser key and file; a parser of several forms stands here once for each.
SEEDS: tuple[tuple[str, bytes], ...] = (
    ("csl", test_parsers_csl.GOOD),
    ("csl", test_parsers_csl_json.GOOD),
    ("ecfr744", test_parsers_ecfr744.SMALL),
    ("dpl", test_parsers_dpl.text_file(test_parsers_dpl.SOUND, test_parsers_dpl.SOUND)),
    ("ofac", pack(test_parsers_ofac.WHOLE_CSV)),
    ("ofac", test_parsers_ofac_xml.xml_file(test_parsers_ofac_xml.ENTRY)),
    ("un", test_parsers_un.GOOD),
    ("uk", test_parsers_uk.GOOD),
    ("form", test_parsers_form.GOOD),
    ("ftm", test_parsers_ftm.GOOD),
    ("rule", rules.rule_json(rules.JUNE_2020)),
)
