"""The risk gate and what it measures by."""
