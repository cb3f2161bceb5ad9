"""The gallery, for those who keep the house."""

from django.urls import path

from gongkai.ui import views

app_name = "ui"

urlpatterns = [path("", views.gallery, name="gallery")]
