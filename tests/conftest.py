"""How hard the property tests look: quick by default, long under ``make soak``.

No deadline in either: nothing here asserts how long anything takes.
"""

from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=100)
settings.register_profile("soak", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("quick")
