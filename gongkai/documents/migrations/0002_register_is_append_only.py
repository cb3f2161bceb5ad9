from django.db import migrations

from gongkai.ledger.triggers import install_statements, remove_statements

TABLES = ("documents_release",)


def install(apps, schema_editor):
    for statement in install_statements(schema_editor.connection.vendor, TABLES):
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in remove_statements(schema_editor.connection.vendor, TABLES):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
