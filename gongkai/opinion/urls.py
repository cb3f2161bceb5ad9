"""The office screens of opinion, under `/office/opinion/`."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "opinion"

urlpatterns: list[URLPattern] = []
