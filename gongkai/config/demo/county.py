"""清源县: an invented county under 遵义市 with thirteen units and thirty-three people, for tests and demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from gongkai.people.actor import Actor
from gongkai.people.models import Duty, Holding, Place, Post, Power, Responsibility, Staff, Unit


class UnitOf(NamedTuple):
    """A unit of the county: full and short name, kind, what it answers for, what people write to it about."""

    name: str
    short_name: str
    kind: str
    duties: tuple[str, ...]
    competence: tuple[str, ...]


class PostOf(NamedTuple):
    """A post: its unit by key, its name, section and powers."""

    unit: str
    name: str
    section: str
    powers: tuple[str, ...]


class PersonOf(NamedTuple):
    """A person: name and the posts held as A and as B, by key."""

    name: str
    posts: tuple[str, ...]
    as_b: tuple[str, ...] = ()


UNITS = {
    "office": UnitOf(
        "清源县人民政府办公室",
        "县政府办",
        Unit.Kind.OFFICE,
        (Duty.OPENNESS,),
        ("政务公开", "信息公开申请", "县长信箱", "公文", "会议"),
    ),
    "xinfang": UnitOf(
        "清源县信访局",
        "县信访局",
        Unit.Kind.DEPARTMENT,
        (Duty.PETITION,),
        ("信访", "上访", "来访登记", "信访复查"),
    ),
    "service": UnitOf(
        "清源县政务服务中心",
        "县政务服务中心",
        Unit.Kind.DEPARTMENT,
        (Duty.SERVICE_CENTRE,),
        ("12345 热线", "政务大厅", "办事窗口", "一网通办", "营业执照代办"),
    ),
    "bigdata": UnitOf(
        "清源县大数据发展管理局",
        "县大数据局",
        Unit.Kind.DEPARTMENT,
        (Duty.BIG_DATA,),
        ("政府网站", "网络信号", "基站", "宽带", "数据共享"),
    ),
    "cyberspace": UnitOf(
        "中共清源县委网络安全和信息化委员会办公室",
        "县委网信办",
        Unit.Kind.OFFICE,
        (Duty.CYBERSPACE,),
        ("网络谣言", "网络舆情", "网络安全", "账号侵权"),
    ),
    "zhujian": UnitOf(
        "清源县住房和城乡建设局",
        "县住建局",
        Unit.Kind.DEPARTMENT,
        (),
        (
            *("物业管理", "物业费", "电梯", "维修基金", "公租房", "商品房", "房产证", "工地噪声", "扬尘"),
            *("市政道路", "路灯", "井盖", "排水", "小区停车"),
        ),
    ),
    "shuiwu": UnitOf(
        "清源县水务局",
        "县水务局",
        Unit.Kind.DEPARTMENT,
        (),
        ("自来水", "停水", "水压", "水质", "水费", "污水", "河道", "水库", "灌溉"),
    ),
    "jiaoyu": UnitOf(
        "清源县教育局",
        "县教育局",
        Unit.Kind.DEPARTMENT,
        (),
        ("入学", "学区划分", "幼儿园", "教师", "校车", "学校食堂", "课后服务", "校外培训"),
    ),
    "gongan": UnitOf(
        "清源县公安局",
        "县公安局",
        Unit.Kind.DEPARTMENT,
        (Duty.POLICE,),
        ("户口", "身份证", "交通违法", "红绿灯", "噪声扰民", "养犬", "诈骗"),
    ),
    "nanqiao": UnitOf(
        "清源县南桥镇人民政府",
        "南桥镇",
        Unit.Kind.TOWNSHIP,
        (),
        ("南桥镇", "村道", "宅基地", "低保", "土地流转", "环境卫生"),
    ),
    "baomi": UnitOf("清源县国家保密局", "县保密局", Unit.Kind.DEPARTMENT, (Duty.SECRECY,), ("保密审查",)),
    "sifa": UnitOf(
        "清源县司法局", "县司法局", Unit.Kind.DEPARTMENT, (Duty.JUSTICE,), ("法律援助", "公证", "行政复议")
    ),
    "propaganda": UnitOf(
        "中共清源县委宣传部",
        "县委宣传部",
        Unit.Kind.OFFICE,
        (Duty.PROPAGANDA, Duty.PRESS),
        ("新闻发布", "新闻采访", "媒体"),
    ),
}

TOWNSHIPS = {
    "北山乡": (1, 2), "石门镇": (1, 3), "河口镇": (2, 1), "城关镇": (2, 2), "城东街道": (2, 3), "东湖镇": (2, 4), "南桥镇": (3, 2),
    "茶园乡": (3, 3),
}  # fmt: skip
"""Row from the north and column from the west on the tile map."""

HANDLES = (Power.HANDLE, Power.DRAFT, Power.RESPOND)
SIGNS = (Power.SIGN, Power.APPROVE)
CHECKS = (Power.REVIEW, Power.OPENNESS, Power.SECRECY, Power.PRESS)
LINES = (
    "zhujian",
    "shuiwu",
    "jiaoyu",
    "gongan",
    "nanqiao",
)  # each with a post that handles, one that checks what goes out, and one that signs

POSTS = {
    "magistrate": PostOf("office", "县长", "", (Power.LEAD,)),
    "openness": PostOf(
        "office",
        "政务公开岗",
        "政务公开科",
        (Power.OVERSEE, Power.ASSIGN, Power.CONFIGURE, Power.LEAD, Power.OPENNESS),
    ),
    "audit": PostOf("office", "审计岗", "督查室", (Power.AUDIT,)),
    "administer": PostOf("bigdata", "系统管理岗", "运行维护科", (Power.ADMINISTER,)),
    "xinfang": PostOf("xinfang", "来信办理岗", "网上信访科", (Power.RECEIVE, Power.ASSIGN, Power.HANDLE)),
    "reports": PostOf("xinfang", "举报受理岗", "举报受理科", (Power.HANDLE, Power.PROTECT)),
    "service": PostOf("service", "热线岗", "12345 热线科", (Power.RECEIVE, Power.ASSIGN)),
    "bigdata": PostOf("bigdata", "网站留言岗", "网站科", (Power.RECEIVE, Power.ASSIGN, Power.PUBLISH)),
    "cyberspace": PostOf("cyberspace", "舆情岗", "网络舆情科", (Power.HANDLE, Power.WATCH)),
    "cyberspace.head": PostOf(
        "cyberspace", "主任", "办公室领导", (Power.WATCH, Power.REVIEW, Power.APPROVE, Power.HEAD)
    ),
    "propaganda": PostOf("propaganda", "新闻发布岗", "新闻科", (Power.PRESS, Power.DRAFT, Power.WATCH)),
    "propaganda.head": PostOf(
        "propaganda", "副部长", "部领导", (Power.PRESS, Power.REVIEW, Power.APPROVE, Power.HEAD)
    ),
    **{f"{key}.handle": PostOf(key, "承办岗", "办公室", HANDLES) for key in LINES},
    **{
        f"{key}.sign": PostOf(
            key,
            "审签岗",
            "局领导" if key != "nanqiao" else "镇领导",
            SIGNS if key == "zhujian" else (*SIGNS, Power.HEAD),
        )
        for key in LINES
    },
    **{f"{key}.office": PostOf(key, "综合岗", "办公室", CHECKS) for key in LINES},
    "zhujian.head": PostOf("zhujian", "局长", "局领导", (Power.HEAD,)),
    "office.draft": PostOf("office", "文秘岗", "秘书科", (Power.DRAFT,)),
    "office.secrecy": PostOf("office", "机要岗", "机要科", (Power.SECRECY, Power.REVIEW)),
    "office.head": PostOf("office", "办公室主任", "办公室领导", (Power.APPROVE, Power.HEAD)),
    "baomi": PostOf("baomi", "审查岗", "审查科", (Power.SECRECY,)),
    "sifa": PostOf("sifa", "合法性审查岗", "法制科", (Power.LEGAL,)),
}

PEOPLE = {
    "wang_min": PersonOf("王敏", ("zhujian.handle",)),
    "zhou_lan": PersonOf("周岚", ("zhujian.sign",), ("zhujian.handle",)),
    "li_qiang": PersonOf("李强", ("shuiwu.handle",)),
    "he_jing": PersonOf("何静", ("shuiwu.sign",)),
    "ma_li": PersonOf("马丽", ("jiaoyu.handle",)),
    "gao_ming": PersonOf("高明", ("jiaoyu.sign",)),
    "lin_feng": PersonOf("林峰", ("gongan.handle",)),
    "luo_yong": PersonOf("罗勇", ("gongan.sign",)),
    "yang_liu": PersonOf("杨柳", ("nanqiao.handle",)),
    "xie_jun": PersonOf("谢军", ("nanqiao.sign",)),
    "zhao_jing": PersonOf("赵静", ("xinfang",)),
    "sun_wei": PersonOf("孙伟", ("service",)),
    "qian_fang": PersonOf("钱芳", ("bigdata",)),
    "chen_li": PersonOf("陈立", ("openness",)),
    "he_zhiyuan": PersonOf("何志远", ("magistrate",)),
    "wu_tao": PersonOf("吴涛", ("administer",)),
    "zheng_jie": PersonOf("郑洁", ("audit",)),
    "feng_gang": PersonOf("冯刚", ("cyberspace",)),
    "lei_ting": PersonOf("雷婷", ("cyberspace.head",)),
    "song_jia": PersonOf("宋佳", ("propaganda",)),
    "pan_yun": PersonOf("潘云", ("propaganda.head",)),
    "liu_min": PersonOf("刘敏", ("reports",)),
    "qin_lan": PersonOf("秦岚", ("zhujian.office",)),
    "lu_hai": PersonOf("卢海", ("shuiwu.office",)),
    "fang_yuan": PersonOf("方圆", ("jiaoyu.office",)),
    "shi_lei": PersonOf("石磊", ("gongan.office",)),
    "tao_hong": PersonOf("陶红", ("nanqiao.office",)),
    "jiang_tao": PersonOf("江涛", ("zhujian.head",), ("zhujian.sign",)),
    "tang_yue": PersonOf("唐悦", ("office.draft",)),
    "cui_ping": PersonOf("崔平", ("office.secrecy",)),
    "he_wen": PersonOf("贺文", ("office.head",)),
    "bai_jie": PersonOf("白洁", ("baomi",)),
    "jin_ming": PersonOf("金铭", ("sifa",)),
}


@dataclass(frozen=True)
class County:
    """The county as it was built on a day. `county.wang_min` is that member of staff."""

    place: Place
    city: Place
    units: Mapping[str, Unit]
    posts: Mapping[str, Post]
    staff: Mapping[str, Staff]
    on: date

    def __getattr__(self, name: str) -> Staff:
        try:
            return self.staff[name]
        except KeyError:
            raise AttributeError(f"清源县没有 {name}，有：{'、'.join(self.staff)}。") from None

    def actor(self, name: str, on: date | None = None) -> Actor:
        """Return a person with the powers of a day, by default the day the county was built."""
        return Actor.of(self.staff[name], on or self.on)


def holder(post: str) -> str:
    """Return the key of the person who holds a post as A, e.g. zhujian.sign → zhou_lan."""
    return next(key for key, person in PEOPLE.items() if post in person.posts)


def build_county(on: date, password: str = "") -> County:
    """Write the county into the database in eight statements. Without a password nobody can sign in.

    All holdings begin before `on` and do not end. One password is shared by all: for a demonstration only.
    """
    city, _ = Place.objects.get_or_create(
        code="520300",
        defaults={
            "slug": "zunyi",
            "name": "遵义市",
            "level": Place.Level.CITY,
            "government": "遵义市人民政府",
        },
    )
    place = Place.objects.create(
        code="520399",
        slug="qingyuan",
        name="清源县",
        level=Place.Level.COUNTY,
        parent=city,
        government="清源县人民政府",
        office_phone="0851-20000100",
        office_hours="工作日 8:30—12:00，14:30—17:30",
        site_code="5203990001",
    )
    units = _units(place)
    posts = dict(
        zip(
            POSTS,
            Post.objects.bulk_create(
                Post(
                    unit=units[post.unit],
                    name=post.name,
                    section=post.section,
                    powers=[str(p) for p in post.powers],
                )
                for post in POSTS.values()
            ),
            strict=True,
        )
    )
    staff = _staff(place, password)
    Holding.objects.bulk_create(
        Holding(staff=staff[key], post=posts[post], rank=rank)
        for key, person in PEOPLE.items()
        for rank, held in ((Holding.Rank.A, person.posts), (Holding.Rank.B, person.as_b))
        for post in held
    )
    return County(place, city, units, posts, staff, on)


def add_townships(county: County) -> None:
    """Put the townships on the map: 南桥镇, which is at work, and those that people only speak of."""
    for number, (name, (row, column)) in enumerate(TOWNSHIPS.items(), len(UNITS) + 1):
        kind = "办事处" if name.endswith("街道") else "人民政府"
        Unit.objects.update_or_create(
            place=county.place,
            short_name=name,
            defaults={"map_row": row, "map_column": column},
            create_defaults={
                "code": f"{county.place.code}-{number:02}", "name": f"清源县{name}{kind}", "kind": Unit.Kind.TOWNSHIP,
                "competence": name.replace("街道", "片区"), "map_row": row, "map_column": column,
            },
        )  # fmt: skip


def _units(place: Place) -> dict[str, Unit]:
    rows = Unit.objects.bulk_create(
        Unit(
            place=place,
            code=f"{place.code}-{number:02}",
            name=unit.name,
            short_name=unit.short_name,
            kind=unit.kind,
            phone=f"0851-200001{number:02}",
            address=f"清源县清河路 {number} 号",
            competence="\n".join(unit.competence),
        )
        for number, unit in enumerate(UNITS.values(), 1)
    )
    units = dict(zip(UNITS, rows, strict=True))
    Responsibility.objects.bulk_create(
        Responsibility(unit=units[key], duty=duty) for key, unit in UNITS.items() for duty in unit.duties
    )
    return units


def _staff(place: Place, password: str) -> dict[str, Staff]:
    sealed = make_password(password or None)
    rows = Staff.objects.bulk_create(
        Staff(
            username=key.replace("_", ""),
            name=person.name,
            place=place,
            password=sealed,
            email=f"{key.replace('_', '')}@qingyuan.example",
            phone=f"1990851{number:04}",
        )
        for number, (key, person) in enumerate(PEOPLE.items(), 1)
    )
    return dict(zip(PEOPLE, rows, strict=True))
