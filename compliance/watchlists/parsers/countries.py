"""ISO 3166-1 alpha-2 country codes, and the names that some addresses print in their place."""

from __future__ import annotations

# ISO 3166-1, the 249 officially assigned codes, and XK, which OFAC and others use for Kosovo.
_ALPHA_2 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRY_CODES = frozenset(_ALPHA_2.split())

# Names that end an address in the lists without a code. Names that are also a place in another country, such
# as Georgia or Jordan, are left out: what is not certain stays unknown.
CODE_OF_PRINTED_NAME = {
    "afghanistan": "AF",
    "armenia": "AM",
    "belarus": "BY",
    "canada": "CA",
    "china": "CN",
    "czech republic": "CZ",
    "germany": "DE",
    "hong kong": "HK",
    "india": "IN",
    "iran": "IR",
    "iraq": "IQ",
    "malaysia": "MY",
    "p.r. china": "CN",
    "pakistan": "PK",
    "people's republic of china": "CN",
    "prc": "CN",
    "russia": "RU",
    "singapore": "SG",
    "syria": "SY",
    "taiwan": "TW",
    "turkey": "TR",
    "u.a.e.": "AE",
    "uae": "AE",
    "ukraine": "UA",
    "united arab emirates": "AE",
    "united kingdom": "GB",
}
