"""The same for a project whose views want rows of Django's own user table: each keeps an account's subject as username."""

from settings import *  # noqa: F403
from settings import REST_FRAMEWORK, SIMPLE_JWT

REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
}
SIMPLE_JWT = {**SIMPLE_JWT, "USER_ID_FIELD": "username"}
