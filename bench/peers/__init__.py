"""fix_oms beside its peers: the same reports to each, and what each makes of them.

``cases`` turns ``cases.yaml`` into FIX text; ``in_nautilus``, ``in_asyncfix`` and ``in_fix_oms``
each give that text to one engine, by the way that its documentation tells an adapter to;
``verdict`` holds what came out against the broker's truth. The peers are installed into an
environment of their own (``environment``), run there as processes of their own, and speak JSON
(``exchange``): nothing of theirs is imported here, and nothing of ours there.
"""
