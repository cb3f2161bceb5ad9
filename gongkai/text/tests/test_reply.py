import pytest

from gongkai.text.cut import Cutter
from gongkai.text.features import Vectoriser
from gongkai.text.relevance import Relevance
from gongkai.text.reply import check

LETTER = "城东花园路灯不亮\n城东花园三期南门外的路灯坏了半个月，晚上出行很不安全，请尽快修复。"
REPLY = (
    "您好！您反映的城东花园三期南门路灯不亮问题收悉。经现场查看，系电缆被施工挖断。"
    "根据《清源县城市照明管理办法》，县住建局已于2025年9月26日更换电缆，路灯全部恢复。"
    "如仍不亮，请拨打0570-3012345。感谢您的支持！"
)


def failing(reply, **context):
    return {point.id for point in check(LETTER, reply, **context) if not point.ok}


def point(name, reply, **context):
    return next(point for point in check(LETTER, reply, **context) if point.id == name)


def test_a_good_reply_passes_every_point_and_each_shows_its_words():
    assert failing(REPLY) == set()
    assert "路灯" in point("answers", REPLY).evidence
    assert "《清源县城市照明管理办法》" in point("grounds", REPLY).evidence
    assert "2025年9月26日" in point("date", REPLY).evidence
    assert point("contact", REPLY).evidence == ("0570-3012345",)


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("经现场查看，系电缆被施工挖断。根据《清源县城市照明管理办法》，", "grounds"),
        ("2025年9月26日", "date"),
        ("如仍不亮，请拨打0570-3012345。", "contact"),
    ],
)
def test_what_is_left_out_is_named(without, missing):
    assert failing(REPLY.replace(without, "")) == {missing}


def test_a_reply_about_something_else_is_pointed_out():
    other = (
        "您好！关于公积金提取，根据《住房公积金管理条例》，租房职工可于2025年10月起提取，"
        "您可携带合同到行政服务中心办理，咨询电话0570-3012345，我们将继续做好服务工作。"
    )

    assert failing(other) == {"answers"}


@pytest.mark.parametrize("phrase", ["我们会尽快处理。", "已转有关部门。", "将适时解决。"])
def test_stalling_is_pointed_out_with_its_words(phrase):
    stall = point("stall", REPLY + phrase)

    assert not stall.ok
    assert stall.evidence
    assert all(words in phrase for words in stall.evidence)


def test_a_reply_that_only_thanks_is_empty():
    assert failing("您的来信已收悉，我们高度重视，感谢您的关注！") >= {
        "answers",
        "grounds",
        "date",
        "next",
        "stall",
        "length",
    }


def test_a_copied_reply_is_pointed_out():
    assert failing(REPLY, earlier_replies=["别的回复", REPLY.replace("26日", "28日")]) == {"copy"}
    assert failing(REPLY, earlier_replies=["完全不同的一件回复。"]) == set()


def test_personal_data_of_the_writer_is_pointed_out_but_not_the_office_telephone():
    private = point("private", REPLY + "您的手机13800138000。")

    assert private.evidence == ("13800138000",)
    assert "手机号码" in private.says


FUND = (
    "您好！您反映的公积金提取问题收悉。根据《住房公积金管理条例》，提取需携带租房合同，到行政服务中心办理。"
)
SCHOOL = "您好！您反映的学区划分问题收悉。经了解，兰溪新村今年属实验小学学区，感谢您的支持！"


@pytest.fixture(scope="module")
def relevance():
    letters = [LETTER, "公积金怎么提取\n租房提取公积金要什么材料？", "学区怎么划分\n兰溪新村上哪所小学？"]
    replies = [REPLY, FUND, SCHOOL]
    return Relevance.learn(letters, replies, Vectoriser.fit((letters + replies) * 2, Cutter(), {}))


def test_relevance_tells_the_reply_of_a_letter_from_another(relevance):
    right, wrong = relevance.scores([LETTER, LETTER], [REPLY, FUND])

    assert right > 0.1 > 0 > wrong
    assert point("answers", REPLY, relevance=relevance).ok
    assert not point("answers", FUND, relevance=relevance).ok
