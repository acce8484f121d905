"""A process that appends for ever and says which records it may count on.

    python -m tests.journal.appender DIRECTORY DURABILITY SEGMENT_BYTES

Prints ``open`` once it holds the journal, then the index of each record once it is acknowledged,
one a line. It is there to be killed.
"""

import os
import sys
from pathlib import Path

from tests.journal.made import NOW, opened, payload


def main() -> None:
    directory, durability, segment_bytes = sys.argv[1:]
    writer = opened(Path(directory), durability=durability, segment_bytes=int(segment_bytes))
    os.write(1, b"open\n")
    while True:
        index = writer.append(NOW, payload(writer.next_index))
        writer.wait_durable(index)
        os.write(1, b"%d\n" % index)


if __name__ == "__main__":
    main()
