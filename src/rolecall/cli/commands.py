"""The commands by name."""

from __future__ import annotations

import click

from rolecall import __version__
from rolecall.cli.account import account
from rolecall.cli.check import check, explain
from rolecall.cli.data import backup, master_key, restore
from rolecall.cli.delegation import delegation
from rolecall.cli.docs import docs
from rolecall.cli.env import env
from rolecall.cli.evaluate import evaluate
from rolecall.cli.export import export
from rolecall.cli.import_account import import_account
from rolecall.cli.organization import organization
from rolecall.cli.policy_tests import run_policy_tests
from rolecall.cli.serve import serve
from rolecall.cli.simulate import simulate
from rolecall.cli.template import template


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rolecall")
def main() -> None:
    """AWS-compatible IAM and STS that you run yourself."""


for _command in (
    serve,
    env,
    account,
    organization,
    template,
    delegation,
    export,
    import_account,
    backup,
    restore,
    master_key,
    docs,
    check,
    explain,
    evaluate,
    simulate,
    run_policy_tests,
):
    main.add_command(_command)
