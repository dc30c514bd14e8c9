//! Write `predictions.csv`: what each run predicts for every sample.

use super::names::PREDICTIONS;
use super::{At, Cell, Folder, Meaning, ResultsError, table};
use crate::linalg::{Matrix, empty};
use crate::tasks::{DataSet, Parts};
use csv::{ByteRecord, WriterBuilder};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Samples whose targets are looked up at once.
const CHUNK: usize = 256;

/// What a run predicts at one moment: the outputs for each sample of a part in the part's order, one sample after the other, of the
/// rule's own prediction where it has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// Which moment.
    pub at: At,
    /// Of the test part.
    pub test: Vec<f64>,
    /// Of the training part; of a stream, in its first epoch.
    pub train: Vec<f64>,
    /// Of the validation part.
    pub validation: Vec<f64>,
}

/// The rows of one run, sorted by moment, part and row, without a header and without the name of its arm. `data` are the samples
/// as the run saw them.
///
/// Targets and predicted values are in the units of the data, outputs as the network gives them: of scaled targets.
pub fn encode(seed: u64, predicted: &[Predicted], data: &DataSet, parts: &Parts) -> Vec<u8> {
    let answer = Meaning::of(data);
    let unscaled = data.unscaled();
    let mut writer = WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let mut moments: Vec<_> = predicted.iter().collect();
    moments.sort_by_key(|predicted| predicted.at);
    let n = data.kind().outputs();
    let (mut x, mut y): (Matrix<f64>, Matrix<f64>) = (empty(), empty());
    for predicted in moments {
        let at = match predicted.at {
            At::Final => "final",
            At::BestValidation => "best_validation",
        };
        let of_parts = [
            ("test", &parts.test, &predicted.test),
            ("train", &parts.train, &predicted.train),
            ("validation", &parts.validation, &predicted.validation),
        ];
        for (part, samples, outputs) in of_parts {
            let mut rows: Vec<(u32, &[f64])> = samples.iter().copied().zip(outputs.chunks_exact(n)).collect();
            rows.sort_by_key(|(row, _)| *row);
            for chunk in rows.chunks(CHUNK) {
                let samples: Vec<u32> = chunk.iter().map(|(row, _)| *row).collect();
                unscaled.gather(&samples, &mut x, &mut y);
                for ((row, outputs), target) in chunk.iter().zip(y.as_slice().chunks_exact(n)) {
                    let of_run = [
                        Cell::Whole(seed),
                        Cell::Text(at),
                        Cell::Text(part),
                        Cell::Whole(u64::from(*row)),
                    ];
                    let cells = of_run
                        .into_iter()
                        .chain(answer.meant(target, None))
                        .chain(answer.meant(outputs, data.fitted()))
                        .chain(outputs.iter().map(|output| Cell::number(*output)));
                    writer
                        .serialize(cells.collect::<Vec<_>>())
                        .expect("memory takes every row");
                }
            }
        }
    }
    writer.into_inner().expect("memory can be flushed")
}

/// Joins the rows of runs, the name of an arm and a file of the results folder each, to `predictions.csv`, row by row; removes it if
/// there are none. Runs stand in the order given.
///
/// # Errors
/// As [`Folder::place`]; the file is then as it was before.
pub fn join(folder: &Folder, data: &DataSet, runs: &[(&str, String)]) -> Result<(), ResultsError> {
    if runs.is_empty() {
        return folder.remove(PREDICTIONS);
    }
    folder.place_by(PREDICTIONS, |file| {
        write_joined(file, folder, &Meaning::of(data), runs).map_err(table::io_error)
    })
}

fn write_joined(file: &mut dyn Write, folder: &Folder, answer: &Meaning, runs: &[(&str, String)]) -> csv::Result<()> {
    let mut writer = WriterBuilder::new().has_headers(false).flexible(true).from_writer(file);
    let of_run = ["arm", "seed", "at", "part", "row"].map(str::to_owned).into_iter();
    let of_sample = ["target", "predicted"]
        .into_iter()
        .flat_map(|what| answer.meant_columns(what));
    writer.write_record(of_run.chain(of_sample).chain(answer.output_columns()))?;
    for (arm, rows) in runs {
        let file = folder.file(rows).map_err(io::Error::other)?;
        let file = file.ok_or_else(|| io::Error::other(format!("{rows} is gone")))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file);
        let (mut record, mut whole) = (ByteRecord::new(), ByteRecord::new());
        while reader.read_byte_record(&mut record)? {
            whole.clear();
            whole.push_field(arm.as_bytes());
            record.iter().for_each(|field| whole.push_field(field));
            writer.write_byte_record(&whole)?;
        }
    }
    Ok(writer.flush()?)
}
