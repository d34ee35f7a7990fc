from django.urls import path
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView, TokenVerifyView

from shop.views import LogoutView, NotesView, RegisterView

urlpatterns = [
    path("api/users/register/", RegisterView.as_view()),
    path("api/users/login/", TokenObtainPairView.as_view()),
    path("api/users/token/refresh/", TokenRefreshView.as_view()),
    path("api/users/token/verify/", TokenVerifyView.as_view()),
    path("api/users/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/users/logout/", LogoutView.as_view()),
    path("api/notes/", NotesView.as_view()),
]
