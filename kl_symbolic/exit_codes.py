"""The exit codes of the command line."""

OK, REFUTED, USAGE, NO_CLOSED_FORM, MISSING, UNKNOWN = range(6)
INTERRUPTED = 130
