#!/bin/sh
# Branch coverage and mutation of fix_oms/orders: tests/orders alone reaches every branch, and each change
# of one expression is noticed by a test, or explained in tests/orders/MUTANTS.md.
# usage: mutate.sh PYTHON     PYTHON: that of the environment that `make` made
#
# 1. coverage.py runs tests/orders; every branch must be reached. No line is excluded.
# 2. mutmut makes the mutants, and each meets tests/orders without the lives of the legality table.
# 3. One that lives and is not explained meets the rest: those lives, tests/engine, tests/properties.
#    It does so in a process of its own, for legality.py builds its table when it is imported.
# 4. What still lives is printed, and fails.
#
# Nothing of it touches the source: all happens in .mutants/, on a copy, with the tools in an environment
# that sees PYTHON's through a .pth file (see compiled.sh). mutmut leaves properties alone, so in the copy
# each is made of a plain method. Module level is not mutated, nor what spec/generate.py writes.
set -eu
cd "$(dirname "$0")/.."

case $1 in
/*) python=$1 ;;
*) python=$PWD/$1 ;;
esac
home=$PWD/.mutants explained=$PWD/tests/orders/MUTANTS.md
tools="coverage==7.17.3 mutmut==3.8.1"

if [ "$(cat "$home/tools" 2>/dev/null)" != "$tools" ]; then
    rm -rf "$home"
    "$python" -m venv --without-pip "$home/venv"
    echo '*' >"$home/.gitignore"
    # shellcheck disable=SC2086 # one word for each tool
    "$python" -m pip --disable-pip-version-check --python "$home/venv/bin/python" install --quiet $tools
    packages() {
        "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
    }
    packages "$python" >"$(packages "$home/venv/bin/python")/environment.pth"
    echo "$tools" >"$home/tools"
fi
python=$home/venv/bin/python

rm -rf "$home/tree"
mkdir "$home/tree"
cp -R pyproject.toml fix_oms tests spec "$home/tree"
cd "$home/tree"
find . -name __pycache__ -prune -exec rm -rf {} +
sed -zi 's/    @property\n    def \([a-z_]*\)(/    \1 = property(lambda self: self._get_\1())\n\n    def _get_\1(/g' \
    fix_oms/orders/*.py
cat >>pyproject.toml <<'EOF'

[tool.mutmut]
source_paths = ["fix_oms/"]
only_mutate = ["fix_oms/orders/*"]
do_not_mutate = ["fix_oms/orders/legality_table.py"]
also_copy = ["spec/"]
pytest_add_cli_args_test_selection = ["tests/orders", "--deselect=tests/orders/test_legality.py"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
EOF

echo "branches (log: .mutants/coverage.log)"
"$python" -m coverage run --branch --source fix_oms/orders -m pytest -q -p no:cacheprovider tests/orders \
    >"$home/coverage.log"
"$python" -m coverage report --show-missing --skip-covered --fail-under=100

echo "mutants (log: .mutants/mutants.log)"
"$python" -m mutmut run --max-children 1 >"$home/mutants.log" 2>&1
tail -c 100 "$home/mutants.log"

# What a mutant's line was changed to, as mutmut shows it.
change() {
    "$python" -m mutmut show "$1" | sed -n 's/^+ *\([^+].*\)/\1/p' | paste -s -d ' '
}

# The slow tests, with the mutant $1 or, for "", with none.
slow_tests() {
    (cd mutants && MUTANT_UNDER_TEST=$1 "$python" -m pytest -qx -p no:cacheprovider \
        tests/orders/test_legality.py tests/engine tests/properties) >"$home/slow.log" 2>&1
}

slow_tests "" # what kills must be the mutant
lives=0
for name in $("$python" -m mutmut results | sed -n 's/^ *\([^ ]*\): \(survived\|no tests\)$/\1/p'); do
    line=$(change "$name")
    if [ -n "$line" ] && grep -qF -- "\`$line\`" "$explained"; then
        continue
    fi
    if slow_tests "$name"; then
        echo "lives, and is not explained: $name"
        "$python" -m mutmut show "$name"
        lives=$((lives + 1))
    fi
done
[ "$lives" = 0 ]
