"""Files that staff added to a letter after it was registered become what the unit collected: its writer does not see them."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def set_apart(apps, schema_editor):
    letters = apps.get_model("letters", "Letter").objects.filter(
        matter__number=OuterRef("number"), entered_at=OuterRef("uploaded_at")
    )
    added = apps.get_model("files", "Attachment").objects.filter(room="letters", by__isnull=False)
    added.exclude(Exists(letters)).update(room="letters.findings")


class Migration(migrations.Migration):
    dependencies = [("letters", "0002_export"), ("files", "0002_public")]

    operations = [migrations.RunPython(set_apart, migrations.RunPython.noop)]
