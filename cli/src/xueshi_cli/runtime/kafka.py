"""One Apache Kafka node on loopback without Docker: the jars come through Maven, Java 17 or newer runs them.

`python -m xueshi_cli.runtime.kafka [folder]` runs it in the foreground and prints the bootstrap address.
"""

import asyncio
import base64
import fcntl
import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from string import Template

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from rich.console import Console

from xueshi_cli.runtime.child import Child, ChildSpec
from xueshi_cli.runtime.errors import ChildFailedError, MissingPartError, RuntimeFailure
from xueshi_cli.runtime.folder import locked
from xueshi_cli.runtime.ports import LOOPBACK, remembered_ports
from xueshi_cli.runtime.processes import Supervisor

REPOSITORY = Path(__file__).resolve().parents[4]
DEFAULT_JARS = REPOSITORY / "build" / "kafka" / "libs"
DEFAULT_FOLDER = REPOSITORY / "build" / "kafka" / "node"
_DEPLOY = REPOSITORY / "deploy" / "kafka"
_OLDEST_JAVA = 17
_HEAP = ("-Xms256m", "-Xmx512m")
_FIRST_START_SECONDS = 60.0


class LocalKafka:
    """One broker with all that it owns in one folder; started again, it has the same topics and addresses.

    Use `start` and `stop`, or `prepare` and give `child()` to a `Supervisor`.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER, jars: Path = DEFAULT_JARS) -> None:
        """Name the broker's folder and the folder with the jars (both made on first use; the jars can be shared)."""
        self._folder = folder.resolve()
        self._jars = jars.resolve()
        self._java: tuple[str, ...] = ()
        self._port: int | None = None
        self._child: Child | None = None

    @property
    def log_file(self) -> Path:
        """Where the broker writes its log."""
        return self._folder / "kafka.log"

    @property
    def pid(self) -> int | None:
        """The broker's process id while `start`ed and alive."""
        return None if self._child is None else self._child.pid

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients; known after `prepare` or `start`."""
        if self._port is None:
            message = "the address is known after prepare()"
            raise RuntimeError(message)
        return f"{LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        """Fetch the jars, choose the ports, write the settings, and format the storage: each where not done yet.

        Raises `MissingPartError` without Java or Maven, `ChildFailedError` when one of them fails, `FolderInUseError`
        when a broker runs on the folder.
        """
        java = find_java()
        fetch_jars(self._jars)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self._lock_file):
            self._prepare_folder(java)

    def _prepare_folder(self, java: str) -> None:
        self._port, controller_port = remembered_ports(self._folder / "ports", 2)
        template = Template((_DEPLOY / "server.properties").read_text("utf-8"))
        self._settings.write_text(
            template.substitute(broker_port=self._port, controller_port=controller_port, log_folder=self._storage),
            "utf-8",
        )
        self._java = (
            java,
            *_HEAP,
            f"-Dlog4j2.configurationFile={_DEPLOY / 'log4j2.yaml'}",
            f"-Dxueshi.kafka.log={self.log_file}",
            *("-cp", str(self._jars / "*")),
        )
        if not (self._storage / "meta.properties").exists():
            self._format()

    def child(self) -> ChildSpec:
        """Return the prepared broker as a child for a supervisor."""
        return ChildSpec(
            name="kafka",
            command=(*self._java, "kafka.Kafka", str(self._settings)),
            log_file=self._folder / "kafka.out",
            ready=self._is_ready,
            ready_seconds=_FIRST_START_SECONDS,
            stop_seconds=30.0,
            orphan_signal=signal.SIGTERM,
            lock_file=self._lock_file,
        )

    async def start(self) -> str:
        """Start the broker and return its address once it takes requests; errors as `prepare` and `Child.start`."""
        self.prepare()
        self._child = Child(self.child())
        await self._child.start()
        return self.bootstrap_servers

    async def stop(self) -> None:
        """Stop in order: open segments are flushed."""
        if self._child is not None:
            await self._child.stop()

    async def restart(self) -> None:
        """Stop and start on the same ports."""
        if self._child is None:
            message = "restart() needs a broker that was started"
            raise RuntimeError(message)
        await self._child.stop()
        await self._child.start()

    async def kill(self) -> None:
        """End the broker with kill -9, as a crash would."""
        if self._child is not None:
            await self._child.kill()

    @property
    def _lock_file(self) -> Path:
        return self._folder / "lock"

    @property
    def _settings(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _storage(self) -> Path:
        return self._folder / "data"

    def _format(self) -> None:
        tool = ("kafka.tools.StorageTool", "format", "--cluster-id", _cluster_id(), "--config", str(self._settings))
        _run((*self._java, *tool), "Kafka's storage could not be formatted")

    async def _is_ready(self, _pid: int) -> bool:
        return await broker_answers(self.bootstrap_servers)


async def broker_answers(bootstrap_servers: str) -> bool:
    """Tell whether the broker at this one address serves: its metadata names a broker once it has joined its quorum."""
    host, port = bootstrap_servers.rsplit(":", 1)
    try:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
    except OSError:
        return False
    client = AIOKafkaClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()


def _cluster_id() -> str:
    """Return a random id in Kafka's form; the cleared top bit keeps it from beginning with `-`, as an option does."""
    first, *rest = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *rest])).decode("ascii").rstrip("=")


def find_java() -> str:
    """Return the `java` of JAVA_HOME or of the path. Raises `MissingPartError` without one, or when it is too old."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not os.access(java, os.X_OK):
        message = f"Java is missing: a local Kafka needs Java {_OLDEST_JAVA} or newer (JAVA_HOME or the path)"
        raise MissingPartError(message)
    says = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, errors="replace").stderr
    version = re.search(r'version "(\d+)', says)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        first_line = says.strip().split("\n", 1)[0]
        message = f"Java is too old: a local Kafka needs Java {_OLDEST_JAVA} or newer, {java} says: {first_line}"
        raise MissingPartError(message)
    return java


def fetch_jars(folder: Path) -> None:
    """Copy the jars of `deploy/kafka/pom.xml` to the folder through Maven, unless it holds just those already.

    Raises `MissingPartError` without Maven, `ChildFailedError` when Maven fails.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256((_DEPLOY / "pom.xml").read_bytes()).hexdigest()
    done = folder / "pom.sha256"
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two sessions of tests fetch once
        if done.exists() and done.read_text("ascii") == wanted:
            return
        maven = shutil.which("mvn")
        if maven is None:
            message = "Maven is missing: a local Kafka needs mvn on the path to fetch the broker's jars"
            raise MissingPartError(message)
        shutil.rmtree(folder, ignore_errors=True)
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
        _run((maven, "-q", "-B", "-f", str(_DEPLOY / "pom.xml"), *goal), "Maven could not fetch the broker's jars")
        done.write_text(wanted, "ascii")


def _run(command: tuple[str, ...], failure: str) -> None:
    done = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if done.returncode != 0:
        message = f"{failure}: {done.stdout.strip()}"
        raise ChildFailedError(message)


async def _serve(folder: Path) -> None:
    """Run one broker until a signal comes, restarting it after a crash."""
    console = Console()
    kafka = LocalKafka(folder)
    kafka.prepare()
    async with Supervisor() as supervisor:
        await supervisor.start([kafka.child()])
        console.print(f"Kafka: {kafka.bootstrap_servers}  (log: {kafka.log_file}; Ctrl-C stops it)", soft_wrap=True)
        await supervisor.wait()


def main() -> None:
    """Run the broker in the foreground; the only argument is its folder (default: build/kafka/node)."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its start is polled; a refused connection is no news
    try:
        asyncio.run(_serve(Path(sys.argv[1]) if sys.argv[1:] else DEFAULT_FOLDER))
    except RuntimeFailure as error:
        Console(stderr=True).print(str(error), markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
