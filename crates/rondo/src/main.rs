//! The command line. This file is the table of contents; each command has its own module.

mod api;
mod audit;
mod backup;
mod daemon;
mod doctor;
mod eval;
mod goal;
mod hosts;
mod manifest;
mod reset_password;
mod restore;
mod settings;
mod state;
mod stop;
mod tick;
mod up;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A campaign studio that loops: from a goal to a strategy, reviewed posts, and their publication.
///
/// Without a command it does what `rondo up` does.
#[derive(Parser)]
#[command(name = "rondo", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Args,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the app on this machine, until Ctrl-C.
    Up(up::Args),
    /// Builds the components' wasm, if a source is newer. `up` does it by itself.
    Build(wasm::Args),
    /// Takes a goal to reviewed drafts, or all the way to the stage.
    Goal(Box<goal::Args>),
    /// Ticks a deployment, so that what is due there happens.
    Daemon(daemon::Args),
    /// Measures the checks, the judges and the loop on fixed material.
    Eval(eval::Args),
    /// Makes a one-time link with which somebody chooses a new password.
    ResetPassword(reset_password::Args),
    /// Looks what is amiss here, and says which command mends it.
    Doctor(doctor::Args),
    /// Copies the database while the app runs, and checks the copy.
    Backup(backup::Args),
    /// Puts a backup in the place of the database, so that nothing goes out twice.
    Restore(restore::Args),
    /// Checks the seal over history.
    Audit(audit::Args),
}

/// What went wrong, by exit code; `rondo help goal` lists those of its own.
const FAILED: u8 = 1;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Up(cli.up)) {
        Command::Up(args) => up::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Build(args) => wasm::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Goal(args) => goal::run(*args).await,
        Command::Daemon(args) => daemon::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::ResetPassword(args) => reset_password::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => doctor::run(args).await,
        Command::Backup(args) => backup::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Restore(args) => restore::run(args).await.map(|()| ExitCode::SUCCESS),
        Command::Audit(args) => audit::run(args).await,
        Command::Eval(args) => eval::run(args).await,
    };
    done.unwrap_or_else(|error| {
        eprintln!("rondo: {error:#}");
        ExitCode::from(FAILED)
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_and_their_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_means_up_with_the_same_flags() {
        let cli = Cli::parse_from(["rondo", "--listen", "127.0.0.1:4000", "--variable", "a=b=c"]);
        assert!(cli.command.is_none());
        assert_eq!(cli.up.listen.port(), 4000);
        assert_eq!(cli.up.variables, [("a".to_owned(), "b=c".to_owned())]);
    }

    #[test]
    fn a_goal_needs_a_text_or_a_brief_and_not_both() {
        assert!(Cli::try_parse_from(["rondo", "goal"]).is_err());
        assert!(Cli::try_parse_from(["rondo", "goal", "Sell bread", "--brief", "x.toml"]).is_err());
        assert!(Cli::try_parse_from(["rondo", "goal", "Sell bread"]).is_ok());
    }
}
