"""Country names as OFAC prints them, with their ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

# Regions such as Gaza, the West Bank and Crimea, and "undetermined", are left out: which code they
# should have is not for us to say, so they stay without one, as in the Consolidated Screening List.
_NAMES = """
AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia|AO Angola|AR Argentina
AT Austria|AU Australia|AW Aruba|AZ Azerbaijan|BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium
BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BM Bermuda|BN Brunei|BN Brunei Darussalam|BO Bolivia
BR Brazil|BS Bahamas, The|BS Bahamas|BT Bhutan|BW Botswana|BY Belarus|BZ Belize|CA Canada
CD Congo, Democratic Republic of the|CD Democratic Republic of the Congo|CF Central African Republic
CG Congo, Republic of the|CH Switzerland|CI Cote d Ivoire|CI Cote d'Ivoire|CK Cook Islands|CL Chile|CM Cameroon
CN China|CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde|CV Cape Verde|CW Curacao|CY Cyprus|CZ Czech Republic
CZ Czechia|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia
EG Egypt|ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FM Micronesia, Federated States of|FR France|GA Gabon
GB United Kingdom|GD Grenada|GE Georgia|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM The Gambia|GM Gambia, The
GM Gambia|GN Guinea|GQ Equatorial Guinea|GR Greece|GT Guatemala|GW Guinea-Bissau|GY Guyana|HK Hong Kong|HN Honduras
HR Croatia|HT Haiti|HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Man, Isle of|IM Isle of Man|IN India|IQ Iraq
IR Iran|IS Iceland|IT Italy|JE Jersey|JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KI Kiribati
KM Comoros|KN Saint Kitts and Nevis|KP Korea, North|KP North Korea|KP Democratic People's Republic of Korea
KR Korea, South|KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan|LA Laos|LB Lebanon|LC Saint Lucia
LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco
MD Moldova|ME Montenegro|MG Madagascar|MH Marshall Islands|MK Macedonia, The Former Yugoslav Republic of
MK North Macedonia|MK North Macedonia, The Republic of|ML Mali|ML Region: Northern Mali|MM Burma|MM Myanmar|MN Mongolia
MO Macau|MR Mauritania|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia
NE Niger|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway|NP Nepal|NR Nauru|NZ New Zealand|OM Oman|PA Panama|PE Peru
PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland|PR Puerto Rico|PS Palestinian|PT Portugal|PW Palau|PY Paraguay
QA Qatar|RO Romania|RS Serbia|RU Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan|SE Sweden
SG Singapore|SI Slovenia|SK Slovakia|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS South Sudan
ST Sao Tome and Principe|SV El Salvador|SY Syria|SZ Eswatini|SZ Swaziland|TC Turks and Caicos Islands|TD Chad|TG Togo
TH Thailand|TJ Tajikistan|TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TR Turkey|TR Turkiye
TT Trinidad and Tobago|TV Tuvalu|TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|US United States|UY Uruguay|UZ Uzbekistan
VA Holy See|VC Saint Vincent and the Grenadines|VE Venezuela|VG Virgin Islands, British|VI Virgin Islands, U.S.
CV Cabo Verde. Previously Cape Verde.
VN Vietnam|VU Vanuatu|WS Samoa|XK Kosovo|YE Yemen|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""
_CODES = {item[3:].casefold(): item[:2] for line in _NAMES.split("\n") for item in line.split("|") if item}


def code_of(name: str) -> str:
    """The ISO code of a country name as OFAC prints it, or "" when it has none that is certain."""
    return _CODES.get(name.strip().casefold(), "")
