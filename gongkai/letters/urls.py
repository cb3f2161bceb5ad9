"""The office screens of letters, under `/office/letters/`. Acts are nouns under the letter's number."""

from django.urls import path

from gongkai.letters.acts import ACTS
from gongkai.letters.views import desk, entry, letter, lists

app_name = "letters"

urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", lists.export_, name="export"),
    path("intake/", lists.intake, name="intake"),
    path("entry/", entry.entry, name="entry"),
    path("issues/", desk.issues_, name="issues"),
    path("issues/<int:pk>/", desk.issue, name="issue"),
    path("issues/<int:pk>/merge/", desk.issue_merge, name="issue_merge"),
    path("issues/<int:pk>/split/", desk.issue_split, name="issue_split"),
    path("sample/", desk.sample, name="sample"),
    path("learning/", desk.learning_, name="learning"),
    path("learning/trust/", desk.trust, name="trust"),
    path("templates/", desk.templates, name="templates"),
    path("templates/<int:pk>/removal/", desk.template_removal, name="template_removal"),
    path("<str:number>/", letter.letter, name="letter"),
    path("<str:number>/draft/", letter.draft, name="draft"),
    path("<str:number>/submission/", letter.submission, name="submission"),
    path("<str:number>/parts/<int:pk>/", letter.part, name="part"),
    path("<str:number>/extension/<int:pk>/", letter.decision, name="decision"),
    path("<str:number>/unmask/", letter.unmask, name="unmask"),
    path("<str:number>/merge/", letter.merge, name="merge"),
    path("<str:number>/apart/", letter.apart, name="apart"),
    path("<str:number>/merged/", letter.merged, name="merged"),
    path("<str:number>/publication/", letter.publication, name="publication"),
    path("<str:number>/attachments/", letter.collected, name="attachments"),
    path("<str:number>/reply-files/", letter.reply_files, name="reply_files"),
    path("<str:number>/reply-files/<uuid:pk>/removal/", letter.reply_file_removal, name="reply_file_removal"),
    *(path(f"<str:number>/{act.noun}/", letter.act, {"act": act}, name=act.name) for act in ACTS),
]
