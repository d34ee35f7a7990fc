from django.urls import include, path

from token_views import (
    LoginView,
    LogoutView,
    NotesView,
    PasswordChangeView,
    RegistrationView,
    UserDetailsView,
)

# Where dj-rest-auth's documentation mounts it.
dj_rest_auth = [
    path("registration/", RegistrationView.as_view()),
    path("login/", LoginView.as_view()),
    path("logout/", LogoutView.as_view()),
    path("user/", UserDetailsView.as_view()),
    path("password/change/", PasswordChangeView.as_view()),
]

urlpatterns = [
    path("dj-rest-auth/", include(dj_rest_auth)),
    path("api/notes/", NotesView.as_view()),
]
