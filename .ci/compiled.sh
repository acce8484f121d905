#!/bin/sh
# Runs the test suite on the compiled leg: builds the wheel whose hot modules mypyc has compiled, installs
# it in .venv-compiled, and runs the tests there.
# usage: compiled.sh PYTHON [PYTEST-ARGUMENT...]     PYTHON: that of the environment that `make` made
#
# Nothing of it touches the source. The wheel is built from a copy, and the tests run from a copy that
# holds no fix_oms, so that the package under test can only be the installed one (tests/test_leg.py
# asserts it). All else that the tests need is that of PYTHON's environment, seen through a .pth file:
# a path named there is searched last and its own .pth files are not read, so neither its fix_oms nor
# a link to the source can come first, and QuickFIX is not built again.
#
# tests/tidy is left to `make lint`: it reads the source and would say the same of both legs.
set -eu
cd "$(dirname "$0")/.."

case $1 in
/*) python=$1 ;;
*) python=$PWD/$1 ;;
esac
shift
venv=$PWD/.venv-compiled

rm -rf "$venv"
"$python" -m venv --without-pip "$venv"
echo '*' >"$venv/.gitignore"

echo "building the compiled wheel (about half a minute; log: .venv-compiled/build.log)"
mkdir "$venv/source"
cp -R pyproject.toml README.md LICENSE .ci fix_oms "$venv/source"
find "$venv/source" -name __pycache__ -prune -exec rm -rf {} +
pip="$python -m pip --disable-pip-version-check"
if ! FIX_OMS_COMPILE=1 PIP_CONSTRAINT="$PWD/.ci/constraints.txt" \
    $pip wheel --no-deps --wheel-dir "$venv" "$venv/source" >"$venv/build.log" 2>&1; then
    tail -n 40 "$venv/build.log" >&2
    exit 1
fi
rm -rf "$venv/source"
$pip --python "$venv/bin/python" install --quiet --no-deps --no-index "$venv"/fix_oms-*.whl
packages() {
    "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}
packages "$python" >"$(packages "$venv/bin/python")/environment.pth"

mkdir "$venv/tree"
cp -R pyproject.toml README.md CHANGELOG.md Makefile tests acceptance bench config spec "$venv/tree"
rm -rf "$venv/tree/config/var"
[ ! -e .peers ] || ln -s "$PWD/.peers" "$venv/tree/.peers"
"$venv/bin/fix-oms" --version
cd "$venv/tree"
FIX_OMS_LEG=compiled exec "$venv/bin/python" -m pytest --ignore=tests/tidy "$@"
