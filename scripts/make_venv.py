"""Build a virtual environment from a locked file: `python make_venv.py VENV REQUIREMENTS`.

Debian ships Python without pip and without the module that would install it; this script then borrows the
system's pip, and as a last resort installs Debian's own package for it when it may.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HINT = "Python's venv module is incomplete here. As root: apt-get install python3-venv; then run make again."


def run(*command: str | Path) -> bool:
    """Run a command quietly and say whether it succeeded."""
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def can_install_packages() -> bool:
    """Say whether this is root on a Debian-like system."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def create(venv: Path) -> None:
    """Make the environment with pip in it, or exit with the next step."""
    if (venv / "bin" / "pip").exists() or run(sys.executable, "-m", "venv", venv):
        return
    shutil.rmtree(venv, ignore_errors=True)
    if can_install_packages():
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv")
        if run(sys.executable, "-m", "venv", venv):
            return
    sys.exit(HINT)


def main(venv: Path, requirements: Path) -> None:
    """Create the environment, install what is locked by hash, then this project itself."""
    if sys.version_info < (3, 11):
        sys.exit(f"Reeve needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12")
    create(venv)
    print(f"Installing {requirements.name} into {venv} ...", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(requirements.resolve().parent)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
