//! `creditlab man`: write manual pages, one for the program and one for each command and what is below it.

use super::Failure;
use super::output::{count, print};
use clap::{Args, Command};
use clap_mangen::Man;
use std::fs;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Where the pages are written, such as ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub fn main(arguments: &Arguments, command: Command) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let failed = |error| Failure::Execution(format!("cannot write manual pages in {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let pages = pages(command);
    for (name, page) in &pages {
        fs::write(folder.join(name), page).map_err(failed)?;
    }
    print(&[format!("{} in {}", count(pages.len() as u64, "page"), folder.display())])
}

/// Name and text of each page.
fn pages(mut command: Command) -> Vec<(String, Vec<u8>)> {
    // gives each command its whole name, such as `creditlab run`
    command.build();
    let page = |command: &Command| {
        let man = Man::new(command.clone()).source(concat!("creditlab ", env!("CARGO_PKG_VERSION")));
        let mut text = Vec::new();
        man.render(&mut text).expect("memory takes every page");
        (man.get_filename(), text)
    };
    with_below(&command).into_iter().map(page).collect()
}

/// A command and those below it, such as `data fetch`.
pub fn with_below(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|one| one.get_name() != "help");
    std::iter::once(command).chain(below.flat_map(with_below)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;
    use clap::CommandFactory;
    use std::collections::BTreeMap;

    #[test]
    fn every_command_has_a_page_with_all_its_options() {
        let pages: BTreeMap<_, _> = pages(cli::Arguments::command()).into_iter().collect();
        let mut program = cli::Arguments::command();
        program.build();
        let mut options = 0;
        let commands = with_below(&program);
        for command in &commands {
            let name = command.get_display_name().unwrap_or(command.get_name());
            let page = String::from_utf8(pages[&format!("{name}.1")].clone()).unwrap();
            for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                options += 1;
                // a hyphen is written `\-`
                let written = format!("--{option}").replace('-', "\\-");
                assert!(page.contains(&written), "{name}: {written} in\n{page}");
            }
            for below in command.get_subcommands().map(Command::get_name) {
                assert!(page.contains(&below.replace('-', "\\-")), "{name}: {below}");
            }
        }
        assert_eq!(pages.len(), commands.len());
        assert!(
            pages.contains_key("creditlab-data-fetch.1") && options > 50,
            "{options}"
        );
    }
}
