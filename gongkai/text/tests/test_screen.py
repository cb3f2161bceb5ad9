import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.text import screen
from gongkai.text.screen import Kind, find, mask


def kinds(text):
    return [(finding.kind, finding.text) for finding in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("我的证件11010519491231002X，请查。", Kind.IDENTITY, "11010519491231002X"),
        ("身份证号：330802199001011234", Kind.IDENTITY, "330802199001011234"),
        (
            "身份证号码１１０１０５１９４９１２３１００２Ｘ",
            Kind.IDENTITY,
            "１１０１０５１９４９１２３１００２Ｘ",
        ),
        ("退到6222021234567890128即可", Kind.CARD, "6222021234567890128"),
        ("银行卡号：6228 4800 0000 0000 123", Kind.CARD, "6228 4800 0000 0000 123"),
        ("请打13800138000。", Kind.MOBILE, "13800138000"),
        ("手机138-0013-8000", Kind.MOBILE, "138-0013-8000"),
        ("致电0570-3012345转3", Kind.LANDLINE, "0570-3012345"),
        ("电话：3012345", Kind.LANDLINE, "3012345"),
        ("发到zhang.san@example.com吧", Kind.EMAIL, "zhang.san@example.com"),
        ("车牌浙H12345停在门口", Kind.PLATE, "浙H12345"),
        ("新能源车浙HD12345占位", Kind.PLATE, "浙HD12345"),
        ("姓名：张建国，男", Kind.NAME, "张建国"),
        ("联系人：欧阳明 电话", Kind.NAME, "欧阳明"),
        ("您好，我叫李小兰，住在城东", Kind.NAME, "李小兰"),
        ("住址：清源县城东街道兰溪新村3幢", Kind.ADDRESS, "清源县城东街道兰溪新村3幢"),
        ("我家兰溪新村3幢2单元501室漏水", Kind.ADDRESS, "3幢2单元501室"),
        ("微信号：lan_xi2020", Kind.ACCOUNT, "lan_xi2020"),
    ],
)
def test_personal_data_is_found(text, kind, piece):
    assert kinds(text) == [(kind, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "清政办发〔2018〕89号文件第三条",
        "诉求编号：FZ16082600608",
        "工单编号：13800138000",
        "统一社会信用代码91330800123456789A",
        "订单330802199001011234未付",  # a wrong check digit
        "项目代码2019-330803-48-03-012345",
        "退款6222021234567890123元整",  # fails Luhn
        "共计13800138000.50元",
        "2018年10月15日至2020年12月31日",
        "联系人：张主任",
        "请到行政服务中心3号楼302室办理",
        "这条路叫新华路，全长12345678米",
    ],
)
def test_other_numbers_and_titles_are_left_alone(text):
    assert kinds(text) == []


def test_findings_give_their_place_in_the_text_as_it_was_written():
    text = "我叫李小兰，电话１３８００１３８０００。"

    assert [text[finding.start : finding.end] for finding in find(text)] == [
        "李小兰",
        "１３８００１３８０００",
    ]


def test_masking_says_what_was_taken_out_and_keeps_the_rest():
    text = "我叫李小兰，手机13800138000，家住兰溪新村3幢501室，电梯坏了。"

    assert mask(text) == "我叫李某某，手机〔手机号码〕，家住兰溪新村〔住址〕，电梯坏了。"
    assert mask(text, kinds=[Kind.MOBILE]) == "我叫李小兰，手机〔手机号码〕，家住兰溪新村3幢501室，电梯坏了。"


def test_a_text_without_personal_data_is_returned_as_it_is():
    assert mask("路灯坏了。") == "路灯坏了。"


def test_of_eleven_last_characters_only_the_one_of_gb_11643_is_an_identity_number():
    for serial in range(1, 40):
        first = f"33080319750312{serial:03d}"
        weighted = sum(int(digit) << (17 - at) for at, digit in enumerate(first))
        right = next(last for last in range(11) if (weighted + last) % 11 == 1)

        found = [last for last in "0123456789X" if kinds(first + last)]

        assert found == ["X" if right == 10 else str(right)]


@pytest.mark.parametrize("at", range(len(screen._PATTERNS)))
@given(data=st.data())
def test_whatever_a_pattern_finds_holds_its_sign(at, data):
    _kind, signs, pattern, _check = screen._PATTERNS[at]
    found = data.draw(st.from_regex(pattern))

    assert any(word in found for word in signs) if signs else screen._NUMBER.search(found)
