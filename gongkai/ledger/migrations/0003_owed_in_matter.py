from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_append_only'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['matter', 'due_at', 'state', 'is_minimum', 'duty', 'settled_at'], name='obligation_owed_in_matter'),
        ),
    ]
