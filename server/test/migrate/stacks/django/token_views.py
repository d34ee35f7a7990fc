"""Document 002's views, as a project with authtoken writes them; the user model may have a username or none."""

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm
from rest_framework import generics, permissions, serializers
from rest_framework.authtoken.models import Token
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator
from rest_framework.views import APIView

User = get_user_model()
HAS_USERNAME = User.USERNAME_FIELD == "username"


class PublicView(generics.GenericAPIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]


class RegistrationSerializer(serializers.ModelSerializer):
    first_name = serializers.CharField(max_length=150)
    last_name = serializers.CharField(max_length=150)
    email = serializers.EmailField(
        max_length=254,
        validators=[UniqueValidator(User.objects.all(), message="A user with this email already exists.", lookup="iexact")],
    )
    password1 = serializers.CharField(min_length=8, write_only=True)
    password2 = serializers.CharField(write_only=True)

    class Meta:
        model = User
        fields = ["id", "first_name", "last_name", "email", "password1", "password2"]

    def validate_password1(self, value):
        if not any(character.isdigit() for character in value):
            raise serializers.ValidationError("Password must contain at least one numeral.")
        if not any(character.isalpha() for character in value):
            raise serializers.ValidationError("Password must contain at least one letter.")
        return value

    def validate(self, attrs):
        if attrs["password1"] != attrs["password2"]:
            raise serializers.ValidationError({"password2": "The two password fields did not match."})
        return attrs

    def create(self, validated_data):
        validated_data.pop("password2")
        password = validated_data.pop("password1")
        user = User(**validated_data)
        if HAS_USERNAME:
            # As django-allauth makes one up.
            user.username = user.email.split("@")[0]
        user.set_password(password)
        user.save()
        return user


class LoginSerializer(serializers.Serializer):
    email = serializers.CharField()
    password = serializers.CharField()

    def validate(self, attrs):
        user = User.objects.filter(email__iexact=attrs["email"]).first()
        if user is None or not user.check_password(attrs["password"]):
            raise serializers.ValidationError("Unable to log in with provided credentials.")
        if not user.is_active:
            raise serializers.ValidationError("User account is disabled.")
        return {"user": user}


class UserDetailsSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["pk", "username", "email", "first_name", "last_name"] if HAS_USERNAME else ["pk", "email", "first_name", "last_name"]
        read_only_fields = ["email"]

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        return {name: shown.get(name, "") for name in ["pk", "username", "email", "first_name", "last_name"]}


class PasswordChangeSerializer(serializers.Serializer):
    old_password = serializers.CharField(max_length=128)
    new_password1 = serializers.CharField(max_length=128)
    new_password2 = serializers.CharField(max_length=128)

    def validate_old_password(self, value):
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError("Your old password was entered incorrectly. Please enter it again.")
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
        token, _ = Token.objects.get_or_create(user=serializer.validated_data["user"])
        return Response({"key": token.key})


class LogoutView(APIView):
    permission_classes = [permissions.AllowAny]

    def post(self, request):
        if request.auth is None:
            detail = "You should be logged in to logout. Check whether the token is passed."
            return Response({"detail": detail}, status=400)
        request.auth.delete()
        return Response({"detail": "Successfully logged out."})


class UserDetailsView(generics.RetrieveUpdateAPIView):
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = UserDetailsSerializer

    def get_object(self):
        return self.request.user


class PasswordChangeView(generics.GenericAPIView):
    permission_classes = [permissions.IsAuthenticated]
    serializer_class = PasswordChangeSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"detail": "New password has been saved."})


class NotesView(APIView):
    """What the project is there for, and what stays with it after the move."""

    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        return Response({"notes": ["a note of %s" % request.user.email]})
