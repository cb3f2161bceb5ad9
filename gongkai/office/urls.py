"""Pages of the desk, mounted at `/office/`."""

from django.urls import path

from gongkai.office.views import audit, boards, duties, own, rules, synonyms

app_name = "office"

urlpatterns = [
    path("", own.work, name="work"),
    path("search/", own.search, name="search"),
    path("notices/", own.notices, name="notices"),
    path("notices/read/", own.read_all, name="read_all"),
    path("notices/<int:pk>/", own.notice, name="notice"),
    path("notices/preferences/", own.preferences, name="preferences"),
    path("unit/", boards.home_unit, name="home_unit"),
    path("units/<str:code>/", boards.unit, name="unit"),
    path("board/", boards.board, name="board"),
    path("board.csv", boards.board_csv, name="board_csv"),
    path("board.xlsx", boards.board_xlsx, name="board_xlsx"),
    path("obligations/<int:pk>/", duties.obligation, name="obligation"),
    path("obligations/<int:pk>/urging/", duties.urging, name="urging"),
    path("obligations/<int:pk>/supervision/", duties.supervision_order, name="supervision"),
    path("obligations/<int:pk>/report/", duties.report, name="report"),
    path("settings/", rules.settings, name="settings"),
    path("settings/<str:subject>/<str:key>/", rules.setting, name="setting"),
    path("revision/", rules.revision, name="revision"),
    path("clauses/", rules.clauses, name="clauses"),
    path("synonyms/", synonyms.groups, name="synonyms"),
    path("synonyms/import/", synonyms.take_in, name="synonyms_import"),
    path("synonyms.txt", synonyms.text, name="synonyms_text"),
    path("synonyms/<int:pk>/end/", synonyms.end, name="synonym_end"),
    path("facts/", audit.facts, name="facts"),
    path("exports/", audit.exports, name="exports"),
]
