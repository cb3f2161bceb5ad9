from django.apps import AppConfig


class PressConfig(AppConfig):
    name = "gongkai.press"
    verbose_name = "新闻发布"

    def ready(self) -> None:
        from gongkai.press import doors  # noqa: F401  registers what other rooms ask press
