import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0006_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='RulesSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name='摘要')),
                ('content', models.BinaryField(verbose_name='原文')),
            ],
            options={
                'verbose_name': '规则原文',
            },
        ),
        migrations.AddField(
            model_name='rulesedition',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='ledger.rulessource', verbose_name='原文'),
        ),
    ]
