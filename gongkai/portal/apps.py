from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "gongkai.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from gongkai.portal.baking import doors  # noqa: F401  registers what the outbox asks of the baked site
