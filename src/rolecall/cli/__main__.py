"""`python -m rolecall.cli` is `rolecall`."""

from rolecall.cli.commands import main

if __name__ == "__main__":
    main()
