from itertools import islice
from typing import Any

from django.db import migrations, models

from gongkai.text.cut import has_variants


def look(apps: Any, schema_editor: Any) -> None:
    """Note the posts that are there and have signs written otherwise: about one in a hundred."""
    posts = apps.get_model("opinion", "Post").objects.order_by()
    rows = posts.values_list("pk", "title", "text").iterator(chunk_size=2_000)
    found = iter([pk for pk, title, text in rows if has_variants(f"{title}\n{text}")])
    while some := list(islice(found, 500)):
        posts.filter(pk__in=some).update(has_variants=True)


class Migration(migrations.Migration):
    dependencies = [("opinion", "0005_followers_by_digits")]

    operations = [
        migrations.AddField(
            "post", "has_variants", models.BooleanField("有异形字", default=False, db_default=False)
        ),
        migrations.RunPython(look, migrations.RunPython.noop),
    ]
