"""A Chromium without a window that tests drive over the DevTools protocol (https://chromedevtools.github.io)."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websocket import WebSocket, create_connection

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60
"""Seconds after which a test gives up."""
SHIFT = 8
"""Of the protocol's modifiers."""

# CI installs a Chromium, so that a test that skips there is a test that was lost.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("REQUIRE_CHROMIUM"), reason="no chromium on this machine"
)


class Page:
    """A tab of the browser.

    Args:
        socket: connected to the tab.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket, self._sent = socket, 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive meanwhile are kept."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._sent:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def open(self, file: Path, fragment: str = "") -> None:
        """Open a file and wait until it is loaded."""
        self.events.clear()
        self.send("Page.navigate", url=f"file://{file}{fragment}")
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in JavaScript; a promise's when it is settled."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(condition):
            assert time.monotonic() < end, f"{condition} is not true after {PATIENCE} s"
            time.sleep(0.02)

    def resize(self, width: int, height: int, touch: bool = False) -> None:
        """Set the size of the window in CSS pixels, and whether it is a telephone's."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)

    def press(self, key: str, modifiers: int = 0) -> None:
        """Press a key and let it go."""
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        codes = {"Tab": 9, "Enter": 13}
        code = {"windowsVirtualKeyCode": codes[key]} if key in codes else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, modifiers=modifiers, **text, **code)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=modifiers, **code)

    def wheel(self, x: float, y: float, delta: float) -> None:
        """Move the mouse to a place and turn its wheel, down where `delta` is positive."""
        self.mouse("mouseMoved", x, y)
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=delta)

    def click(self, x: float, y: float) -> None:
        """Click at a place."""
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", buttons=int(kind == "mousePressed"), clickCount=1)

    def mouse(self, kind: str, x: float, y: float, **params: Any) -> None:
        """Let the mouse do something at a place."""
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **params)

    def swipe(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Draw a finger from a place to another."""
        self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": start[0], "y": start[1]}])
        for step in range(1, steps + 1):
            x, y = (first + (last - first) * step / steps for first, last in zip(start, end, strict=True))
            self.send("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x, "y": y}])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def box(self, selector: str) -> dict[str, float]:
        """Return where an element lies in the window: x, y, width and height."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")

    def middle(self, selector: str) -> tuple[float, float]:
        """Return the middle of an element in the window."""
        box = self.box(selector)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def screenshot(self, **params: Any) -> bytes:
        """Return a PNG of the window."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png", **params)["data"])

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        return base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"])

    def problems(self) -> list[dict[str, Any]]:
        """Return what the page logged or threw, and what it asked the network for."""
        self.evaluate("0")  # what has happened by now has arrived
        kinds = {"Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"}
        return [
            event
            for event in self.events
            if event["method"] in kinds
            or (
                event["method"] == "Network.requestWillBeSent"
                and not event["params"]["request"]["url"].startswith(("data:", "file:"))
            )
        ]


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """Yield a new browser's first tab.

    Args:
        profile: a new folder of the browser.
    """
    assert CHROMIUM is not None, "REQUIRE_CHROMIUM is set, and there is no chromium on this machine"
    command = [CHROMIUM, *QUIET, "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={profile}"]
    with subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            port, path = _port(profile / "DevToolsActivePort")
            browser = create_connection(f"ws://127.0.0.1:{port}{path}", timeout=PATIENCE)
            browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            targets = json.loads(browser.recv())["result"]["targetInfos"]
            target = next(each["targetId"] for each in targets if each["type"] == "page")
            browser.close()
            socket = create_connection(f"ws://127.0.0.1:{port}/devtools/page/{target}", timeout=PATIENCE)
            yield Page(socket)
            socket.close()
        finally:
            process.terminate()


def _port(file: Path) -> tuple[str, str]:
    end = time.monotonic() + PATIENCE
    while not (file.is_file() and file.read_text().count("\n") == 1):
        assert time.monotonic() < end, f"chromium did not start in {PATIENCE} s"
        time.sleep(0.02)
    port, path = file.read_text().split("\n")
    return port, path
