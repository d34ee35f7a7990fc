"""Django's own users, and djangorestframework-simplejwt with its list of tokens."""

from settings.common import *  # noqa: F403
from settings.common import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework_simplejwt", "rest_framework_simplejwt.token_blacklist"]
ROOT_URLCONF = "shop.urls"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"]}
