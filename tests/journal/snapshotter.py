"""A process that appends and writes snapshots for ever.

    python -m tests.journal.snapshotter DIRECTORY

Prints ``open`` once it has begun, then the index of each snapshot once it is written, one a line.
It is there to be killed.
"""

import os
import sys
from pathlib import Path

from fix_oms.journal.recovery import Snapshotter
from fix_oms.model import inputs
from fix_oms.model.settings import Snapshots
from tests.journal.made import NOW, opened

FAULT = inputs.encode(inputs.Fault(where="test", error="one record more"))


def main() -> None:
    directory = Path(sys.argv[1])
    with opened(directory) as writer:
        snapshotter = Snapshotter(directory, Snapshots(), print, 0.0)
        os.write(1, b"open\n")
        while True:
            index = writer.append(NOW, FAULT)
            snapshotter.save(0.0)
            os.write(1, b"%d\n" % index)


if __name__ == "__main__":
    main()
