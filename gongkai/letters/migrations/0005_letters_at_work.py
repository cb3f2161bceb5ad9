import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Other indexes begin with these columns. Dropped by name: altering the fields would copy whole tables on SQLite.
INDEXES = {
    "letters_letter_lead_id_9b86806c": ('letters_letter', 'lead_id'),
    "letters_letter_place_id_a5c06106": ('letters_letter', 'place_id'),
    "letters_letter_unit_id_b4718cad": ('letters_letter', 'unit_id'),
}
DROP = [f"DROP INDEX IF EXISTS {name}{like}" for name in INDEXES for like in ("", "_like")]
MAKE = [f"CREATE INDEX {name} ON {table} ({column})" for name, (table, column) in INDEXES.items()]


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_owed_in_matter'),
        ('letters', '0004_forgotten'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name='letter',
                    name='lead',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='牵头单位'),
                ),
                migrations.AlterField(
                    model_name='letter',
                    name='place',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.place', verbose_name='地区'),
                ),
                migrations.AlterField(
                    model_name='letter',
                    name='unit',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='people.unit', verbose_name='承办单位'),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('stage__in', ['received', 'assigned', 'handling', 'signing'])), fields=['place', 'stage', 'opened_at', 'unit', 'lead', 'rating', 'is_protected', 'matter'], name='letter_at_work'),
        ),
    ]
