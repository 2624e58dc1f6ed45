"""Folders, sockets and system users of the servers."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAX_SOCKET_FOLDER_LENGTH = 85
# Characters that need no escaping in a URL or in PostgreSQL's list of folders.
PLAIN_PATH = re.compile(r"[\w./ -]+")


class CannotStart(Exception):
    """A server cannot start; the message is one sentence for the user."""


@dataclass(frozen=True)
class Account:
    """The system user that runs PostgreSQL when this process is root."""

    user: int
    group: int

    def take_ownership(self, folder: Path) -> None:
        os.chown(folder, self.user, self.group)


def account_for(folder: Path) -> Account | None:
    """Return the owner of the folder, else the user `nobody`; None if this is not root."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        return Account(folder.stat().st_uid, folder.stat().st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL cannot run as root, and this system has no user `nobody`. "
            "Start as a normal user, or set DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def can_reach(account: Account | None, path: Path, permission: str = "x") -> bool:
    if account is None:
        return True
    test = subprocess.run(
        ["/bin/sh", "-c", f'test -{permission} "$1"', "sh", str(path)],
        user=account.user,
        group=account.group,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return test.returncode == 0


def make_folder(folder: Path, account: Account | None, mode: int = 0o700) -> Path:
    if not folder.is_dir():
        try:
            folder.mkdir(mode=mode, parents=True)
        except OSError as error:
            raise CannotStart(f"Cannot create {folder}: {error.strerror}.") from None
        folder.chmod(mode)
        if account:
            account.take_ownership(folder)
    return folder


def reachable_home(data_dir: Path, name: str) -> tuple[Path, Account | None]:
    """Find or create the folder of the server, outside of `data_dir` if that is private."""
    home = data_dir / name
    if home.is_symlink() and not home.exists():
        raise CannotStart(f"{home} points to {home.readlink()}, which does not exist.")
    account = account_for(home)
    if home.exists() or can_reach(account, data_dir):
        return make_folder(home, account).resolve(), account
    shared = Path("/var/lib") if os.access("/var/lib", os.W_OK) else Path(tempfile.gettempdir())
    elsewhere = Path(tempfile.mkdtemp(prefix=f"handoff-{name}-", dir=shared))
    if account:
        account.take_ownership(elsewhere)
    # Without this link, the next start would create a new folder.
    home.symlink_to(elsewhere)
    return home.resolve(), account


@contextmanager
def socket_folder(home: Path, account: Account | None) -> Iterator[Path]:
    """Yield a folder for the socket with a short and plain path, private to its user."""
    beside = str(home / "socket")
    if len(beside) <= MAX_SOCKET_FOLDER_LENGTH and PLAIN_PATH.fullmatch(beside):
        yield make_folder(home / "socket", account)
        return
    short = Path(tempfile.mkdtemp(prefix="handoff-", dir="/tmp"))
    if account:
        account.take_ownership(short)
    try:
        yield short
    finally:
        shutil.rmtree(short, ignore_errors=True)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
