"""`script/environment`, with an installer that only records its calls."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.installation

SCRIPT = Path(__file__).parents[2] / "script" / "environment"
TOOLS = ("sh", "cat", "head", "tail", "rm", "mkdir", "sleep", "env")
INSTALLER = f"""#!/bin/sh
echo "$@" >>calls
case $1 in venv) {sys.executable} -m venv --without-pip .venv ;; esac
"""


@dataclass
class Checkout:
    folder: Path

    def offers(self, name: str, text: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(text)
        program.chmod(0o755)

    def start(self, kind: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["sh", "-euc", f'. ./environment; needs_environment {kind}; "$python" -c "print(7)"'],
            cwd=self.folder,
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def needs(self, kind: str) -> str:
        return self.start(kind).communicate(timeout=60)[0].strip()

    def installs(self) -> list[str]:
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line.rsplit(" ", 1)[1] for line in lines if line.startswith("pip sync")]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        path = next(f for f in (Path("/bin") / tool, Path("/usr/bin") / tool) if f.exists())
        (tmp_path / "bin" / tool).symlink_to(path)
    (tmp_path / "environment").write_text(SCRIPT.read_text())
    (tmp_path / "requirements").mkdir()
    for kind in ("run", "dev"):
        (tmp_path / "requirements" / f"{kind}.txt").write_text(f"a-package-to-{kind}==1\n")
    return Checkout(tmp_path)


@pytest.fixture
def equipped(checkout: Checkout) -> Checkout:
    checkout.offers("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    checkout.offers("uv", INSTALLER)
    return checkout


def test_environment_is_installed_once(equipped: Checkout) -> None:
    version = ".".join(map(str, sys.version_info[:3]))

    first, second = equipped.needs("run"), equipped.needs("run")

    assert first == (
        f"Making .venv with Python {version} from requirements/run.txt"
        " (once; a minute at most) ...\n7"
    )
    assert second == "7"
    assert equipped.installs() == ["requirements/run.txt"]


def test_changed_lock_file_is_installed(equipped: Checkout) -> None:
    equipped.needs("run")
    (equipped.folder / "requirements" / "run.txt").write_text("a-package-to-run==2\n")

    assert equipped.needs("run") == "Bringing .venv up to date with requirements/run.txt ...\n7"
    assert equipped.installs() == ["requirements/run.txt"] * 2


def test_dev_environment_is_used_for_run(equipped: Checkout) -> None:
    equipped.needs("run")
    equipped.needs("dev")

    assert equipped.needs("run") == "7"
    assert equipped.installs() == ["requirements/run.txt", "requirements/dev.txt"]


def test_concurrent_calls_install_once(equipped: Checkout) -> None:
    both = [equipped.start("run"), equipped.start("run")]

    assert [process.communicate(timeout=60)[0].strip()[-1] for process in both] == ["7", "7"]
    assert equipped.installs() == ["requirements/run.txt"]
    assert not (equipped.folder / ".venv.lock").exists()


def test_killed_installer_does_not_block_the_next(equipped: Checkout) -> None:
    (equipped.folder / ".venv.lock").mkdir()
    (equipped.folder / ".venv.lock" / "pid").write_text(str(gone()))
    (equipped.folder / ".venv" / "bin").mkdir(parents=True)

    assert equipped.needs("run").endswith("\n7")


def gone() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_missing_python_is_reported(checkout: Checkout) -> None:
    assert checkout.needs("run") == (
        "This needs Python 3.11, 3.12, 3.13 or 3.14 with its ssl and ctypes modules."
    )


OLD_PYTHON = """#!/bin/sh
case $2 in *"python3 here"*) echo "; python3 here is 3.8.18" ;; *) exit 1 ;; esac
"""


def test_old_python_is_reported(checkout: Checkout) -> None:
    checkout.offers("python3", OLD_PYTHON)

    assert checkout.needs("run") == (
        "This needs Python 3.11, 3.12, 3.13 or 3.14 with its ssl and ctypes modules;"
        " python3 here is 3.8.18."
    )


def test_python_that_only_fails_is_skipped(equipped: Checkout) -> None:
    equipped.offers("python3.14", "#!/bin/sh\necho 'no such version' >&2\nexit 127\n")

    assert equipped.needs("run").endswith("\n7")


def test_failed_installation_reports_what_to_do(checkout: Checkout) -> None:
    checkout.offers("python3", failing_to("pip", "venv"))
    checkout.offers("uv", "#!/bin/sh\nexit 1\n")

    assert (
        checkout.needs("run")
        .splitlines()[-1]
        .startswith(
            "Could not install the packages: there must be network to the package index, and pip"
        )
    )
    assert not (checkout.folder / ".venv" / "made-from").exists()


def failing_to(*modules: str) -> str:
    refusals = "".join(f' "-m {module}"*) exit 1 ;;' for module in modules)
    return f'#!/bin/sh\ncase "$*" in {refusals} esac\nexec {sys.executable} "$@"\n'
