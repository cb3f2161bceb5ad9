from django.apps import AppConfig


class OpinionConfig(AppConfig):
    name = "gongkai.opinion"
    verbose_name = "政务舆情"

    def ready(self) -> None:
        from gongkai.opinion import doors  # noqa: F401  registers what other rooms ask of opinion
