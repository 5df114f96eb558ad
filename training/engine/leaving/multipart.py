"""The parts of a form that was sent with files (RFC 7578), for a server without a framework."""

import re

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')
_NAME = re.compile(rb'name="([^"]*)"')


class NotAForm(ValueError):
    """The body is not what its content type says."""


def read_form(content_type: str, body: bytes) -> dict[str, bytes]:
    """Contents by name; a body that is no form is the part `image`. Raises NotAForm."""
    if not content_type.lower().startswith("multipart/form-data"):
        return {"image": body}
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise NotAForm("The form names no boundary.")
    fence = b"--" + found[1].strip().encode()
    parts = (b"\r\n" + body).split(b"\r\n" + fence)
    if len(parts) < 3 or not parts[-1].startswith(b"--"):
        raise NotAForm("The form ends in the middle; send it again.")
    read = {}
    for part in parts[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not gap or name is None:
            raise NotAForm("A part of the form has no name.")
        read[name[1].decode()] = content
    return read
