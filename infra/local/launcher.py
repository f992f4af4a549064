"""Starts the parts of the embedded cloud, watches them, and stops them in the right order."""

import contextlib
import fcntl
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import signing
from infra.local import emulator as emulators
from infra.local import events, functions, partner, resources, sign_in_provider
from infra.local.aws import Aws
from infra.local.console import Console
from infra.local.dispatcher import Dispatcher, repeat_upload_events
from infra.local.emulator import CREDENTIALS, REGION, Emulator
from infra.local.errors import LaunchError
from infra.local.faults import Faults
from infra.local.front import Front, Gateway, Reply, Request
from infra.local.functions import API
from infra.local.home import HomePage
from infra.local.local_api import LocalApi
from infra.local.measured import Measured
from infra.local.operators import DemoOperators
from infra.local.packs import SEED_STARTS_IN_MS, Packs
from infra.local.partner import Partner
from infra.local.site import Site
from infra.local.timekeeper import MINUTE_MS, Timekeeper

log = logging.getLogger("kaochang")

MINUTE_KIND = "ScheduledEvent"
INCOMING = "incoming/"  # where pictures are uploaded to


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    port: int
    var: Path
    project: Path
    emulator: Path
    api_processes: int
    seed: bool


def run(options: Options, stop: threading.Event, ready: Callable[[str], None]) -> None:
    """Start everything, call `ready(address)`, wait until `stop` is set, then stop everything.

    Raises `LaunchError` when a part cannot start or the emulator dies.
    """
    options.var.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as up:
        up.enter_context(_locked(options.var))
        front = _bind(options.port)
        up.callback(front.server_close)
        emulator = up.enter_context(_emulator(options, front.server_port + 1))
        cloud = _Cloud(options, emulator, address=f"http://127.0.0.1:{front.server_port}", up=up)
        cloud.recover(emulator)
        cloud.operators.enter()
        if options.seed:
            cloud.seed()  # before the first answer, so that a script that polls the address finds an exam
        front.answer = cloud.answer
        front.serve_in_background()
        up.callback(front.shutdown)
        ready(cloud.address)
        while not stop.wait(1):
            if not emulator.alive():
                raise LaunchError(f"The emulator died; its log is {options.var / 'emulator.log'}.")


class _Cloud:
    """The running parts. Each request is sent to one of them."""

    def __init__(
        self, options: Options, emulator: Emulator, address: str, up: contextlib.ExitStack
    ) -> None:
        self.address = address
        aws = Aws(emulator.url)
        template = options.project / "infra" / "resources.yaml"
        platform = up.enter_context(sign_in_provider.running(options.var))
        parameters = {"SiteOrigin": address, "SignInProviders": platform.setting()}
        deployment = resources.deploy(aws, template, parameters)
        key = partner.new_key()
        _write_secrets(aws, deployment.environment, options.var, partner.access(key, address))
        self._timekeeper = Timekeeper(options.var / "clock.json", self._run_minute)
        self._edge_proof = secrets.token_urlsafe()
        environment = deployment.environment | {"EDGE_PROOF": self._edge_proof}
        home = functions.Home(options.project, _environment(emulator, environment))
        faults = Faults(aws)
        self._measured = measured = Measured(options.project / "infra", self._timekeeper.now_ms)
        self._functions = functions.start(
            home,
            self._timekeeper.offset_ms,
            options.api_processes,
            faults.hinder,
            measured.observe,
        )
        up.callback(self._functions.close)
        self._dispatcher = Dispatcher(
            aws, self._functions, options.var / "dead-letters.jsonl", measured.count_dead_letter
        )
        self._snapshot_queue = deployment.environment["SNAPSHOT_QUEUE_URL"]
        self._dispatcher.start(deployment.taps, deployment.streams)
        up.callback(self._dispatcher.stop)
        self._packs = _packs(options, aws, self._functions, deployment.environment)
        self.operators = DemoOperators(
            self._functions, options.var / "operators.json", self._timekeeper.now_ms
        )
        self._gateway = Gateway(
            self._functions,
            self._timekeeper.now_ms,
            self._edge_proof,
            is_down=faults.api_is_down,
            count=measured.count_request,
        )
        self._home = HomePage(
            address=address,
            aws=aws,
            emulator=emulator,
            timekeeper=self._timekeeper,
            operators=self.operators,
            faults=faults,
            passing_table=deployment.environment["PASSING_TABLE"],
            examples=options.project / "examples",
        )
        self._local = LocalApi(
            home=self._home,
            emulator=emulator,
            functions=self._functions,
            dispatcher=self._dispatcher,
            timekeeper=self._timekeeper,
            packs=self._packs,
            console=Console(
                self._functions, options.project / "infra" / "dashboard.yaml", measured.charts
            ),
            operators=self.operators,
            partner=Partner(address, key, platform.issuer, self._timekeeper.now_ms),
        )
        self._site = Site(options.project / "web" / "dist", bucket_origin=emulator.url)
        self._aws = aws
        self._pictures = deployment.environment["PRIVATE_BUCKET"]
        platform.wait()  # last, because it starts in parallel with the steps before
        self._start_clock(up)

    def recover(self, emulator: Emulator) -> None:
        """Deliver the events that a killed run did not deliver, then begin a new journal.

        The writes of the old journal are in the streams again. The journal is replaced only after the functions
        have handled them; otherwise it is kept and continued.
        """
        if emulator.killed_after is not None:
            count = repeat_upload_events(self._aws, self._pictures, INCOMING, emulator.killed_after)
            log.warning("The events of %d pictures of the killed run are sent again.", count)
        if self._dispatcher.drain():
            emulator.save()

    def answer(self, request: Request) -> Reply:
        """Answer a request by the part that its path names."""
        if request.path == "/api" or request.path.startswith("/api/"):
            reply = self._gateway.answer(request, request.path.removeprefix("/api") or "/")
            self._home.note(request, reply)
            return reply
        local = request.path.rstrip("/") == "/_local"
        if local or (request.path == "/" and not self._site.is_built()):
            return self._home.page(built=self._site.is_built())
        if request.path.startswith("/_local/"):
            return self._local.answer(request)
        return self._site.answer(request)

    def seed(self) -> None:
        """Publish the example exams, unless there is an exam that can still be entered. Practice exams do not count."""
        if self._can_enter_some_exam():
            return
        soon = self._timekeeper.now_ms() + SEED_STARTS_IN_MS
        starts_at = soon - soon % MINUTE_MS
        for name in self._packs.names():
            answer = self._packs.publish(name, starts_at)
            if not answer.get("ok"):
                log.error("examples/%s was not published: %s", name, answer.get("errors"))

    def _can_enter_some_exam(self) -> bool:
        request = events.internal_get("/exams")
        event = events.api_event(request, [], self._timekeeper.now_ms())
        answer = self._functions.invoke(API, events.through_edge(event, self._edge_proof))
        if answer.error or answer.result["statusCode"] != 200:
            log.error("The exams could not be listed: %s", answer.error or answer.result)
            return True
        exams = json.loads(answer.result["body"])["exams"]
        now = self._timekeeper.now_ms()
        return any(exam["kind"] == "exam" and exam["entry_until"] > now for exam in exams)

    def _run_minute(self, moment_ms: int) -> None:
        """Run the scheduled functions for one minute. A failed run is not repeated, because the next minute follows."""
        for function in self._functions.catalogue.of_kind(MINUTE_KIND):
            event = events.schedule_event(function.name, moment_ms)
            outcome = self._functions.invoke(function.name, event)
            if outcome.error:
                self._dispatcher.write_dead_letter(function, event, outcome.error, tries=1)
        self._dispatcher.drain()
        self._measured.take_sample(self._waiting_snapshots())

    def _waiting_snapshots(self) -> int:
        name = "ApproximateNumberOfMessages"
        told = self._aws.client("sqs").get_queue_attributes(
            QueueUrl=self._snapshot_queue, AttributeNames=[name]
        )
        return int(told["Attributes"][name])

    def _start_clock(self, up: contextlib.ExitStack) -> None:
        stopping = threading.Event()
        thread = threading.Thread(target=self._tick, args=(stopping,), daemon=True)
        thread.start()
        up.callback(thread.join, 5)
        up.callback(stopping.set)

    def _tick(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self._timekeeper.catch_up()
            except Exception:
                log.exception("The minute schedule failed; the next minute tries again")
            stopping.wait(self._timekeeper.ms_to_next_minute() / 1000)


def _write_secrets(
    aws: Aws, environment: dict[str, str], var: Path, partners: dict[str, Any]
) -> None:
    """Store the signing key's certificate, and the secrets of sign-in provider and partner platform."""
    signing.prepare(
        aws,
        key_id=environment["SIGNING_KEY_ID"],
        secret_id=environment["SIGNING_SECRET_ID"],
        root_file=var / "certificates-root.pem",
    )
    content = {
        "sign_in": sign_in_provider.CLIENT_SECRETS,
        "partners": partners,
    }
    aws.client("secretsmanager").put_secret_value(
        SecretId=environment["PARTNERS_SECRET_ID"], SecretString=json.dumps(content)
    )


def _packs(
    options: Options, aws: Aws, all_functions: functions.Functions, environment: dict[str, str]
) -> Packs:
    return Packs(
        folder=options.project / "examples",
        aws=aws,
        functions=all_functions,
        dropbox=environment["DROPBOX_BUCKET"],
        exams_table=environment["EXAMS_TABLE"],
    )


@contextlib.contextmanager
def _locked(var: Path) -> Iterator[None]:
    """Lock the folder of the state, because two launchers would overwrite each other's. Raises `LaunchError`."""
    with (var / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(f"Another launcher runs on {var}; stop it, or use --var.") from None
        yield


def _bind(port: int) -> Front:
    try:
        return Front(port, answer=_not_ready)
    except (OSError, OverflowError) as error:
        raise LaunchError(
            f"Port {port} cannot be used ({error}); choose another, such as make run PORT=8400."
        ) from error


def _not_ready(_: Request) -> Reply:
    raise LaunchError("The embedded cloud is still starting.")


@contextlib.contextmanager
def _emulator(options: Options, preferred_port: int) -> Iterator[Emulator]:
    """Start the emulator and stop it at the end.

    A note on disk has its process id. A killed launcher leaves the note behind, and perhaps the emulator.
    """
    note = options.var / "running.json"
    killed = note.exists() and not _stopped_gently(note)
    saved_at = emulators.saved_at(options.var)
    emulator = emulators.start(options.emulator, options.var, preferred_port)
    emulator.killed_after = saved_at if killed else None
    note.write_text(json.dumps({"emulator_pid": emulator.pid, "emulator_port": emulator.port}))
    try:
        yield emulator
    finally:
        emulator.stop()
        note.unlink(missing_ok=True)


def _stopped_gently(note: Path) -> bool:
    """End the emulator of a killed run so that it saves its state. Returns False when it was killed as well."""
    try:
        left = json.loads(note.read_text())
        saved = emulators.stop_orphan(left["emulator_pid"], left["emulator_port"])
    except (ValueError, KeyError):
        saved = False
    if saved:
        log.warning("The last run was killed; its emulator has now been stopped and lost nothing.")
    else:
        log.warning(
            "The last run was killed together with its emulator: its tables come back from the journal; "
            "text messages of that run are gone."
        )
    note.unlink()
    return saved


def _environment(emulator: Emulator, resources_of_ours: dict[str, str]) -> dict[str, str]:
    """Return the environment of the functions, without this machine's AWS settings: no real account is reached."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        **resources_of_ours,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "STAGE": "local",
        "SESSION_COOKIE": "session",  # `__Host-` cookies need https
        "PYTHONUNBUFFERED": "1",
    }
