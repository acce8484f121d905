#!/bin/sh
# Fetches the C++ counterparties of the acceptance tests into .peers/: `executor` and `ordermatch` (venues)
# and `tradeclient` (a client), the ready-built examples of Debian's libquickfix-doc, with the library they
# run on.
#
# The packages are unpacked, not installed: that needs no root, leaves the machine as it was, and works
# in images whose dpkg leaves /usr/share/doc out. Where apt cannot serve them the tests that need them
# are skipped by name, except under CI=true, where that is a failure.
set -eu
cd "$(dirname "$0")/.."

PEERS=.peers
[ ! -e "$PEERS/.ready" ] || [ ! -e "$PEERS/tradeclient" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The machine's own package lists may be absent or stale, so a second attempt reads fresh ones into a
# place of its own, which any user may do.
download() {
    (
        cd "$work"
        set -- -o Acquire::Retries=2 -o Acquire::http::Timeout=20
        apt-get "$@" download libquickfix17 libquickfix-doc && exit 0
        mkdir -p lists/partial cache/archives/partial
        set -- "$@" -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
        apt-get "$@" update && apt-get "$@" download libquickfix17 libquickfix-doc
    ) >"$work/log" 2>&1
}

unpack() {
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$work/root" || return 1
    done
    examples=$work/root/usr/share/doc/libquickfix-doc/examples
    mkdir -p "$PEERS"
    gzip -dc "$examples/executor/C++/.libs/executor.gz" >"$PEERS/executor" &&
        gzip -dc "$examples/ordermatch/.libs/ordermatch.gz" >"$PEERS/ordermatch" &&
        gzip -dc "$examples/tradeclient/.libs/tradeclient.gz" >"$PEERS/tradeclient" &&
        cp "$work"/root/usr/lib/*/libquickfix.so.17 "$PEERS/" &&
        chmod +x "$PEERS/executor" "$PEERS/ordermatch" "$PEERS/tradeclient"
}

# The programs print how they are used, and end, when they are given no file.
runs() {
    for program in executor ordermatch tradeclient; do
        LD_LIBRARY_PATH=$PEERS "$PEERS/$program" || return 1
    done
}

echo "fetching Debian's C++ counterparties (libquickfix-doc, 39 MB)"
if download && unpack >>"$work/log" 2>&1 && runs >>"$work/log" 2>&1; then
    touch "$PEERS/.ready"
    exit 0
fi
tail -n 5 "$work/log" >&2
echo "apt cannot serve libquickfix17 and libquickfix-doc here: tests that run them" >&2
if [ "${CI:-}" = true ]; then
    echo "cannot run, which CI=true does not allow" >&2
    exit 1
fi
echo "will be skipped" >&2
