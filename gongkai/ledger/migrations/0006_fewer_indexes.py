import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Most facts and entries have none of these: indexes of what is there take their place. Dropped by name: altering the
# fields would copy whole tables on SQLite, and the triggers that make them append-only would be lost.
INDEXES = {
    'ledger_fact_by_id_842ddb3d': ('ledger_fact', 'by_id'),
    'ledger_fact_by_unit_id_c6bc5c51': ('ledger_fact', 'by_unit_id'),
    'ledger_fact_corrects_id_4f982e3a': ('ledger_fact', 'corrects_id'),
    'ledger_entry_undoes_id_c738979c': ('ledger_entry', 'undoes_id'),
}
DROP = [f'DROP INDEX IF EXISTS {name}' for name in INDEXES]
MAKE = [f'CREATE INDEX {name} ON {table} ({column})' for name, (table, column) in INDEXES.items()]


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_events'),
        ('people', '0002_duties_of_press'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name='entry',
                    name='undoes',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='ledger.entry', verbose_name='撤销'),
                ),
                migrations.AlterField(
                    model_name='fact',
                    name='by',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记录人'),
                ),
                migrations.AlterField(
                    model_name='fact',
                    name='by_unit',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.unit', verbose_name='记录单位'),
                ),
                migrations.AlterField(
                    model_name='fact',
                    name='corrects',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='ledger.fact', verbose_name='更正'),
                ),
            ],
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='entry_by_what',
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('undoes__isnull', False)), fields=['undoes'], name='entry_undone'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by'], name='fact_by_person'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('by_unit__isnull', False)), fields=['by_unit'], name='fact_by_unit'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('corrects__isnull', False)), fields=['corrects'], name='fact_corrected'),
        ),
    ]
