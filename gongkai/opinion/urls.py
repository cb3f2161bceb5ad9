"""The office screens of opinion, under `/office/opinion/`. Acts are nouns under the event's number."""

from django.urls import URLPattern, path

from gongkai.opinion import feeds
from gongkai.opinion.acts import ACTS
from gongkai.opinion.views import board, events, pilots, responses, sources, stories, supervision, years

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

urlpatterns = [
    *WATCHING,
    path("", board.board, name="board"),
    path("events/", events.list_, name="list"),
    path("events/export/", events.export_, name="export"),
    path("events/new/", events.detect, name="detect"),
    path("brief/", supervision.brief, name="brief"),
    path("supervision/", supervision.overview, name="supervision"),
    path("supervision/accountability/<int:pk>/", supervision.decision, name="decision"),
    path("supervision/inspections/new/", supervision.inspection_new, name="inspection_new"),
    path("supervision/inspections/<int:pk>/", supervision.mending, name="mending"),
    path("supervision/bulletins/new/", supervision.bulletin_new, name="bulletin_new"),
    path("supervision/bulletins/<int:pk>/", supervision.bulletin, name="bulletin"),
    path("years/", years.year, name="years"),
    path("years/<int:year>/", years.year, name="year"),
    path("years/<int:year>/export/", years.export_, name="year_export"),
    path("years/<int:year>/report/", years.report, name="year_report"),
    path("years/<int:year>/<str:code>/<slug:figure>/", years.behind, name="year_behind"),
    path("pilots/", pilots.overview, name="pilots"),
    path("pilots/new/", pilots.pilot, name="pilot_new"),
    path("pilots/<int:pk>/", pilots.pilot, name="pilot"),
    path("pilots/checks/new/", pilots.pairing, name="pairing"),
    path("pilots/checks/<str:number>/", pilots.check, name="check"),
    path("exchanges/", supervision.exchanges, name="exchanges"),
    path("exchanges/new/", supervision.exchange_new, name="exchange_new"),
    path("risks/", supervision.risks, name="risks"),
    path("risks/new/", supervision.risk_new, name="risk_new"),
    path("risks/<str:number>/", supervision.risk, name="risk"),
    path("events/<str:number>/", events.event, name="event"),
    path("events/<str:number>/casebook/", events.casebook, name="casebook"),
    path("events/<str:number>/special/", supervision.special, name="special"),
    path("events/<str:number>/accountability/", supervision.proposals, name="proposals"),
    path("events/<str:number>/consultations/<int:pk>/", events.minutes, name="minutes"),
    path("events/<str:number>/dispatches/<int:pk>/", events.receipt, name="receipt"),
    path("events/<str:number>/responses/new/", responses.draft, name="draft"),
    path("events/<str:number>/responses/<int:serial>/", responses.response, name="response"),
    path("events/<str:number>/responses/<int:serial>/text/", responses.edit, name="edit"),
    path("events/<str:number>/responses/<int:serial>/submission/", responses.submission, name="submission"),
    path("events/<str:number>/responses/<int:serial>/release/", responses.release, name="release"),
    path("events/<str:number>/responses/<int:serial>/withdrawal/", responses.withdrawal, name="withdrawal"),
    *(path(f"events/<str:number>/{act.noun}/", events.act, {"act": act}, name=act.name) for act in ACTS),
]
