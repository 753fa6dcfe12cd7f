"""The divisions of Fujian that sample employers sit in (GB/T 2260)."""

from xueshi_samples.model import Level

PROVINCE = "350000"
PINGTAN = "350128"

CITIES = {
    "350100": "福州市",
    "350200": "厦门市",
    "350300": "莆田市",
    "350400": "三明市",
    "350500": "泉州市",
    "350600": "漳州市",
    "350700": "南平市",
    "350800": "龙岩市",
    "350900": "宁德市",
    PINGTAN: "平潭综合实验区",
}

COUNTIES = {
    "350102": "鼓楼区",
    "350104": "仓山区",
    "350111": "晋安区",
    "350121": "闽侯县",
    "350181": "福清市",
    "350203": "思明区",
    "350206": "湖里区",
    "350211": "集美区",
    "350302": "城厢区",
    "350322": "仙游县",
    "350404": "三元区",
    "350481": "永安市",
    "350502": "鲤城区",
    "350504": "洛江区",
    "350524": "安溪县",
    "350582": "晋江市",
    "350583": "南安市",
    "350602": "芗城区",
    "350604": "龙海区",
    "350623": "漳浦县",
    "350702": "延平区",
    "350782": "武夷山市",
    "350802": "新罗区",
    "350823": "上杭县",
    "350902": "蕉城区",
    "350981": "福安市",
}


def level_of(region: str) -> Level:
    """Return the level at which a region stands; Pingtan's is a city's (FJ-26)."""
    if region == PROVINCE:
        return "province"
    return "city" if region in CITIES else "county"


def city_of(region: str) -> str | None:
    """Return the city that a region is or lies in, None for the province; Pingtan is not under Fuzhou (FJ-26)."""
    if region == PROVINCE:
        return None
    return region if region in CITIES else f"{region[:4]}00"


def name_of(region: str) -> str:
    """Return a region's name."""
    if region == PROVINCE:
        return "福建省"
    return CITIES.get(region) or COUNTIES[region]


def in_area(base_region: str, region: str) -> bool:
    """Tell whether a base may serve an employer's region: the province, its own city or its own county (FJ-17)."""
    if base_region == PROVINCE:
        return True
    if base_region in CITIES:
        return city_of(region) == base_region
    return region == base_region
