"""`up` in the foreground: starts the stack, prints logs until it is stopped, and cleans up."""

import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from types import FrameType

from local import summary
from local.background import READY
from local.cloud import Cloud, all_systems
from local.emulator.process import RUNTIME
from local.engine.process import EMBEDDED, PULUMI
from local.errors import LocalError
from local.folder import Addresses, Folder
from local.function_logs import FunctionLogs
from local.progress import Progress
from local.reload import Reload
from local.settings import UpSettings
from local.sites import Sites

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.1
HEALTH_SECONDS = 2.0
ENGINES = {"embedded": EMBEDDED, "pulumi": PULUMI}


class Session:
    """One run of `up`."""

    def __init__(self, settings: UpSettings) -> None:
        self._settings = settings
        self._folder = Folder(settings.project)
        self._sites = Sites(settings.project / "site")
        self._cloud: Cloud | None = None

    def run(self) -> int:
        """Returns 0 after the user stops it. Raises LocalError if it fails."""
        if not RUNTIME.exists():
            raise LocalError(f"{RUNTIME} is missing; `make .venv/lambda` creates it")
        os.chdir(self._settings.project)  # the paths of bundles are relative to it
        self._folder.lock()
        if not self._settings.systems:
            systems = all_systems(self._settings.project, self._settings.stack)
            self._settings = replace(self._settings, systems=tuple(systems))
        for each in SIGNALS:
            signal.signal(each, _interrupt)
        try:
            cloud = self._start()
            with suppress(KeyboardInterrupt):  # the normal end
                self._ready(cloud)
                self._stay(cloud)
            _say("stopping")
        finally:
            self._leave()
        return 0

    def _start(self) -> Cloud:
        settings = self._settings
        with Progress() as progress:
            progress.say(f"starting stack {settings.stack} on the embedded AWS")
            self._cloud = Cloud(
                stack=settings.stack,
                systems=settings.systems,
                port=settings.port,
                program=settings.project,
                listen=progress,
                engine=ENGINES[settings.engine],
            )
            return self._cloud.start()

    def _ready(self, cloud: Cloud) -> None:
        self._sites.start(cloud.outputs, cloud.client("s3"))
        addresses = Addresses(cloud.endpoint, cloud.emulator.secret, cloud.mails)
        self._folder.publish(cloud.outputs, self._settings, addresses, cloud.region)
        for line in summary.lines(cloud, self._folder, self._sites.urls):
            print(line, flush=True)
        if self._settings.ready_fd is not None:
            os.write(self._settings.ready_fd, READY)
            os.close(self._settings.ready_fd)
        else:
            print("press Ctrl-C to stop; the functions' output follows", flush=True)

    def _stay(self, cloud: Cloud) -> None:
        logs = FunctionLogs(cloud.function_logs)
        reload = Reload(cloud, self._settings.project, _say)
        reload.start()
        checked = time.monotonic()
        try:
            while True:
                for line in logs.new():
                    _say(line)
                if time.monotonic() - checked > HEALTH_SECONDS:
                    _check(cloud)
                    checked = time.monotonic()
                time.sleep(POLL_SECONDS)
        finally:
            reload.stop()

    def _leave(self) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the cleanup
        self._folder.clear()
        self._sites.stop()
        if self._cloud:
            self._cloud.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check(cloud: Cloud) -> None:
    try:
        socket.create_connection(("127.0.0.1", cloud.emulator.port), timeout=5).close()
    except OSError:
        log = cloud.emulator.server_log.read_text("utf-8").strip().splitlines()[-5:]
        raise LocalError("\n".join(["the emulator ended; its last output:", *log])) from None


def _say(line: str) -> None:
    print(line, flush=True)
