from django.contrib.auth.models import AbstractUser
from django.db import models


class Member(AbstractUser):
    """Somebody who signs in by email address and has no username."""

    username = None
    email = models.EmailField("email address", max_length=254, unique=True)
    newsletter = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
