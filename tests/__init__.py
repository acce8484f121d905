"""The tests mirror fix_oms/, beside tidy/ (style) and whatever crosses packages."""
