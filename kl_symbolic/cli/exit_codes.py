"""The exit codes of the command line."""

OK, REFUTED, USAGE, NO_CLOSED_FORM, MISSING, UNKNOWN = range(6)
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED, BROKEN_PIPE = 130, 141  # as a shell reports the signals SIGINT and SIGPIPE
