"""The last steps inside a child before its real program takes the process over.

Run as a script with one JSON argument (`Leash` in `child.py`) and the command after it; it imports nothing of ours,
so that it costs some milliseconds only. In a child, not in a `preexec_fn`: that one may deadlock in a threaded parent.
"""

import ctypes
import fcntl
import json
import os
import pwd
import signal
import sys
import time

LOCK_REFUSED = 75
"""Exit code (EX_TEMPFAIL) when the folder's lock stays with another process."""
PARENT_GONE = 76
"""Exit code when the parent ended before the program could start."""

_PR_SET_PDEATHSIG = 1
_LOCK_POLL_SECONDS = 0.05


def _take_lock(path: str, patience_seconds: float) -> None:
    """Lock the file for as long as this process, or any that inherits the descriptor, is alive."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                sys.exit(LOCK_REFUSED)
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library's own signature
            return


def _become(user: str) -> None:
    """Give up root for `user` and its group."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _end_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel signal this process when its parent ends, kill -9 included (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(PARENT_GONE)


def main() -> None:
    """Take the lock, drop root, tie the process to its parent, and become the command."""
    leash, command = json.loads(sys.argv[1]), sys.argv[2:]
    if leash["lock_file"] is not None:
        _take_lock(leash["lock_file"], leash["lock_seconds"])
    if leash["user"] is not None:
        _become(leash["user"])  # before prctl: a change of user clears the parent-death signal
    _end_with_parent(leash["parent"], leash["orphan_signal"])
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvp(command[0], command)  # noqa: S606 - the command comes from our own supervisor, no shell wanted


if __name__ == "__main__":
    main()
