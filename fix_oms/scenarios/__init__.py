"""Published order state scenarios: from a file of steps to real FIX text, and the truth they tell.

    load(path) -> Scenario -> runs(scenario) -> Run -> tell(run) -> each report, whole

``steps`` says what a scenario is, ``loader`` reads and checks the file, ``misprints`` knows which
cells must not be obeyed, ``runs`` turns a scenario into the runs that it stands for (a version and
a branch each) and finds whose order each step speaks of, ``truth`` does the arithmetic that the
tables leave blank, and ``texts`` writes the FIX messages of the broker. Nothing here knows of the
engine: who plays the broker, in virtual time or over TCP, plays these.
"""

from fix_oms.scenarios.loader import Collection, load
from fix_oms.scenarios.runs import Act, Role, Run, runs
from fix_oms.scenarios.steps import Scenario, Step
from fix_oms.scenarios.texts import Ids, Report, tell
from fix_oms.scenarios.truth import Ending

__all__ = [
    "Act",
    "Collection",
    "Ending",
    "Ids",
    "Report",
    "Role",
    "Run",
    "Scenario",
    "Step",
    "load",
    "runs",
    "tell",
]
