# Sourced by scripts/start and scripts/test: system packages, and a virtual environment with the package in it.
# shellcheck shell=bash

venv=.venv

say() { printf '• %s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 2
}

# need_packages NAME…: have these Debian packages installed.
need_packages() {
    command -v dpkg-query >/dev/null || {
        say "This is no Debian: please see yourself to what these packages hold: $*"
        return
    }
    local missing=() name
    for name; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    local root=()
    if ((EUID)); then
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            fail "These system packages are missing: sudo apt-get install ${missing[*]}"
        fi
        root=(sudo)
    fi
    say "Installing system packages: ${missing[*]}"
    if ! "${root[@]}" apt-get update -qq || ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
        fail "These system packages could not be installed: sudo apt-get install ${missing[*]}"
    fi
}

# find_python: print a Python that every dependency has a wheel for (pyproject.toml).
find_python() {
    local python
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed (Debian 12 and Raspberry Pi OS of 2023 have it)"
}

# fingerprint: print what an installation depends on; unchanged, nothing is to be done.
fingerprint() {
    { pwd && "$venv/bin/python" -V && cat pyproject.toml; } 2>/dev/null | sha256sum
}

# install_package WHAT: have the package in the virtual environment: "." or, with an extra, ".[bridge]".
install_package() {
    local what=$1 stamp="$venv/installed $1"
    if [[ -f $stamp && $(<"$stamp") == "$(fingerprint)" ]]; then
        return
    fi
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        command -v python3 >/dev/null || need_packages python3
        local python
        python=$(find_python)
        "$python" -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
        say "Making a virtual environment with $("$python" -V)"
        "$python" -m venv --clear "$venv"
    fi
    say "Installing nightvoice and what it needs (a few minutes the first time)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$what"
    fingerprint >"$stamp"
}
