"""The office screens of documents, under `/office/documents/`. Acts are nouns under the document's number."""

from django.urls import path

from gongkai.documents.acts import ACTS
from gongkai.documents.views import catalogue, document, lists, site

app_name = "documents"

urlpatterns = [
    path("", lists.list_, name="list"),
    path("export/", lists.export_, name="export"),
    path("export/<str:unit>.xlsx", lists.workbook_, name="workbook"),
    path("new/", document.draft, name="draft"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/new/", catalogue.entry_new, name="entry_new"),
    path("catalogue/copy/", catalogue.copy, name="catalogue_copy"),
    path("catalogue/import/", catalogue.import_, name="catalogue_import"),
    path("catalogue/export/", catalogue.export_, name="catalogue_export"),
    path("catalogue/<int:pk>/", catalogue.entry, name="entry"),
    path("catalogue/<int:pk>/removal/", catalogue.entry_removal, name="entry_removal"),
    path("catalogue/negative/", catalogue.negative, name="negative"),
    path("catalogue/negative/<int:pk>/removal/", catalogue.negative_removal, name="negative_removal"),
    path("catalogue/withheld/", catalogue.withheld, name="withheld"),
    path("catalogue/withheld/<str:code>/", catalogue.withheld_unit, name="withheld_unit"),
    path("catalogue/withheld/<str:code>/filing/", catalogue.filing, name="filing"),
    path("catalogue/withheld/<str:code>/publication/", catalogue.publication, name="withheld_publication"),
    path("catalogue/self-check/", catalogue.self_checks, name="self_checks"),
    path("catalogue/self-check/<str:code>/", catalogue.self_check, name="self_check"),
    path("catalogue/self-check/<str:code>/completion/", catalogue.completion, name="completion"),
    path("catalogue/self-check/<str:code>/report/", catalogue.report, name="report"),
    path("catalogue/self-check/<str:code>/spot-check/", catalogue.spot_check, name="spot_check"),
    path("catalogue/self-check/<str:code>/rectification/", catalogue.rectification, name="rectification"),
    path("catalogue/self-check/<str:code>/<str:number>/", catalogue.judgement, name="judgement"),
    path("site/", site.columns, name="columns"),
    path("site/columns/new/", site.column_new, name="column_new"),
    path("site/columns/<slug:slug>/", site.column, name="column"),
    path("site/topics/", site.topics, name="topics"),
    path("site/topics/new/", site.topic_new, name="topic_new"),
    path("site/topics/<slug:slug>/", site.topic, name="topic"),
    path("site/services/", site.services, name="services"),
    path("site/services/new/", site.service_new, name="service_new"),
    path("site/services/<int:pk>/", site.service, name="service"),
    path("site/gazettes/", site.gazettes, name="gazettes"),
    path("site/gazettes/new/", site.gazette_new, name="gazette_new"),
    path("site/gazettes/<int:year>/<int:issue>/", site.gazette, name="gazette"),
    path("site/faults/", site.faults, name="faults"),
    path("site/faults/<str:number>/", site.fault, name="fault"),
    path("<str:number>/", document.document, name="document"),
    path("<str:number>/text/", document.edit, name="edit"),
    path("<str:number>/attachments/", document.attachments, name="attachments"),
    path("<str:number>/attachments/<uuid:pk>/cleaning/", document.cleaning, name="cleaning"),
    path("<str:number>/editions/<int:serial>/", document.difference, name="difference"),
    path("<str:number>/confirmations/<int:pk>/", document.confirm, name="confirm"),
    path("<str:number>/confirmations/<int:pk>/referral/", document.referral, name="referral"),
    path("<str:number>/confirmations/<int:pk>/settlement/", document.settlement, name="settlement"),
    *(path(f"<str:number>/{act.noun}/", document.act, {"act": act}, name=act.name) for act in ACTS),
]
