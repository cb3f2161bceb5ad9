import pytest

from gongkai.text.nature import INVESTIGATION, SIMPLE, cues, nature_by_cues, time_class_by_cues


@pytest.mark.parametrize(
    ("letter", "nature", "word"),
    [
        ("请问公积金怎么提取\n请问提取公积金要什么材料？", "咨询", "请问"),
        ("求助：孩子残疾生活困难\n家里走投无路，求求政府帮帮我们", "求助", "求助"),
        ("建议兰溪新村加装路灯\n建议沿河步行道增设座椅，完善照明", "建议", "建议"),
        ("投诉工地夜间扰民\n噪音严重影响休息，多次反映没人管", "投诉", "投诉"),
        ("举报某厂偷排污水\n该厂违法偷排，涉嫌无证经营", "举报", "举报"),
    ],
)
def test_each_nature_is_read_from_its_cue_words(letter, nature, word):
    reading = nature_by_cues(letter)

    assert reading.label == nature
    assert word in reading.words
    assert 0.3 < reading.confidence <= 0.9


def test_a_letter_without_cues_is_an_inquiry_of_no_confidence():
    reading = nature_by_cues("清源县")

    assert (reading.label, reading.confidence, reading.words) == ("咨询", 0, ())


def test_cue_words_are_given_by_group_in_the_order_of_the_letter():
    assert cues("请问何时完工？咨询一下") == {
        "asks": ["请问", "咨询"],
        "when": ["何时"],
        "works": ["完工"],
        "question mark": ["?"],
    }


@pytest.mark.clause("ZY-LY-06-3", "ZY-LY-06-4")
def test_a_plain_question_is_simple_and_a_complaint_needs_a_look():
    assert time_class_by_cues("请问医保怎么办理\n请问在哪里办理医保？").label == SIMPLE
    assert time_class_by_cues("工地噪音扰民\n夜间施工噪音严重，请查处").label == INVESTIGATION
    assert time_class_by_cues("咨询\n请问小区污水外溢恶臭何时有人处理？已多次投诉").label == INVESTIGATION
