"""The ISO code for a country that stands in a field of its own, as "Iran (Islamic Republic of)" does in UN lists.

Unlike the end of an address, such a field names a country and nothing else, so that "Georgia" and "Jordan"
are certain here. Names are those of ISO 3166-1 and of the United Nations, and shorter ones that lists print.
"""

from __future__ import annotations

import re

from .countries import COUNTRY_CODES
from .text import collapse

_NAMES = """
AD Andorra
AE United Arab Emirates|UAE|U.A.E.
AF Afghanistan|Islamic Republic of Afghanistan
AG Antigua and Barbuda
AI Anguilla
AL Albania
AM Armenia
AO Angola
AQ Antarctica
AR Argentina
AS American Samoa
AT Austria
AU Australia
AW Aruba
AX Åland Islands
AZ Azerbaijan
BA Bosnia and Herzegovina|Bosnia & Herzegovina|Bosnia
BB Barbados
BD Bangladesh
BE Belgium
BF Burkina Faso
BG Bulgaria
BH Bahrain
BI Burundi
BJ Benin
BL Saint Barthélemy
BM Bermuda
BN Brunei Darussalam|Brunei
BO Bolivia|Bolivia (Plurinational State of)
BQ Bonaire, Sint Eustatius and Saba
BR Brazil
BS Bahamas|The Bahamas
BT Bhutan
BV Bouvet Island
BW Botswana
BY Belarus|Republic of Belarus
BZ Belize
CA Canada
CC Cocos (Keeling) Islands|Cocos Islands
CD Democratic Republic of the Congo|Congo, Democratic Republic of the|Congo (Democratic Republic)|DRC|RDC|DR Congo
CF Central African Republic
CG Congo|Republic of the Congo|Congo, Republic of the|Congo (Brazzaville)
CH Switzerland
CI Côte d'Ivoire|Cote d'Ivoire|Ivory Coast
CK Cook Islands
CL Chile
CM Cameroon
CN China|People's Republic of China|P.R. China|PRC
CO Colombia
CR Costa Rica
CU Cuba
CV Cabo Verde|Cape Verde
CW Curaçao|Curacao
CX Christmas Island
CY Cyprus
CZ Czechia|Czech Republic
DE Germany|Federal Republic of Germany
DJ Djibouti
DK Denmark
DM Dominica
DO Dominican Republic
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt
EH Western Sahara
ER Eritrea
ES Spain
ET Ethiopia
FI Finland
FJ Fiji
FK Falkland Islands|Falkland Islands (Malvinas)
FM Micronesia|Micronesia (Federated States of)|Federated States of Micronesia
FO Faroe Islands
FR France
GA Gabon
GB United Kingdom|United Kingdom of Great Britain and Northern Ireland|UK|Great Britain
GD Grenada
GE Georgia
GF French Guiana
GG Guernsey
GH Ghana
GI Gibraltar
GL Greenland
GM Gambia|The Gambia
GN Guinea
GP Guadeloupe
GQ Equatorial Guinea
GR Greece
GS South Georgia and the South Sandwich Islands
GT Guatemala
GU Guam
GW Guinea-Bissau|Guinea Bissau
GY Guyana
HK Hong Kong|Hong Kong SAR|China, Hong Kong Special Administrative Region|Hong Kong, China
HM Heard Island and McDonald Islands
HN Honduras
HR Croatia
HT Haiti
HU Hungary
ID Indonesia
IE Ireland|Republic of Ireland
IL Israel
IM Isle of Man
IN India
IO British Indian Ocean Territory
IQ Iraq
IR Iran|Iran (Islamic Republic of)|Iran (Islamic Republic of.)|Islamic Republic of Iran
IS Iceland
IT Italy
JE Jersey
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KG Kyrgyzstan
KH Cambodia
KI Kiribati
KM Comoros|Union of the Comoros
KN Saint Kitts and Nevis|St. Kitts and Nevis
KP Democratic People's Republic of Korea|North Korea|DPRK|Korea, North
KR Republic of Korea|South Korea|Korea, South
KW Kuwait
KY Cayman Islands
KZ Kazakhstan
LA Lao People's Democratic Republic|Laos
LB Lebanon
LC Saint Lucia|St. Lucia
LI Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Lithuania
LU Luxembourg
LV Latvia
LY Libya|Libyan Arab Jamahiriya|State of Libya
MA Morocco
MC Monaco
MD Moldova|Republic of Moldova
ME Montenegro
MF Saint Martin (French part)
MG Madagascar
MH Marshall Islands
MK North Macedonia|Macedonia|The former Yugoslav Republic of Macedonia
ML Mali
MM Myanmar|Burma|Burma (Myanmar)
MN Mongolia
MO Macao|Macau|China, Macao Special Administrative Region
MP Northern Mariana Islands
MQ Martinique
MR Mauritania
MS Montserrat
MT Malta
MU Mauritius
MV Maldives
MW Malawi
MX Mexico
MY Malaysia
MZ Mozambique
NA Namibia
NC New Caledonia
NE Niger
NF Norfolk Island
NG Nigeria
NI Nicaragua
NL Netherlands|The Netherlands|Netherlands (Kingdom of the)
NO Norway
NP Nepal
NR Nauru
NU Niue
NZ New Zealand
OM Oman|Sultanate of Oman
PA Panama
PE Peru
PF French Polynesia
PG Papua New Guinea
PH Philippines|The Philippines
PK Pakistan
PL Poland
PM Saint Pierre and Miquelon
PN Pitcairn
PR Puerto Rico
PS State of Palestine|Palestine|Palestinian Territories|Occupied Palestinian Territories
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RE Réunion
RO Romania
RS Serbia
RU Russian Federation|Russia
RW Rwanda
SA Saudi Arabia|Kingdom of Saudi Arabia
SB Solomon Islands
SC Seychelles
SD Sudan|The Sudan
SE Sweden
SG Singapore
SH Saint Helena, Ascension and Tristan da Cunha|Saint Helena
SI Slovenia
SJ Svalbard and Jan Mayen
SK Slovakia
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia
SR Suriname
SS South Sudan
ST Sao Tome and Principe
SV El Salvador
SX Sint Maarten (Dutch part)
SY Syria|Syrian Arab Republic
SZ Eswatini|Swaziland
TC Turks and Caicos Islands
TD Chad
TF French Southern Territories
TG Togo
TH Thailand
TJ Tajikistan
TK Tokelau
TL Timor-Leste|East Timor
TM Turkmenistan
TN Tunisia
TO Tonga
TR Turkey|Türkiye
TT Trinidad and Tobago
TV Tuvalu
TW Taiwan|Taiwan, Province of China
TZ United Republic of Tanzania|Tanzania
UA Ukraine
UG Uganda
UM United States Minor Outlying Islands
US United States of America|United States|USA|U.S.A.
UY Uruguay
UZ Uzbekistan
VA Holy See|Vatican City
VC Saint Vincent and the Grenadines|St. Vincent and the Grenadines
VE Venezuela|Venezuela (Bolivarian Republic of)
VG British Virgin Islands|Virgin Islands (British)
VI United States Virgin Islands|Virgin Islands (U.S.)|Virgin Islands, U.S.
VN Viet Nam|Vietnam
VU Vanuatu
WF Wallis and Futuna
WS Samoa
XK Kosovo
YE Yemen
YT Mayotte
ZA South Africa
ZM Zambia
ZW Zimbabwe
"""


def _folded(name: str) -> str:
    return collapse(name).replace("’", "'").replace("´", "'").casefold()


_CODE_OF_NAME = {
    _folded(name): line[:2] for line in _NAMES.strip().splitlines() for name in line[3:].strip().split("|")
}
_LONGEST = 200  # characters; no country field is longer, and a hostile one is not worth the time
_REMARK = re.compile(r"\s*\([^()]*\)$")


def country_code(field: str) -> str:
    """The ISO code for the text of a country field: a code or a name, a remark in parentheses left aside.

    "" when the field is empty or names no country for certain.
    """
    if len(field) > _LONGEST:
        return ""
    name = _folded(field)
    if len(name) == 2 and name.upper() in COUNTRY_CODES:
        return name.upper()
    while name:
        if name in _CODE_OF_NAME:
            return _CODE_OF_NAME[name]
        shorter = _REMARK.sub("", name)
        if shorter == name:
            return ""
        name = shorter
    return ""
