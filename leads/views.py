from django.http import HttpRequest, HttpResponse


def leads(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
