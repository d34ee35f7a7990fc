"""A Django REST Framework project that accepts Latchkey's tokens. What matters is SIMPLE_JWT."""

import os

LATCHKEY_URL = os.environ.get("LATCHKEY_URL", "http://localhost:8000")

SIMPLE_JWT = {
    # What the server signs with (LATCHKEY_SIGNING_ALGORITHM): ES256 or RS256.
    "ALGORITHM": "ES256",
    # Its public keys. New ones are found by themselves.
    "JWK_URL": f"{LATCHKEY_URL}/.well-known/jwks.json",
    # The server's LATCHKEY_PUBLIC_URL and, where it is set, LATCHKEY_AUDIENCE.
    "ISSUER": LATCHKEY_URL,
    "AUDIENCE": os.environ.get("LATCHKEY_AUDIENCE"),
    # The account's lasting name, which every token carries.
    "USER_ID_CLAIM": "sub",
    # How far the two clocks may be apart, in seconds.
    "LEEWAY": 5,
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

# Django wants one. No token is signed with it.
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("DJANGO_DATABASE", "db.sqlite3")}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
