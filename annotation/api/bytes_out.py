"""Bytes from storage as an answer: ranges, ETag, and a long private life in the browser's cache."""

import hashlib
import re
from typing import IO

from django.http import FileResponse, HttpResponse
from rest_framework.request import Request

from backend.foundation import storage

# What lies under a key of an image never changes: a new picture is a new image.
FOR_EVER = "private, max-age=31536000, immutable"
RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def answer(request: Request, *, key: str, content_type: str) -> HttpResponse:
    """The bytes under `key`; one range of them when the request names one; 304 when the browser has them."""
    etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:32]}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    elif match := RANGE.fullmatch(request.headers.get("Range", "").replace(" ", "")):
        response = _part(key, match, content_type)
    else:
        response = HttpResponse(storage.get(key), content_type=content_type)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    response["Accept-Ranges"] = "bytes"
    return response


def _part(key: str, match: re.Match[str], content_type: str) -> HttpResponse:
    size = storage.size(key)
    first, last, suffix = match.groups()
    start = max(size - int(suffix), 0) if suffix else int(first)
    end = min(int(last) + 1, size) if last else size
    if start >= end:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    response = HttpResponse(storage.get_range(key, start, end), status=206, content_type=content_type)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def stream(file: IO[bytes], *, file_name: str) -> FileResponse:
    """A file as a download, in pieces, so that memory stays flat; closes it."""
    return FileResponse(file, as_attachment=True, filename=file_name)
