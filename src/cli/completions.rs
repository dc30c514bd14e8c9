//! `creditlab completions`: print a script by which a shell completes commands and options.

use super::Failure;
use super::output::print_file;
use clap::{Args, Command, ValueEnum};
use clap_complete::aot::{Shell, generate};

#[derive(Args)]
pub struct Arguments {
    /// The shell that completes
    #[arg(value_name = "SHELL")]
    shell: CompletingShell,
}

/// A shell with a script.
#[derive(Clone, Copy, ValueEnum)]
enum CompletingShell {
    Bash,
    Zsh,
    Fish,
}

pub fn main(arguments: &Arguments, command: Command) -> Result<(), Failure> {
    print_file(&script(arguments.shell, command))
}

fn script(shell: CompletingShell, mut command: Command) -> Vec<u8> {
    let shell = match shell {
        CompletingShell::Bash => Shell::Bash,
        CompletingShell::Zsh => Shell::Zsh,
        CompletingShell::Fish => Shell::Fish,
    };
    let (name, mut script) = (command.get_name().to_owned(), Vec::new());
    generate(shell, &mut command, name, &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;
    use crate::cli::man::with_below;
    use clap::CommandFactory;

    #[test]
    fn every_command_and_option_is_completed() {
        for shell in [CompletingShell::Bash, CompletingShell::Zsh, CompletingShell::Fish] {
            let script = String::from_utf8(script(shell, cli::Arguments::command())).unwrap();
            let mut options = 0;
            for command in with_below(&cli::Arguments::command()) {
                let name = command.get_name();
                assert!(script.contains(name), "{name}");
                for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                    options += 1;
                    let written = match shell {
                        // fish has the name alone, as the long form of an option
                        CompletingShell::Fish => format!("-l {option}"),
                        CompletingShell::Bash | CompletingShell::Zsh => format!("--{option}"),
                    };
                    assert!(script.contains(&written), "{name}: {written}");
                }
            }
            assert!(options > 50, "{options}");
            assert!(!script.contains("--nothing-is-called-so"));
        }
    }
}
