from django.urls import path

from token_views import (
    LoginView,
    LogoutView,
    NotesView,
    PasswordChangeView,
    RegistrationView,
    UserDetailsView,
)

urlpatterns = [
    path("api/users/registration/", RegistrationView.as_view()),
    path("api/users/login/", LoginView.as_view()),
    path("api/users/logout/", LogoutView.as_view()),
    path("api/users/user/", UserDetailsView.as_view()),
    path("api/users/password/change/", PasswordChangeView.as_view()),
    path("api/notes/", NotesView.as_view()),
]
