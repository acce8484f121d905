"""Do the conduct measures tell a strategy that has gone mad from one that works?

Labelled streams of orders and executions are drawn from seeds (``good``, ``bad``), the measures of
``fix_oms.risk.conduct`` are set as ``spec/conduct.toml`` says, and what they stop is counted. The
streams are ours, so the figures say how the measures tell *these* apart: each kind is a behaviour
that desks know, its parameters are drawn widely enough that good and bad overlap in any single
figure, and what no figure can tell apart is written down in ``spec/conduct.toml`` as not caught.
"""
