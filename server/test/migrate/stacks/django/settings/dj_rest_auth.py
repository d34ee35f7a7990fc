"""Django's own users, authtoken, and views that answer as dj-rest-auth's documentation says its own do."""

from settings.common import *  # noqa: F403
from settings.common import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework.authtoken"]
ROOT_URLCONF = "like_dj_rest_auth.urls"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"]}
