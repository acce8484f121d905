"""A peer that is not understood is found silent, and only it is."""

from __future__ import annotations

from fix_oms.sessions.silence import Silence

LOOK = 10


def looks(silence: Silence, *heard: int, every: int = LOOK) -> int:
    """What the last of several looks finds."""
    found = 0
    for at, count in enumerate(heard, 1):
        found = silence.look(count, at * every)
    return found


def made() -> Silence:
    silence = Silence(LOOK)
    silence.begin(0)
    return silence


def test_silence_is_the_time_between_looks_at_which_nothing_new_was_heard() -> None:
    assert looks(made(), 2, 2, 2, 2) == 3 * LOOK


def test_what_is_heard_ends_it() -> None:
    assert looks(made(), 2, 2, 4) == 0


def test_a_message_that_is_being_taken_in_is_no_silence() -> None:
    assert looks(made(), 3, 3, 3) == 0


def test_a_process_that_was_stopped_says_nothing_about_the_peer() -> None:
    assert looks(made(), 2, 2, 2, every=1000 * LOOK) == 2 * LOOK


def test_it_begins_anew_with_each_connection() -> None:
    silence = made()
    looks(silence, 2, 2, 2)
    silence.begin(100)
    assert silence.look(2, 105) == 5
