"""The built pages: every address that is neither the API's nor a file's is the page application's own."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The application's one page, which looks at the address itself."""
    if "." in path.rpartition("/")[2]:
        return HttpResponse("There is no such file.", status=404, content_type="text/plain")
    index = Path(settings.CYTOLOOP_PAGES) / "index.html"
    try:
        content = index.read_bytes()
    except FileNotFoundError:
        explanation = (
            "The pages are not built yet. Run “make up” in the repository. The API answers at /api/v1/."
        )
        return HttpResponse(explanation, status=503, content_type="text/plain; charset=utf-8")
    get_token(request)
    return HttpResponse(
        content, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@csrf_exempt
def no_such_endpoint(request: HttpRequest, path: str) -> JsonResponse:
    """An address below /api/ that nobody serves."""
    detail = f"There is no endpoint {request.method} /api/{path}. See /api/v1/schema/."
    return JsonResponse({"code": "not_found", "detail": detail}, status=404)


def refuse_forgery(_request: HttpRequest, reason: str = "") -> JsonResponse:
    """A change without the right CSRF token."""
    detail = f"The request did not carry this browser's token. Reload the page and try again. ({reason})"
    return JsonResponse({"code": "csrf_failed", "detail": detail}, status=403)


def own_fault(request: HttpRequest) -> JsonResponse:
    """Something nobody foresaw. The log tells more under the same id."""
    request_id = request.META.get("CYTOLOOP_REQUEST_ID", "")
    detail = f"Something went wrong on the server; its log says more at request {request_id}."
    return JsonResponse({"code": "server_error", "detail": detail}, status=500)
