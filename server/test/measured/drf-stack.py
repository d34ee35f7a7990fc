"""Records how a real Django REST Framework back end answers, for the tests of the three DRF contracts.

    python3 drf-stack.py > drf.json

Needs Django, djangorestframework and djangorestframework-simplejwt (the versions last used are in drf.json under
"recorded_with"). Nothing else: the project below lives in this file and its database in memory.

The file has four parts:

1. the project: three APIs written as an app author obviously would, each under its own prefix /<contract>/…;
2. the caller: one request is one WSGI environ made by hand, so that a header can be absent, empty or odd;
3. the cases: what is asked;
4. the table: what is printed.

How to read a case of drf.json:

- `given` are requests made first, in order, on an empty database; their replies are not recorded. One may name another
  `contract`. A step `{"disable_account": name}` is not a request: it sets is_active to false, as an administrator would.
- `{{key}}`, `{{access}}`, `{{refresh}}` and `{{token}}` in a request stand for that field of the latest given reply
  that had it. In a reply they stand for any token: those differ from run to run.
- `reply.headers` has only content-type, vary, allow and www-authenticate, and only those that were sent.
- `reply.body` is the parsed JSON; null when there was none, as after HEAD (the server in front of WSGI drops it).
- `differs_by_decision` names the decision of the wire document by which Latchkey answers differently, on purpose.

What this project, and not Django or DRF, decided: the sentences about numerals and letters and their order, that a
password2 is compared even when password1 is missing or bad, and the two logouts' bodies. `Vary: Accept` is absent
throughout, and `text/html` is refused, because DRF sends the one and answers the other only when a view has more than
one renderer; this project has JSON only. A project with DRF's default renderers sends `Vary: Accept` on every answer.
"""
import base64
import io
import json
import platform
import re
import sys
import warnings
from datetime import datetime, timedelta, timezone

import django
from django.apps import AppConfig
from django.conf import settings

warnings.simplefilter("ignore")

# ------------------------------------------------------------------------------------------------ 1. the project


class Accounts(AppConfig):
    """The project's own app. It is this file, so its models are made when Django asks for them."""

    name = "accounts"
    path = "."
    default_auto_field = "django.db.models.AutoField"

    def import_models(self):
        define_models()
        super().import_models()
        self.models_module = self.module  # else `migrate` passes this app by


settings.configure(
    SECRET_KEY="not a secret: this project only ever answers this script",
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework.authtoken",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
        Accounts("accounts", sys.modules[__name__]),
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    AUTH_USER_MODEL="accounts.Account",
    AUTH_PASSWORD_VALIDATORS=[{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}],
    # Not one answer depends on the hash; a slow one would only make this script slow.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    # No migrations: the tables are made straight from the models.
    MIGRATION_MODULES={
        "contenttypes": None, "auth": None, "authtoken": None, "token_blacklist": None, "accounts": None,
    },
    LOGGING={
        "version": 1,
        "handlers": {"null": {"class": "logging.NullHandler"}},
        "loggers": {"django": {"handlers": ["null"], "propagate": False}},
    },
    USE_TZ=True,
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    # SIMPLE_JWT keeps its defaults: access 5 minutes, refresh 1 day, no rotation.
)

PHONE_SENTENCE = "Phone number must be entered in the format: '+999999999'. Up to 15 digits allowed."


def define_models():
    """The two user models: that of drf-token and simplejwt (the project's), and that of drf-jwt."""
    global Account, JwtUser

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AbstractUser
    from django.db import models

    class Account(AbstractUser):
        # drf-token registers by email alone and simplejwt by username alone, so either may be absent.
        username = models.CharField(
            "username", max_length=150, unique=True, null=True,
            validators=AbstractUser._meta.get_field("username").validators,
            error_messages={"unique": "A user with that username already exists."},
        )
        email = models.EmailField("email address", max_length=254, unique=True, null=True)

        class Meta:
            app_label = "accounts"

    class JwtUser(AbstractBaseUser):
        email = models.EmailField(max_length=254, unique=True)
        username = models.CharField(max_length=255, unique=True)
        name = models.CharField(max_length=255)
        phone_number = models.CharField(max_length=17, blank=True)
        is_staff = models.BooleanField(default=False)
        is_active = models.BooleanField(default=True)

        USERNAME_FIELD = "email"

        class Meta:
            app_label = "accounts"
            verbose_name = "user"


django.setup()

import jwt  # noqa: E402
import rest_framework  # noqa: E402
from django.contrib.auth.forms import SetPasswordForm  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.validators import RegexValidator  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import re_path  # noqa: E402
from rest_framework import generics, permissions, serializers, status  # noqa: E402
from rest_framework.authentication import TokenAuthentication  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.validators import UniqueValidator  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt import views as simplejwt_views  # noqa: E402
from rest_framework_simplejwt.authentication import JWTAuthentication  # noqa: E402
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken  # noqa: E402

# The views have comments where others have docstrings: a docstring would be the "description" that OPTIONS sends.


class PublicView(generics.GenericAPIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]


def new_password():
    return serializers.CharField(min_length=8, max_length=1024, write_only=True)


# -- drf-jwt


class JwtRegistrationSerializer(serializers.ModelSerializer):
    password = new_password()
    phone_number = serializers.CharField(
        required=False, allow_blank=True,
        validators=[RegexValidator(regex=r"^\+?1?\d{9,15}$", message=PHONE_SENTENCE)],
    )

    class Meta:
        model = JwtUser
        fields = ["email", "username", "name", "password", "phone_number", "is_staff", "is_active"]

    def create(self, validated_data):
        password = validated_data.pop("password")
        user = JwtUser(**validated_data)
        user.set_password(password)
        user.save()
        return user


class JwtLoginSerializer(serializers.Serializer):
    email = serializers.CharField()
    password = new_password()

    def validate(self, attrs):
        user = JwtUser.objects.filter(Q(email=attrs["email"]) | Q(username=attrs["email"])).first()
        if user is None or not user.check_password(attrs["password"]) or not user.is_active:
            raise serializers.ValidationError("A user with this email and password was not found.")
        return {"user": user}


class JwtRegistrationView(PublicView, generics.CreateAPIView):
    serializer_class = JwtRegistrationSerializer

    def get_view_name(self):
        return "Registration"

    def create(self, request, *args, **kwargs):
        super().create(request, *args, **kwargs)
        return Response({"message": "The user has been successfully created."}, status=status.HTTP_201_CREATED)


class JwtLoginView(PublicView):
    serializer_class = JwtLoginSerializer

    def get_view_name(self):
        return "Login"

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        expires = datetime.now(timezone.utc) + timedelta(days=60)
        token = jwt.encode({"id": user.pk, "exp": expires}, settings.SECRET_KEY, algorithm="HS256")
        return Response({
            "name": user.name, "username": user.username, "phone_number": user.phone_number, "token": token,
        })


# -- drf-token


class RegistrationSerializer(serializers.ModelSerializer):
    first_name = serializers.CharField(max_length=150)
    last_name = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254, validators=[UniqueValidator(
        Account.objects.all(), message="A user with this email already exists.", lookup="iexact",
    )])
    password1 = new_password()
    password2 = serializers.CharField(write_only=True)

    class Meta:
        model = Account
        fields = ["id", "first_name", "last_name", "email", "password1", "password2"]

    def validate_password1(self, value):
        if not any(character.isdigit() for character in value):
            raise serializers.ValidationError("Password must contain at least one numeral.")
        if not any(character.isalpha() for character in value):
            raise serializers.ValidationError("Password must contain at least one letter.")
        return value

    def validate_password2(self, value):
        # Compared with what password1 was read as (stripped, a number as text), whether or not it is good enough.
        try:
            password1 = self.fields["password1"].to_internal_value(self.initial_data.get("password1"))
        except serializers.ValidationError:
            password1 = None
        if value != password1:
            raise serializers.ValidationError("The two password fields did not match.")
        return value

    def create(self, validated_data):
        validated_data.pop("password2")
        password = validated_data.pop("password1")
        account = Account(**validated_data)
        account.set_password(password)
        account.save()
        return account


class LoginSerializer(serializers.Serializer):
    email = serializers.CharField()
    password = serializers.CharField(max_length=1024)

    def validate(self, attrs):
        account = Account.objects.filter(email__iexact=attrs["email"]).first()
        if account is None or not account.check_password(attrs["password"]):
            raise serializers.ValidationError("Unable to log in with provided credentials.")
        if not account.is_active:
            raise serializers.ValidationError("User account is disabled.")
        return {"account": account}


class UserDetailsSerializer(serializers.ModelSerializer):
    class Meta:
        model = Account
        fields = ["pk", "username", "email", "first_name", "last_name"]
        read_only_fields = ["email"]
        extra_kwargs = {"username": {"required": True, "allow_null": False}}

    def to_representation(self, instance):
        return {name: "" if value is None else value for name, value in super().to_representation(instance).items()}


class PasswordChangeSerializer(serializers.Serializer):
    # As dj-rest-auth has it, but for the length, which there is 128.
    old_password = serializers.CharField(max_length=1024)
    new_password1 = serializers.CharField(max_length=1024)
    new_password2 = serializers.CharField(max_length=1024)

    def validate_old_password(self, value):
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError(
                "Your old password was entered incorrectly. Please enter it again.")
        return value

    def validate(self, attrs):
        self.form = SetPasswordForm(user=self.context["request"].user, data=attrs)
        if not self.form.is_valid():
            raise serializers.ValidationError(self.form.errors)
        return attrs

    def save(self):
        self.form.save()


class RegistrationView(PublicView, generics.CreateAPIView):
    serializer_class = RegistrationSerializer


class LoginView(PublicView):
    serializer_class = LoginSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token, _ = Token.objects.get_or_create(user=serializer.validated_data["account"])
        return Response({"key": token.key})


class LogoutView(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.AllowAny]

    def post(self, request):
        if request.auth is None:
            return Response(
                {"detail": "You should be logged in to logout. Check whether the token is passed."},
                status=status.HTTP_400_BAD_REQUEST,
            )
        request.auth.delete()
        return Response({"detail": "Successfully logged out."})


class UserDetailsView(generics.RetrieveUpdateAPIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = UserDetailsSerializer

    def get_object(self):
        return self.request.user


class PasswordChangeView(generics.GenericAPIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = PasswordChangeSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"detail": "New password has been saved."})


# -- simplejwt


class RegisterSerializer(serializers.ModelSerializer):
    password = new_password()

    class Meta:
        model = Account
        fields = ["username", "password"]
        extra_kwargs = {"username": {"required": True, "allow_null": False}}

    def create(self, validated_data):
        # Not create_user(): it would store the absent email as "", and the next account could not be stored at all.
        account = Account(username=validated_data["username"])
        account.set_password(validated_data["password"])
        account.save()
        return account


class RegisterView(PublicView, generics.CreateAPIView):
    serializer_class = RegisterSerializer

    def create(self, request, *args, **kwargs):
        super().create(request, *args, **kwargs)
        return Response({"message": "User created successfully"}, status=status.HTTP_201_CREATED)


class JwtLogoutView(APIView):
    authentication_classes = [JWTAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def get_view_name(self):
        return "Logout"

    def post(self, request):
        for token in OutstandingToken.objects.filter(user=request.user):
            BlacklistedToken.objects.get_or_create(token=token)
        return Response({"message": "Logged out successfully"})


# -- routes: with and without the trailing slash


def route(path, view):
    return re_path(r"^%s/?$" % path, view.as_view())


urlpatterns = [
    route("drf-jwt/registration", JwtRegistrationView),
    route("drf-jwt/login", JwtLoginView),
    route("drf-jwt/user/register", JwtRegistrationView),
    route("drf-jwt/user/login", JwtLoginView),
    route("drf-token/api/users/registration", RegistrationView),
    route("drf-token/api/users/login", LoginView),
    route("drf-token/api/users/logout", LogoutView),
    route("drf-token/api/users/user", UserDetailsView),
    route("drf-token/api/users/password/change", PasswordChangeView),
    route("simplejwt/api/users/register", RegisterView),
    route("simplejwt/api/users/login", simplejwt_views.TokenObtainPairView),
    route("simplejwt/api/users/token/refresh", simplejwt_views.TokenRefreshView),
    route("simplejwt/api/users/token/verify", simplejwt_views.TokenVerifyView),
    route("simplejwt/api/users/token/blacklist", simplejwt_views.TokenBlacklistView),
    route("simplejwt/api/users/logout", JwtLogoutView),
]


def handler404(request, exception):
    return JsonResponse({"detail": "Not found."}, status=404)


# ------------------------------------------------------------------------------------------------ 2. the caller

RECORDED_HEADERS = ["content-type", "vary", "allow", "www-authenticate"]
TOKEN_FIELDS = ["key", "access", "refresh", "token"]

application = WSGIHandler()


def bytes_of(request, known):
    """The body as sent: placeholders filled in, None when the request has no body."""
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    if "body" in request:
        return filled(request["body"], known).encode("utf-8")
    return None


def filled(text, known):
    return re.sub(r"\{\{(\w+)\}\}", lambda match: known[match.group(1)], text)


def call(contract, request, known):
    """Makes one request; gives status, the recorded headers and the body's bytes."""
    body = bytes_of(request, known)
    path, _, query = request["path"].partition("?")
    environ = {
        "REQUEST_METHOD": request["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": "/" + contract + path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "",
        "CONTENT_LENGTH": "" if body is None else str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.get("headers", {}).items():
        value = filled(value, known)
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        else:
            environ["HTTP_" + name.upper().replace("-", "_")] = value

    started = {}

    def start_response(status_line, headers, exc_info=None):
        started["status"] = int(status_line.split(" ")[0])
        started["headers"] = {name.lower(): value for name, value in headers}

    response = application(environ, start_response)
    sent = b"".join(response)
    response.close()
    if request["method"] == "HEAD":
        sent = b""
    headers = {name: started["headers"][name] for name in RECORDED_HEADERS if name in started["headers"]}
    return started["status"], headers, sent


def record(case):
    """Runs one case on an empty database and gives its row of the table."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    contract, known = case["contract"], {}

    for step in case["given"]:
        if "disable_account" in step:
            name = step["disable_account"]
            found = Account.objects.filter(Q(email=name) | Q(username=name)).update(is_active=False)
            assert found == 1, (case["name"], "nobody to disable")
            continue
        code, _, sent = call(step.get("contract", contract), step, known)
        reply = json.loads(sent) if sent else {}
        assert code < 400, (case["name"], "a given step failed", step, code, reply)
        known.update({field: reply[field] for field in TOKEN_FIELDS if field in reply})

    code, headers, sent = call(contract, case["request"], known)
    body = json.loads(sent) if sent else None  # a 500 is HTML, and stops the recording here
    if isinstance(body, dict) and code < 400:
        body = {name: "{{%s}}" % name if name in TOKEN_FIELDS and isinstance(value, str) else value
                for name, value in body.items()}

    row = dict(case)
    # A name may hold "[this|that]": this when the request was granted, that when it was refused.
    row["name"] = re.sub(r"\[([^|\[\]]*)\|([^|\[\]]*)\]", r"\1" if code < 400 else r"\2", case["name"])
    row["reply"] = {"status": code, "headers": headers, "body": body}
    if "differs_by_decision" in row:
        row["differs_by_decision"] = row.pop("differs_by_decision")  # last, after the reply
    return row


# ------------------------------------------------------------------------------------------------ 3. the cases

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

cases = []


def ask(path, data=None, *, method="POST", text=None, raw=None, type=None, headers=None, contract=None):
    """One request. The body is `data` as JSON (ASCII only, so what is odd is visible), or `text`, or `raw` bytes."""
    request = {"method": method, "path": path, "headers": {}}
    if contract:
        request = {"contract": contract, **request}
    if data is not None:
        text = json.dumps(data)
    if type is None and (text is not None or raw is not None):
        type = JSON
    if type:
        request["headers"]["content-type"] = type
    request["headers"].update(headers or {})
    if text is not None:
        request["body"] = text
    if raw is not None:
        request["body_base64"] = base64.b64encode(raw).decode("ascii")
    return request


def case(contract, name, request, given=(), differs=None):
    row = {"name": name, "contract": contract, "given": list(given), "request": request}
    if differs:
        row["differs_by_decision"] = differs
    cases.append(row)


def without(data, *names):
    return {name: value for name, value in data.items() if name not in names}


def form(data):
    return "&".join("%s=%s" % (name, value) for name, value in data.items())


def multipart(*parts, boundary="frontier"):
    """A multipart body; a part is (headers after 'Content-Disposition: form-data; ', content)."""
    text = "".join("--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (boundary, head, content)
                   for head, content in parts)
    return text + "--%s--\r\n" % boundary


SMILE = "\U0001F600"

# -- drf-jwt

ALICE = {
    "email": "alice@example.com", "username": "alice", "name": "Alice Liddell", "password": "password@123",
    "phone_number": "+4915112345678", "is_staff": "false", "is_active": "true",
}
ALICE_SHORT = without(ALICE, "phone_number", "is_staff", "is_active")
ALICE_LOGIN = {"email": "alice@example.com", "password": "password@123"}


def jwt_register(name, data=None, given=(), differs=None, **how):
    case("drf-jwt", name, ask("/registration/", data, **how), given, differs)


def jwt_login(name, data=None, given=(), differs=None, **how):
    case("drf-jwt", name, ask("/login/", data, **how), given, differs)


GIVEN_ALICE = [ask("/registration/", ALICE)]


def drf_jwt():
    jwt_register("a drf-jwt registration with every field is created", ALICE)
    jwt_register("a drf-jwt registration with only the required fields is created", ALICE_SHORT)
    case("drf-jwt", "a drf-jwt registration is also answered at /user/register/", ask("/user/register/", ALICE_SHORT))
    case("drf-jwt", "a drf-jwt registration is answered without the trailing slash", ask("/registration", ALICE))
    jwt_register("a field that drf-jwt does not know is ignored", {**ALICE, "is_superuser": True, "id": 7})
    jwt_register("an empty drf-jwt registration names the four required fields in field order", {})
    jwt_register("blank drf-jwt fields are refused, but for the phone number",
                 dict.fromkeys(ALICE, ""))
    jwt_register("null is refused in every drf-jwt field", dict.fromkeys(ALICE, None))
    jwt_register("true is no text in a drf-jwt registration", dict.fromkeys(ALICE, True))
    jwt_register("lists are refused in every drf-jwt field", dict.fromkeys(ALICE, ["a@b.co"]))
    jwt_register("empty lists are refused in every drf-jwt field", dict.fromkeys(ALICE, []))
    jwt_register("objects are refused in every drf-jwt field", dict.fromkeys(ALICE, {"a": 1}))
    jwt_register("numbers are read as text in every drf-jwt text field, and 12345678 is no boolean",
                 dict.fromkeys(ALICE, 12345678))
    jwt_register("the drf-jwt email and username must be unused, and both are told at once", ALICE, GIVEN_ALICE)
    jwt_register("a drf-jwt email that is used is refused", {**ALICE, "username": "other"}, GIVEN_ALICE)
    jwt_register("a drf-jwt username that is used is refused", {**ALICE, "email": "o@example.com"}, GIVEN_ALICE)
    jwt_register("a used drf-jwt email and username are refused together with a missing name and a short password",
                 {**without(ALICE, "name"), "password": "short"}, GIVEN_ALICE)
    jwt_register("a drf-jwt email is compared after white space is stripped",
                 {**ALICE, "email": " alice@example.com\n", "username": " alice "}, GIVEN_ALICE)
    jwt_register("a drf-jwt email and username that differ in case only are [taken|refused]",
                 {**ALICE, "email": "ALICE@Example.com", "username": "ALICE"}, GIVEN_ALICE,
                 differs="Decision 3: usernames and emails are unique ignoring case.")
    jwt_register("a number is the same drf-jwt username as its text", {**ALICE, "email": "o@example.com", "username": 7},
                 [ask("/registration/", {**ALICE, "username": "7"})])

    for length in (254, 255):
        email = ("a@" + ".".join(["b" * 63] * 3) + "." + "c" * 63)[:length - 3] + ".de"
        jwt_register("a drf-jwt email of %d characters is [taken|refused]" % length, {**ALICE, "email": email})
    long_email = "a@" + ".".join(["b" * 63] * 5) + ".de"
    jwt_register("an email of more than 320 characters is both too long and invalid, in this order",
                 {**ALICE, "email": long_email})
    for field in ("username", "name"):
        for length in (255, 256):
            jwt_register("a drf-jwt %s of %d characters is [taken|refused]" % (field, length),
                         {**ALICE, field: "x" * length})
    jwt_register("a drf-jwt name of 255 astral characters is taken: code points count", {**ALICE, "name": SMILE * 255})
    jwt_register("a drf-jwt name of 256 astral characters is refused", {**ALICE, "name": SMILE * 256})
    jwt_register("a drf-jwt name of 255 characters is taken when white space around it makes it longer",
                 {**ALICE, "name": "  " + "x" * 255 + "\t\n"})
    jwt_register("a drf-jwt username may hold spaces, marks and anything else", {**ALICE, "username": "a b/\u0301<>\u2028'\""})

    for length in (7, 8, 1024, 1025):
        jwt_register("a drf-jwt password of %d characters is [taken|refused]" % length,
                     {**ALICE, "password": "x" * length})
    jwt_register("a drf-jwt password of 7 astral characters is refused", {**ALICE, "password": SMILE * 7})
    jwt_register("a drf-jwt password of 8 astral characters is taken", {**ALICE, "password": SMILE * 8})
    jwt_register("a drf-jwt password of 8 letters with combining marks counts 16", {**ALICE, "password": "e\u0301" * 4})
    jwt_register("a drf-jwt password of 7 characters and a space is refused: it is stripped first",
                 {**ALICE, "password": "seven77 "})
    jwt_register("a drf-jwt password of white space only is blank", {**ALICE, "password": " " * 8})

    for text, words in [("\u0085", "U+0085"), ("\u001c\u001d\u001e\u001f", "U+001C to U+001F"), ("\u00a0", "U+00A0"),
                        ("\u2003\u3000\u2028", "U+2003, U+3000 and U+2028"), ("\t\n\v\f\r ", "ASCII white space"),
                        ("\u200b", "U+200B"), ("\ufeff", "U+FEFF"), ("\u180e", "U+180E"), ("\u0008", "U+0008")]:
        jwt_register("a name of %s only is [not blank|blank]" % words, {**ALICE, "name": text})

    jwt_register("NUL is refused in every drf-jwt text field; an email is then also invalid",
                 {**ALICE, "email": "a\0@b.co", "username": "a\0", "name": "a\0", "password": "password\0",
                  "phone_number": "+123456789\0"})
    jwt_register("a lone high surrogate is refused in every drf-jwt text field and named",
                 {**ALICE, "email": "a\ud800@b.co", "username": "a\ud800", "name": "a\ud800", "password": "password\ud800",
                  "phone_number": "+123456789\ud800"})
    jwt_register("a lone low surrogate is named", {**ALICE, "name": "\udc00 and \ud800"})
    jwt_register("an escaped surrogate pair is one character", text=json.dumps({**ALICE, "name": SMILE}))
    jwt_register("a short password with NUL carries two messages, the length first", {**ALICE, "password": "a\0"})
    jwt_register("a short password with NUL and a surrogate carries three messages", {**ALICE, "password": "a\0\ud800"})
    jwt_register("a phone number with letters and NUL carries two messages, the pattern first",
                 {**ALICE, "phone_number": "abc\0"})
    jwt_register("an email too long, with NUL and invalid carries three messages",
                 {**ALICE, "email": "a" * 254 + "\0"})

    for phone in ["", "   ", "123456789", "12345678", "+123456789", "+1123456789", "999999999999999", "9999999999999999",
                  "1999999999999999", "+1999999999999999", "+19999999999999999", "+49 151 1234567", "+49-151-1234567",
                  "00491511234567", " +4915112345678\n", "+", "++123456789", "+123456789\n1",
                  "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", "\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2",
                  "\uff11" * 9, 123456789, 1234567890.0, -123456789, True, None]:
        jwt_register("the phone number %s is [taken|refused]" % json.dumps(phone), {**ALICE, "phone_number": phone})

    true_words = ["true", "True", "TRUE", "t", "T", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "1", 1, True]
    false_words = ["false", "False", "FALSE", "f", "F", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "0", 0, False]
    for yes, no in zip(true_words, false_words):
        jwt_register("%s and %s are booleans" % (json.dumps(yes), json.dumps(no)), {**ALICE, "is_staff": no, "is_active": yes})
    for word in [1.0, 0.0, -0.0]:
        jwt_register("is_staff %s is [a boolean|no boolean]" % json.dumps(word), {**ALICE, "is_staff": word})
    for word in ["tRUE", "tRue", " true", "true ", "yES", "oN", "fALSE", "oFF", "2", 2, -1, 0.5, "1.0", "", " ", "null",
                 "None", None, [], [True], {}, {"a": True}, "\uff11", "enabled"]:
        jwt_register("is_staff %s is [a boolean|no boolean]" % json.dumps(word), {**ALICE, "is_staff": word})
    jwt_register("is_active null is refused", {**ALICE, "is_active": None})
    jwt_register("is_staff 1e400 is no boolean", text=json.dumps(ALICE).replace('"false"', "1e400"))
    jwt_register("is_staff 1e0 is [a boolean|no boolean]", text=json.dumps(ALICE).replace('"false"', "1e0"))
    jwt_register("is_staff of a huge integer is no boolean", text=json.dumps(ALICE).replace('"false"', "9" * 40))

    for word in ["true", "on", "1", "tRUE", "null", "+true"]:
        jwt_register("in a form, is_staff=%s is [a boolean|no boolean]" % word,
                     text=form({**ALICE_SHORT, "is_staff": word, "is_active": "true"}), type=FORM)
    jwt_register("in a form, a blank boolean counts as not given", text=form({**ALICE_SHORT, "is_staff": "", "is_active": ""}), type=FORM)
    for word, words in [("is_active=false", "false"), ("is_active=0", "0"), ("is_active=", "nothing"), ("is_active", "no equals sign")]:
        jwt_login("a drf-jwt account made by a form with is_active as %s [can log in|can not log in]" % words, ALICE_LOGIN,
                  [ask("/registration/", text=form(ALICE_SHORT) + "&" + word, type=FORM)])
    jwt_login("a drf-jwt account made by a form without is_active [can log in|can not log in]", ALICE_LOGIN,
              [ask("/registration/", text=form(ALICE_SHORT), type=FORM)],
              differs="DRF manners, booleans: an absent is_active means true, in forms too.")
    jwt_login("a drf-jwt account made by multipart without is_active [can log in|can not log in]", ALICE_LOGIN,
              [ask("/registration/", text=multipart(*(('name="%s"' % k, v) for k, v in ALICE_SHORT.items())),
                   type="multipart/form-data; boundary=frontier")],
              differs="DRF manners, booleans: an absent is_active means true, in forms too.")
    jwt_register("in a form, an absent phone number is fine", text=form(ALICE_SHORT), type=FORM)
    jwt_register("in a form, a blank phone number is fine", text=form({**ALICE_SHORT, "phone_number": ""}), type=FORM)
    jwt_register("in a form, blank required fields are blank, not missing", text=form(dict.fromkeys(ALICE, "")), type=FORM)
    jwt_register("an empty form names the four required fields", text="", type=FORM)

    jwt_login("a drf-jwt login answers name, username, phone number and token", ALICE_LOGIN, GIVEN_ALICE)
    case("drf-jwt", "a drf-jwt login is also answered at /user/login/", ask("/user/login/", ALICE_LOGIN), GIVEN_ALICE)
    jwt_login("a drf-jwt login answers a phone number never given as an empty text", ALICE_LOGIN,
              [ask("/registration/", ALICE_SHORT)])
    jwt_login("a drf-jwt login takes the username in email", {**ALICE_LOGIN, "email": "alice"}, GIVEN_ALICE)
    jwt_login("a drf-jwt login with a username field lacks an email",
              {"username": "alice", "password": "password@123"}, GIVEN_ALICE,
              differs="Decision 3: drf-jwt takes email or username in `email` or in `username`.")
    jwt_login("a drf-jwt login with the email in other case [succeeds|fails]",
              {**ALICE_LOGIN, "email": "Alice@EXAMPLE.com"}, GIVEN_ALICE,
              differs="Decision 3: usernames and emails are unique ignoring case.")
    jwt_login("a drf-jwt login shows a name as stored, without its outer white space", ALICE_LOGIN,
              [ask("/registration/", {**ALICE, "name": " \u0085Alice\u200b ", "username": "\u2003al ice\u001f"})])
    jwt_login("a drf-jwt login strips the email and the password",
              {"email": " alice@example.com ", "password": "\tpassword@123\n"}, GIVEN_ALICE)
    jwt_login("a drf-jwt login with a wrong password fails", {**ALICE_LOGIN, "password": "password@124"}, GIVEN_ALICE)
    jwt_login("a drf-jwt login of nobody fails alike", ALICE_LOGIN)
    jwt_login("a drf-jwt login with no email at all fails alike", {**ALICE_LOGIN, "email": "not an email"})
    jwt_login("a disabled drf-jwt account's login fails alike", ALICE_LOGIN, [ask("/registration/", {**ALICE, "is_active": False})])
    jwt_login("an empty drf-jwt login names both fields", {})
    jwt_login("a drf-jwt login without a password names it", without(ALICE_LOGIN, "password"))
    jwt_login("a drf-jwt login without an email names it", without(ALICE_LOGIN, "email"))
    jwt_login("blank drf-jwt login fields are refused", {"email": " ", "password": ""})
    jwt_login("null drf-jwt login fields are refused", {"email": None, "password": None})
    jwt_login("a drf-jwt login with true and a list has no valid strings", {"email": True, "password": ["password@123"]})
    jwt_login("a drf-jwt login with a short password is told so", {**ALICE_LOGIN, "password": "short"}, GIVEN_ALICE)
    jwt_login("a drf-jwt login with a password of 1025 characters is refused", {**ALICE_LOGIN, "password": "x" * 1025})
    jwt_login("a drf-jwt login with NUL and a surrogate is refused", {"email": "a\0", "password": "password\udfff"})

    def number_login(name, written, text):
        """A password registered as the JSON number `written` is logged in with as the text `text`."""
        jwt_login(name, {**ALICE_LOGIN, "password": text},
                  [ask("/registration/", text=json.dumps(ALICE).replace('"password@123"', written))])

    for written, text in [
        ("12345678", "12345678"), ("-12345678", "-12345678"), ("123456789012345678901234567890",) * 2,
        ("1234567.0", "1234567.0"), ("1234567.50", "1234567.5"), ("12345678e0", "12345678.0"), ("1234567e3", "1234567000.0"),
        ("1e15", "1000000000000000.0"), ("123456789012345680.0", "1.2345678901234568e+17"),
        ("1.23456e-7", "1.23456e-07"), ("0.00001234", "1.234e-05"), ("0.0001234", "0.0001234"),
        ("1.23456E+16", "1.23456e+16"), ("9007199254740993", "9007199254740993"), ("9007199254740993.0", "9007199254740992.0"),
        ("0.1234567890123456789", "0.12345678901234568"), ("1.25e22", "1.25e+22"), ("1.2345e300", "1.2345e+300"),
        ("-1.5e-300", "-1.5e-300"),
    ]:
        number_login("the number %s is the text %s" % (written, text), written, text)
    jwt_register("the number %s is shorter than 8 characters as text" % "1e16", text=json.dumps(ALICE).replace('"password@123"', "1e16"))

    for contract_number in ["0", "-0", "-0.0", "7", "1.0", "1.50", "1e3", "1e16", "1e-7", "1e400", "-1e400", "1e-400",
                            "123456789012345678901234567890", "0.1", "100000000000000000.0", "1E5", "12345678.9"]:
        jwt_login("the name %s is shown as the text Python makes of it" % contract_number, ALICE_LOGIN,
                  [ask("/registration/", text=json.dumps(ALICE).replace('"Alice Liddell"', contract_number))])


# -- drf-token

JOHN = {
    "first_name": "John", "last_name": "Doe", "email": "john.doe@example.com",
    "password1": "Password123", "password2": "Password123",
}
JOHN_LOGIN = {"email": "john.doe@example.com", "password": "Password123"}
GIVEN_JOHN = [ask("/api/users/registration/", JOHN)]
GIVEN_JOHN_KEY = GIVEN_JOHN + [ask("/api/users/login/", JOHN_LOGIN)]
WITH_KEY = {"authorization": "Token {{key}}"}

EMAILS = [
    "a@b.co", "a@b", "a@b.c", "a@b.c1", "a@b.11", "a@localhost", "a@LOCALHOST", "a@localhost.", "a@localhost.localdomain",
    "a@[127.0.0.1]", "a@[127.0.0.256]", "a@[127.0.0.1", "a@127.0.0.1", "a@[::1]", "a@[2001:db8::1]", "a@[IPv6:2001:db8::1]",
    "a@[::ffff:127.0.0.1]", "a@[fe80::1%eth0]", "a@[127.0.0.01]",
    "\"a b\"@example.com", "\"a\"@example.com", "\"\"@example.com", "\"a\\\"b\"@example.com", "\"a\"b\"@example.com",
    "\"a@b\"@example.com", "\"a\tb\"@example.com", "\"a\nb\"@example.com", "\"a\\\tb\"@example.com", "\"\u00fc\"@example.com",
    "\"a\".b@example.com", "a@b@example.com",
    ".a@example.com", "a.@example.com", "a..b@example.com", "a.b.c@example.com", "a+b@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com", "a,b@example.com", "a;b@example.com", "a:b@example.com", "a(b)@example.com",
    "<a@example.com>", "A <a@example.com>", "mailto:a@example.com", "a b@example.com", "a @example.com", "a@ example.com",
    "a@exa mple.com", " a@example.com ", "\ufeffa@example.com", "a@example.com\u200b", "a@example.com\u00a0",
    "a@example.com.", "a@example..com", "a@.example.com", "a@-b.com", "a@b-.com", "a@b--c.com", "a@b.com-", "a@b.-com",
    "a@b_c.com", "a@b.c-m", "a@b.1-", "a@xn--bcher-kva.example", "a@xn--.com", "a@xn--a.com",
    "a@b\u00fccher.example", "a@B\u00dcCHER.example", "a@b\u00fccher.\u4e2d\u56fd", "a@\u4e2d\u56fd", "a@\u4f8b\u5b50.\u6d4b\u8bd5",
    "a@fa\u00df.de", "a@\u0435xample.com", "a@b\u3002com", "a@b\uff0ecom", "a@\u24d4xample.com", "a@\uff45xample.com",
    "a@\u00ad\u00fc.com", "a@\u200d\u00fc.com", "a@\u0301.com", "a@\u0627b.com", "a@" + SMILE + ".com", "a@\u00fc..com",
    "\u00fc@example.com", "\u0438@example.com", "\u017f@example.com", "\u212a@example.com", "\u0131@example.com",
    "\u0130@example.com", "a@e\u017fample.com", "a@\u212aelvin.com", "a@localho\u017ft", "\uff41@example.com",
    "a@" + "b" * 63 + ".com", "a@" + "b" * 64 + ".com", "a@b." + "c" * 63, "a@b." + "c" * 64,
    "a@" + "\u00fc" * 56 + ".com", "a@" + "\u00fc" * 63 + ".com", "a" * 64 + "@example.com", "a" * 65 + "@example.com",
    "@example.com", "a@", "a", "@", "a@.", "a@b.", "a@.b", "a@\texample.com", "a\n@example.com", "a@example.com\nb", "a%40example.com",
    "a@b.co/c", "a@b.co:80", "a@b.co,c@d.co", "a@b.co?x", "a\u007f@b.co", "\"\u007f\"@b.co",
]


def token_register(name, data=None, given=(), differs=None, **how):
    case("drf-token", name, ask("/api/users/registration/", data, **how), given, differs)


def token_login(name, data=None, given=(), differs=None, **how):
    case("drf-token", name, ask("/api/users/login/", data, **how), given, differs)


def drf_token():
    token_register("a drf-token registration answers the account with its id", JOHN)
    token_register("the second drf-token account has the id 2", {**JOHN, "email": "jane@example.com"}, GIVEN_JOHN)
    case("drf-token", "a drf-token registration is answered without the trailing slash", ask("/api/users/registration", JOHN))
    token_register("an empty drf-token registration names all five fields in field order", {})
    token_register("blank drf-token fields are refused", dict.fromkeys(JOHN, ""))
    token_register("null drf-token fields are refused", dict.fromkeys(JOHN, None))
    token_register("false is no text, and no email, in a drf-token registration", dict.fromkeys(JOHN, False))
    token_register("lists are no text, and no email, in a drf-token registration", dict.fromkeys(JOHN, [1]))
    token_register("objects are no text, and no email, in a drf-token registration", dict.fromkeys(JOHN, {}))
    token_register("a drf-token registration whose email is a list is refused as an invalid email", {**JOHN, "email": ["a@b.co"]})
    token_register("a drf-token registration whose email is a number is refused as an invalid email", {**JOHN, "email": 12})
    token_register("a drf-token email that is used is refused", JOHN, GIVEN_JOHN)
    token_register("a drf-token email that differs in case only is refused", {**JOHN, "email": "John.Doe@EXAMPLE.com"}, GIVEN_JOHN)
    token_register("a drf-token email is echoed as written", {**JOHN, "email": "John.Doe@EXAMPLE.com"})
    token_register("a drf-token registration shows all the documented errors at once",
                   {**JOHN, "password1": "Password", "password2": "Password1"}, GIVEN_JOHN)
    token_register("a drf-token registration that does not match tells it under password2", {**JOHN, "password2": "Password124"})
    token_register("a short password1 is not asked for a numeral", {**JOHN, "password1": "short", "password2": "short"})
    token_register("a password1 without a letter is refused", {**JOHN, "password1": "12345678", "password2": "12345678"})
    token_register("a password1 without numeral and letter is told about the numeral only",
                   {**JOHN, "password1": "!!!!!!!!", "password2": "!!!!!!!!"})
    token_register("numbers as drf-token passwords are text without a letter, and match their text",
                   {**JOHN, "password1": 12345678, "password2": "12345678"})
    token_register("drf-token passwords are compared when stripped", {**JOHN, "password1": " Password123", "password2": "Password123 "})
    token_register("a missing password1 makes a password2 that does not match", without(JOHN, "password1"))
    token_register("a missing password2 is required", without(JOHN, "password2"))
    token_register("a password1 of 1025 characters is refused, and password2 matches it",
                   {**JOHN, "password1": "a1" * 512 + "a", "password2": "a1" * 512 + "a"})
    token_register("names of 150 characters are taken", {**JOHN, "first_name": "x" * 150, "last_name": SMILE * 150})
    token_register("names of 151 characters are refused", {**JOHN, "first_name": "x" * 151, "last_name": SMILE * 151})
    token_register("names are echoed stripped", {**JOHN, "first_name": "\u0085 John\u3000", "last_name": "D\u00f6\u200b "})
    token_register("numbers as names are echoed as text", text=json.dumps(JOHN).replace('"John"', "1.50").replace('"Doe"', "-0"))
    token_register("numbers too large as names are echoed as text", text=json.dumps(JOHN).replace('"John"', "1e400").replace('"Doe"', "-1e400"))
    token_register("an integer of 4300 digits is too long a name", text=json.dumps(JOHN).replace('"John"', "9" * 4300))
    token_register("an integer of 4301 digits is a parse error", text=json.dumps(JOHN).replace('"John"', "9" * 4301))
    for written in ["0", "-0.0", "1.0", "1e3", "1e15", "1e16", "1e-4", "1e-5", "123456789012345678901234567890", "1.10", "12E-1"]:
        token_register("the number %s as first_name is echoed as text" % written, text=json.dumps(JOHN).replace('"John"', written))
    for email in EMAILS:
        shown = json.dumps(email)
        if len(shown) > 90:
            shown = "of %d characters U+%04X" % (len(email), ord(email[2]))
        folds_to_ascii = email[0] in "\u017f\u212a\u0131\u0130"  # Django's pattern ignores case, Unicode's way
        token_register("the email %s is [taken|refused]" % shown, {**JOHN, "email": email}, differs=(
            "DRF manners, email rule: non-ASCII local parts are refused." if folds_to_ascii else None))
    token_register("an id, is_staff and username in a drf-token registration are ignored",
                   {"id": 99, "is_staff": True, "username": "root", **JOHN})

    token_login("a drf-token login answers the key", JOHN_LOGIN, GIVEN_JOHN)
    token_login("a drf-token login ignores the case of the email", {**JOHN_LOGIN, "email": "JOHN.DOE@example.COM"}, GIVEN_JOHN)
    token_login("a drf-token login strips the email and the password", {"email": " john.doe@example.com", "password": "Password123\n"}, GIVEN_JOHN)
    token_login("a drf-token login with a wrong password fails", {**JOHN_LOGIN, "password": "password123"}, GIVEN_JOHN)
    token_login("a drf-token login of nobody fails alike", JOHN_LOGIN)
    token_login("a drf-token login whose email is no email fails alike", {**JOHN_LOGIN, "email": "no email"}, GIVEN_JOHN)
    token_login("a drf-token login whose email is a number fails alike", {**JOHN_LOGIN, "email": 12}, GIVEN_JOHN)
    token_login("a disabled drf-token account with the right password is told so", JOHN_LOGIN,
                GIVEN_JOHN + [{"disable_account": "john.doe@example.com"}])
    token_login("a disabled drf-token account with a wrong password is not told so", {**JOHN_LOGIN, "password": "wrong"},
                GIVEN_JOHN + [{"disable_account": "john.doe@example.com"}])
    token_login("an empty drf-token login names both fields", {})
    token_login("a drf-token login without a password names it", without(JOHN_LOGIN, "password"))
    token_login("blank drf-token login fields are refused", {"email": "", "password": "  "})
    token_login("null drf-token login fields are refused", {"email": None, "password": None})
    token_login("true and an object are no valid strings in a drf-token login", {"email": True, "password": {}})
    token_login("a short drf-token login password is only wrong", {**JOHN_LOGIN, "password": "x"}, GIVEN_JOHN)
    token_login("a drf-token login password of 1025 characters is refused", {**JOHN_LOGIN, "password": "x" * 1025}, GIVEN_JOHN)
    token_login("NUL and a surrogate in a drf-token login are refused", {"email": "a\0", "password": "a\ud83d"})

    # Authorization on the logout: first the scheme's own manners, then keys.
    logout = "/api/users/logout/"

    def token_logout(name, authorization, given=GIVEN_JOHN_KEY, differs=None, **how):
        headers = {} if authorization is None else {"authorization": authorization}
        case("drf-token", name, ask(logout, headers=headers, **how), given, differs)

    token_logout("a drf-token logout is answered", "Token {{key}}")
    case("drf-token", "a drf-token logout is answered without the trailing slash", ask("/api/users/logout", headers=WITH_KEY), GIVEN_JOHN_KEY)
    token_logout("a drf-token logout without credentials is the documented 400", None)
    token_logout("a key is dead after the logout", "Token {{key}}", GIVEN_JOHN_KEY + [ask(logout, headers=WITH_KEY)])
    for value, words in [
        ("token {{key}}", "the scheme in lower case"), ("TOKEN {{key}}", "the scheme in upper case"),
        ("Token   {{key}}", "three spaces"), ("Token\t{{key}}", "a tab"), ("  Token {{key}}  ", "spaces around"),
        ("Token", "the scheme alone"), ("Token ", "the scheme and a space"), ("Token {{key}} x", "two words"),
        ("Token {{key}},", "a comma"), ("Token unknown", "an unknown key"), ("Token 0000000000000000000000000000000000000000", "40 zeros"),
        ("Token \u00ff", "a byte that is no ASCII"), ("token unknown", "an unknown key and the scheme in lower case"), ("", "nothing in it"), ("{{key}}", "a bare key"),
        ("Token={{key}}", "an equals sign"), ("Basic am9objpQYXNzd29yZDEyMw==", "Basic"), ("Digest x", "an unknown scheme"),
        ("Bearer garbage", "Bearer and garbage"),
    ]:
        token_logout("a drf-token logout whose Authorization has %s is [granted|refused]" % words, value)
    token_logout("a drf-token logout with the key under Bearer is no credentials at all", "Bearer {{key}}",
                 differs="Decision 3: any live token is accepted under `Bearer` or `Token`.")
    token_logout("a drf-token logout of a disabled account is refused", "Token {{key}}", GIVEN_JOHN_KEY + [{"disable_account": "john.doe@example.com"}])
    token_logout("a drf-token logout does not read its body", "Token {{key}}", text="{not json")
    token_logout("a drf-token logout does not look at its content type", "Token {{key}}", text="x", type="text/plain")
    token_logout("a drf-token logout without credentials does not read its body", None, text="{not json")
    token_logout("a bad key is told before a wrong method", "Token unknown", method="GET")
    token_logout("no credentials and a wrong method is a wrong method on the drf-token logout", None, method="GET")
    token_logout("406 comes before a bad key", "Token unknown", type="", text=None)
    cases[-1]["request"]["headers"]["accept"] = "application/xml"
    token_logout("a drf-token OPTIONS with a bad key is refused", "Token unknown", method="OPTIONS")

    # user/
    user = "/api/users/user/"

    def details(name, method, data=None, given=GIVEN_JOHN_KEY, headers=WITH_KEY, differs=None, **how):
        case("drf-token", name, ask(user, data, method=method, headers=headers, **how), given, differs)

    details("user/ answers the account, and a username never given as an empty text", "GET")
    details("HEAD of user/ is 200 without a body", "HEAD")
    case("drf-token", "user/ is answered without the trailing slash", ask("/api/users/user", method="GET", headers=WITH_KEY), GIVEN_JOHN_KEY)
    details("a PUT of user/ changes username and names, and leaves pk and email alone", "PUT",
            {"pk": 9, "username": "john", "email": "new@example.com", "first_name": "Johnny", "last_name": "D"})
    details("an empty PUT of user/ lacks only the username", "PUT", {})
    details("an empty PATCH of user/ changes nothing", "PATCH", {})
    details("a PATCH of user/ without a body changes nothing", "PATCH")
    details("a PATCH of user/ changes one field", "PATCH", {"first_name": " Jo "})
    details("a PATCH of user/ may blank the names", "PATCH", {"first_name": "", "last_name": " "})
    details("a PATCH of user/ may not blank the username", "PATCH", {"username": ""})
    details("null is refused by a PATCH of user/", "PATCH", {"username": None, "first_name": None, "last_name": None})
    details("true and lists are refused by a PATCH of user/", "PATCH", {"username": True, "first_name": [], "last_name": {}})
    details("a PATCH of user/ with an invalid username is refused", "PATCH", {"username": "a b"})
    details("a PATCH of user/ with too long fields is refused", "PATCH", {"username": "x" * 151, "first_name": "x" * 151, "last_name": "x" * 151})
    details("a PATCH of user/ with an invalid and too long username carries two messages", "PATCH", {"username": "x " * 80})
    details("a PATCH of user/ with another account's username is refused", "PATCH", {"username": "bob"},
            [ask("/api/users/register/", {"username": "bob", "password": "Password123"}, contract="simplejwt")] + GIVEN_JOHN_KEY)
    details("a PATCH of user/ with the account's own username is fine", "PATCH", {"username": "john"},
            GIVEN_JOHN_KEY + [ask(user, {"username": "john"}, method="PATCH", headers=WITH_KEY)])
    details("a PATCH of user/ by form changes one field", "PATCH", text="last_name=Roe+%26+Co", type=FORM)
    details("a PUT of user/ by form without the names keeps them", "PUT", text="username=john", type=FORM)
    details("a PATCH of user/ with a list is refused", "PATCH", [])
    details("a PATCH of user/ with malformed JSON is refused", "PATCH", text="{")
    details("a PATCH of user/ with text/plain is refused", "PATCH", text="x", type="text/plain")
    details("user/ without credentials is refused", "GET", headers=None)
    details("a PATCH of user/ with malformed JSON and no credentials lacks credentials", "PATCH", text="{", headers=None)
    details("a POST of user/ without credentials lacks credentials rather than a method", "POST", {}, headers=None)
    details("a POST of user/ with a key is a wrong method", "POST", {})
    details("a DELETE of user/ with a key is a wrong method", "DELETE")
    details("OPTIONS of user/ without credentials is refused", "OPTIONS", headers=None)
    details("OPTIONS of user/ with a key describes PUT", "OPTIONS")
    for value, words in [("Token", "the scheme alone"), ("Token a b", "two words"), ("Token unknown", "an unknown key"),
                         ("token {{key}}", "the scheme in lower case"), ("Bearer", "Bearer alone"), ("Basic x", "Basic"), ("", "nothing in it")]:
        details("user/ whose Authorization has %s is [granted|refused]" % words, "GET", headers={"authorization": value})
    details("user/ with the key under Bearer lacks credentials", "GET", headers={"authorization": "Bearer {{key}}"},
            differs="Decision 3: any live token is accepted under `Bearer` or `Token`.")
    details("user/ of a disabled account is refused", "GET", given=GIVEN_JOHN_KEY + [{"disable_account": "john.doe@example.com"}])

    # password/change/
    change = {"old_password": "Password123", "new_password1": "NewPassword1", "new_password2": "NewPassword1"}

    def password_change(name, data, headers=WITH_KEY, method="POST", differs=None, **how):
        case("drf-token", name, ask("/api/users/password/change/", data, headers=headers, method=method, **how), GIVEN_JOHN_KEY, differs)

    password_change("a password change is answered", change)
    token_login("the new password logs in after a password change", {**JOHN_LOGIN, "password": "NewPassword1"},
                GIVEN_JOHN_KEY + [ask("/api/users/password/change/", change, headers=WITH_KEY)])
    password_change("an empty password change names all three fields", {})
    password_change("blank password change fields are refused", dict.fromkeys(change, ""))
    password_change("null password change fields are refused", dict.fromkeys(change, None))
    password_change("lists are no passwords", dict.fromkeys(change, []))
    password_change("a wrong old password is told", {**change, "old_password": "wrong"})
    password_change("a wrong old password hides that the new ones do not match", {**change, "old_password": "wrong", "new_password2": "Other1234"})
    password_change("a wrong old password is told together with a missing new one", {"old_password": "wrong", "new_password1": "NewPassword1"})
    password_change("new passwords that do not match are told with U+2019", {**change, "new_password2": "Other1234"})
    password_change("a short new password is told under new_password2", {**change, "new_password1": "short1", "new_password2": "short1"})
    password_change("short new passwords that do not match are told only that", {**change, "new_password1": "short1", "new_password2": "short2"})
    password_change("a new password without a numeral is taken", {**change, "new_password1": "NewPassword", "new_password2": "NewPassword"})
    password_change("new passwords of 1025 characters are refused", {**change, "new_password1": "x" * 1025, "new_password2": "x" * 1025})
    password_change("a password change without credentials is refused", change, headers=None)
    password_change("a GET of the password change is a wrong method", None, method="GET")
    password_change("OPTIONS of the password change describes it", None, method="OPTIONS")


# -- simplejwt

SIMPLE = {"username": "johndoe", "password": "Password123"}
GIVEN_SIMPLE = [ask("/api/users/register/", SIMPLE)]
GIVEN_SIMPLE_TOKENS = GIVEN_SIMPLE + [ask("/api/users/login/", SIMPLE)]
WITH_ACCESS = {"authorization": "Bearer {{access}}"}
NO_CODE = "Decision 9: error bodies are exactly the documented ones, without SimpleJWT's extra keys (`code`, `messages`)."
ONE_DETAIL = NO_CODE + " Bearer scheme: any other refresh is `Token is invalid or expired`."

USERNAMES = [
    "a", "johndoe", "JohnDoe", "john.doe", "john@example.com", "a+b-c_d.e@f", "@", ".", "-", "_", "+", "1", "007", "john doe",
    " johndoe ", "johndoe\n", "john\ndoe", "j\u00f6hn", "jo\u0308hn", "\u4e2d\u6587", "\u0438\u0432\u0430\u043d", "\u0627\u0628",
    "\u0928\u093f", "\u0e01\u0e33", "\u00b2", "\u2167", "\u00bd", "\u2460", "\u0661\u0662", "\u00aa", "\u203f", "\u24d0", "\u0301", "a\u200db", "a\u200b",
    "a\ufeff", "\ufeff", "\u00ad", SMILE, "\U0001d4d0", "\U00020000", "\u00b7", "\u2019", "o'brien", "a/b", "a\\b", "a,b", "a:b", "a!b", "a#b", "<b>", "a\tb", "a\u00a0b",
    "\u00a0ab\u00a0", "\u0085ab\u001f", "\u2118", "\u00b5", "\u0e3f", "$", "%", "a*b", "a=b", "\u037a", "\u309b", "\u30fc", "\u3007", "\u1369", "\u19da", "\U0001f130",
]


def simple_register(name, data=None, given=(), differs=None, **how):
    case("simplejwt", name, ask("/api/users/register/", data, **how), given, differs)


def simple_login(name, data=None, given=(), differs=None, **how):
    case("simplejwt", name, ask("/api/users/login/", data, **how), given, differs)


def simplejwt():
    simple_register("a simplejwt registration is created", SIMPLE)
    case("simplejwt", "a simplejwt registration is answered without the trailing slash", ask("/api/users/register", SIMPLE))
    simple_register("a simplejwt username that is used is refused", SIMPLE, GIVEN_SIMPLE)
    simple_register("a simplejwt username that is used is refused after stripping", {**SIMPLE, "username": " johndoe\u0085"}, GIVEN_SIMPLE)
    simple_register("a simplejwt username that differs in case only is [taken|refused]", {**SIMPLE, "username": "JOHNDOE"}, GIVEN_SIMPLE,
                    differs="Decision 3: usernames and emails are unique ignoring case.")
    simple_register("a used simplejwt username and a short password are told together", {**SIMPLE, "password": "x"}, GIVEN_SIMPLE)
    simple_register("an empty simplejwt registration names both fields", {})
    simple_register("blank simplejwt fields are refused", {"username": "", "password": " "})
    simple_register("null simplejwt fields are refused", {"username": None, "password": None})
    simple_register("true is no text in a simplejwt registration", {"username": True, "password": False})
    simple_register("lists and objects are no text in a simplejwt registration", {"username": [], "password": {}})
    simple_register("numbers are text in a simplejwt registration", {"username": 12345, "password": 12345678})
    for written in ["-1", "1.5", "1e16", "1e-7", "1e400", "-0", "123456789012345678901234567890"]:
        simple_register("the number %s is [taken|refused] as a username" % written, text=json.dumps(SIMPLE).replace('"johndoe"', written))
    for length in (150, 151):
        simple_register("a simplejwt username of %d characters is [taken|refused]" % length, {**SIMPLE, "username": "x" * length})
        simple_register("a simplejwt username of %d astral letters is [taken|refused]" % length, {**SIMPLE, "username": "\U00020000" * length})
    simple_register("an invalid and too long simplejwt username carries two messages, the pattern first", {**SIMPLE, "username": "x " * 76})
    simple_register("a simplejwt username with NUL carries two messages, the pattern first", {**SIMPLE, "username": "a\0b"})
    simple_register("a simplejwt username with a surrogate carries two messages, the pattern first", {**SIMPLE, "username": "a\ud800b"})
    simple_register("a simplejwt username invalid, too long, with NUL and a surrogate carries four messages",
                    {**SIMPLE, "username": "x" * 150 + "\0\ud800"})
    for username in USERNAMES:
        simple_register("the username %s is [taken|refused]" % json.dumps(username), {**SIMPLE, "username": username})
    for length in (7, 8, 1024, 1025):
        simple_register("a simplejwt password of %d characters is [taken|refused]" % length, {**SIMPLE, "password": "x" * length})

    simple_login("a simplejwt login answers refresh, then access", SIMPLE, GIVEN_SIMPLE)
    case("simplejwt", "a simplejwt login is answered without the trailing slash", ask("/api/users/login", SIMPLE), GIVEN_SIMPLE)
    simple_login("a simplejwt login strips the username and the password", {"username": " johndoe ", "password": " Password123\n"}, GIVEN_SIMPLE)
    simple_login("a simplejwt login with a wrong password is 401", {**SIMPLE, "password": "password123"}, GIVEN_SIMPLE)
    simple_login("a simplejwt login of nobody is 401", SIMPLE)
    simple_login("a disabled account's simplejwt login is 401 alike", SIMPLE, GIVEN_SIMPLE + [{"disable_account": "johndoe"}])
    simple_login("a simplejwt login with the username in other case [succeeds|fails]", {**SIMPLE, "username": "JohnDoe"}, GIVEN_SIMPLE,
                 differs="Decision 3: usernames and emails are unique ignoring case.")
    simple_login("an empty simplejwt login names both fields", {})
    simple_login("a simplejwt login without a password names it", {"username": "johndoe"})
    simple_login("blank simplejwt login fields are refused", {"username": "", "password": ""})
    simple_login("null simplejwt login fields are refused", {"username": None, "password": None})
    simple_login("lists and true are no valid strings in a simplejwt login", {"username": ["johndoe"], "password": True})
    simple_login("NUL and a surrogate in a simplejwt login are refused", {"username": "a\0", "password": "b\ud800"})
    simple_login("a number logs in as its text", {"username": 12345, "password": 12345678},
                 [ask("/api/users/register/", {"username": "12345", "password": "12345678"})])
    simple_login("a short simplejwt login password is only wrong", {**SIMPLE, "password": "x"}, GIVEN_SIMPLE)
    simple_login("a simplejwt login password of 1025 characters is only wrong", {**SIMPLE, "password": "x" * 1025}, GIVEN_SIMPLE,
                 differs="Decision 5: above 1024 characters is a 400 before any hashing, in every contract.")
    simple_login("a simplejwt login with a list as body is refused", [SIMPLE])

    # refresh, verify and blacklist: the same questions.
    refresh_path, verify_path, blacklist_path = "/api/users/token/refresh/", "/api/users/token/verify/", "/api/users/token/blacklist/"
    case("simplejwt", "a refresh answers a new access token only", ask(refresh_path, {"refresh": "{{refresh}}"}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "a refresh can be used again", ask(refresh_path, {"refresh": "{{refresh}}"}),
         GIVEN_SIMPLE_TOKENS + [ask(refresh_path, {"refresh": "{{refresh}}"})])
    case("simplejwt", "a refresh token is stripped", ask(refresh_path, {"refresh": " {{refresh}}\n"}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "a refresh by form is answered", ask(refresh_path, text="refresh={{refresh}}", type=FORM), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "a refresh is answered without the trailing slash", ask("/api/users/token/refresh", {"refresh": "{{refresh}}"}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "a refresh ignores an access field, as it is read-only", ask(refresh_path, {"refresh": "{{refresh}}", "access": 1}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "verify takes an access token", ask(verify_path, {"token": "{{access}}"}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "verify takes a refresh token", ask(verify_path, {"token": "{{refresh}}"}), GIVEN_SIMPLE_TOKENS)
    case("simplejwt", "a blacklisting is answered with an empty object", ask(blacklist_path, {"refresh": "{{refresh}}"}), GIVEN_SIMPLE_TOKENS)

    garbage = {
        "missing": {}, "blank": "", "white space": "  ", "null": None, "true": True, "a list": [], "an object": {}, "a number": 12345,
        "garbage": "garbage", "three dots' worth of garbage": "a.b.c", "NUL": "a\0b", "a surrogate": "a\ud800",
        "an unsigned token": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6NDEwMjQ0NDgwMCwianRpIjoiYSIsInVzZXJfaWQiOjF9.",
        "text beyond ASCII": "\u00fc.\u00fc.\u00fc",
    }
    for path, field, verb in [(refresh_path, "refresh", "refresh"), (verify_path, "token", "verification"), (blacklist_path, "refresh", "blacklisting")]:
        for words, value in garbage.items():
            data = {} if words == "missing" else {field: value}
            is_token_error = words in ("a number", "garbage", "three dots' worth of garbage", "an unsigned token", "text beyond ASCII")
            case("simplejwt", "a %s whose token is %s is [granted|refused]" % (verb, words), ask(path, data), (), NO_CODE if is_token_error else None)
        case("simplejwt", "a %s with the token's last character changed is refused" % verb, ask(path, {field: "{{refresh}}x"}), GIVEN_SIMPLE_TOKENS, NO_CODE)
        case("simplejwt", "a %s with a list as body is refused" % verb, ask(path, []))
        case("simplejwt", "a %s with null as body is refused" % verb, ask(path, text="null"))
        case("simplejwt", "a %s with malformed JSON is refused" % verb, ask(path, text="{"))
    case("simplejwt", "a refresh with an access token is refused", ask(refresh_path, {"refresh": "{{access}}"}), GIVEN_SIMPLE_TOKENS, ONE_DETAIL)
    case("simplejwt", "a blacklisting of an access token is refused", ask(blacklist_path, {"refresh": "{{access}}"}), GIVEN_SIMPLE_TOKENS, ONE_DETAIL)
    blacklisted = GIVEN_SIMPLE_TOKENS + [ask(blacklist_path, {"refresh": "{{refresh}}"})]
    case("simplejwt", "a refresh with a blacklisted token is refused", ask(refresh_path, {"refresh": "{{refresh}}"}), blacklisted, ONE_DETAIL)
    case("simplejwt", "a blacklisting again is refused", ask(blacklist_path, {"refresh": "{{refresh}}"}), blacklisted, ONE_DETAIL)
    case("simplejwt", "verify of a blacklisted token is [granted|refused]", ask(verify_path, {"token": "{{refresh}}"}), blacklisted,
         "Decision 7: a revoked session's tokens are dead everywhere.")
    case("simplejwt", "an access token is [alive|dead] after its refresh token was blacklisted", ask("/api/users/logout/", headers=WITH_ACCESS), blacklisted,
         "Decision 7: a revoked session's tokens are dead everywhere.")
    disabled = GIVEN_SIMPLE_TOKENS + [{"disable_account": "johndoe"}]
    case("simplejwt", "a refresh of a disabled account is [granted|refused]", ask(refresh_path, {"refresh": "{{refresh}}"}), disabled,
         "Bearer scheme: the refresh of a disabled user is 401 `Token is invalid or expired`.")
    case("simplejwt", "verify of a disabled account's token is [granted|refused]", ask(verify_path, {"token": "{{access}}"}), disabled,
         "Decision 7 and the companion table: a dead token is 401 as in refresh.")
    logged_out = GIVEN_SIMPLE_TOKENS + [ask("/api/users/logout/", headers=WITH_ACCESS)]
    case("simplejwt", "a refresh after the logout is refused", ask(refresh_path, {"refresh": "{{refresh}}"}), logged_out, ONE_DETAIL)
    case("simplejwt", "an access token is [alive|dead] after the logout", ask("/api/users/logout/", headers=WITH_ACCESS), logged_out,
         "Decision 8: logout ends the whole session, access and refresh.")

    # Authorization on the logout.
    def logout(name, authorization, given=GIVEN_SIMPLE_TOKENS, differs=None, **how):
        headers = {} if authorization is None else {"authorization": authorization}
        case("simplejwt", name, ask("/api/users/logout/", headers=headers, **how), given, differs)

    logout("a simplejwt logout is answered", "Bearer {{access}}")
    logout("a simplejwt logout without credentials is refused", None)
    for value, words in [("", "nothing in it"), ("   ", "spaces"), ("bearer {{access}}", "the scheme in lower case"), ("BEARER {{access}}", "the scheme in upper case"),
                         ("JWT {{access}}", "the scheme JWT"), ("Basic am9objpQYXNzd29yZDEyMw==", "Basic"), ("{{access}}", "a bare token"),
                         ("Bearer   {{access}}", "three spaces"), ("Bearer\t{{access}}", "a tab"), ("Bearer", "the scheme alone"), ("Bearer {{access}} x", "two words"), ("Bearer a b", "two garbage words")]:
        logout("a simplejwt logout whose Authorization has %s is [granted|refused]" % words, value,
               differs=NO_CODE if value.split() and value.split()[0] == "Bearer" and len(value.split()) != 2 else None)
    for value, words in [("Bearer garbage", "garbage"), ("Bearer {{refresh}}", "a refresh token"), ("Bearer {{access}}x", "a broken signature"), ("Bearer \u00ff", "a byte that is no ASCII")]:
        logout("a simplejwt logout whose Authorization has %s is refused" % words, value, differs=NO_CODE)
    logout("a simplejwt logout with the access token under Token lacks credentials", "Token {{access}}",
           differs="Decision 3: any live token is accepted under `Bearer` or `Token`.")
    logout("a simplejwt logout of a disabled account is refused", "Bearer {{access}}", disabled, NO_CODE)
    logout("a simplejwt logout does not read its body", "Bearer {{access}}", text="{not json")
    logout("a simplejwt logout does not look at its content type", "Bearer {{access}}", text="x", type="text/plain")
    logout("a wrong method on the simplejwt logout with an access token is a wrong method", "Bearer {{access}}", method="GET")
    logout("a wrong method on the simplejwt logout with a bad token is a bad token", "Bearer garbage", method="GET", differs=NO_CODE)
    logout("OPTIONS of the simplejwt logout with an access token describes it", "Bearer {{access}}", method="OPTIONS")


# -- what holds for every route


def bodies():
    """JSON, forms and content types, asked of drf-token's registration and login."""
    john = json.dumps(JOHN)
    for text, words in [
        ("{", "an open brace"), ("{not json", "a bare word"), (" ", "a space"), ("{'email': 1}", "single quotes"), ('{"email": 1,}', "a trailing comma"),
        ("[1,]", "a trailing comma in a list"), ('{"email": NaN}', "NaN"), ('{"email": Infinity}', "Infinity"), ('{"email": -Infinity}', "-Infinity"),
        ('{"email": undefined}', "undefined"), ('{"email": 01}', "a leading zero"), ('{"email": .5}', "a leading point"), ('{"email": 1.}', "a trailing point"),
        ('{"email": +1}', "a plus sign"), ('{"email": 0x10}', "a hexadecimal number"), ('{"email": True}', "Python's True"), ('{"email" "a"}', "no colon"), ('{"email": "a" "b": 1}', "no comma"),
        ('{"email": "a\nb"}', "a raw newline in a text"), ('{"email": "a\tb"}', "a raw tab in a text"), ('{"email": "a', "an open text"), ('{"email": "\\x41"}', "a bad escape"), ('{"email": "\\u12"}', "a short escape"),
        ("{} {}", "two objects"), ("{}x", "something after the object"), ("// c\n{}", "a comment"), ("\ufeff{}", "a byte order mark"), ("email=a", "a form"), ("{1: 2}", "a number as key"),
        ("nul", "half a null"), ("\0", "NUL"),
    ]:
        token_register("a JSON body of %s is [read|refused]" % words, text=text)
    token_register("a JSON body with white space around it is read", text="\r\n\t " + john + " \n")
    token_register("a JSON body with U+00A0 around it is refused", text="\u00a0" + john)
    token_register("the last of duplicate JSON keys counts", text=john[:-1] + ', "first_name": "Second"}')
    token_register("JSON escapes in keys are read", text=john.replace('"email"', '"\\u0065mail"'))
    token_register("a JSON body of raw UTF-8 is read", text=json.dumps({**JOHN, "first_name": "J\u00f6hn " + SMILE}, ensure_ascii=False))
    token_register("__proto__ and constructor as JSON keys are ignored", text=john[:-1] + ', "__proto__": {"x": 1}, "constructor": null}')
    token_register("JSON keys count by case: First_Name is another key", text=john.replace("first_name", "First_Name"))
    for raw, words in [(b'{"email": "\xff"}', "a byte FF"), (b'{"email": "\xc3"}', "half a character"), (b'{"email": "\xed\xa0\x80"}', "a surrogate in UTF-8"),
                       (b'{"email": "\xc0\x80"}', "an overlong NUL"), (john.encode("utf-16"), "UTF-16")]:
        token_register("a JSON body with %s is refused" % words, raw=raw)
    token_register("a JSON body nested 50 deep in a field is no valid string", text=john.replace('"John"', "[" * 50 + "]" * 50))
    for text, words in [("[]", "an empty list"), ("[{}]", "a list"), ('"text"', "a text"), ('""', "an empty text"), ("12", "an integer"), ("0", "zero"), ("1.5", "a float"),
                        ("1e400", "an infinite float"), ("true", "true"), ("false", "false"), ("null", "null"), ("[" * 50 + "]" * 50, "lists nested 50 deep")]:
        token_register("%s as JSON body is refused" % words, text=text)
    for text, words in [("[]", "an empty list"), ('"text"', "a text"), ("12", "a number"), ("true", "true"), ("null", "null"), ("", "nothing")]:
        token_login("%s as JSON body of a login is refused" % words, text=text)
    jwt_login("null as JSON body of a drf-jwt login is refused", text="null")
    simple_login("null as JSON body of a simplejwt login is refused", text="null")
    simple_register("a text as JSON body of a simplejwt registration is refused", text='"x"')

    for kind in [None, JSON, FORM, "multipart/form-data; boundary=frontier", "multipart/form-data", "text/plain", "garbage"]:
        token_login("no body with the content type %s is an empty object" % kind, type=kind or "")
        if kind:
            token_login("an empty body with the content type %s is an empty object" % kind, text="", type=kind)

    # Content types.
    login = json.dumps(JOHN_LOGIN)
    for kind in ["Application/JSON", "APPLICATION/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", 'application/json; charset="utf-8"', "application/json; version=2", "application/json ;x=y",
                 " application/json", "application/json;", "application/json; charset=nonsense", "application/*", "*/*", "text/json", "text/plain", "text/plain; charset=utf-8", "TEXT/Plain", "application/vnd.api+json",
                 "application/merge-patch+json", "application/xml", "application/octet-stream", "application/javascript", "json", "garbage", "application/", "/json", "application/json, application/json",
                 "application/json/x", "text/\"x\"", "multipart/mixed; boundary=frontier", "multipart/related"]:
        token_login("JSON sent as %s is [read|refused]" % json.dumps(kind), text=login, type=kind, given=GIVEN_JOHN)
    token_login("JSON sent without a content type is refused", text=login, type="", given=GIVEN_JOHN)
    token_register("JSON in the charset it names is read", raw=json.dumps({**JOHN, "first_name": "J\u00f6hn"}, ensure_ascii=False).encode("latin-1"), type="application/json; charset=iso-8859-1")
    token_login("JSON sent as a form lacks every field", text=login, type=FORM)

    # Forms.
    token_login("a form logs in", text="email=john.doe%40example.com&password=Password123", type=FORM, given=GIVEN_JOHN)
    token_login("a form with a raw @ logs in", text="email=john.doe@example.com&password=Password123", type=FORM, given=GIVEN_JOHN)
    for kind in ["Application/X-WWW-Form-Urlencoded", FORM + "; charset=utf-8", FORM + ";charset=iso-8859-1"]:
        token_login("a form sent as %s is [read|refused]" % kind, text="email=john.doe@example.com&password=Password123", type=kind, given=GIVEN_JOHN)
    base = form(without(JOHN, "first_name"))
    for pair, words in [
        ("first_name=a+b", "a plus sign is a space"), ("first_name=a%2Bb", "%2B is a plus sign"), ("first_name=a%20b", "%20 is a space"), ("first_name=%C3%BC", "%C3%BC is an umlaut"), ("first_name=\u00fc", "raw UTF-8 is read"),
        ("first_name=%FF", "%FF is U+FFFD"), ("first_name=%ED%A0%80", "a surrogate in UTF-8 is U+FFFD thrice"), ("first_name=%ZZ", "a bad escape stays"), ("first_name=100%", "a lone percent sign stays"), ("first_name=a&first_name=b", "the last of repeated keys counts"),
        ("first_name=a&first_name=", "the last of repeated keys counts even when empty"), ("first_name", "a key without equals sign is blank"), ("first_name=", "an empty value is blank"), ("first_name=a=b", "a second equals sign belongs to the value"),
        ("first%5Fname=a", "escapes in keys are read"), ("first_name=a;first_name=b", "a semicolon is no separator"), ("&&first_name=a&&", "empty pairs are skipped"), ("first_name[]=a", "brackets are part of the key"), ("first_name=%00", "%00 is NUL"),
        ("first_name=null", "null is a text"), ("first_name=1.50", "a number is the text as written"), (" first_name=a", "a space before the key is part of it"), ("first_name=%0A", "an escaped newline is white space"), ("first_name=a%0D%0Ab", "escaped line ends inside stay"),
    ]:
        token_register("in a form, %s" % words, text=base + "&" + pair, type=FORM)
    token_register("in a form, raw bytes that are no UTF-8 are read as iso-8859-1", raw=base.encode() + b"&first_name=\xfc", type=FORM)
    token_register("in a form that names iso-8859-1, %FC is an umlaut", text=base + "&first_name=%FC", type=FORM + "; charset=iso-8859-1")
    token_login("an empty form lacks both fields", text="", type=FORM)

    # Multipart.
    kind = "multipart/form-data; boundary=frontier"
    email, password = ('name="email"', "john.doe@example.com"), ('name="password"', "Password123")
    good = multipart(email, password)
    token_login("multipart fields log in", text=good, type=kind, given=GIVEN_JOHN)
    token_login("multipart with a quoted boundary logs in", text=good, type='multipart/form-data; boundary="frontier"', given=GIVEN_JOHN)
    token_login("Multipart/Form-Data in other case [logs in|is refused]", text=good, type="Multipart/Form-Data; Boundary=frontier", given=GIVEN_JOHN)
    token_login("the last of repeated multipart fields counts", text=multipart(('name="email"', "x"), email, password), type=kind, given=GIVEN_JOHN)
    token_login("a file in a text field is no valid string", text=multipart(email, ('name="password"; filename="p.txt"', "Password123")), type=kind, given=GIVEN_JOHN)
    token_login("a file in a text field wins over the field of that name", text=multipart(email, password, ('name="password"; filename="p.txt"', "Password123")), type=kind, given=GIVEN_JOHN)
    token_login("an empty file in a text field is no valid string", text=multipart(email, ('name="password"; filename="p.txt"', "")), type=kind, given=GIVEN_JOHN)
    token_login("a file with an empty name is not there", text=multipart(email, ('name="password"; filename=""', "Password123")), type=kind, given=GIVEN_JOHN)
    token_login("a file in a field nobody asks for is ignored", text=multipart(email, password, ('name="photo"; filename="p.png"', "x")), type=kind, given=GIVEN_JOHN)
    token_login("a blank multipart field is blank", text=multipart(email, ('name="password"', "")), type=kind, given=GIVEN_JOHN)
    token_login("a multipart part without a name is not there", text=multipart(email, ("x=1", "Password123")), type=kind, given=GIVEN_JOHN)
    token_login("multipart without a boundary is refused", text=good, type="multipart/form-data", given=GIVEN_JOHN)
    token_login("multipart with an empty boundary is [read|refused]", text=good, type="multipart/form-data; boundary=", given=GIVEN_JOHN)
    token_login("multipart with an invalid boundary is refused", text=good, type="multipart/form-data; boundary=fr\u00f6ntier", given=GIVEN_JOHN)
    token_login("multipart without the boundary it names is one part, up to the end of the body", text=good, type="multipart/form-data; boundary=other", given=GIVEN_JOHN)
    token_login("multipart of garbage lacks both fields", text="garbage", type=kind)
    token_login("multipart without its last boundary [logs in|is refused]", text=good[:-len("--frontier--\r\n")], type=kind, given=GIVEN_JOHN)
    token_login("multipart cut off within a field is read as far as it goes", text=good[:good.index("word123")], type=kind, given=GIVEN_JOHN)
    token_login("multipart with bare line feeds has no fields", text=good.replace("\r\n", "\n"), type=kind, given=GIVEN_JOHN)
    token_register("multipart fields of raw UTF-8 are read", text=multipart(*(('name="%s"' % k, v) for k, v in {**JOHN, "first_name": "J\u00f6hn"}.items())), type=kind)
    token_register("a multipart field that is no UTF-8 is read with U+FFFD", raw=multipart(*(('name="%s"' % k, v) for k, v in JOHN.items())).encode().replace(b"John", b"J\xf6hn"), type=kind)
    token_register("a multipart field in base64 is decoded", text=multipart(*(('name="%s"' % k, v) for k, v in JOHN.items())).replace(
        'name="first_name"\r\n\r\nJohn', 'name="first_name"\r\nContent-Transfer-Encoding: base64\r\n\r\nSm9obg=='), type=kind)


ROUTES = [
    ("drf-jwt", "/registration/"), ("drf-jwt", "/login/"), ("drf-jwt", "/user/register/"), ("drf-jwt", "/user/login/"),
    ("drf-token", "/api/users/registration/"), ("drf-token", "/api/users/login/"), ("drf-token", "/api/users/logout/"),
    ("simplejwt", "/api/users/register/"), ("simplejwt", "/api/users/login/"), ("simplejwt", "/api/users/token/refresh/"), ("simplejwt", "/api/users/logout/"),
]


def methods_and_headers():
    for contract, path in ROUTES + [("simplejwt", "/api/users/token/verify/"), ("simplejwt", "/api/users/token/blacklist/")]:
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]:
            case(contract, "%s of %s in %s without credentials is [granted|refused]" % (method, path, contract), ask(path, method=method))
    for method in ["TRACE", "PROPFIND", "CONNECT"]:
        case("drf-token", "the method %s is [granted|refused]" % method, ask("/api/users/login/", JOHN_LOGIN, method=method))
    case("drf-token", "the method post in lower case is read as POST", ask("/api/users/login/", JOHN_LOGIN, method="post"), GIVEN_JOHN)
    case("drf-token", "a wrong method is told before the body is read", ask("/api/users/login/", text="{", method="PUT"))
    case("drf-token", "a wrong method is told before the content type is looked at", ask("/api/users/login/", text="x", type="text/plain", method="PUT"))
    case("drf-token", "an X-HTTP-Method-Override is ignored", ask("/api/users/login/", {}, headers={"x-http-method-override": "GET"}))
    case("drf-token", "OPTIONS does not read the body", ask("/api/users/login/", text="{", method="OPTIONS"))

    for accept in ["*/*", "application/*", "application/json", "Application/JSON", "application/json;q=0.5", "application/json; q=0", "application/json; indent=4", "application/json; charset=utf-8", "application/json; version=2",
                   "text/html, application/json", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml, */*;q=0.1", "application/json, text/plain, */*", "*/json", "*"]:
        case("drf-token", "Accept %s is [fine|not acceptable]" % json.dumps(accept), ask("/api/users/login/", JOHN_LOGIN, headers={"accept": accept}), GIVEN_JOHN)
    for accept in ["text/html", "text/html, application/xhtml+xml"]:
        case("drf-token", "Accept %s is [fine|not acceptable]" % json.dumps(accept), ask("/api/users/login/", JOHN_LOGIN, headers={"accept": accept}), GIVEN_JOHN,
             "DRF manners: `text/html` and `*/*` get JSON (the stack does so only with its HTML renderer installed).")
    case("drf-token", "Accept \"text/html, application/xml\" is [fine|not acceptable]", ask("/api/users/login/", JOHN_LOGIN, headers={"accept": "text/html, application/xml"}), GIVEN_JOHN,
         "DRF manners: `text/html` and `*/*` get JSON (the stack does so only with its HTML renderer installed).")
    for accept in ["application/xml", "text/*", "garbage", "", " ", ",", "application/", "application/vnd.api+json", "image/png, text/plain;q=0.5", "application/jso", "text/json"]:
        case("drf-token", "Accept %s is [fine|not acceptable]" % json.dumps(accept), ask("/api/users/login/", JOHN_LOGIN, headers={"accept": accept}), GIVEN_JOHN)
    xml = {"accept": "application/xml"}
    for contract, path in ROUTES:
        case(contract, "what is not acceptable is told before a wrong method on %s in %s" % (path, contract), ask(path, method="GET", headers=xml))
    case("drf-token", "what is not acceptable is told before malformed JSON", ask("/api/users/login/", text="{", headers=xml))
    case("drf-token", "what is not acceptable is told before a content type", ask("/api/users/login/", text="x", type="text/plain", headers=xml))
    case("drf-token", "HEAD that is not acceptable is 406 without a body", ask("/api/users/login/", method="HEAD", headers=xml))
    case("drf-token", "OPTIONS that is not acceptable is 406", ask("/api/users/login/", method="OPTIONS", headers=xml))
    case("drf-token", "an unknown path is 404 whatever is acceptable", ask("/api/users/nowhere/", {}, headers=xml))
    case("drf-token", "?format=json is fine", ask("/api/users/login/?format=json", JOHN_LOGIN), GIVEN_JOHN)
    case("drf-token", "?format=xml is not found", ask("/api/users/login/?format=xml", JOHN_LOGIN), GIVEN_JOHN)
    case("drf-token", "?format= alone is ignored", ask("/api/users/login/?format=", JOHN_LOGIN), GIVEN_JOHN)
    case("drf-token", "fields in the query are ignored", ask("/api/users/login/?email=john.doe@example.com&password=Password123"), GIVEN_JOHN)

    for path in ["/", "", "/api/users/", "/api/users/nowhere/", "/api/users/login//", "/api/users//login/", "/api/users/LOGIN/", "/api/users/login/x", "/api/users/login.json"]:
        case("drf-token", "the path %s is not found" % json.dumps(path), ask(path, {}))
    for method in ["GET", "HEAD", "OPTIONS", "DELETE"]:
        case("drf-token", "%s of an unknown path is not found" % method, ask("/api/users/nowhere/", method=method))

    # Credentials nobody asked for.
    public = [("drf-jwt", "/registration/", ALICE, []), ("drf-jwt", "/login/", ALICE_LOGIN, GIVEN_ALICE), ("drf-token", "/api/users/registration/", JOHN, []),
              ("drf-token", "/api/users/login/", JOHN_LOGIN, GIVEN_JOHN), ("simplejwt", "/api/users/register/", SIMPLE, []), ("simplejwt", "/api/users/login/", SIMPLE, GIVEN_SIMPLE),
              ("simplejwt", "/api/users/token/refresh/", {"refresh": "{{refresh}}"}, GIVEN_SIMPLE_TOKENS)]
    for contract, path, data, given in public:
        for value in ["Token unknown", "Bearer garbage"]:
            case(contract, "a stale %s is ignored by %s in %s" % (value.split()[0], path, contract), ask(path, data, headers={"authorization": value}), given)
    for value in ["Token", "Token a b", "Bearer", "Bearer a b", "Basic x", "", "nonsense"]:
        case("drf-token", "Authorization %s is ignored by the login" % json.dumps(value), ask("/api/users/login/", JOHN_LOGIN, headers={"authorization": value}), GIVEN_JOHN)


# ------------------------------------------------------------------------------------------------ 4. the table


def main():
    for make in (drf_jwt, drf_token, simplejwt, bodies, methods_and_headers):
        make()
    call_command("migrate", run_syncdb=True, verbosity=0)
    rows = [record(each) for each in cases]
    names = [row["name"] for row in rows]
    repeated = sorted({name for name in names if names.count(name) > 1})
    assert not repeated, repeated

    import importlib.metadata
    versions = {
        "django": django.get_version(),
        "djangorestframework": rest_framework.VERSION,
        "djangorestframework-simplejwt": importlib.metadata.version("djangorestframework-simplejwt"),
        "python": platform.python_version(),
    }
    # One case a line, so that a difference between two recordings is a difference of lines.
    print('{"recorded_with": %s,\n "cases": [' % json.dumps(versions))
    print(",\n".join(json.dumps(row) for row in rows))
    print("]}")


if __name__ == "__main__":
    main()
