"""Folders, sockets and system users: where a server may live and as whom it runs."""

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

LONGEST_SOCKET_FOLDER = 85
# What stands for itself in an address and in PostgreSQL's list of folders.
PLAIN_PATH = re.compile(r"[\w./ -]+")


class CannotStart(Exception):
    """Says in one sentence what is missing."""


@dataclass(frozen=True)
class Account:
    """A system user other than ours, whom PostgreSQL needs when we are root."""

    user: int
    group: int

    def owns(self, folder: Path) -> None:
        os.chown(folder, self.user, self.group)


def account_for(folder: Path) -> Account | None:
    """Whoever owns the folder already, else `nobody`; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        return Account(folder.stat().st_uid, folder.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL refuses to run as root and this system has no user `nobody`; "
            "start as a normal user, or set DATABASE_URL."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_reach(account: Account | None, path: Path, permission: str = "x") -> bool:
    if account is None:
        return True
    asked = subprocess.run(
        ["/bin/sh", "-c", f'test -{permission} "$1"', "sh", str(path)],
        user=account.user,
        group=account.group,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def make_folder(folder: Path, account: Account | None, mode: int = 0o700) -> Path:
    if not folder.is_dir():
        try:
            folder.mkdir(mode=mode, parents=True)
        except OSError as refusal:
            raise CannotStart(f"{folder} cannot be made: {refusal.strerror}.") from None
        folder.chmod(mode)
        if account:
            account.owns(folder)
    return folder


def home_within_reach(data_dir: Path, name: str) -> tuple[Path, Account | None]:
    """Find or make the server's folder; outside a private `data_dir` when it must be."""
    home = data_dir / name
    if home.is_symlink() and not home.exists():
        raise CannotStart(f"{home} points to {home.readlink()}, which is gone.")
    account = account_for(home)
    if home.exists() or can_reach(account, data_dir):
        return make_folder(home, account).resolve(), account
    shared = Path("/var/lib") if os.access("/var/lib", os.W_OK) else Path(tempfile.gettempdir())
    elsewhere = Path(tempfile.mkdtemp(prefix=f"handoff-{name}-", dir=shared))
    if account:
        account.owns(elsewhere)
    # The link is what ties the data folder to this place: without it a new one is made.
    home.symlink_to(elsewhere)
    return home.resolve(), account


@contextmanager
def socket_folder(home: Path, account: Account | None) -> Iterator[Path]:
    """Yield a folder for the socket, private to the server's user; its path is short and plain."""
    beside = str(home / "socket")
    if len(beside) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(beside):
        yield make_folder(home / "socket", account)
        return
    short = Path(tempfile.mkdtemp(prefix="handoff-", dir="/tmp"))
    if account:
        account.owns(short)
    try:
        yield short
    finally:
        shutil.rmtree(short, ignore_errors=True)


def wait_until(happened: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
