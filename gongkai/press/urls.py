"""The office screens of press, under `/office/press/`."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "press"

urlpatterns: list[URLPattern] = []
