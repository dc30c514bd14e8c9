//! Look for data sets in folders, in a fixed order.

use super::TaskError;
use super::error::DataPlace;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names the folder of data, before those looked in by default.
const VARIABLE: &str = "CREDITLAB_DATA";
/// What other programs call the folders of data sets.
const OTHER_NAMES: [(&str, &str); 3] = [
    ("mnist", "MNIST"),
    ("fashion-mnist", "FashionMNIST"),
    ("cifar-10", "cifar-10-batches-bin"),
];

/// Where the files of a data set may be, within a folder of data: in a folder of its name, or of the name that others give it,
/// or in a folder `raw` of that, or in the folder of the other name in that of its name.
fn layouts(name: &str) -> Vec<PathBuf> {
    let own = Path::new(name);
    let mut layouts = vec![own.to_path_buf(), own.join("raw")];
    for (_, other) in OTHER_NAMES.iter().filter(|(known, _)| *known == name) {
        layouts.extend([PathBuf::from(other), Path::new(other).join("raw"), own.join(other)]);
    }
    layouts
}

/// What a file may be called: as published or, say, `train-images.idx3-ubyte`, each plain or compressed.
fn forms(file: &str) -> Vec<String> {
    let dotted = file.replacen("-idx", ".idx", 1);
    let mut forms = vec![file.to_string(), format!("{file}.gz")];
    if dotted != file {
        forms.extend([format!("{dotted}.gz"), dotted]);
    }
    forms
}

/// A folder that may hold data sets, each in a folder of its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Who named it, for messages.
    pub origin: &'static str,
}

/// Where data sets are looked for, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolders(Vec<DataFolder>);

impl DataFolders {
    /// `--data DIR` if given, `CREDITLAB_DATA` if set, `./data`, then the user's data directory.
    pub fn standard(data: Option<&Path>) -> Self {
        Self::with_variables(data, |name| std::env::var_os(name))
    }

    /// As [`DataFolders::standard`], with environment variables from `variable`. The user's data directory is `creditlab` in
    /// `XDG_DATA_HOME`, if that is absolute, else in `~/.local/share`.
    pub fn with_variables(data: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let named = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let user = named("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let user = user.or_else(|| named("HOME").map(|home| home.join(".local/share")));
        let folders = [
            (data.map(Path::to_path_buf), "--data"),
            (named(VARIABLE), VARIABLE),
            (Some(PathBuf::from("data")), "the working directory"),
            (user.map(|path| path.join("creditlab")), "the user's data directory"),
        ];
        Self(
            folders
                .into_iter()
                .filter_map(|(path, origin)| Some(DataFolder { path: path?, origin }))
                .collect(),
        )
    }

    /// No folder: enough for what is built in or drawn.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// The folders, in the order of the search.
    pub fn folders(&self) -> &[DataFolder] {
        &self.0
    }

    /// The paths of the files of a data set, from the first folder that has all of them, each plain or with `.gz` appended, in
    /// one of the layouts in which others leave them.
    pub(super) fn find<const N: usize>(&self, name: &'static str, files: [&str; N]) -> Result<[PathBuf; N], TaskError> {
        let paths = self.find_all(name, &files)?;
        Ok(paths.try_into().expect("a path for each file"))
    }

    /// As [`DataFolders::find`], of any number of files.
    pub(super) fn find_all(&self, name: &'static str, files: &[&str]) -> Result<Vec<PathBuf>, TaskError> {
        let mut looked = String::new();
        for DataFolder { path, origin } in &self.0 {
            let mut fewest: Option<(PathBuf, Vec<&str>)> = None;
            for folder in layouts(name).into_iter().map(|layout| path.join(layout)) {
                let (mut found, mut missing) = (Vec::new(), Vec::new());
                for &file in files {
                    let mut forms = forms(file).into_iter().map(|form| folder.join(form));
                    match forms.find(|path| path.is_file()) {
                        Some(path) => found.push(path),
                        None => missing.push(file),
                    }
                }
                if missing.is_empty() {
                    return Ok(found);
                }
                if fewest.as_ref().is_none_or(|(_, fewest)| missing.len() < fewest.len()) {
                    fewest = Some((folder, missing));
                }
            }
            let (folder, missing) = fewest.expect("there is a layout");
            let reason = match (folder.is_dir(), missing.len() == files.len()) {
                (false, _) => "no such folder".to_string(),
                (true, true) => "none of its files".to_string(),
                (true, false) => format!("lacks {}", missing.join(", ")),
            };
            looked += &format!("\n  {} ({origin}): {reason}", folder.display());
        }
        let reason = if looked.is_empty() {
            "there is no folder to look in".into()
        } else {
            format!("not found in{looked}")
        };
        let remedy = format!(
            "get it by `creditlab data fetch {name}`, or place its {} files {} (each may end in .gz) in a folder `{name}` in one of these, or name the folder that holds `{name}` with --data DIR",
            files.len(),
            files.join(", ")
        );
        Err(TaskError::Data {
            place: DataPlace::DataSet(name),
            reason,
            remedy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn paths(data: Option<&str>, variables: &[(&str, &str)]) -> Vec<String> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| OsString::from(value))
        };
        let folders = DataFolders::with_variables(data.map(Path::new), variable);
        folders
            .folders()
            .iter()
            .map(|folder| folder.path.display().to_string())
            .collect()
    }

    #[test]
    fn folders_come_in_the_promised_order() {
        let all = [("CREDITLAB_DATA", "/c"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(paths(Some("/d"), &all), ["/d", "/c", "data", "/x/creditlab"]);
        assert_eq!(paths(None, &all[2..]), ["data", "/h/.local/share/creditlab"]);
        assert_eq!(
            paths(
                None,
                &[("XDG_DATA_HOME", "relative"), ("HOME", "/h"), ("CREDITLAB_DATA", "")]
            ),
            ["data", "/h/.local/share/creditlab"]
        );
        assert_eq!(paths(None, &[]), ["data"]);
    }

    #[test]
    fn the_first_complete_folder_is_taken_and_the_error_names_all() {
        let root = tempfile::tempdir().unwrap();
        let (empty, half, full) = (
            root.path().join("empty"),
            root.path().join("half"),
            root.path().join("full"),
        );
        fs::create_dir_all(half.join("set")).unwrap();
        fs::create_dir_all(full.join("set")).unwrap();
        fs::write(half.join("set/one"), "").unwrap();
        fs::write(full.join("set/one.gz"), "").unwrap();
        fs::write(full.join("set/two"), "").unwrap();
        let folders = |paths: &[&PathBuf]| {
            DataFolders(
                paths
                    .iter()
                    .map(|path| DataFolder {
                        path: path.to_path_buf(),
                        origin: "test",
                    })
                    .collect(),
            )
        };
        let found = folders(&[&empty, &half, &full]).find("set", ["one", "two"]).unwrap();
        assert_eq!(found, [full.join("set/one.gz"), full.join("set/two")]);

        let message = folders(&[&empty, &half])
            .find("set", ["one", "two"])
            .unwrap_err()
            .to_string();
        for part in [
            format!("{} (test): no such folder", empty.join("set").display()),
            format!("{} (test): lacks two", half.join("set").display()),
            "place its 2 files one, two".into(),
            "--data DIR".into(),
        ] {
            assert!(message.contains(&part), "{message}");
        }
    }
}
