"""``completion``: the shell's completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_FIX_OMS_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands and options, and the names of open orders, sessions, venues and symbols.

    \b
      fix-oms completion bash > ~/.local/share/bash-completion/completions/fix-oms
      fix-oms completion zsh  > ~/.zfunc/_fix-oms        (a directory of your $fpath)
      fix-oms completion fish > ~/.config/fish/completions/fix-oms.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    maker = found(ctx.find_root().command, {}, "fix-oms", VARIABLE)
    click.echo(maker.source_template % maker.source_vars())
