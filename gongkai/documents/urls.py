"""The office screens of documents, under `/office/documents/`. Acts are nouns under the document's number."""

from django.urls import path

from gongkai.documents.acts import ACTS
from gongkai.documents.views import document, lists

app_name = "documents"

urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", lists.export_, name="export"),
    path("export/<str:unit>.xlsx", lists.workbook_, name="workbook"),
    path("new/", document.draft, name="draft"),
    path("<str:number>/", document.document, name="document"),
    path("<str:number>/text/", document.edit, name="edit"),
    path("<str:number>/attachments/", document.attachments, name="attachments"),
    path("<str:number>/editions/<int:serial>/", document.difference, name="difference"),
    path("<str:number>/confirmations/<int:pk>/", document.confirm, name="confirm"),
    path("<str:number>/confirmations/<int:pk>/referral/", document.referral, name="referral"),
    path("<str:number>/confirmations/<int:pk>/settlement/", document.settlement, name="settlement"),
    *(path(f"<str:number>/{act.noun}/", document.act, {"act": act}, name=act.name) for act in ACTS),
]
