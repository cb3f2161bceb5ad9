from django.apps import AppConfig


class OpinionConfig(AppConfig):
    name = "gongkai.opinion"
    verbose_name = "政务舆情"
