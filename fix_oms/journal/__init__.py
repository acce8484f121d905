"""The durable log: every input, and what left, in append-only segment files.

format     the bytes of a segment and a record; the hash chain
tail       what a crash explains, and what is damage
segments   the files in the directory
lock       one writer
scan       reading one segment forwards
follower   reading a journal, once or for ever
check      is it whole?
anchor     the chain's head, kept outside
writer     appending, durability, opening after a crash
convert    writing it anew, from another journal
"""
