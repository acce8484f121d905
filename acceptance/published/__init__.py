"""The published order state scenarios over real FIX sessions, both sides as their users run them.

On one side ``fix-oms venue``, told over its control socket to play the broker of a scenario; on the
other ``fix-oms run``, told over its own what a person at the desk would type. Between them is TCP,
one session for each FIX version. ``conformance`` asks the same of the engine alone, row by row and
in every order of delivery; here it is whether sessions, processes and sockets keep it true.
"""
