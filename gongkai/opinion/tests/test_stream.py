"""Posts become stories, stories become alarms; a person's word stands."""

from __future__ import annotations

import dataclasses
import random
import re
from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document

from gongkai.ledger import clock
from gongkai.ledger.choices import CHOICES
from gongkai.notices.models import Notice
from gongkai.opinion import briefs, stories
from gongkai.opinion.actions import finding, streaming
from gongkai.opinion.models import Alarm, Event, HourCount, Plan, Post, PostTie, Source, Story
from gongkai.opinion.tests.conftest import PARKING, WATER
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from gongkai.ui.refusal import Refused
from tests.world import moment

NOW = moment("2025-09-29 09:00")


def test_posts_about_one_thing_become_one_story(say):
    posts = say(*WATER, PARKING)

    assert len({post.story_id for post in posts[:3]}) == 1
    assert posts[3].story_id != posts[0].story_id
    story = Story.objects.get(pk=posts[0].story_id)
    assert (story.posts_count, story.authors_count) == (3, 3)
    assert story.first_at == posts[0].published_at
    assert story.last_at == posts[2].published_at


def test_taking_the_same_posts_again_takes_nothing_and_keeps_the_last_counts(county, source, say):
    posts = say(*WATER)
    again = Item(posts[0].external_id, "改了的正文", posts[0].published_at, reposts=120, comments=4)

    taken = streaming.take_in(source(), [again], by=Actor.system(county.place), at=NOW)

    assert (taken.taken, taken.repeated) == (0, 1)
    post = Post.objects.get(pk=posts[0].pk)
    assert (post.reposts, post.comments, post.text) == (120, 4, posts[0].text)
    assert Post.objects.count() == 3


def test_the_author_is_a_keyed_hash_and_personal_data_is_masked(say):
    (post,) = say(("停水", "东湖花园停水，打我电话 13912345678 核实，我叫王小明。"), author="清源老王")

    assert len(post.author) == 64
    kept = " ".join(str(value) for value in Post.objects.filter(pk=post.pk).values_list()[0])
    assert "清源老王" not in kept
    assert "13912345678" not in kept
    assert "〔手机号码〕" in post.text


def test_a_repost_and_a_copy_go_where_the_original_is(county, source, say):
    (first,) = say(WATER[0])
    items = [
        Item("r1", "转发微博", NOW, author="甲", repost_of=first.external_id),
        Item("r2", WATER[0][1] + "！！", NOW, author="乙", title=WATER[0][0]),
    ]
    streaming.take_in(source(), items, by=Actor.system(county.place), at=NOW)

    for post in Post.objects.filter(external_id__in=("r1", "r2")):
        assert (post.story_id, post.duplicate_of_id) == (first.story_id, first.pk)


def test_a_post_names_its_units_its_risks_and_its_misgiving_with_the_words(say):
    (post,) = say(("网传南桥镇粮库坍塌", "网传南桥镇粮库外墙坍塌有人受伤，求扩散，水务局的人也去了。"))

    assert post.units[:2] == ["520399-10", "520399-07"]
    assert post.kind == "谣言"
    assert post.is_rumoured
    assert post.risks == {"伤亡": ["受伤"], "事故灾害": ["坍塌"]}
    assert {"网传", "求扩散", "坍塌", "水务局"} <= set(post.cues)


def test_a_source_that_keeps_what_matches_passes_the_rest_over(county, source, say):
    Plan.objects.create(place=county.place, name="供水", expression="自来水 且 (城东 或 东湖)")
    news = source("省报客户端", "客户端", tier="province", only_matching=True)
    items = [
        Item("n1", "城东自来水发黄，水务部门通报原因。", NOW),
        Item("n2", "全省秋收过半。", NOW),
    ]
    taken = streaming.take_in(news, items, by=Actor.system(county.place), at=NOW)

    assert (taken.taken, taken.passed) == (1, 1)
    assert Post.objects.get(source=news).plans == [Plan.objects.get().pk]
    assert list(Story.objects.get().plans.all()) == [Plan.objects.get()]


def test_after_a_restart_the_stream_goes_on_where_it_was(say):
    first = say(*WATER[:2])
    streaming._DESKS.clear()
    (later,) = say(WATER[2], at="2025-09-29 08:40")

    assert later.story_id == first[0].story_id


def test_regrouping_gives_the_same_whatever_the_order(county, source):
    said = [
        *WATER,
        PARKING,
        ("南桥集市停车收费谁定的", "南桥镇集市停车收费五元，赶集的人都在问谁定的收费标准。"),
    ]
    items = [
        Item(f"p{n}", text, NOW - timedelta(minutes=n), title=title, author=f"人{n}")
        for n, (title, text) in enumerate(said)
    ]
    outcomes = set()
    for seed in range(4):
        to = source(f"论坛{seed}")
        order = random.Random(seed).sample(items, len(items))
        for item in order:
            streaming.take_in(to, [item], by=Actor.system(county.place), at=NOW)
        streaming.regroup(county.place, NOW)
        together = {}
        for post in Post.objects.filter(source=to):
            together.setdefault(post.story_id, []).append(post.external_id)
        outcomes.add(frozenset(frozenset(names) for names in together.values()))
        Post.objects.all().delete()
        HourCount.objects.all().delete()
        Story.objects.all().delete()
        streaming._DESKS.clear()

    assert outcomes == {frozenset({frozenset({"p0", "p1", "p2"}), frozenset({"p3", "p4"})})}


def test_what_a_person_took_apart_stays_apart_when_grouped_anew(county, say):
    posts = say(*WATER)
    story = Story.objects.get(pk=posts[0].story_id)
    watcher = county.actor("feng_gang")

    other = streaming.split(story, [posts[1]], by=watcher, at=NOW)
    streaming.regroup(county.place, NOW)

    assert Post.objects.get(pk=posts[1].pk).story_id == other.pk
    assert {Post.objects.get(pk=posts[n].pk).story_id for n in (0, 2)} == {story.pk}
    story.refresh_from_db()
    assert story.posts_count == 2


def test_what_a_person_joined_stays_joined_and_can_be_taken_apart_again(county, say):
    posts = say(*WATER, PARKING)
    water, parking = (Story.objects.get(pk=posts[n].story_id) for n in (0, 3))
    watcher = county.actor("feng_gang")

    streaming.merge(parking, water, by=watcher, at=NOW)
    streaming.regroup(county.place, NOW)
    assert {post.story_id for post in Post.objects.all()} == {water.pk}
    assert not Story.objects.filter(pk=parking.pk).exists()

    streaming.split(water, [Post.objects.get(pk=posts[3].pk)], by=watcher, at=NOW)
    streaming.regroup(county.place, NOW)
    assert Post.objects.get(pk=posts[3].pk).story_id != water.pk
    assert PostTie.objects.filter(together=False).exists()


def test_a_judged_story_keeps_its_posts(county, say):
    posts = say(*WATER, PARKING)
    story = Story.objects.get(pk=posts[3].story_id)
    streaming.dismiss(story, reason="镇里已经公示收费批文", by=county.actor("feng_gang"), at=NOW)

    say(("停车收费", "南桥镇集市停车收费太贵"), at="2025-09-29 09:30")
    streaming.regroup(county.place, moment("2025-09-29 10:00"))

    story.refresh_from_db()
    assert Post.objects.get(pk=posts[3].pk).story_id == story.pk
    assert (story.state, story.reason) == ("dismissed", "镇里已经公示收费批文")


def test_a_story_is_dismissed_with_a_reason_by_those_who_watch(county, say):
    story = Story.objects.get(pk=say(PARKING)[0].story_id)
    with pytest.raises(Refused, match="理由"):
        streaming.dismiss(story, reason=" ", by=county.actor("feng_gang"), at=NOW)
    with pytest.raises(Refused, match="监测研判"):
        streaming.dismiss(story, reason="无关", by=county.actor("wang_min"), at=NOW)


@pytest.mark.clause("QZ-YQ-04-1")
def test_several_people_and_a_medium_raise_alarms_once_and_those_who_watch_are_told(county, source, say):
    say(*WATER)
    say(("市报：城东自来水发黄", "城东片区自来水发黄，有两人中毒送医抢救，水厂称正在排查。"), at="2025-09-29 08:50",
        to=source("市报", "传统媒体", tier="city"))  # fmt: skip
    streaming.regroup(county.place, moment("2025-09-29 09:10"))

    raised = streaming.raise_alarms(moment("2025-09-29 09:10"))

    assert set(Alarm.objects.values_list("why", flat=True)) == {"people", "media", "risk"}
    assert raised == 3
    assert streaming.raise_alarms(moment("2025-09-29 09:11")) == 0
    people = Alarm.objects.get(why="people")
    assert people.at == moment("2025-09-29 08:30")
    told = Notice.objects.filter(title__startswith="舆情预警")
    assert {notice.staff.name for notice in told} == {"冯刚", "雷婷", "宋佳"}
    assert any(notice.urgent for notice in told)


def test_heat_halves_in_twelve_hours(say):
    story = Story.objects.get(pk=say(*WATER)[0].story_id)
    now = story.last_at

    assert story.heat_at(now + timedelta(hours=12)) == pytest.approx(story.heat_at(now) / 2)
    assert 2.5 < story.heat_at(now) < 3.1


def test_evidence_names_the_posts_behind_every_point_and_is_the_same_again(source, say):
    posts = say(*WATER)
    paper = source("省报", "传统媒体", tier="province")
    more = say(("城东自来水发黄", "城东片区自来水发黄，水厂爆管。"), at="2025-09-29 08:50", to=paper)
    ids = [posts[0].story_id, more[0].story_id]

    told = stories.evidence(ids, NOW)

    assert told == stories.evidence(reversed(ids), NOW)
    assert (told.posts, told.authors, told.first_post) == (4, 4, posts[0].pk)
    assert [one.name for one in told.path] == ["清源论坛", "省报"]
    for factor in told.factors:
        assert 0 < factor.score <= 100
        for point in factor.points:
            assert point.posts
            assert point.points > 0
    assert "爆管" in told.content.points[0].says
    assert told.media.points[0].posts == (more[0].pk,)
    assert {one.post for one in told.sentences} <= {post.pk for post in (*posts, *more)}
    assert dataclasses.asdict(told)


def test_every_sentence_of_a_special_brief_is_somebodys_own_and_the_same_case_gives_the_same_bytes(
    county, say
):
    posts = say(*WATER, PARKING)
    feng_gang = Actor.of(county.feng_gang, NOW.date())
    with clock.set_to(NOW):
        event = finding.detect(by=feng_gang, at=NOW, title="城东自来水发黄", found_by="监测发现")
    Story.objects.filter(pk=posts[0].story_id).update(matter=event.matter, state="taken")

    brief = briefs.special(event, NOW)

    lines = [line.text for line in Document(BytesIO(brief)).paragraphs]
    said = lines[lines.index("大家在说什么") + 1 : lines.index("热度和来源")]
    cited = [re.fullmatch(r"“(.+)”（清源论坛，言论 (\d+)）", line) for line in said]
    assert all(cited)
    assert len(cited) >= 3
    for sentence, post in (one.groups() for one in cited):
        own = Post.objects.get(pk=post)
        assert own.story_id == posts[0].story_id
        assert sentence in own.whole
    assert briefs.special(Event.objects.get(pk=event.pk), NOW) == brief


def test_evidence_of_nothing_is_nothing(db):
    told = stories.evidence([], NOW)
    assert (told.posts, told.first_post, told.content.score, told.sentences) == (0, None, 0, ())


def test_the_heat_of_stories_has_silent_hours_with_zeros(say):
    posts = say(*WATER, at="2025-09-29 08:50")
    hours = stories.heat_of([posts[0].story_id], 4, moment("2025-09-29 10:30"))

    assert [hour.posts for hour in hours] == [0, 1, 2, 0]


def test_posts_are_forgotten_after_their_time_but_not_those_of_an_event(county, say):
    from gongkai.ledger.models import Matter

    kept, gone = say(PARKING, WATER[0], at="2025-03-01 08:00")
    matter = Matter.objects.create(
        place=county.place, number="YQ-2025-0001", room="opinion", title="停车收费", opened_at=NOW
    )
    Story.objects.filter(pk=kept.story_id).update(matter=matter, state="taken")

    assert CHOICES["opinion", "posts_kept"].default == 180
    assert streaming.forget_posts(NOW) == 1
    assert list(Post.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Story.objects.filter(pk=gone.story_id).exists()


def test_counts_of_hours_are_those_of_the_posts(say, source):
    say(*WATER)
    say((WATER[0][0], "城东自来水发黄太气愤了，黑心水厂"), at="2025-09-29 08:10", to=source("微博", "微博"))
    for count in HourCount.objects.all():
        posts = Post.objects.filter(story=count.story, hour=count.hour)
        assert count.posts == posts.count()
        assert count.authors == posts.values("author").distinct().count()
        assert count.negative == posts.filter(stance="负面").count()
    assert Source.objects.count() == 2
