"""The office screens of reviews, under `/office/reviews/`."""

from django.urls import path

from gongkai.reviews import views

app_name = "reviews"

urlpatterns = [
    path("", views.list_, name="list"),
    path("batch/", views.batch, name="batch"),
    path("<int:pk>/", views.sheet, name="sheet"),
    path("<int:pk>/signature/", views.signature, name="signature"),
    path("<int:pk>/return/", views.return_, name="return"),
    path("<int:pk>/recall/", views.recall, name="recall"),
    path("<int:pk>/override/", views.override, name="override"),
    path("<int:pk>/approval/", views.approval, name="approval"),
]
