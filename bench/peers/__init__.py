"""fix_oms beside its peers: the same to each, and what each makes of it.

*Reports*: ``cases`` turns ``cases.yaml`` into FIX text; ``in_nautilus``, ``in_asyncfix`` and
``in_fix_oms`` each give that text to one engine, by the way that its documentation tells an adapter
to; ``verdict`` holds what came out against the broker's truth. *Risk*: ``risk_cases`` reads what a
gate is asked; ``risk_in_nautilus``, ``risk_in_openpit`` and ``risk_in_fix_oms`` each ask one gate;
``risk_verdict`` holds the answers against what they must be.

The peers are installed into an environment of their own (``environment``), run there as processes
of their own, and speak JSON (``exchange``, ``risk_exchange``): nothing of theirs is imported here,
and nothing of ours there.
"""
