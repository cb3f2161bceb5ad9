import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.text.cut import Cutter, has_variants, normal, runs


def test_the_normal_text_has_one_width_one_case_and_single_spaces():
    assert normal("　Ａ座２０３室，\n\t噪音\u00a0很大！ ") == "a座203室, 噪音 很大!"


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("城东自来水发黄，“谁管”（急）！——12345 Water…", False),
        ("城东⾃来水发黄", True),
        ("①号楼停水", True),
        ("Ａ座停水", True),
        ("㎏", True),
        ("停\0水", True),
        ("ﬁx", True),
        ("\u212a座", True),
        ("👍，停水。", False),
    ],
)
def test_signs_written_otherwise_are_told_from_others(text, has):
    assert has_variants(text) is has


@given(st.text(st.sampled_from("停水⾃①ａＡKé\u0301\u212aİ，…·、 \n\u3000㎏🈷") | st.characters()))
def test_without_variants_every_run_of_the_normal_text_stands_in_the_text(text):
    if not has_variants(text):
        assert runs(text) == runs(normal(text))


def test_words_leave_out_particles_salutations_and_punctuation():
    words = Cutter().words("尊敬的领导：您好！我们小区的电梯坏了，谢谢。")

    assert "电梯" in words
    assert "小区" in words
    assert not {"尊敬", "领导", "您好", "我们", "谢谢", "，", "的"} & set(words)


def test_a_name_of_the_place_is_kept_whole():
    text = "清源县兰溪新村三期门口"

    assert "兰溪新村三期" not in Cutter().words(text)
    assert "兰溪新村三期" in Cutter(["兰溪新村三期"]).words(text)


def test_an_empty_text_has_no_words():
    assert Cutter().words(" \n\0 ") == []
