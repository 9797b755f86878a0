"""The command line: `rolecall serve`, `check`, `explain`, `simulate`, `evaluate`, `test`, `account`, `env`, and more.

One module per command; nothing but reading arguments, calling the rooms below and printing happens here.
"""

from rolecall.cli.commands import main

__all__ = ["main"]
