"""The field's words as values: FIX codes, fixed-point units, messages, inputs, outputs, settings.

Nothing here does I/O or knows the time. Everything else imports from here; this package imports
nothing of fix_oms but itself.
"""
