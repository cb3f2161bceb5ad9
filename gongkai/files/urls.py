"""The door to attachments, under `/files/`."""

from django.urls import path

from gongkai.files import views

app_name = "files"
urlpatterns = [path("<uuid:pk>/<str:name>", views.download, name="download")]
