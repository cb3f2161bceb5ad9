import io
import subprocess
import sys

import numpy as np
import pytest
from scipy import special
from sklearn.svm import LinearSVC

from gongkai.text import cut, nature
from gongkai.text.discussed import Discussed
from gongkai.text.features import CHARS, CUES, HEARD, WORDS
from gongkai.text.judge import CONFIDENCES, cross_validate
from gongkai.text.learn import Target, train
from gongkai.text.model import Model, ModelError, softmax
from gongkai.text.tests.letters import PLACES, topical

TEXTS, TOPICS = topical()
NATURES = [
    "咨询" if any(cue in text for cue in ("什么时候", "怎么", "材料", "时间")) else "投诉" for text in TEXTS
]


@pytest.fixture(scope="module")
def model():
    targets = {"topic": Target(TOPICS), "nature": Target(NATURES, (WORDS, CUES))}
    return train(TEXTS, targets, names=PLACES, cues=nature.CUES)


def test_every_target_is_suggested_from_one_reading(model):
    [told] = model.suggest(["请问学区划分\n兰溪新村的孩子上哪所小学，学区怎么划分？"])

    assert told["topic"].label == "教育文体"
    assert told["nature"].label == "咨询"
    assert 0.5 < told["topic"].confidence <= 1
    assert len(told["topic"].runners_up) == 2


def test_a_suggestion_names_words_that_are_in_the_letter(model):
    letter = "污水\n河滨苑后面的河道污水发臭，垃圾没有清运"
    [told] = model.suggest([letter])

    assert told["topic"].label == "环境保护"
    assert told["topic"].words
    assert all(word in letter for word in told["topic"].words)
    assert {"污水", "垃圾", "河道", "清运"} & set(told["topic"].words)


def test_a_letter_of_unknown_words_is_not_suggested_with_confidence(model):
    [told] = model.suggest(["xyz"])

    assert told["topic"].confidence == 0
    assert told["topic"].words == ()


def test_confidence_over_all_labels_is_at_most_one(model):
    [told] = model.suggest(["公交车班次"])
    topic = told["topic"]

    assert topic.confidence + sum(share for _, share in topic.runners_up) <= 1.0001
    assert topic.confidence >= topic.runners_up[0][1] >= topic.runners_up[1][1]


def test_a_saved_model_says_exactly_what_the_fresh_one_said(model):
    saved = model.save()

    assert Model.load(saved).suggest(TEXTS[::7]) == model.suggest(TEXTS[::7])
    assert train(TEXTS, {"topic": Target(TOPICS)}).save() == train(TEXTS, {"topic": Target(TOPICS)}).save()


def test_a_model_is_used_without_what_trained_it(model, tmp_path):
    (tmp_path / "model").write_bytes(model.save())
    use = (
        "import sys; from pathlib import Path; from gongkai.text.model import Model;"
        f"told = Model.load(Path({str(tmp_path / 'model')!r}).read_bytes()).suggest([{TEXTS[0]!r}])[0]['topic'];"
        "print(told.label, told.confidence, 'sklearn' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", use], capture_output=True, text=True, check=True).stdout
    told = model.suggest([TEXTS[0]])[0]["topic"]

    assert said.split() == [told.label, str(told.confidence), "False"]


def test_the_scores_are_those_of_the_machine_that_was_trained(model):
    features, head = model.vectoriser.transform(TEXTS), model.heads["topic"]
    used = features.tolil(copy=True)
    used[:, model.vectoriser.spans[CUES]] = 0
    machine = LinearSVC(C=0.5, class_weight="balanced", tol=0.01, random_state=0).fit(used.tocsr(), TOPICS)
    theirs = machine.decision_function(used.tocsr())

    assert np.abs(head.scores(features) - theirs).max() < 2e-3  # weights are kept in 16 bits
    assert [told["topic"].label for told in model.suggest(TEXTS)] == machine.predict(used.tocsr()).tolist()
    assert softmax(theirs) == pytest.approx(special.softmax(theirs, axis=1))


def test_replies_are_learnt_and_kept_with_the_model():
    replies = [f"您好，{text}的问题已经处理。" for text in TEXTS]
    fresh = train(TEXTS, {"topic": Target(TOPICS)}, replies=replies)
    kept = Model.load(fresh.save()).relevance

    assert kept is not None
    assert kept.scores(TEXTS[:5], replies[:5]) == fresh.relevance.scores(TEXTS[:5], replies[:5])
    assert Model.load(train(TEXTS, {"topic": Target(TOPICS)}).save()).relevance is None


def test_a_saved_model_holds_nothing_executable(model):
    with np.load(io.BytesIO(model.save()), allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize(
    "damage", [lambda saved: b"", lambda saved: b"PK", lambda saved: saved[: len(saved) // 2]]
)
def test_a_damaged_model_is_refused(model, damage):
    with pytest.raises(ModelError, match="重新训练"):
        Model.load(damage(model.save()))


def test_a_model_of_another_cutter_is_refused(model, monkeypatch):
    saved = model.save()
    monkeypatch.setattr(cut, "VERSION", "rjieba 9.9.9")

    with pytest.raises(ModelError, match=r"9\.9\.9.*重新训练"):
        Model.load(saved)


def test_rare_labels_are_left_out_and_lower_the_confidence():
    texts, topics = [*TEXTS, "城东花园疫苗接种"], [*TOPICS, "卫生健康"]
    full, rare = train(TEXTS, {"topic": Target(TOPICS)}), train(texts, {"topic": Target(topics)})

    assert "卫生健康" not in rare.heads["topic"].labels
    assert rare.heads["topic"].reach < full.heads["topic"].reach == (len(TEXTS) + 1) / (len(TEXTS) + 2)
    [told] = rare.suggest(["公交车班次"])
    sure = told["topic"].confidence + sum(share for _, share in told["topic"].runners_up)
    assert sure == pytest.approx(rare.heads["topic"].reach, abs=1e-4)


def test_letters_without_a_label_are_not_learnt_from():
    labels = [topic if topic != "交通运输" else None for topic in TOPICS]

    assert train(TEXTS, {"topic": Target(labels)}).heads["topic"].labels == ("教育文体", "环境保护")


def test_too_few_letters_are_refused_with_what_is_missing():
    with pytest.raises(ModelError, match="至少要有两个类别各 6 件"):
        train(TEXTS[:4], {"topic": Target(TOPICS[:4])})
    with pytest.raises(ModelError, match="两者应当相等"):
        train(TEXTS, {"topic": Target(TOPICS[:4])})


def test_cross_validation_judges_on_letters_not_seen():
    report = cross_validate(TEXTS, Target(TOPICS, (WORDS, CHARS)))

    assert report.letters == len(TEXTS)
    assert report.accuracy > 0.9
    assert report.first_two >= report.accuracy
    assert sum(report.confusion.values()) == len(TEXTS)
    assert sum(score.letters for score in report.labels) == len(TEXTS)
    shares = [line.share for line in report.coverage]
    assert shares == sorted(shares, reverse=True)


def test_cross_validation_does_not_flatter_labels_that_mean_nothing():
    chance = [("甲", "乙", "丙")[at * 7919 % 31 % 3] for at in range(len(TEXTS))]

    assert cross_validate(TEXTS, Target(chance)).macro_f1 < 0.6


def test_a_threshold_says_what_share_is_settled_and_how_often_rightly():
    texts, topics = [*TEXTS, "城东花园工地施工噪音扰民"], [*TOPICS, "住房保障"]
    report = cross_validate(texts, Target(topics), never={"交通运输"})
    told = sum(report.confusion[truth, said] for truth, said in report.confusion if said != "交通运输")
    loosest = report.thresholds[0]

    assert [line.confidence for line in report.thresholds] == list(CONFIDENCES)
    assert [line.share for line in report.thresholds] == sorted(
        (line.share for line in report.thresholds), reverse=True
    )
    assert 0.5 < loosest.share <= (told + 1) / len(texts)  # without the label a person alone gives
    assert 0.9 < loosest.precision < 1  # the letter of a rare label is counted, as wrong


def test_no_suggestion_so_sure_is_neither_right_nor_wrong():
    report = cross_validate(TEXTS, Target(TOPICS), never=set(TOPICS))

    assert {(line.share, line.precision) for line in report.thresholds} == {(0, None)}


def test_what_people_say_to_a_text_is_read_beside_its_own_words():
    said = [("一看就是假的，求辟谣", "谣言"), ("现场我在，是真的，谢谢告知", "属实")]
    posts = [Discussed(f"北门桥第{n}孔今晚封闭", heard) for n in range(12) for heard, _ in said]
    labels = [label for _ in range(12) for _, label in said]
    target = Target(labels, (WORDS, CHARS, HEARD))
    model = Model.load(train(posts, {"rumour": target}).save())

    false, true = model.suggest(
        [Discussed("北门桥封闭", "求辟谣，假的"), Discussed("北门桥封闭", "是真的，我在现场")]
    )

    assert (false["rumour"].label, true["rumour"].label) == ("谣言", "属实")
    assert not {"辟谣", "现场"} & {
        *false["rumour"].words,
        *true["rumour"].words,
    }  # words of the text itself alone
