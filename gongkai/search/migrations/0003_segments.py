from django.db import migrations, models


def drop_pairs(apps, schema_editor):
    """The index of pairs before: full text on SQLite, with triggers; GIN on PostgreSQL."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("DROP INDEX IF EXISTS search_entry_pairs")
            cursor.execute("DROP FUNCTION IF EXISTS search_tokens(text)")
            return
        for event in ("inserted", "deleted", "updated"):
            cursor.execute(f"DROP TRIGGER IF EXISTS search_entry_{event}")
        cursor.execute("DROP TABLE IF EXISTS search_entry_fts")


def keep_apart(apps, schema_editor):
    """Contents of buckets are neither compressed nor kept in the row."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_bucket ALTER COLUMN content SET STORAGE EXTERNAL")
        schema_editor.execute("ALTER TABLE search_segment ALTER COLUMN columns SET STORAGE EXTERNAL")


def fill(apps, schema_editor):
    """What was findable stays so."""
    from gongkai.search import actions

    actions.rebuild()


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0002_who_said_so'),
    ]

    operations = [
        migrations.RunPython(drop_pairs, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name='entry', name='entry_by_time'),
        migrations.RemoveField(model_name='entry', name='tokens'),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('turn', models.BigIntegerField(null=True, verbose_name='次序')),
                ('stamp', models.BigIntegerField(verbose_name='标记')),
                ('size', models.PositiveIntegerField(verbose_name='条数')),
                ('bits', models.PositiveSmallIntegerField(verbose_name='分桶位数')),
                ('kinds', models.TextField(verbose_name='种类')),
                ('columns', models.BinaryField(verbose_name='列')),
            ],
            options={
                'verbose_name': '检索分段',
            },
        ),
        migrations.CreateModel(
            name='Bucket',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='编号')),
                ('content', models.BinaryField(verbose_name='字对和位置')),
            ],
            options={
                'verbose_name': '检索分桶',
            },
        ),
        migrations.RunPython(keep_apart, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
