"""``python -m fix_oms``: the same as the ``fix-oms`` command."""

from fix_oms.cli.main import main

if __name__ == "__main__":
    main(prog_name="fix-oms")
