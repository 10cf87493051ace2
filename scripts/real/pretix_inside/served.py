"""What is served: pretix, and the files of its pages, which a web server in front of it would serve otherwise."""

from django.conf import settings  # type: ignore[import-not-found]  # it is in another environment than ours
from pretix.wsgi import application as pretix  # type: ignore[import-not-found]  # as above
from whitenoise import WhiteNoise  # type: ignore[import-not-found]  # as above

application = WhiteNoise(pretix, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)
