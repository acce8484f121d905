#!/bin/sh
# Makes .venv with everything the project needs, from nothing but sh and a Python.
#
# QuickFIX exists as source only, so a compiler and Python's headers are checked for first, by asking
# the very Python that will be used: a machine may have several, and only some with headers. What is
# missing is installed where that is ours to do (root on Debian), else named in one line to type.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
QUICKFIX=quickfix==1.16.0

# Prints the Debian packages that the Python $1 lacks, if any. Fails if it is too old or not there.
lacking() {
    "$1" - 2>/dev/null <<'EOF'
import os, sys, sysconfig
if sys.version_info < (3, 11):
    sys.exit(1)
name = "python%d.%d" % sys.version_info[:2]
lacking = []
if not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
    lacking.append(name + "-dev")
try:
    import ensurepip, venv
except ImportError:
    lacking.append(name + "-venv")
print(" ".join(lacking))
EOF
}

# Sets python, and needs: the packages that are missing for it. A Python that lacks nothing wins over
# one that must be completed; only the system's own can be completed with packages.
look() {
    python="" needs=""
    for candidate in ${PYTHON:-python3.11 /usr/bin/python3.11 python3 /usr/bin/python3 \
        python3.12 python3.13 python3.14}; do
        found=$(lacking "$candidate") || continue
        if [ -z "$found" ]; then
            python=$candidate needs=""
            break
        fi
        case $(command -v "$candidate") in
        /usr/bin/* | /bin/*) [ -n "$python" ] || { python=$candidate needs=$found; } ;;
        esac
    done
    [ -n "$python" ] || needs="python3 python3-dev python3-venv"
    echo '#include <string>' | g++ -std=c++17 -fsyntax-only -x c++ - 2>/dev/null || needs="g++ $needs"
    needs=$(echo $needs)
}

ensure_packages() {
    look
    [ -n "$needs" ] || return 0
    if [ "$(id -u)" = 0 ] && [ -r /etc/debian_version ]; then
        echo "installing with apt-get: $needs"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086 # one word for each package
        apt-get install -qq -y --no-install-recommends $needs >/dev/null
        look
        [ -n "$needs" ] || return 0
    fi
    echo "To build QuickFIX (a C++ extension of Python), this machine needs:" >&2
    echo "    sudo apt-get install $needs" >&2
    exit 1
}

# Runs a long command with a line every 10 s. Its output is kept in a log, whose end is shown if it
# fails. It has a session of its own, so that an interrupt ends all of it.
# usage: patiently WHAT LOG COMMAND...
patiently() {
    what=$1 log=$2
    shift 2
    echo "$what (log: $log)"
    begun=$(date +%s) told=0
    setsid "$@" >"$log" 2>&1 &
    pid=$!
    trap 'kill -s TERM -- "-$pid"; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        now=$(($(date +%s) - begun))
        if [ $((now / 10)) -gt "$told" ]; then
            told=$((now / 10))
            echo "  $what: $now s"
        fi
    done
    trap - INT TERM
    if ! wait "$pid"; then
        tail -n 30 "$log" >&2
        echo "failed: $what; all of it is in $log" >&2
        exit 1
    fi
}

# Measured on 2 cores, shared with other work, for -O2 against -O1 (the default flags: 67 MB of library):
#   building    345 s of processor time, 6 min 09 s    256 s, 4 min 35 s
#   library     6.9 MB                                 6.4 MB
#   toString()  0.90 us                                0.89 us     (best of 160 rounds)
#   Message()   3.7 us                                 3.4 us
#   bare loop   132-211 us p50, 11-15k round trips/s   161-212 us, 11-14k/s (8 runs each, alternating)
# The processor's time goes into Python, the kernel and the allocator: -O2 buys nothing that shows.
FLAGS="-O1 -g0"

ensure_packages
if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
    echo "making $VENV with $("$python" -V) ($(command -v "$python"))"
    "$python" -m venv --clear "$VENV"
fi
pip="$VENV/bin/python -m pip --disable-pip-version-check install --constraint .ci/constraints.txt"
if ! "$VENV/bin/python" -c 'import quickfix' 2>/dev/null; then
    mkdir -p "$VENV/cxx-slots"
    # .ci/cxx.sh compiles the extension's files side by side, which setuptools does not (220 s where
    # one after the other took 275, both on busy machines). Debian 12's pip would take an old way to
    # build that knows neither CXX nor CXXFLAGS; PEP 517 is the new one.
    patiently "building QuickFIX (minutes)" "$VENV/quickfix-build.log" env \
        CXX="sh '$PWD/.ci/cxx.sh'" CXXFLAGS="$FLAGS" \
        CXX_JOBS="$(getconf _NPROCESSORS_ONLN)" CXX_SLOTS="$PWD/$VENV/cxx-slots" \
        $pip --use-pep517 "$QUICKFIX"
fi
patiently "installing fix_oms and what it needs" "$VENV/install.log" $pip --editable '.[test]'
touch "$VENV/.ready"
