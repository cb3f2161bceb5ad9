"""Finding personal data in free text, so that it is not published unasked.

Numbers are believed when their own check says so: identity numbers by date and check digit (GB 11643),
bank cards by prefix and Luhn. A number that is introduced ("身份证号：") is believed without. Document
numbers, case numbers and other long numbers are left alone. Nothing here looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    IDENTITY = "身份证号码"
    PASSPORT = "护照号码"
    CARD = "银行卡号"
    MOBILE = "手机号码"
    LANDLINE = "固定电话"
    EMAIL = "电子邮箱"
    ACCOUNT = "社交账号"
    PLATE = "车牌号"
    NAME = "姓名"
    ADDRESS = "住址"


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of personal data: ``text[start:end]`` of the text that was searched."""

    kind: Kind
    start: int
    end: int
    text: str


_WIDE = re.compile(r"[\uff08-\uff0b\uff0d-\uff19\uff1c-\uff1e\uff20-\uff5e\u3000\xa0]")
"""Full-width signs that numbers and names are written with; not the commas and stops of every sentence."""
_SPACES = "\u3000\xa0"
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_SURNAMES = (
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|端木|令狐|[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻"
    "柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵"
    "湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程邢滑裴陆荣翁荀羊惠甄曲封芮储靳焦巴牧隗山谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉祖武符刘景"
    "詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏"
    "柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越夔隆师巩聂晁勾敖融冷辛阚那简饶空曾沙养鞠须丰巢关蒯"
    "相查后荆红游竺权逯盖益桓公肖涂付覃岳帅佘佟闫]"
)
_NAME_LABEL = (
    "姓名|联系人|投诉人|举报人|反映人|申请人|当事人|留言人|来信人|诉求人|报料人|监护人|户主|署名|落款"
)
_ADDRESS_LABEL = (
    "家庭住址|家庭地址|现住址|住址|联系地址|通讯地址|通信地址"
    "|户籍地址|户籍地|户籍所在地|居住地址|居住地|住所|收件地址"
)
_TITLE = r"(?!主任|先生|女士|小姐|经理|队长|老师|科长|股长|局长|镇长|书记|处长|医生|校长|师傅|同志)"
_AFTER_NAME = r"(?=[^\u4e00-\u9fff]|$|电话|手机|住址|身份证|性别|联系|地址|男|女|年龄)"
_SEP = r"\s*(?:[:：为是]|号码为|号为)?\s*"
_ALONE = r"(?<![0-9A-Za-z.\-])"
_OFFICE = re.compile(r"(?:中心|大厦|大楼|[局厅院所委办校馆])[^，。；,;\n]{0,8}$")
_NUMBERED = re.compile(r"(?:编号|单号|案号|工号|文号|证号|流水号|代码)\s*[:：为是]?\s*$")


def _is_identity(number: str) -> bool:
    if not _PROVINCE.match(number) or not "1900" <= number[6:10] <= "2099":
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    rest = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(number[:17])) % 11
    return "10X98765432"[rest] == number[17].upper()


def _is_card(number: str) -> bool:
    digits = [int(digit) for digit in number if digit.isdigit()]
    known = "".join(map(str, digits[:2]))
    if not ((known == "62" and len(digits) in (16, 17, 19)) or (known[0] in "45" and len(digits) == 16)):
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_Check = Callable[[str], bool]
_NUMBER = re.compile(r"[0-9](?:[ ()-]{0,2}[0-9]){6}")
_NUMBERS = ()
"""Signs stand in every text that a pattern can find something in: one of some words, or a number of seven digits."""
_PATTERNS: tuple[tuple[Kind, tuple[str, ...], re.Pattern[str], _Check | None], ...] = tuple(
    (kind, (signs,) if isinstance(signs, str) else signs, re.compile(pattern, re.ASCII), check)
    for kind, signs, pattern, check in (
        (
            Kind.IDENTITY,
            "身份证",
            rf"身份证(?:号码|号|件号)?{_SEP}([0-9]{{17}}[0-9Xx]|[0-9]{{15}})(?![0-9])",
            None,
        ),
        (Kind.IDENTITY, _NUMBERS, r"(?<![0-9A-Za-z])([1-8][0-9]{16}[0-9Xx])(?![0-9A-Za-z])", _is_identity),
        (Kind.PASSPORT, "护照", rf"护照(?:号码|号)?{_SEP}([A-Z]{{1,2}}[0-9]{{7,8}})(?![0-9])", None),
        (
            Kind.CARD,
            "卡",
            rf"(?:银行卡|储蓄卡|信用卡|卡)(?:号码|号|账号){_SEP}([0-9](?:[ -]?[0-9]){{14,18}})(?![0-9])",
            None,
        ),
        (Kind.CARD, _NUMBERS, rf"{_ALONE}([456][0-9]{{3}}(?:[ -]?[0-9]){{12,15}})(?![0-9A-Za-z])", _is_card),
        (
            Kind.MOBILE,
            _NUMBERS,
            rf"{_ALONE}((?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{{4}}){{2}})(?![0-9A-Za-z]|\.[0-9])",
            None,
        ),
        (
            Kind.LANDLINE,
            _NUMBERS,
            rf"{_ALONE}(\(?0[1-9][0-9]{{1,2}}\)?[ -]?[2-8][0-9]{{6,7}}(?:-[0-9]{{1,5}})?)(?![0-9])",
            None,
        ),
        (Kind.LANDLINE, _NUMBERS, rf"(?:电话|座机)(?:号码)?{_SEP}([2-8][0-9]{{6,7}})(?![0-9])", None),
        (Kind.EMAIL, "@", r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", None),
        (Kind.ACCOUNT, "信", r"(?:微信|[Vv]信)号?\s*[:：]\s*([A-Za-z][\w-]{5,19})", None),
        (
            Kind.ACCOUNT,
            ("QQ", "qq", "Qq", "qQ"),
            r"[Qq]{2}(?:号码|号)?\s*[:：]?\s*([1-9][0-9]{4,10})(?![0-9])",
            None,
        ),
        (
            Kind.PLATE,
            "",
            r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.\s]?"
            r"(?=[A-Z]{0,5}[0-9])[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警])(?![0-9A-Za-z])",
            None,
        ),
        (
            Kind.NAME,
            (":", "："),
            rf"(?:{_NAME_LABEL})\s*[:：]\s*((?:{_SURNAMES}){_TITLE}[\u4e00-\u9fff]{{1,2}}?){_AFTER_NAME}",
            None,
        ),
        (
            Kind.NAME,
            ("人叫", "我叫", "姓名"),
            rf"(?:我叫|本人叫|本人姓名)\s*((?:{_SURNAMES}){_TITLE}[\u4e00-\u9fff]{{1,2}}?){_AFTER_NAME}",
            None,
        ),
        (
            Kind.ADDRESS,
            (":", "："),
            rf"(?:{_ADDRESS_LABEL})\s*[:：]\s*([^，。；、,;\s]{{4,60}})",
            None,
        ),
        (
            Kind.ADDRESS,
            ("幢", "栋", "号楼", "座"),
            r"(?<![0-9])([0-9]{1,3}\s?(?:幢|栋|号楼|座)(?:[0-9一二三四五六七八九]{1,2}单元)?\s?[0-9]{3,4}\s?[室房户])",
            None,
        ),
    )
)


def find(text: str) -> list[Finding]:
    """Every piece of personal data in a text, in its order; pieces do not overlap."""
    plain = _WIDE.sub(_half_width, text)
    found: list[Finding] = []
    for finding in _candidates(text, plain):
        if not any(other.start < finding.end and finding.start < other.end for other in found):
            found.append(finding)
    return sorted(found, key=lambda finding: finding.start)


def mask(text: str, *, kinds: Collection[Kind] = tuple(Kind)) -> str:
    """The text with personal data of ``kinds`` taken out: 〔手机号码〕 for a number, 张某某 for a name."""
    parts, end = [], 0
    for finding in find(text):
        if finding.kind in kinds:
            parts += [text[end : finding.start], _masked(finding)]
            end = finding.end
    return "".join([*parts, text[end:]])


def _half_width(wide: re.Match[str]) -> str:
    return " " if wide[0] in _SPACES else chr(ord(wide[0]) - 0xFEE0)


def _candidates(text: str, plain: str) -> Iterator[Finding]:
    is_numbered = _NUMBER.search(plain) is not None
    for kind, signs, pattern, check in _PATTERNS:
        if not (any(word in plain for word in signs) if signs else is_numbered):
            continue
        for match in pattern.finditer(plain):
            before = plain[max(0, match.start(1) - 20) : match.start(1)]
            if check is not None and not check(match[1]):
                continue
            if kind in (Kind.MOBILE, Kind.CARD) and _NUMBERED.search(before):
                continue
            if kind is Kind.ADDRESS and match.start() == match.start(1) and _OFFICE.search(before):
                continue
            yield Finding(kind, *match.span(1), text[slice(*match.span(1))])


def _masked(finding: Finding) -> str:
    if finding.kind is Kind.NAME:
        surname = re.match(_SURNAMES, finding.text)
        return (surname[0] if surname else "") + "某某"
    return f"〔{finding.kind}〕"
