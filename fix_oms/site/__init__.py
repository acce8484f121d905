"""Engine and simulated venues together, each a process of its own: for demos and examples."""

from fix_oms.site.site import Site, SiteError, running

__all__ = ["Site", "SiteError", "running"]
