from django.db import migrations, models

# A writer is looked for together with the text, which has an index. Dropped by name: altering the field would copy
# the whole table on SQLite.
NAME = 'letters_letter_writer_print_f807eb41'
DROP = [f'DROP INDEX IF EXISTS {NAME}{like}' for like in ('', '_like')]
MAKE = [f'CREATE INDEX {NAME} ON letters_letter (writer_print)']


class Migration(migrations.Migration):

    dependencies = [
        ('letters', '0006_trust'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name='letter',
                    name='writer_print',
                    field=models.CharField(blank=True, max_length=64, verbose_name='来信人指纹'),
                ),
            ],
        ),
    ]
