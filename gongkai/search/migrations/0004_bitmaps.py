from django.db import migrations


def rebuild(apps, schema_editor):
    """Buckets have another form: what was findable is put into segments anew."""
    from gongkai.search import actions

    actions.rebuild()


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0003_segments'),
    ]

    operations = [migrations.RunPython(rebuild, migrations.RunPython.noop)]
