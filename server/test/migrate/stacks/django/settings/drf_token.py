"""Accounts by email address with a user model of the project's own, and Django REST Framework's authtoken."""

from settings.common import *  # noqa: F403
from settings.common import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework.authtoken", "members"]
AUTH_USER_MODEL = "members.Member"
ROOT_URLCONF = "members.urls"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"]}
