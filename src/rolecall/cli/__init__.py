"""The command line: `rolecall serve`, `account`, `env`, `backup`, `restore`, `master-key`, `docs`.

One module per command; nothing but reading arguments, calling the rooms below and printing happens here.
"""

from rolecall.cli.commands import main

__all__ = ["main"]
