//! Turn rows into CSV bytes and back, the same way for every table with fixed columns.

use super::bounds::Bounds;
use super::{MetricRow, ResultsError};
use crate::files::{self, Records};
use csv::{ErrorKind, StringRecord};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// A row of a table whose columns are known beforehand. Fields are stored by position, so nested structs are fine.
pub trait Row: Serialize + DeserializeOwned {
    /// The header: the columns, in order.
    const HEADER: &'static str;
}

/// The bytes of a table, header first. Floats are the shortest decimals that read back to the same bits.
pub fn encode<R: Row>(rows: &[R]) -> Vec<u8> {
    encode_under(R::HEADER.split(','), rows)
}

/// [`encode`] for a header known only at run time.
pub(super) fn encode_under<'a, R: Serialize>(header: impl Iterator<Item = &'a str>, rows: &[R]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(header).expect("memory takes every header");
    for row in rows {
        writer.serialize(row).expect("every row is as long as its header");
    }
    writer.into_inner().expect("memory can be flushed")
}

/// All rows of a table.
///
/// # Errors
/// See [`rows`].
pub fn read<R: Row>(path: &Path) -> Result<Vec<R>, ResultsError> {
    rows(path)?.collect()
}

/// The rows of a table one by one, for tables too long to keep.
///
/// # Errors
/// [`ResultsError::Io`] if the file cannot be opened; [`ResultsError::Table`] if its header is not [`Row::HEADER`] exactly, or, from the
/// iterator, with the line and column of a field that cannot be read.
pub fn rows<R: Row>(path: &Path) -> Result<impl Iterator<Item = Result<R, ResultsError>> + use<R>, ResultsError> {
    let (reader, header) = open(path)?;
    if !header.iter().eq(R::HEADER.split(',')) {
        let problem = format!("the columns must be `{}`", R::HEADER);
        return Err(ResultsError::Table {
            path: path.to_owned(),
            line: 1,
            column: None,
            problem,
        });
    }
    Ok(RowReader::new(path, reader, header))
}

/// The rows of `metrics.csv`, a run at a time; rows of one run follow each other there.
///
/// # Errors
/// See [`rows`].
pub fn rows_of_runs(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Vec<MetricRow>, ResultsError>> + use<>, ResultsError> {
    let mut rows = rows::<MetricRow>(path)?;
    let mut next = rows.next();
    Ok(std::iter::from_fn(move || {
        let mut run = match next.take()? {
            Ok(first) => vec![first],
            Err(error) => return Some(Err(error)),
        };
        loop {
            next = rows.next();
            match &next {
                Some(Ok(row)) if row.run() == run[0].run() => {}
                _ => return Some(Ok(run)),
            }
            run.extend(next.take().and_then(Result::ok));
        }
    }))
}

/// Opens a table and reads its header.
pub(super) fn open(path: &Path) -> Result<(csv::Reader<Records<File>>, StringRecord), ResultsError> {
    let file = files::records(path).map_err(ResultsError::io("read", path))?;
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(file);
    let header = reader
        .headers()
        .cloned()
        .map_err(|e| positioned(path, &StringRecord::new(), e))?;
    Ok((reader, header))
}

/// The rows below a header.
pub(super) struct RowReader<R> {
    path: PathBuf,
    reader: csv::Reader<Records<File>>,
    header: StringRecord,
    bounds: Bounds,
    record: StringRecord,
    row: PhantomData<R>,
}

impl<R> RowReader<R> {
    pub(super) fn new(path: &Path, reader: csv::Reader<Records<File>>, header: StringRecord) -> Self {
        Self {
            path: path.to_owned(),
            reader,
            bounds: Bounds::of(&header),
            header,
            record: StringRecord::new(),
            row: PhantomData,
        }
    }
}

impl<R: DeserializeOwned> Iterator for RowReader<R> {
    type Item = Result<R, ResultsError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.reader.read_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => self.record.deserialize(None),
            Err(error) => Err(error),
        };
        let row = row.map_err(|error| positioned(&self.path, &self.header, error));
        Some(row.and_then(|row| match self.bounds.broken(&self.record) {
            None => Ok(row),
            Some((column, problem)) => Err(ResultsError::Table {
                path: self.path.clone(),
                line: self.record.position().map_or(1, csv::Position::line),
                column: self.header.get(column).map(str::to_owned),
                problem,
            }),
        }))
    }
}

/// Why a table could not be written, of the kind that the file system gave: `From` would make it one of no kind.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Names the line and the column that a CSV error speaks of.
fn positioned(path: &Path, header: &StringRecord, error: csv::Error) -> ResultsError {
    let path = path.to_owned();
    let line = error.position().map_or(1, csv::Position::line);
    let (field, problem) = match error.into_kind() {
        ErrorKind::Io(source) => {
            return ResultsError::Io {
                path,
                action: "read",
                source,
            };
        }
        ErrorKind::Utf8 { err, .. } => (Some(err.field()), "the text is not UTF-8".to_owned()),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (None, format!("{len} fields where the header has {expected_len}"))
        }
        ErrorKind::Deserialize { err, .. } => (err.field().map(|field| field as usize), err.kind().to_string()),
        other => (None, format!("{other:?}")),
    };
    let column = field.and_then(|field| header.get(field)).map(str::to_owned);
    ResultsError::Table {
        path,
        line,
        column,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::*;
    use proptest::prelude::*;
    use std::fs;

    fn metric(value: f64) -> MetricRow {
        MetricRow {
            arm: "backprop".into(),
            seed: u64::MAX,
            step: 3,
            epoch: 0.1,
            split: "probe".into(),
            metric: "gradient_angle".into(),
            rule: "a \"rule\", quoted".into(),
            layer: "layer1".into(),
            reference: "none".into(),
            value,
        }
    }

    fn run() -> RunRow {
        let score = Score {
            loss: Some(1e-7),
            accuracy: None,
        };
        RunRow {
            arm: "backprop".into(),
            seed: 0,
            status: Status::Diverged,
            diverged_step: Some(12),
            steps: 12,
            epochs: 1.5,
            best_step: None,
            multiply_adds: Some(1_000_000_000_000_000_000),
            last: Scores {
                test: score,
                ..Scores::default()
            },
            best: Scores::default(),
        }
    }

    fn read_text<R: Row>(text: &str) -> Result<Vec<R>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|error| {
            let text = error.to_string();
            text.replace(&*file.path().to_string_lossy(), "FILE")
        })
    }

    #[test]
    fn bytes_are_the_contract() {
        let text = String::from_utf8(encode(&[metric(1e-7), metric(-0.0)])).unwrap();
        let row = "backprop,18446744073709551615,3,0.1,probe,gradient_angle,\"a \"\"rule\"\", quoted\",layer1,none,";
        let header = "arm,seed,step,epoch,split,metric,rule,layer,reference,value";
        assert_eq!(text, format!("{header}\n{row}1e-7\n{row}-0.0\n"));
        let text = String::from_utf8(encode(&[run()])).unwrap();
        let (header, row) = text.split_once('\n').unwrap();
        assert_eq!(
            row,
            "backprop,0,diverged,12,12,1.5,,1000000000000000000,,,,,1e-7,,,,,,,\n"
        );
        let last = header.split(',').position(|column| column == "final_test_loss");
        assert_eq!(row.split(',').position(|cell| cell == "1e-7"), last);
        assert_eq!(read_text::<RunRow>(&text).unwrap(), [run()]);
    }

    #[test]
    fn arms_carry_a_column_for_each_path_in_which_they_differ() {
        let arm = |arm: &str, settings: [Option<&str>; 2]| ArmRow {
            arm: arm.into(),
            label: arm.to_uppercase(),
            rule: "Backprop".into(),
            prediction: Prediction::Own,
            parameters: Some(10),
            multiply_adds_per_sample: None,
            forward_passes_per_sample: Some(1.0),
            random_numbers_per_sample: None,
            state_per_weight: None,
            settings: settings.map(|value| value.map(str::to_owned)).into(),
        };
        let table = ArmTable {
            paths: vec!["optimizer.learning_rate".into(), "rule.feedback.scale".into()],
            rows: vec![arm("b", [Some("0.1"), None]), arm("a", [Some("0.01"), Some("2")])],
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), table.encode()).unwrap();
        assert_eq!(ArmTable::read(file.path()).unwrap(), table);
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(text.contains(
            "state_per_weight,optimizer.learning_rate,rule.feedback.scale\nb,B,Backprop,own,10,,1.0,,,0.1,\n"
        ));
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let good = String::from_utf8(encode(&[run(), run()])).unwrap();
        let second_row = |from: &str, to: &str| {
            let at = good.rfind(from).unwrap();
            good[..at].to_owned() + to + &good[at + from.len()..]
        };
        let unknown = read_text::<RunRow>(&second_row("diverged", "lost")).unwrap_err();
        assert!(
            unknown.starts_with("FILE:3: ") && unknown.contains("`lost`"),
            "{unknown}"
        );
        let number = read_text::<RunRow>(&second_row("1e-7", "1e-7x")).unwrap_err();
        assert!(number.starts_with("FILE:3: column `final_test_loss`: "), "{number}");
        let short = read_text::<RunRow>(&second_row(",,,\n", ",\n")).unwrap_err();
        assert!(
            short.starts_with("FILE:3: 18 fields where the header has 20"),
            "{short}"
        );
        let header = read_text::<RunRow>("arm,seed\n").unwrap_err();
        assert!(
            header.starts_with("FILE:1: the columns must be `arm,seed,status,"),
            "{header}"
        );
        let missing = read::<RunRow>(Path::new("nowhere/runs.csv")).unwrap_err().to_string();
        assert!(
            missing.contains("nowhere/runs.csv") && missing.contains("give the folder of one result"),
            "{missing}"
        );
    }

    proptest! {
        #[test]
        fn every_finite_float_comes_back_to_the_bit(value in proptest::num::f64::ANY.prop_filter("finite", |x| x.is_finite())) {
            let text = String::from_utf8(encode(&[metric(value)])).unwrap();
            let back = read_text::<MetricRow>(&text).unwrap();
            prop_assert_eq!(back[0].value.to_bits(), value.to_bits());
        }
    }
}
