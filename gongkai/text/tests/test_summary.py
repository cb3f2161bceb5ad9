from gongkai.text.summary import key_sentences, sentences

TEXTS = [
    "尊敬的领导。城东花园旁的搅拌站半夜施工噪音很大。孩子睡不着。希望早日解决。",
    "搅拌站的粉尘飘进城东花园。天气很好。",
    "",
]


def test_every_sentence_knows_where_it_stands():
    for source, text in enumerate(TEXTS):
        for number, sentence in enumerate(sentences(text, source)):
            assert text[sentence.start : sentence.end] == sentence.text
            assert (sentence.source, sentence.index) == (source, number)


def test_the_summary_is_made_of_the_texts_own_sentences():
    chosen = key_sentences(TEXTS, most=2)

    assert [(one.source, one.index) for one in chosen] == [(0, 1), (1, 0)]
    assert all(one.text in TEXTS[one.source] for one in chosen)


def test_a_sentence_said_twice_is_taken_once():
    twice = ["搅拌站的粉尘飘进城东花园小区。"] * 2

    assert len(key_sentences(twice, most=2)) == 1


def test_a_sentence_that_runs_on_is_broken_at_a_comma():
    long = "搅拌站每天半夜还在施工" + "，机器轰鸣粉尘飘进窗户老人和孩子整夜睡不着觉" * 6 + "。"

    assert len(sentences(long)) > 2
    assert "".join(one.text for one in sentences(long)) == long


def test_nothing_is_summed_up_when_nothing_was_said():
    assert key_sentences(["", "。。。", "嗯。"]) == []
