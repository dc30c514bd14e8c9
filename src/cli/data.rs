//! `creditlab data`: list data sets, show where they are looked for, download published ones.

use super::Failure;
use super::output::{is_plain, print, say};
use crate::tasks::{DataFolders, Downloader, PUBLISHED, Places, Published, Task, unpack};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Subcommand)]
enum DataCommand {
    /// List the tasks with a name: built in, generated, on disk
    List(FolderChoice),
    /// Print the folders that data sets are looked for in, in order
    Path(FolderChoice),
    /// Download a published data set, check it, and place it in the first of these folders
    Fetch(Fetch),
}

#[derive(Args)]
struct FolderChoice {
    /// Where data sets are looked for first; then $CREDITLAB_DATA, ./data, the user's data folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Args)]
struct Fetch {
    /// mnist, fashion-mnist or cifar-10
    name: String,
    #[command(flatten)]
    place: FolderChoice,
    /// Address that the names of the files are appended to, in place of the publisher's
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

impl FolderChoice {
    fn folders(&self) -> DataFolders {
        DataFolders::standard(self.data.as_deref())
    }
}

pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        DataCommand::List(place) => print(&list(&place.folders())),
        DataCommand::Path(place) => {
            let lines = place.folders();
            let line = |folder: &crate::tasks::DataFolder| format!("{}  ({})", folder.path.display(), folder.origin);
            print(&lines.folders().iter().map(line).collect::<Vec<_>>())
        }
        DataCommand::Fetch(arguments) => fetch(arguments),
    }
}

fn list(folders: &DataFolders) -> Vec<String> {
    let mut lines = Vec::new();
    for task in Task::named() {
        let name = task.name();
        let state = match PUBLISHED.iter().find(|set| set.task == name) {
            None => String::new(),
            Some(set) => match set.found(folders) {
                Some(folder) => format!("\n{:18}in {}, {}", "", folder.display(), size(&folder)),
                None => {
                    let place = |folder: &crate::tasks::DataFolder| folder.path.join(set.name).display().to_string();
                    let places: Vec<_> = folders.folders().iter().map(place).collect();
                    format!(
                        "\n{:18}not found in {}; `creditlab data fetch {}` downloads {} ({})",
                        "",
                        places.join(", "),
                        set.name,
                        megabytes(set.files.iter().map(|file| file.bytes).sum()),
                        set.licence
                    )
                }
            },
        };
        lines.push(format!("{name:16}  {}{state}", task.about()));
    }
    lines.push(format!(
        "{:16}  your own files, named in the experiment",
        "Csv, Idx, Npy"
    ));
    lines
}

/// Size of the files in a folder. Where it cannot be closed, the standard library would end the program.
fn size(folder: &Path) -> String {
    let entries = Dir::open_ambient_dir(folder, ambient_authority()).and_then(|folder| folder.entries());
    let sizes = entries.into_iter().flatten().flatten();
    megabytes(sizes.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn fetch(arguments: &Fetch) -> Result<(), Failure> {
    let set = published(&arguments.name)?;
    let folders = arguments.place.folders();
    if let Some(folder) = set.found(&folders) {
        return there(set, &folder, &folders);
    }
    let Some(first) = folders.folders().first() else {
        return Err(Failure::Input(
            "there is no folder to place it in; name one with --data DIR".into(),
        ));
    };
    let folder = first.path.join(set.name);
    let from = arguments.from.as_deref().unwrap_or(set.from);
    say(format!("{} from {from} ({})", set.name, set.licence));
    let downloader = Downloader::new();
    for file in set.files {
        let bar = match is_plain() {
            true => ProgressBar::hidden(),
            false => ProgressBar::new(file.bytes),
        };
        let template = "{prefix} {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("a fixed template"));
        bar.set_prefix(file.name);
        let done = downloader.fetch(file, from, &folder, |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        let path = done.map_err(Failure::execution)?;
        say(format!("{}: {}, checked", path.display(), megabytes(file.bytes)));
        if let Some(within) = set.within {
            unpack(&path, within, set.contents, &folder).map_err(Failure::execution)?;
            let removed = std::fs::remove_file(&path);
            say(match removed {
                Ok(()) => format!("{}: unpacked, and removed", path.display()),
                Err(error) => format!("{}: unpacked, and left there: {error}", path.display()),
            });
        }
    }
    print(&[format!("{} is in {}", set.name, folder.display())])
}

/// Says that a set is there, if its files hold what the published ones do: the same number of images and labels, in their form.
fn there(set: &Published, folder: &Path, folders: &DataFolders) -> Result<(), Failure> {
    let places = Places {
        folder: Path::new(""),
        data: folders,
    };
    let task = Task::named().into_iter().find(|task| task.name() == set.task);
    match task.map(|task| task.load(places)) {
        Some(Err(error)) => Err(Failure::Execution(format!(
            "{} is in {}, but it is not the published one\n{error}\nmove the folder away, and start again",
            set.name,
            folder.display()
        ))),
        _ => print(&[format!("{} is already in {}, whole", set.name, folder.display())]),
    }
}

/// The published set of this name, as a folder or as a task.
fn published(name: &str) -> Result<&'static Published, Failure> {
    let task = name.replace('-', "");
    let meant = |set: &&Published| set.name == name || set.task.eq_ignore_ascii_case(&task);
    if let Some(set) = PUBLISHED.iter().find(meant) {
        return Ok(set);
    }
    let known: Vec<_> = PUBLISHED.iter().map(|set| set.name).collect();
    let reason = match Task::named()
        .iter()
        .find(|known| known.name().eq_ignore_ascii_case(&task))
    {
        Some(task) => format!("`{}` needs no download: it is built in or generated", task.name()),
        None => {
            let near = known
                .iter()
                .min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let near = near.filter(|known| strsim::damerau_levenshtein(known, name) <= 3);
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("there is no data set `{name}` to download{hint}")
        }
    };
    Err(Failure::Input(format!(
        "{reason}\n{} can be downloaded",
        known.join(", ")
    )))
}
