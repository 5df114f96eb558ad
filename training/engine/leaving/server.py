"""A model that has left the house, over REST.

    python -m training.engine.leaving.server --model model --port 8080

    GET  /health     → {"ok": true, …}
    GET  /card       → what the model is, learned from, scored, and its limits, as JSON
    POST /predict    → a form with `image` (PNG, TIFF), `labels` where classes of outlined cells are told,
                       `answer=json` for a list instead of labels, `channels` and `cell_px` for how to read;
                       or the bare file as the body

There is no sign-in here: put the server behind one that has it, or on an address that only you reach.
"""

import argparse
import json
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from training.contract import reading
from training.contract.errors import ContractError
from training.contract.files import read_model_card
from training.engine.devices import Device, choose_device
from training.engine.errors import RunRefused
from training.engine.leaving import asking
from training.engine.leaving.multipart import NotAForm, read_form

FACTS = "facts.json"
MOST_BYTES = 512 * 1024 * 1024
READING = "Cytoloop-Reading"
"""The header that says, as JSON, how the picture was read."""


class ModelServer(ThreadingHTTPServer):
    """Serves one model; one prediction at a time, for it uses all the threads it may."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], model: Path, device: Device) -> None:
        super().__init__(address, Handler)
        self.model, self.device, self.at_work = model, device, threading.Lock()
        self.card = read_model_card(model)
        facts = model / FACTS
        self.facts = json.loads(facts.read_text(encoding="utf-8")) if facts.exists() else {}


class Handler(BaseHTTPRequestHandler):
    """The three addresses."""

    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """/health and /card."""
        served = self.server
        if self.path == "/health":
            self._tell({"ok": True, "recipe": served.card.recipe, "model": served.facts.get("name", "")})
        elif self.path == "/card":
            self._tell({"facts": served.facts, "model": served.card.to_json()})
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There are /health, /card and /predict.")

    def do_POST(self) -> None:
        """/predict."""
        if self.path != "/predict":
            self._refuse(HTTPStatus.NOT_FOUND, "There are /health, /card and /predict.")
            return
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or not 0 < int(size) <= MOST_BYTES:
            self.close_connection = True
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Send 1 to {MOST_BYTES} bytes, told ahead.")
            return
        body = self.rfile.read(int(size))
        try:
            self._send(self._predict(read_form(self.headers.get("Content-Type", ""), body)))
        except (RunRefused, ContractError, NotAForm) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:
            sys.stderr.write("".join(traceback.format_exception(error)))
            told = f"The model failed: {type(error).__name__}: {error}"
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, told)

    def _predict(self, form: dict[str, bytes]) -> asking.Answer:
        if "image" not in form:
            raise NotAForm("The form has no “image”; send the picture under that name.")
        with self.server.at_work:
            return asking.answer(
                self.server.model,
                self.server.device,
                form["image"],
                form.get("labels"),
                as_json=form.get("answer") == b"json",
                asked=reading.of_words(*(_word(form, name) for name in (reading.CHANNELS, reading.CELL_PX))),
                learned=list(self.server.facts.get("reads") or []),
            )

    def _tell(self, said: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(said, ensure_ascii=False).encode()
        self._send(asking.Answer(asking.JSON, "", body), status)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._tell({"detail": sentence}, status)

    def _send(self, answer: asking.Answer, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.name:
            self.send_header("Content-Disposition", f'attachment; filename="{answer.name}"')
        if answer.reading:
            self.send_header(READING, json.dumps(dict(answer.reading)))
        self.end_headers()
        self.wfile.write(answer.body)


def _word(form: dict[str, bytes], name: str) -> str:
    return form.get(name, b"").decode(errors="replace")


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and serves until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.leaving.server")
    parser.add_argument("--model", type=Path, default=Path("model"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    # What leaves is float32, so nothing around the net may be of half the precision.
    device = replace(choose_device(given.threads), half=False)
    server = ModelServer((given.host, given.port), given.model.resolve(), device)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"Listening on http://{given.host}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
