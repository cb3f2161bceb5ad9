from gongkai.text.cut import Cutter, normal


def test_the_normal_text_has_one_width_one_case_and_single_spaces():
    assert normal("　Ａ座２０３室，\n\t噪音\u00a0很大！ ") == "a座203室, 噪音 很大!"


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
