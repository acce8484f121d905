"""Where closed orders lie: packed, found by any of their names, in the order of their making.

What it holds is a handful of large objects, however many orders there are: pieces with some hundred
packed orders each, one behind the other, an array that says where each begins, and the names. So a
million orders are written to a file and read back as fast as the disk is, and cost no object each.

**Pieces** are compressed when they are full, by zlib at its quickest: orders of one day are much
alike, and a hundred together take a sixth of their bytes. Whoever asks for one order has the piece
made plain for it (some 50 us), and whoever asks for them in a row has it done once.

**Names.** Each name is a 64-bit number, of its hash and of the order's place: the hash chooses one
of 4,096 sorted arrays, and what is left of it stands above the place. One bisection finds who may
be meant. Two names may share a hash, so whoever is found has to be asked for his names. The hash is
BLAKE2b, because brokers choose OrderIDs and must not be able to make them all alike.

An order on the shelf never changes. One that is to change is taken off it, and its bytes lie there
unused until :meth:`Shelf.drop_unused` lays the others together.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, final
from zlib import compress, decompress

PIECE: Final = 1 << 15
"""About so many bytes lie together."""
_ROOM: Final = 32
"""Bits of a place's number that say where in its piece it begins; those above say which piece."""
_QUICKEST: Final = 1
PARTS: Final = 4096
_PART_BITS: Final = 12
_PLACE_BITS: Final = 32
_PLACES: Final = (1 << _PLACE_BITS) - 1
_LENGTH: Final = 4
_hasher: Final = blake2b(digest_size=8)


def _hash(name: str) -> tuple[int, int]:
    """Which part a name belongs to, and its mark there."""
    hasher = _hasher.copy()
    hasher.update(name.encode("utf-8", "surrogatepass"))
    found = int.from_bytes(hasher.digest(), "little")
    return found & (PARTS - 1), (found >> _PART_BITS & 0xFFFF_FFFF) << _PLACE_BITS


@final
class Names:
    """Places by name. A place may stand under many names, a name for many places."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[array[int]] = []

    def add(self, name: str, place: int) -> None:
        """The order at that place has this name; asked once only for the two."""
        if not self.parts:
            self.parts = [array("Q") for _ in range(PARTS)]
        part, mark = _hash(name)
        insort(self.parts[part], mark | place)

    def remove(self, name: str, place: int) -> None:
        """It is not to be found here by this name any more."""
        part, mark = _hash(name)
        held = self.parts[part]
        del held[bisect_left(held, mark | place)]

    def places(self, name: str) -> list[int]:
        """The places of all that may have this name, lowest first."""
        if not self.parts:
            return []
        part, mark = _hash(name)
        held = self.parts[part]
        at, most, found = bisect_left(held, mark), mark | _PLACES, []
        while at < len(held) and held[at] <= most:
            found.append(held[at] & _PLACES)
            at += 1
        return found


@final
class Shelf:
    """Packed orders by place: 0 for the first that the book ever had. ``count`` lie here."""

    __slots__ = (
        "_filling",
        "_plain",
        "_plain_piece",
        "begins",
        "count",
        "names",
        "pieces",
        "unused",
    )

    def __init__(self) -> None:
        self.names: Final = Names()
        self.pieces: list[bytes] = []
        self.begins = array("Q")
        """By place, as far as any lies here: 0 for one that does not."""
        self.count = 0
        self.unused = 0
        """Bytes of orders that have been taken off, as they were before they were compressed."""
        self._filling = bytearray()
        """The piece behind the last of ``pieces``."""
        self._plain_piece = -1
        self._plain = b""
        """The piece that was asked for last, and which one that is."""

    def has(self, place: int) -> bool:
        """Whether the order of that place lies here."""
        return place < len(self.begins) and self.begins[place] != 0

    def put(self, place: int, names: Iterable[str], packed: bytes) -> None:
        """Lay an order here, to be found by these names, each of them given once."""
        piece, begins = self._filling, self.begins
        if place >= len(begins):
            begins.frombytes(bytes(begins.itemsize * (place + 1 - len(begins))))
        # One more than where it begins, so that 0 is "not here".
        begins[place] = (len(self.pieces) << _ROOM | len(piece)) + 1
        piece += len(packed).to_bytes(_LENGTH, "little")
        piece += packed
        self.count += 1
        for name in names:
            self.names.add(name, place)
        if len(piece) >= PIECE:
            self.seal()

    def seal(self) -> None:
        """Nothing is added to the piece that was being filled: what is next begins another."""
        if self._filling:
            self.pieces.append(compress(self._filling, _QUICKEST))
            self._filling = bytearray()

    def packed(self, place: int) -> bytes:
        """The bytes of the order that lies at that place."""
        where = self.begins[place] - 1
        number, at = where >> _ROOM, where & ((1 << _ROOM) - 1)
        piece: bytes | bytearray = self._filling
        if number < len(self.pieces):
            if number != self._plain_piece:
                self._plain, self._plain_piece = decompress(self.pieces[number]), number
            piece = self._plain
        begin = at + _LENGTH
        return bytes(piece[begin : begin + int.from_bytes(piece[at:begin], "little")])

    def take(self, place: int, names: Iterable[str]) -> None:
        """The order leaves the shelf, with the names that it was laid here under."""
        self.unused += _LENGTH + len(self.packed(place))
        self.begins[place] = 0
        self.count -= 1
        for name in names:
            self.names.remove(name, place)

    def release(self) -> None:
        """Give back the pieces of which nothing is left. A million places take 50 ms."""
        used = {(begin - 1) >> _ROOM for begin in self.begins if begin}
        for number in range(len(self.pieces)):
            if number not in used:
                self.pieces[number] = b""
        if self._plain_piece not in used:
            self._plain_piece, self._plain = -1, b""

    def drop_unused(self) -> None:
        """Lay what is left together anew."""
        self.seal()
        old = Shelf()
        old.pieces, old.begins, self.pieces = self.pieces, self.begins[:], []
        self.count = self.unused = 0
        self._plain_piece = -1
        for place, begin in enumerate(old.begins):
            if begin:
                self.put(place, (), old.packed(place))

    def restore(
        self, pieces: list[bytes], begins: array[int], parts: list[array[int]], unused: int
    ) -> None:
        """What another shelf held, as read from where it was written."""
        self.pieces, self.begins, self.unused = pieces, begins, unused
        self.names.parts = parts
        self.count = len(begins) - begins.count(0)
