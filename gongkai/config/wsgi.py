"""The web door: `granian --interface wsgi gongkai.config.wsgi:application`."""

import gc
import os

gc.disable()  # what is loaded at the start stays: walking it while it grows takes a fifth of the start

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
application = get_wsgi_application()
gc.freeze()
gc.enable()
