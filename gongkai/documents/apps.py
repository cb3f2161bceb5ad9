from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "gongkai.documents"
    verbose_name = "公文与公开"

    def ready(self) -> None:
        from gongkai.documents import doors  # noqa: F401  registers what other rooms ask documents
