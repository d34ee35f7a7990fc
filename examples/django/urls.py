"""One view, which only somebody with a good token sees."""

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["GET"])
def me(request):
    return Response({"pk": request.user.pk, "subject": request.auth["sub"]})


urlpatterns = [path("me/", me)]
