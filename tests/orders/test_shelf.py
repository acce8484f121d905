"""What lies on the shelf is found by each of its names, and by nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.orders.shelf import PIECE, Names, Shelf

NAMES = st.sampled_from([f"{n}" for n in range(12)])


@given(st.lists(st.tuples(NAMES, st.integers(0, 5)), max_size=60))
def test_names_lead_to_the_places_that_have_them(acts: list[tuple[str, int]]) -> None:
    names, held = Names(), set[tuple[str, int]]()
    for name, place in acts:
        if (name, place) in held:
            names.remove(name, place)
            held.discard((name, place))
        else:
            names.add(name, place)
            held.add((name, place))
    for name in {name for name, _ in acts}:
        assert names.places(name) == sorted(place for n, place in held if n == name)


@pytest.mark.parametrize("name", ["", "1-1", "Ünïcode", "\udc80", "x" * 10_000])
def test_any_text_may_be_a_name(name: str) -> None:
    names = Names()
    names.add(name, 7)
    assert (names.places(name), names.places(name + "-")) == ([7], [])


def test_names_of_one_hash_are_all_found() -> None:
    names = Names()
    names.add("a", 0)
    part = next(part for part in names.parts if part)
    part.extend([part[0] | 1, part[0] | 2])  # as if "b" and "c" had the hash of "a"
    assert names.places("a") == [0, 1, 2]
    names.remove("a", 0)
    assert names.places("a") == [1, 2]


@given(st.lists(st.binary(max_size=300), max_size=40), st.sets(st.integers(0, 39)))
def test_what_was_put_is_there_until_it_is_taken(packed: list[bytes], taken: set[int]) -> None:
    shelf = Shelf()
    for place, data in enumerate(packed):
        shelf.put(place, [f"n{place}"], data)
    for place in taken & set(range(len(packed))):
        shelf.take(place, [f"n{place}"])
    for again in range(2):
        left = {n: shelf.packed(n) for n in range(len(packed)) if shelf.has(n)}
        assert left == {n: data for n, data in enumerate(packed) if n not in taken}
        assert shelf.count == len(left)
        assert [shelf.names.places(f"n{n}") for n in range(len(packed))] == [
            [n] if n in left else [] for n in range(len(packed))
        ]
        shelf.drop_unused()
        assert (again, shelf.unused) == (again, 0)


def test_more_than_a_piece_is_laid_in_several() -> None:
    shelf = Shelf()
    for place in range(50):
        shelf.put(place, (), bytes([place]) * (place * PIECE // 100))
    assert len(shelf.pieces) > 5
    lengths = [len(shelf.packed(place)) for place in range(50)]
    assert lengths == [place * PIECE // 100 for place in range(50)]
    assert {bytes(set(shelf.packed(place))) for place in range(1, 50)} == {
        bytes([place]) for place in range(1, 50)
    }
