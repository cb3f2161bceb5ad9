"""The doors of the citizen: `/` and `/<place>/…`."""

from django.urls import path

from gongkai.portal.views import answers, duties, follow, home, machines, write

app_name = "portal"
urlpatterns = [
    path("", home.places, name="places"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("status.json", machines.status, name="status"),
    path("<slug:place>/", home.home, name="home"),
    path("<slug:place>/changes.json", machines.changes, name="changes"),
    path("<slug:place>/search/", answers.search, name="search"),
    path("<slug:place>/write/", write.write, name="write"),
    path("<slug:place>/write/receipt/", write.receipt, name="receipt"),
    path("<slug:place>/follow/", follow.follow, name="follow"),
    path("<slug:place>/follow/code/", follow.code, name="code"),
    path("<slug:place>/follow/end/", follow.end, name="end"),
    path("<slug:place>/letter/<str:number>/", follow.letter, name="letter"),
    path("<slug:place>/letter/<str:number>/rating/", follow.rating, name="rating"),
    path("<slug:place>/letter/<str:number>/supplement/", follow.supplement, name="supplement"),
    path("<slug:place>/letter/<str:number>/withdrawal/", follow.withdrawal, name="withdrawal"),
    path("<slug:place>/rate/<str:key>/", follow.rate, name="rate"),
    path("<slug:place>/rated/", follow.rated, name="rated"),
    path("<slug:place>/letters/", answers.letters, name="letters"),
    path("<slug:place>/letters/feed.atom", answers.atom, name="letters_feed"),
    path("<slug:place>/letters/feed.json", answers.json_feed, name="letters_json"),
    path("<slug:place>/letters/<str:number>/", answers.answer, name="answer"),
    path("<slug:place>/times/", duties.times, name="times"),
    path("<slug:place>/owed/", duties.owed, name="owed"),
    path("<slug:place>/owed.csv", duties.owed_csv, name="owed_csv"),
    path("<slug:place>/owed.json", duties.owed_json, name="owed_json"),
    path("<slug:place>/clauses/", duties.clauses, name="clauses"),
    path("<slug:place>/flow/", duties.flow, name="flow"),
    path("<slug:place>/seals/", duties.seals, name="seals"),
]
