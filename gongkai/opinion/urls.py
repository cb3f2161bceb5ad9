"""The office screens of opinion, under `/office/opinion/`. Acts are nouns under the event's number."""

from django.urls import path

from gongkai.opinion.acts import ACTS
from gongkai.opinion.views import board, events, responses, supervision

app_name = "opinion"

urlpatterns = [
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
