"""What every request and answer gets: an id, headers that keep strangers' scripts out, and compression of
text.
"""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]

WELL_FORMED_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# Workers are built as files or blobs; ONNX Runtime compiles WebAssembly; component libraries set style
# attributes.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
TEXT_TYPES = (
    "application/json",
    "text/html",
    "text/css",
    "text/javascript",
    "image/svg+xml",
    "application/vnd.oai",
)


class RequestId:
    """Each request has an id, the caller's if it is well formed; it is in the answer's headers and in the
    log.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        told = request.headers.get("X-Request-Id", "")
        request_id = told if WELL_FORMED_ID.fullmatch(told) else secrets.token_hex(8)
        request.META["CYTOLOOP_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response


class SecurityHeaders:
    """The pages run only this project's code; isolation lets their workers share memory."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class CompressText(GZipMiddleware):
    """Gzip for text only: tiles, chunks and weights are compressed already, event streams must not wait."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not isinstance(response, HttpResponse) or not response.headers.get("Content-Type", "").startswith(
            TEXT_TYPES
        ):
            return response
        return super().process_response(request, response)
