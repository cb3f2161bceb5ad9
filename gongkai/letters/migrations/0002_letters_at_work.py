from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0003_owed_in_matter'),
        ('letters', '0001_initial'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('stage__in', ['received', 'assigned', 'handling', 'signing'])), fields=['place', 'stage', 'opened_at', 'unit', 'lead', 'rating', 'is_protected', 'matter'], name='letter_at_work'),
        ),
    ]
