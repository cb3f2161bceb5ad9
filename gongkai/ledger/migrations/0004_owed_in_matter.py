import django.db.models.deletion
from django.db import migrations, models

# Other indexes begin with these columns, or nothing asks by them. Dropped by name: altering the fields would copy
# whole tables on SQLite, and the triggers of the entries would be lost.
INDEXES = {
    "ledger_matter_place_id_9da5c81f": ('ledger_matter', 'place_id'),
    "ledger_obligation_matter_id_24ad7e8f": ('ledger_obligation', 'matter_id'),
    "ledger_obligation_place_id_12a3ac6b": ('ledger_obligation', 'place_id'),
    "ledger_entry_unit_id_dc935bfa": ('ledger_entry', 'unit_id'),
    "ledger_entry_fact_id_1dc4b00f": ('ledger_entry', 'fact_id'),
}
DROP = [f"DROP INDEX IF EXISTS {name}{like}" for name in INDEXES for like in ("", "_like")]
MAKE = [f"CREATE INDEX {name} ON {table} ({column})" for name, (table, column) in INDEXES.items()]


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_edition_of_a_place'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name='entry',
                    name='unit',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='责任单位'),
                ),
                migrations.AlterField(
                    model_name='entry',
                    name='fact',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.fact', verbose_name='由哪条事实'),
                ),
                migrations.AlterField(
                    model_name='matter',
                    name='place',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='people.place', verbose_name='地区'),
                ),
                migrations.AlterField(
                    model_name='obligation',
                    name='matter',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='ledger.matter', verbose_name='事项'),
                ),
                migrations.AlterField(
                    model_name='obligation',
                    name='place',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.place', verbose_name='地区'),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['matter', 'due_at', 'state', 'is_minimum', 'duty', 'settled_at'], name='obligation_owed_in_matter'),
        ),
    ]
