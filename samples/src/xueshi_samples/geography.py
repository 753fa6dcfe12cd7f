"""The divisions that sample employers sit in (GB/T 2260): many of Fujian, a few of two other cities."""

from xueshi_samples.model import Level

PROVINCE = "350000"
PINGTAN = "350128"
LUOJIANG = "350504"
WENZHOU = "330300"
SHAOGUAN = "440200"

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
    LUOJIANG: "洛江区",
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

ELSEWHERE = {
    WENZHOU: "温州市",
    "330302": "鹿城区",
    "330382": "乐清市",
    SHAOGUAN: "韶关市",
    "440203": "武江区",
    "440222": "始兴县",
}
"""Places outside Fujian."""


def level_of(region: str) -> Level:
    """Return the level at which a region stands; Pingtan's is a city's (FJ-26)."""
    if region.endswith("0000"):
        return "province"
    return "city" if region.endswith("00") or region == PINGTAN else "county"


def city_of(region: str) -> str | None:
    """Return the city that a region is or lies in, None for the province; Pingtan is not under Fuzhou (FJ-26)."""
    level = level_of(region)
    if level == "province":
        return None
    return region if level == "city" else f"{region[:4]}00"


def name_of(region: str) -> str:
    """Return a region's name."""
    if region == PROVINCE:
        return "福建省"
    return (CITIES | COUNTIES | ELSEWHERE)[region]


def in_area(base_region: str, region: str) -> bool:
    """Tell whether a base of Fujian may serve an employer's region: its province, city or county (FJ-17)."""
    if base_region == PROVINCE:
        return True
    if base_region in CITIES:
        return city_of(region) == base_region
    return region == base_region
