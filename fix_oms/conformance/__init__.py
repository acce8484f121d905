"""Is our order state what the published scenarios say it must be?

Each scenario is played against the real engine in virtual time: our requests are commands to it,
the broker's reports are FIX text on its session, and after each the order is compared with the row.

    check(scenarios, Options()) -> Verdict per run

``desk`` holds the engine and the session, ``play`` goes through a run in published order,
``compare`` says what differs, ``lies`` makes a broker's fields untrue, ``delivery`` finds the
orders in which reports may arrive, ``permute`` plays them, ``exceptions`` reads the list of what
may differ, ``verdicts`` puts them together.
"""

from fix_oms.conformance.compare import Difference
from fix_oms.conformance.verdicts import Options, Verdict, check, chosen

__all__ = ["Difference", "Options", "Verdict", "check", "chosen"]
