"""Hashes passwords with the libraries that back ends use: Django, passlib, Werkzeug, bcrypt, argon2-cffi.

Reads {"passwords": [...], "costs": "usual" | "low"} from the environment's ASKED, and prints a list of
{"made_by", "kind", "password", "hash"}. With "usual", costs are each library's own.
"""

import json
import os
import warnings

warnings.simplefilter("ignore")

import argon2
import bcrypt
import django
import passlib
import werkzeug
from django.conf import settings
from django.contrib.auth import hashers
from passlib import hash as passlib_hash
from werkzeug import security

settings.configure()
django.setup()

asked = json.loads(os.environ["ASKED"])
low = asked["costs"] == "low"
made = []


def keep(made_by, kind, password, hashed):
    made.append({"made_by": made_by, "kind": kind, "password": password, "hash": hashed})


def with_django(password):
    name = f"Django {django.get_version()}"
    fewer = {
        "PBKDF2PasswordHasher": {"iterations": 12000},
        "PBKDF2SHA1PasswordHasher": {"iterations": 12000},
        "BCryptSHA256PasswordHasher": {"rounds": 4},
        "BCryptPasswordHasher": {"rounds": 4},
        "Argon2PasswordHasher": {"time_cost": 1, "memory_cost": 512},
        "ScryptPasswordHasher": {"work_factor": 2048},
    }
    for hasher in [
        "PBKDF2PasswordHasher",
        "PBKDF2SHA1PasswordHasher",
        "Argon2PasswordHasher",
        "BCryptSHA256PasswordHasher",
        "BCryptPasswordHasher",
        "ScryptPasswordHasher",
        "SHA1PasswordHasher",
        "MD5PasswordHasher",
        "UnsaltedSHA1PasswordHasher",
        "UnsaltedMD5PasswordHasher",
    ]:
        # Scrypt came with Django 4.
        if not hasattr(hashers, hasher):
            continue
        maker = getattr(hashers, hasher)()
        for cost, value in fewer.get(hasher, {}).items() if low else []:
            setattr(maker, cost, value)
        keep(name, hasher, password, maker.encode(password, maker.salt()))
    quick = hashers.PBKDF2PasswordHasher()
    keep(name, "PBKDF2PasswordHasher, few iterations", password, quick.encode(password, "salt", 1000))


def with_passlib(password):
    name = f"passlib {passlib.__version__}"
    for kind, fewer in {
        "pbkdf2_sha1": {"rounds": 12000},
        "pbkdf2_sha256": {"rounds": 12000},
        "pbkdf2_sha512": {"rounds": 12000},
        "bcrypt": {"rounds": 4},
        "bcrypt_sha256": {"rounds": 4},
        "argon2": {"rounds": 1, "memory_cost": 512},
        "scrypt": {"rounds": 8},
        "sha256_crypt": {"rounds": 1001},
        "sha512_crypt": {"rounds": 1042},
        "md5_crypt": {},
        "apr_md5_crypt": {},
        "phpass": {"rounds": 7},
        "django_salted_sha1": {},
        "ldap_sha1": {},
        "ldap_salted_sha1": {},
        "ldap_md5": {},
        "ldap_salted_md5": {},
        "ldap_salted_sha256": {},
        "ldap_salted_sha512": {},
    }.items():
        # What a library gives by itself takes seconds for these, and shows nothing that fewer rounds do not.
        slow = kind in ("sha256_crypt", "sha512_crypt", "phpass")
        maker = getattr(passlib_hash, kind)
        keep(name, kind, password, maker.using(**(fewer if low or slow else {})).hash(password))
    first = passlib_hash.bcrypt_sha256.using(version=1, rounds=4)
    keep(name, "bcrypt_sha256, version 1", password, first.hash(password))
    implicit = passlib_hash.sha512_crypt.using(rounds=5000)
    keep(name, "sha512_crypt, rounds left out", password, implicit.hash(password))
    keep(name, "phpass of phpBB", password, passlib_hash.phpass.using(rounds=7, ident="H").hash(password))


def with_werkzeug(password):
    name = f"Werkzeug {werkzeug.__version__}"
    methods = ["pbkdf2:sha256:12000", "pbkdf2:sha1:12000", "pbkdf2:sha512:900", "sha256", "sha512"]
    for method in methods if low else [*methods, "pbkdf2:sha256"]:
        keep(name, method, password, security.generate_password_hash(password, method))
    # Its scrypt came with 2.3: the same function, written as that writes it.
    import hashlib

    n, r, p, salt = (1024, 8, 1, "saltsaltsaltsalt") if low else (32768, 8, 1, "saltsaltsaltsalt")
    digest = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p).hex()
    keep("hashlib, as Werkzeug 3 writes it", "scrypt", password, f"scrypt:{n}:{r}:{p}${salt}${digest}")


def with_others(password):
    for prefix in [b"2a", b"2b"]:
        salt = bcrypt.gensalt(rounds=4 if low else 10, prefix=prefix)
        hashed = bcrypt.hashpw(password.encode()[:72], salt).decode()
        keep(f"bcrypt {bcrypt.__version__}", prefix.decode(), password, hashed)
    for kind in [argon2.Type.ID, argon2.Type.I, argon2.Type.D]:
        fewer = {"time_cost": 1, "memory_cost": 512, "parallelism": 2} if low else {}
        maker = argon2.PasswordHasher(type=kind, **fewer)
        keep("argon2-cffi", str(kind), password, maker.hash(password))


for each in asked["passwords"]:
    with_django(each)
    with_passlib(each)
    with_werkzeug(each)
    with_others(each)

print(json.dumps(made))
