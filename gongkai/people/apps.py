from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gongkai.people"
    verbose_name = "人员与单位"

    def ready(self) -> None:
        from gongkai.people import adapter  # noqa: F401  listens to second factors coming and going
