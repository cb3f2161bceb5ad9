from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "gongkai.letters"
    verbose_name = "群众留言"

    def ready(self) -> None:
        from gongkai.letters import doors  # noqa: F401  registers what other rooms ask letters
