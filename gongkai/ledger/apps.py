from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "gongkai.ledger"
    verbose_name = "履职账本"

    def ready(self) -> None:
        from gongkai.ledger import checks, deliveries, lawbook  # noqa: F401  registers the system checks and the effects
        from gongkai.notices import hours

        hours.use(lawbook.calendar)
