"""The office screens of press, under `/office/press/`. Acts are nouns under the number of their case."""

from django.urls import path

from gongkai.press import acts
from gongkai.press.views import accounts, case, evaluation, events, people

app_name = "press"

urlpatterns = [
    path("", events.events, name="events"),
    path("new/", events.event_new, name="event_new"),
    path("quota/", events.quota, name="quota"),
    path("spokespersons/", people.spokespersons, name="spokespersons"),
    path("spokespersons/new/", people.spokesperson_new, name="spokesperson_new"),
    path("spokespersons/<int:pk>/", people.spokesperson, name="spokesperson"),
    path("spokespersons/<int:pk>/entry/", people.spokesperson_edit, name="spokesperson_edit"),
    path("spokespersons/<int:pk>/training/", people.training, name="training"),
    path("experts/", people.experts, name="experts"),
    path("experts/new/", people.expert, name="expert_new"),
    path("experts/<int:pk>/", people.expert, name="expert"),
    path("media/", people.outlets, name="outlets"),
    path("media/new/", people.outlet_new, name="outlet_new"),
    path("media/<int:pk>/", people.outlet, name="outlet"),
    path("media/<int:pk>/entry/", people.outlet_edit, name="outlet_edit"),
    path("media/<int:pk>/journalists/new/", people.journalist, name="journalist_new"),
    path("media/<int:pk>/journalists/<int:row>/", people.journalist, name="journalist"),
    path("requests/", people.requests, name="requests"),
    path("requests/new/", people.request_new, name="request_new"),
    path("requests/<str:number>/", people.request_, name="request"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.account_new, name="account_new"),
    path("accounts/<str:number>/", accounts.account, name="account"),
    path("accounts/<str:number>/entry/", accounts.account_edit, name="account_edit"),
    path("posts/", accounts.posts, name="posts"),
    path("posts/new/", accounts.post_new, name="post_new"),
    path("posts/<str:number>/", accounts.post, name="post"),
    path("posts/<str:number>/text/", accounts.post_edit, name="post_edit"),
    path("posts/<str:number>/pictures/", accounts.pictures, name="pictures"),
    path("posts/<str:number>/pushes/<int:pk>/", accounts.reads, name="reads"),
    path("evaluations/", evaluation.evaluations, name="evaluations"),
    path("evaluations/completion/", evaluation.completion, name="completion"),
    path("evaluations/<int:year>/<int:pk>/", evaluation.evaluate, name="evaluate"),
    path("failings/new/", evaluation.failing_new, name="failing_new"),
    path("failings/<str:number>/", evaluation.failing, name="failing"),
    path("plans/<str:number>/", evaluation.plan, name="plan"),
    path("plans/<str:number>/<int:pk>/", evaluation.plan_done, name="plan_done"),
    *(
        path(f"{prefix}<str:number>/{act.noun}/", case.act, {"table": table, "act": act}, name=f"{table.page}_{act.noun}")
        for table, prefix in (
            (acts.REQUESTS, "requests/"), (acts.ACCOUNTS, "accounts/"), (acts.POSTS, "posts/"),
            (acts.FAILINGS, "failings/"), (acts.EVENTS, ""),
        )
        for act in table.acts
    ),
    path("<str:number>/", events.event, name="event"),
    path("<str:number>/entry/", events.event_edit, name="event_edit"),
    path("<str:number>/attachments/", events.attachments, name="attachments"),
    path("<str:number>/letters/", events.letters, name="letters"),
    path("<str:number>/questions/<int:serial>/", events.answer, name="answer"),
    path("<str:number>/invitations/<int:pk>/", events.invitation, name="invitation"),
]  # fmt: skip
