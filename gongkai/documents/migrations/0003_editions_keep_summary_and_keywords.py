from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def bring_down(apps, schema_editor):
    """What a document says of itself now is put on its editions: what it said before was not kept."""
    documents = apps.get_model("documents", "Document").objects.filter(pk=OuterRef("document"))
    apps.get_model("documents", "Edition").objects.update(
        summary=Subquery(documents.values("summary")), keywords=Subquery(documents.values("keywords"))
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_register_is_append_only")]
    operations = [
        migrations.AddField("edition", "summary", models.CharField("内容概述", max_length=500, blank=True, default="")),
        migrations.AddField("edition", "keywords", models.CharField("主题词", max_length=120, blank=True, default="")),
        migrations.RunPython(bring_down, migrations.RunPython.noop),
    ]
