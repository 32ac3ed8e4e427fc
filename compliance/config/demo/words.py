"""Word lists from which the demo's counterparties are put together. Stems are made up; cities and streets are plain.

A `Country` says how names and addresses look there: legal forms, cities, streets, the words of each trade, and for some
countries the same in the script people write there. A stem or city with a second script is written "Latin=native".
"""

from dataclasses import dataclass

RELATIONS = ("customer", "supplier", "distributor", "forwarder", "bank")

Trades = dict[str, str]  # relation → trade words, split by "/"; "Latin=native" where the script has its own


@dataclass(frozen=True)
class Country:
    code: str
    share: int  # how many of the filler counterparties, about
    forms: str
    cities: str
    streets: str
    trades: Trades
    stems: str = ""  # empty: put together from WEST_HEADS and WEST_TAILS
    native: str = ""  # how a native name is written: {city} {stem} {trade}
    postcode: str = "#####"
    number: str = "reg:#######"
    latin: str = "{stem} {trade} {form}"


WEST_HEADS = (
    "Bro Cal Dor Ebe Fal Gri Hol Jes Kra Lom Mar Nor Ost Pel Qua Ras Sil Tor Ulm Ver Wex Yar Zol Ard Bel Cor Dun "
    "Els Fen Gal Hed Iv Jut Kes Lan Mel Nim Orb Pra Rho Sta Tam Urb Vol Wil Zan"
)
WEST_TAILS = (
    "vanta mero denza lindor quist varro benko thalen rovia stedt monti grund ladine vessa torini campo nelle "
    "rigo dagna feldt waldi brisse pontier zetto kelby lumen nardi ssara"
)

ENGLISH_FIRST = (
    "Copper Granite Harbor Willow Amber Slate Juniper Marble Prairie Cobalt Hazel Lantern Meadow Timber Saffron "
    "Pewter Bramble Cinder Larch Orchard Quarry Thistle Beacon Falcon Maple Ivory Russet Basalt Clover Tundra"
)
ENGLISH_SECOND = (
    "Heron Ridge Anvil Creek Kestrel Hollow Compass Otter Gate Spindle Badger Pier Thrush Mill Lynx Ferry "
    "Sparrow Ford Wren Arbor Pond Gully Plover Knoll Osprey Trail Weir Dune Finch Cairn"
)

EN: Trades = {
    "customer": "Electronics/Robotics/Instruments/Automotive Systems/Medical Devices/Controls/Lighting/Power Tools/"
    "Metering/Appliances/Sensor Labs/Audio",
    "supplier": "Chemicals/Specialty Gases/Substrates/Precision Machining/Packaging/Photomasks/Cleanroom Supply",
    "distributor": "Components/Component Sales/Semiconductor Distribution/Parts Supply",
    "forwarder": "Freight/Forwarding/Logistics/Cargo Lines/Shipping",
    "bank": "Bank/Trust/Commercial Bank/Trade Finance",
}
DE: Trades = {
    "customer": "Elektronik/Messtechnik/Antriebstechnik/Medizintechnik/Steuerungsbau/Lichttechnik/Hausgeräte",
    "supplier": "Feinmechanik/Spezialgase/Chemie/Reinraumbedarf/Werkzeugbau",
    "distributor": "Bauelemente Vertrieb/Elektronik Großhandel",
    "forwarder": "Spedition/Transporte",
    "bank": "Privatbank/Handelsbank",
}
FR: Trades = {
    "customer": "Électronique/Automatismes/Instrumentation/Éclairage/Robotique",
    "supplier": "Gaz Spéciaux/Mécanique de Précision/Chimie Fine",
    "distributor": "Composants/Distribution Électronique",
    "forwarder": "Transit/Transports",
    "bank": "Banque/Crédit Commercial",
}
IT: Trades = {
    "customer": "Elettronica/Strumentazione/Automazioni/Illuminazione/Elettromedicali",
    "supplier": "Meccanica di Precisione/Chimica/Gas Tecnici",
    "distributor": "Componenti/Forniture Elettroniche",
    "forwarder": "Spedizioni/Trasporti",
    "bank": "Banca Commerciale/Credito",
}
ES: Trades = {
    "customer": "Electrónica/Instrumentos/Automatización/Iluminación/Robótica",
    "supplier": "Mecanizados/Gases Especiales/Química",
    "distributor": "Componentes/Distribuciones Electrónicas",
    "forwarder": "Transitarios/Fletes",
    "bank": "Banco Comercial/Caja de Crédito",
}
PT: Trades = {
    "customer": "Eletrônica/Instrumentos/Automação/Iluminação",
    "supplier": "Mecânica de Precisão/Gases Especiais",
    "distributor": "Componentes/Distribuidora",
    "forwarder": "Despachos/Transportes",
    "bank": "Banco Comercial",
}
NORDIC: Trades = {
    "customer": "Elektronik/Instrument/Styrsystem/Medicinteknik",
    "supplier": "Finmekanik/Specialgas",
    "distributor": "Komponenter",
    "forwarder": "Spedition/Frakt",
    "bank": "Handelsbank",
}
ZH: Trades = {
    "customer": "Electronics=电子/Instruments=仪器/Automation Equipment=自动化设备/Lighting=照明/"
    "Medical Electronics=医疗电子/Appliances=电器",
    "supplier": "Precision Machinery=精密机械/Specialty Gas=特种气体/New Materials=新材料/Packaging=包装",
    "distributor": "Electronic Components=电子元件/Component Trading=元器件贸易",
    "forwarder": "International Freight=国际货运/Supply Chain=供应链/Logistics=物流",
    "bank": "Rural Commercial Bank=农村商业银行/Commercial Bank=商业银行",
}
ZH_HANT: Trades = {
    "customer": "Electronics=電子/Instruments=儀器/Automation Equipment=自動化設備/Lighting=照明/Appliances=電器",
    "supplier": "Precision Machinery=精密機械/Specialty Gas=特種氣體/New Materials=新材料/Packaging=包裝",
    "distributor": "Electronic Components=電子零件/Component Trading=元件貿易",
    "forwarder": "International Freight=國際貨運/Supply Chain=供應鏈/Logistics=物流",
    "bank": "Commercial Bank=商業銀行/Finance=財務",
}
JA: Trades = {
    "customer": "Denshi=電子/Keisoku=計測/Denki=電機/Shomei=照明/Iryoki=医療機",
    "supplier": "Seimitsu=精密/Kagaku=化学/Kako=加工",
    "distributor": "Shoji=商事/Buhin=部品",
    "forwarder": "Unyu=運輸/Butsuryu=物流",
    "bank": "Shinyo Kinko=信用金庫/Bank=銀行",
}
KO: Trades = {
    "customer": "Electronics=전자/Instruments=계측기/Lighting=조명/Robotics=로보틱스/Medical=메디칼",
    "supplier": "Precision=정밀/Chemicals=화학/Materials=소재",
    "distributor": "Components=부품/Electronics Trading=전자무역",
    "forwarder": "Logistics=물류/Express=통운",
    "bank": "Savings Bank=저축은행",
}
RU: Trades = {
    "customer": "Elektronika=Электроника/Pribory=Приборы/Svetotekhnika=Светотехника/Avtomatika=Автоматика",
    "supplier": "Khimprodukt=Химпродукт/Tochmekh=Точмех",
    "distributor": "Komplekt=Комплект/Torgovlya=Торговля",
    "forwarder": "Ekspeditsiya=Экспедиция/Gruz=Груз",
    "bank": "Bank=Банк",
}
AR: Trades = {
    "customer": "Electronics=للإلكترونيات/Electrical Equipment=للمعدات الكهربائية/Lighting=للإنارة/"
    "Medical Supplies=للمستلزمات الطبية",
    "supplier": "Packaging=للتغليف/Industrial Gases=للغازات الصناعية",
    "distributor": "Spare Parts=لقطع الغيار/Electronics Trading=لتجارة الإلكترونيات",
    "forwarder": "Cargo=للشحن/Clearing and Forwarding=للتخليص والشحن",
    "bank": "Exchange House=للصرافة/Bank=البنك",
}

CN_STEMS = (
    "Ruilinze=瑞霖泽 Jinmuchen=锦沐辰 Boyaoheng=博尧珩 Jialuyuan=嘉鹭源 Mingqisong=铭奇松 Zhuohanpu=卓涵浦 "
    "Lingxuting=凌旭庭 Hongjiayu=泓佳禹 Hanmoxi=翰墨溪 Qingzhulai=青竹来 Yunmaifeng=云麦丰 Shulanke=树兰科 "
    "Pengyuetai=鹏月泰 Wanrongbi=万榕碧 Liangmushe=良木社 Chengboruo=澄波若 Tianzhimu=恬芷木 Xiangsonglu=祥松露 "
    "Keruiqiao=科睿桥 Haoyansheng=昊研笙 Fuguiling=馥桂岭 Zhenjiabo=臻嘉铂 Yalingpo=雅菱珀 Shunlaifu=顺来孚 "
    "Dexinmao=德昕茂 Guanlanyi=观澜屹 Luoqianshu=洛芊树 Minghuapei=茗桦沛 Jiangyeqing=江叶晴 Baishiling=柏时岭 "
    "Yufanmei=煜帆玫 Songheli=松禾黎 Qiyunzao=祺云藻 Xinlubei=馨鹿贝 Zehuaibo=泽淮铂 Tongxulan=桐序岚 "
    "Feimengda=霏萌达 Jingyushan=菁榆杉 Langyueke=朗悦珂 Hepuxin=禾浦忻"
)
TW_STEMS = (
    "Jheyuan-Lin=哲苑霖 Shengpu=昇璞 Yimao=翊茂 Guanchi=冠麒 Haoyu-Tek=澔宇 Tsailung=彩瓏 Pinrui=品叡 "
    "Weichiao=薇喬 Junhsi=鈞羲 Mingtse=茗澤 Yunghsu=詠絮 Kaolin-Wu=皋霖 Chuanpei=荃沛 Hsiangli=湘櫟 Poyeh=柏燁"
)
HK_STEMS = (
    "Wing-Lok-Fai=永樂輝 Kam-Shan-Po=錦珊寶 Tak-Yiu-Hang=德耀恆 Fung-Moon-Kee=豐滿記 Lap-Sing-Chun=立星駿 "
    "Man-Kwai-Lee=文桂利 Cheong-Bik=昌碧 Yau-Pok=有博 Sui-Tung-Nam=瑞東南 Hoi-Ning-Ka=海寧嘉"
)
JP_STEMS = (
    "Orihata=織畑 Kuresaka=呉坂 Minakuni=皆邦 Tachimori=立森 Yunosawa=湯之沢 Hagishima=萩嶋 Asamine=麻峰 "
    "Koguretani=木暮谷 Nishizome=西染 Torigai=鳥貝 Fukamatsu=深松 Wakazuma=若妻 Tokumise=徳見瀬 Ebisumori=恵比森 "
    "Chiyokura=千代倉 Hirokane=広兼 Mizuhara=瑞原 Sonobe=園邉"
)
KR_STEMS = (
    "Haneulsol=하늘솔 Saebitgaram=새빛가람 Dasolmi=다솔미 Noeulbit=노을빛 Baramkkot=바람꽃 Onnuribit=온누리빛 "
    "Byeolmaru=별마루 Solbaram=솔바람 Cheongmok=청목 Garamteo=가람터 Hwangseok=황석 Moaram=모아람"
)
RU_STEMS = "Severnitsa=Северница Lazurgrad=Лазурград Vetrolit=Ветролит Beryozhka=Берёжка Kamelot-Ural=Камелот-Урал"
UA_STEMS = "Dniprovit=Дніпровіт Zoryanets=Зорянець Kalynograd=Калиноград Vyshnevit=Вишневіт"
KZ_STEMS = "Altynbel=Алтынбель Saryzhol=Сарыжол Kokterek=Коктерек"
AR_STEMS = (
    "Al-Nawras-Al-Abyad=النورس_الأبيض Wahat-Al-Safa=واحة_الصفا Rimal-Al-Wadi=رمال_الوادي "
    "Burj-Al-Yasmin=برج_الياسمين Nakhlat-Al-Sahel=نخلة_الساحل Zumurruda=الزمردة Bahr-Al-Lulu=بحر_اللؤلؤ "
    "Ghazal-Al-Rimal=غزال_الرمال Sharq-Al-Qamar=شرق_القمر"
)
AR_NATIVE = "شركة {stem} {trade}"

# fmt: off
# A table: a country reads better in three lines than in twelve.
COUNTRIES: tuple[Country, ...] = (
    Country(
        "US", 96, "Inc./LLC/Corp./Corporation/Co.",
        "Portland, OR/Austin, TX/Fremont, CA/Rochester, NY/Madison, WI/Tempe, AZ/Lowell, MA/Boise, ID/Dayton, OH",
        "Mill Pond Road/Industrial Parkway/Orchard Avenue/Old Ferry Lane/Commerce Drive", EN, number="ein:##-#######",
        postcode="#####",
    ),
    Country(
        "CN", 58, "Co., Ltd./Company Limited/(Group) Co., Ltd.",
        "Shenzhen=深圳/Suzhou=苏州/Dongguan=东莞/Wuxi=无锡/Ningbo=宁波/Xiamen=厦门/Chengdu=成都/Qingdao=青岛/"
        "Hangzhou=杭州/Shanghai=上海/Beijing=北京/Wuhan=武汉",
        "Chuangxin Road/Keyuan 2nd Road/Gongye Avenue/Fenghuang Street", ZH, CN_STEMS,
        "{city}市{stem}{trade}有限公司", "######", "uscc:91######MA########", "{city} {stem} {trade} {form}",
    ),
    Country(
        "TW", 34, "Co., Ltd./Corporation/Inc.", "Hsinchu=新竹/Taipei=台北/Taichung=台中/Tainan=台南",
        "Yanfa Road/Minsheng Road/Gongye 3rd Road", ZH_HANT, TW_STEMS, "{stem}{trade}股份有限公司", "###",
        "ubn:########",
    ),
    Country(
        "HK", 22, "Limited/Co., Limited/(HK) Limited", "Kowloon=九龍/Tsuen Wan=荃灣/Sha Tin=沙田/Kwai Chung=葵涌",
        "Lung Wah Path/Pak Shek Lane/Yuet Ming Terrace", ZH_HANT, HK_STEMS, "{stem}{trade}有限公司", "", "br:########",
    ),
    Country(
        "JP", 36, "K.K./Co., Ltd./Corporation", "Osaka=大阪/Nagoya=名古屋/Yokohama=横浜/Kyoto=京都/Sendai=仙台",
        "Honmachi/Sakaecho/Minami 3-chome", JA, JP_STEMS, "{stem}{trade}株式会社", "###-####", "jcn:#############",
    ),
    Country(
        "KR", 26, "Co., Ltd./Inc./Corp.", "Suwon=수원/Daejeon=대전/Seongnam=성남/Incheon=인천",
        "Byeolbit-ro/Solnae-daero/Haedam-gil", KO, KR_STEMS, "주식회사 {stem}{trade}", "#####", "brn:###-##-#####",
    ),
    Country(
        "DE", 40, "GmbH/AG/GmbH & Co. KG/KG", "Stuttgart/München/Dresden/Jena/Hamburg/Nürnberg/Ulm",
        "Lindenstraße/Industrieweg/Am Mühlbach", DE, number="vat:DE#########",
    ),
    Country(
        "FR", 18, "S.A.S./S.A./SARL", "Grenoble/Lyon/Toulouse/Rennes", "rue des Tilleuls/avenue du Moulin", FR,
        number="vat:FR###########",
    ),
    Country(
        "GB", 26, "Ltd/Limited/PLC/LLP", "Cambridge/Bristol/Glasgow/Reading/Leeds",
        "Station Road/Mill Lane/Castle Street", EN, postcode="", number="crn:########",
    ),
    Country(
        "IT", 16, "S.r.l./S.p.A.", "Torino/Milano/Bologna/Padova", "via dei Mille/via Garibaldi", IT,
        number="vat:IT###########",
    ),
    Country(
        "NL", 14, "B.V./N.V.", "Eindhoven/Delft/Utrecht/Rotterdam", "Molenweg/Havenstraat", EN, postcode="####",
        number="vat:NL#########B01",
    ),
    Country(
        "BE", 6, "N.V./BV", "Leuven/Gent", "Kerkstraat/Stationslaan", EN, postcode="####", number="vat:BE0#########",
    ),
    Country(
        "CH", 10, "AG/SA/GmbH", "Zürich/Basel/Lausanne", "Bahnhofstrasse/Seeweg", DE, postcode="####",
        number="uid:CHE-###.###.###",
    ),
    Country(
        "AT", 7, "GmbH/AG", "Graz/Linz/Villach", "Hauptstraße/Murgasse", DE, postcode="####",
        number="vat:ATU########",
    ),
    Country(
        "SE", 9, "AB", "Göteborg/Lund/Linköping", "Storgatan/Hamngatan", NORDIC, number="org:######-####",
    ),
    Country(
        "DK", 5, "A/S/ApS", "Aarhus/Odense", "Nørregade/Havnevej", EN, postcode="####", number="cvr:########",
    ),
    Country(
        "NO", 5, "AS", "Trondheim/Horten", "Storgata/Strandveien", EN, postcode="####", number="org:#########",
    ),
    Country(
        "FI", 6, "Oy/Oyj", "Oulu/Espoo", "Tehtaankatu/Koivutie", EN, number="vat:FI########",
    ),
    Country(
        "IE", 6, "Limited/DAC", "Cork/Limerick", "Quay Street/Bridge Road", EN, postcode="", number="crn:######",
    ),
    Country(
        "ES", 9, "S.L./S.A.", "Valencia/Zaragoza/Barcelona", "Calle Mayor/Avenida del Puerto", ES,
        number="vat:ES########",
    ),
    Country(
        "PT", 5, "Lda./S.A.", "Porto/Aveiro", "Rua da Ponte/Avenida do Mar", PT, postcode="####-###",
        number="vat:PT#########",
    ),
    Country(
        "PL", 9, "Sp. z o.o./S.A.", "Wrocław/Gdańsk/Kraków", "ul. Lipowa/ul. Fabryczna", EN, postcode="##-###",
        number="vat:PL##########",
    ),
    Country(
        "CZ", 7, "s.r.o./a.s.", "Brno/Plzeň", "Nádražní/Zahradní", EN, postcode="### ##", number="vat:CZ########",
    ),
    Country(
        "HU", 5, "Kft./Zrt.", "Győr/Debrecen", "Petőfi utca/Malom út", EN, postcode="####", number="vat:HU########",
    ),
    Country(
        "RO", 5, "S.R.L./S.A.", "Cluj-Napoca/Timișoara", "Strada Morii/Strada Teilor", EN, postcode="######",
        number="vat:RO########",
    ),
    Country(
        "TR", 9, "A.Ş./Ltd. Şti.", "Bursa/İzmir/Ankara", "Çınar Caddesi/Sanayi Sokak", EN, number="vkn:##########",
    ),
    Country(
        "IL", 12, "Ltd.", "Haifa/Yokneam/Rehovot", "HaErez Street/HaTaasiya Road", EN, postcode="#######",
        number="reg:51#######",
    ),
    Country(
        "AE", 10, "LLC/FZE/FZCO", "Dubai=دبي/Sharjah=الشارقة/Abu Dhabi=أبوظبي", "Street 14/Warehouse Road", AR,
        AR_STEMS, AR_NATIVE, "", "trade-license:######",
    ),
    Country(
        "SA", 5, "LLC/Est.", "Jeddah=جدة/Dammam=الدمام", "Prince Street/Port Road", AR, AR_STEMS, AR_NATIVE, "#####",
        "cr:##########",
    ),
    Country(
        "EG", 4, "S.A.E./LLC", "Giza=الجيزة/Alexandria=الإسكندرية", "Nile Street/Factory Road", AR, AR_STEMS,
        AR_NATIVE, "#####", "cr:######",
    ),
    Country(
        "IN", 30, "Pvt. Ltd./Private Limited/Ltd.", "Pune/Bengaluru/Chennai/Noida/Hyderabad",
        "Link Road/Electronics Estate Road/Temple Street", EN, postcode="######", number="gstin:##AAAAA####A1Z#",
    ),
    Country(
        "SG", 18, "Pte. Ltd./Pte Ltd", "Singapore", "Ubi Crescent/Kallang Avenue/Tuas View Lane", EN,
        postcode="######", number="uen:#########K",
    ),
    Country(
        "MY", 12, "Sdn. Bhd./Berhad", "Penang/Shah Alam/Ipoh", "Jalan Kenanga Hijau/Jalan Padi Ria", EN,
        number="ssm:############",
    ),
    Country(
        "TH", 7, "Co., Ltd.", "Ayutthaya/Chonburi", "Rojana Road/Sukhaphiban Road", EN, number="reg:0#############",
    ),
    Country(
        "VN", 8, "Co., Ltd./JSC", "Bac Ninh/Da Nang", "Le Loi Street/Industrial Zone Road 3", EN, postcode="######",
        number="mst:##########",
    ),
    Country(
        "PH", 5, "Inc./Corp.", "Cebu City/Calamba", "Mango Avenue/Rizal Road", EN, postcode="####",
        number="tin:###-###-###",
    ),
    Country(
        "ID", 5, "Tbk/Persada", "Batam/Bekasi", "Jalan Melati/Jalan Industri", EN, number="npwp:###############",
        latin="PT {stem} {trade} {form}",
    ),
    Country(
        "CA", 13, "Inc./Ltd./ULC", "Kanata, ON/Burnaby, BC/Laval, QC", "Lakeshore Road/Maple Crescent", EN,
        postcode="", number="bn:#########RC0001",
    ),
    Country(
        "MX", 8, "S.A. de C.V.", "Guadalajara/Querétaro/Tijuana", "Avenida Tecnológico/Calle Roble", ES,
        number="rfc:XAX######AB#",
    ),
    Country(
        "BR", 8, "Ltda./S.A.", "Campinas/Manaus/Curitiba", "Rua das Palmeiras/Avenida Industrial", PT,
        postcode="#####-###", number="cnpj:##############",
    ),
    Country(
        "AU", 8, "Pty Ltd", "Adelaide/Newcastle/Geelong", "Wattle Street/Foundry Road", EN, postcode="####",
        number="abn:###########",
    ),
    Country(
        "RU", 5, "OOO/AO", "Kazan=Казань/Novosibirsk=Новосибирск", "Sadovaya ulitsa/Zavodskaya ulitsa", RU, RU_STEMS,
        'ООО "{stem} {trade}"', "######", "inn:##########",
    ),
    Country(
        "UA", 5, "LLC/TOV", "Lviv=Львів/Dnipro=Дніпро", "vul. Vyshneva/vul. Parkova", RU, UA_STEMS,
        'ТОВ "{stem} {trade}"', "#####", "edrpou:########",
    ),
    Country(
        "KZ", 3, "LLP", "Almaty=Алматы/Karaganda=Караганда", "Dostyk Street/Abay Avenue", RU, KZ_STEMS,
        'ТОО "{stem} {trade}"', "######", "bin:############",
    ),
)
# fmt: on
