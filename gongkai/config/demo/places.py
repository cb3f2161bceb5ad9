"""The five places of the packs, with the superior places their codes imply."""

from __future__ import annotations

from gongkai.people.models import Place

FIVE = (
    # code, slug, name, level, parent, government, portal
    ("520000", "guizhou", "贵州省", "province", None, "贵州省人民政府", False),
    ("520300", "zunyi", "遵义市", "city", "520000", "遵义市人民政府", True),
    ("330000", "zhejiang", "浙江省", "province", None, "浙江省人民政府", False),
    ("330800", "quzhou", "衢州市", "city", "330000", "衢州市人民政府", True),
    ("330200", "ningbo", "宁波市", "city", "330000", "宁波市人民政府", False),
    ("330212", "yinzhou", "鄞州区", "county", "330200", "宁波市鄞州区人民政府", True),
    ("610000", "shaanxi", "陕西省", "province", None, "陕西省人民政府", False),
    ("610100", "xian", "西安市", "city", "610000", "西安市人民政府", True),
    ("650000", "xinjiang", "新疆维吾尔自治区", "province", None, "新疆维吾尔自治区人民政府", False),
    ("652800", "bayingolin", "巴音郭楞蒙古自治州", "city", "650000", "巴音郭楞蒙古自治州人民政府", False),
    ("652828", "heshuo", "和硕县", "county", "652800", "和硕县人民政府", True),
)


def add_places() -> None:
    """Register the places that are not there yet. Safe to call again."""
    for code, slug, name, level, parent, government, is_open in FIVE:
        Place.objects.get_or_create(
            code=code,
            defaults={
                "slug": slug, "name": name, "level": level, "parent_id": parent, "government": government,
                "is_open": is_open,
            },
        )  # fmt: skip
