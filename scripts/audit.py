"""Check every installed package for known vulnerabilities with pip-audit; exit 1 if one is found.

pip-audit is installed into a place of its own, and its service asked over the network. Where that cannot be reached:
what is installed, name==version, to look up elsewhere.
"""

import json
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import distributions
from pathlib import Path

from rich.console import Console

OURS = "nightvoice"


def installed() -> list[str]:
    found = {dist.metadata["Name"]: dist.version for dist in distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items(), key=str) if name != OURS]


def audited(packages: list[str], folder: Path) -> list[dict[str, object]]:
    """pip-audit's result for each package it knows; empty if it or its service is unavailable."""
    venv.create(folder / "venv", with_pip=True)
    scripts, wanted, told = folder / "venv" / "bin", folder / "wanted", folder / "told"
    wanted.write_text("\n".join(packages))
    if subprocess.run([scripts / "pip", "install", "-q", "pip-audit"], check=False, capture_output=True).returncode:
        return []
    options = ["--no-deps", "--disable-pip", "--progress-spinner=off", "--timeout=20", "--format=json"]
    command = [scripts / "pip-audit", *options, "--output", told, "--requirement", wanted]
    subprocess.run(command, check=False, capture_output=True)
    found = json.loads(told.read_text())["dependencies"] if told.exists() and told.stat().st_size else []
    return [package for package in found if "skip_reason" not in package]


def main() -> None:
    packages = installed()
    with tempfile.TemporaryDirectory() as folder, Console(stderr=True).status(f"asking about {len(packages)} packages"):
        known = audited(packages, Path(folder))
    if not known:
        print("\n".join(packages))
        print("pip-audit could not be asked; this is what is installed.", file=sys.stderr)
        return
    weak = [package for package in known if package["vulns"]]
    for package in weak:
        names = ", ".join(weakness["id"] for weakness in package["vulns"])  # type: ignore[attr-defined]
        print(f"{package['name']}=={package['version']}: {names}")
    print(f"{len(known)} of {len(packages)} packages were looked up; {len(weak)} have a known weakness.")
    raise SystemExit(bool(weak))


if __name__ == "__main__":
    main()
