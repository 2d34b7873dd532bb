//! Commands of other migration tools, and the commands of mizzle that do the same.

/// The names of other tools' commands, and the hint for each group.
///
/// Sources: <https://www.prisma.io/docs/orm/reference/prisma-cli-reference>,
/// <https://orm.drizzle.team/docs/kit-overview>, <https://atlasgo.io/cli-reference>,
/// <https://knexjs.org/guide/migrations.html>, <https://developer.hashicorp.com/terraform/cli/commands>.
const NEIGHBOURS: [(&[&str], &str); 13] = [
    (
        &["deploy", "up", "latest", "run"],
        "use `mizzle migrate`, which applies the pending migrations",
    ),
    (
        &["down", "rollback", "revert", "undo"],
        "use `mizzle migrate --down`, which rolls back the last migration",
    ),
    (
        &["apply", "sync", "execute"],
        "use `mizzle push`, which applies the schema, or `mizzle migrate`, which applies the pending migrations",
    ),
    (
        &["diff", "plan", "preview"],
        "use `mizzle push --dry-run`, which compares the tables with the schema, or `mizzle migrate --dry-run`",
    ),
    (
        &["introspect", "inspect", "import"],
        "use `mizzle pull`, which writes the schema of existing tables",
    ),
    (
        &["new", "create", "make", "add", "dev"],
        "use `mizzle generate`, which writes the next migration",
    ),
    (&["validate", "lint", "verify"], "use `mizzle check`, which checks the migrations"),
    (
        &["reset", "destroy", "delete", "remove", "rm", "clean"],
        "use `mizzle drop`, which deletes tables; then `mizzle migrate` or `mizzle push` creates them again",
    ),
    (
        &["studio", "show", "ls", "tables"],
        "use `mizzle list`, which shows the tables with their indexes",
    ),
    (&["start", "serve", "server"], "use `mizzle local`, which serves the embedded DynamoDB"),
    (
        &["repair", "fix", "force"],
        "use `mizzle resolve`, which corrects the ledger, or `mizzle migrate --repair`",
    ),
    (&["version"], "use `mizzle --version`"),
    (&["baseline"], "use `mizzle migrate --baseline`, which marks migrations as applied"),
];

/// Returns the hint for another tool's command.
pub(super) fn hint(command: &str) -> Option<&'static str> {
    let found = NEIGHBOURS.iter().find(|(names, _)| names.contains(&command));
    found.map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::NEIGHBOURS;
    use crate::cli::Cli;
    use clap::{CommandFactory, Parser, error::ErrorKind};
    use std::collections::BTreeSet;

    /// Each hint is a command line that mizzle accepts, and no name is one of its commands.
    #[test]
    fn hints_are_commands_and_names_are_none() {
        let mut seen = BTreeSet::new();
        for (names, hint) in NEIGHBOURS {
            for name in names {
                assert!(seen.insert(*name), "{name} is there twice");
                assert!(Cli::command().find_subcommand(name).is_none(), "{name} is a command");
            }
            let commands: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
            assert!(!commands.is_empty(), "{hint}");
            for command in commands {
                let mut line: Vec<&str> = command.split(' ').collect();
                if command == "mizzle resolve" {
                    line.extend(["1", "--applied"]);
                }
                let error = Cli::try_parse_from(line).err().map(|error| error.kind());
                assert!(matches!(error, None | Some(ErrorKind::DisplayVersion)), "{command}");
            }
        }
    }
}
