"""A headless Chromium, and a static server with a strict security policy."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WEB = HERE.parent.parent / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds
SLOW = "slow"  # in the name of a file that arrives in pieces
PIECES = 40
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; img-src blob:; style-src 'self'"
)


class Results:
    """What the page has sent, by name."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.done = threading.Event()


class Handler(SimpleHTTPRequestHandler):
    """Serves the decoder, a folder of files and a page, and keeps what that sends."""

    def __init__(self, *given: object, files: Path, results: Results) -> None:
        self._files, self._results = files, results
        super().__init__(*given)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        _, folder, *rest = path.split("?")[0].split("/")
        base = {"web": WEB, "files": self._files}.get(folder)
        return str(base.joinpath(*rest) if base else HERE / folder)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def copyfile(self, source: object, outputfile: object) -> None:
        if SLOW not in self.path:
            return super().copyfile(source, outputfile)  # type: ignore[type-var]
        data = source.read()  # type: ignore[attr-defined]
        for start in range(0, len(data), -(-len(data) // PIECES)):
            outputfile.write(data[start : start + -(-len(data) // PIECES)])  # type: ignore[attr-defined]
            outputfile.flush()  # type: ignore[attr-defined]
            time.sleep(0.03)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2]
        self._results.bodies[name] = body
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if name == "done":
            self._results.done.set()

    def log_message(self, *given: object) -> None:
        """Say nothing."""


def visit(
    files: Path, profile: Path, *, page: str = "page.html", patience: float = PATIENCE
) -> dict[str, bytes]:
    """Open a page of this folder in Chromium; returns what it sends until it is done.

    Raises:
        TimeoutError: It was not within `patience` seconds.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium")
    results = Results()
    handler = partial(Handler, files=files, results=results)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{page}"
        switches = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command = [browser, *switches, f"--user-data-dir={profile}", address]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            if not results.done.wait(patience):
                raise TimeoutError(f"the page only sent {sorted(results.bodies)}")
        finally:
            process.terminate()
            process.wait()
            server.shutdown()
    return results.bodies
