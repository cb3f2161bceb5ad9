from gongkai.text.alike import MERGE, fingerprint
from gongkai.text.near import NearIndex, jaccard

LETTER = (
    "城东花园三期旁边的搅拌站每天夜里十一点以后还在施工，机器轰鸣，粉尘飘进窗户，"
    "老人和孩子整夜睡不着。小区业主多次向物业反映，一直没有人来管，请有关部门到现场看一看。"
)


def test_texts_that_differ_in_width_space_and_punctuation_have_one_fingerprint():
    assert fingerprint("路灯坏了，ＡＢ座门口。") == fingerprint(" 路灯坏了 ab座门口")
    assert fingerprint("路灯坏了") != fingerprint("路灯好了")


def test_the_same_letter_sent_again_with_a_few_words_changed_is_found():
    index = NearIndex()
    index.add("first", LETTER)
    index.add("other", "请问幼儿园今年什么时候开始报名，需要带哪些材料？")

    [(key, share)] = index.query("再次来信！" + LETTER.replace("十一点", "十二点"))

    assert key == "first"
    assert MERGE < share < 1
    assert index.query(LETTER) == [("first", 1.0)]


def test_candidates_below_the_threshold_are_not_returned():
    index = NearIndex()
    index.add("half", LETTER[:60])

    assert index.query(LETTER, at_least=0.9) == []
    assert [key for key, _ in index.query(LETTER, at_least=0.5)] == ["half"]


def test_the_nearest_comes_first():
    index = NearIndex()
    index.add(1, LETTER[:75])
    index.add(2, LETTER)

    assert [key for key, _ in index.query(LETTER)] == [2, 1]
    assert len(index) == 2


def test_short_and_empty_texts_do_no_harm():
    index = NearIndex()
    index.add("empty", "")
    index.add("short", "灯")

    assert index.query("灯") == [("short", 1.0)]
    assert jaccard("", "路灯坏了") == 0


def test_every_character_is_folded_once_and_rare_han_stand_for_themselves():
    assert jaccard("ＡＢ座１０１室", "ab座101室。") == 1
    assert jaccard("𠮷野家门口", "𠮷野家门口！") == 1
    assert jaccard("𠮷野家门口", "𠮶野家门口") < 1


def test_a_whole_mailbox_is_searched_as_exactly_as_pair_by_pair():
    letters = [f"{LETTER[: 30 + at]}第{at}次来信" + LETTER[at:60] for at in range(0, 60, 3)]
    index = NearIndex()
    for at, letter in enumerate(letters):
        assert dict(index.query(letter, at_least=MERGE)) == {
            earlier: jaccard(letters[earlier], letter)
            for earlier in range(at)
            if jaccard(letters[earlier], letter) >= MERGE
        }
        index.add(at, letter)
