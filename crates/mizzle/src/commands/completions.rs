//! `mizzle completions`: a script that completes mizzle's command line in a shell.

use clap::Args;
use clap_complete::Shell;

/// `mizzle completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle completions bash > ~/.local/share/bash-completion/completions/mizzle
  mizzle completions zsh > \"${fpath[1]}/_mizzle\"
  mizzle completions fish > ~/.config/fish/completions/mizzle.fish
  mizzle completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}
