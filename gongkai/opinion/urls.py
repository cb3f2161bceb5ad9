"""The office screens of opinion, under `/office/opinion/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from gongkai.opinion import feeds
from gongkai.opinion.views import sources, stories

app_name = "opinion"

WATCHING: list[URLPattern] = [
    path("stories/", stories.list_, name="stories"),
    path("stories/<int:pk>/", stories.story, name="story"),
    path("stories/<int:pk>/judgement/", stories.judgement, name="story_judgement"),
    path("stories/<int:pk>/merge/", stories.merge, name="story_merge"),
    path("stories/<int:pk>/split/", stories.split, name="story_split"),
    path("posts/", stories.posts, name="posts"),
    path("posts/<int:pk>/", stories.post, name="post"),
    path("entry/", sources.entry, name="post_entry"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.source, name="source_new"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/token/", sources.token, name="source_token"),
    path("sources/<int:pk>/attempt/", sources.attempt, name="source_attempt"),
    path("plans/", sources.plans, name="plans"),
    path("plans/new/", sources.plan, name="plan_new"),
    path("plans/<int:pk>/", sources.plan, name="plan"),
    path("push/<str:token>/", feeds.push, name="push"),
]

urlpatterns: list[URLPattern] = [*WATCHING]
