"""Free TCP ports on loopback, remembered so that addresses stay the same from one run to the next."""

import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now (ports in TIME_WAIT count as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Return this many different ports that are free now; whoever takes them should do so soon."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def remembered_ports(file: Path, count: int) -> list[int]:
    """Return the ports that `file` remembers if they are all free, else fresh ones, which it then remembers."""
    known = json.loads(file.read_text("ascii")) if file.exists() else []
    if len(known) == count and all(map(is_free, known)):
        return list(known)
    chosen = free_ports(count)
    file.write_text(json.dumps(chosen), "ascii")
    return chosen
