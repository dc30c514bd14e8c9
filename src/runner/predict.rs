//! Apply a saved network to new rows: divided, scaled and evaluated as the samples that it was trained on.

use crate::experiment::Precision;
use crate::linalg::{Matrix, Scalar};
use crate::network::Trace;
use crate::results::{Cell, Saved};

/// Samples evaluated at once, as in every evaluation.
const CHUNK: usize = 256;

/// The bytes of a table with a row for each sample of `inputs`, row by row as a file of the data has them: its number from 0, what
/// the network predicts (the name of a class, or values in the units of the data), and the outputs.
///
/// # Errors
/// The file of weights does not hold the network that it describes; as the end of a sentence that begins with the file.
pub fn predict(saved: &Saved, inputs: &[f64]) -> Result<Vec<u8>, String> {
    match saved.description.precision {
        Precision::F32 => predict_in::<f32>(saved, inputs),
        Precision::F64 => predict_in::<f64>(saved, inputs),
    }
}

fn predict_in<T: Scalar>(saved: &Saved, inputs: &[f64]) -> Result<Vec<u8>, String> {
    let description = &saved.description;
    let network = saved.network::<T>()?;
    let (n, answer) = (network.inputs(), &description.outputs);
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let header = ["row".to_owned()].into_iter().chain(answer.meant_columns("predicted"));
    let header = header.chain(answer.output_columns());
    writer.write_record(header).expect("memory takes every row");
    let mut trace = Trace::default();
    let mut row = 0;
    for chunk in inputs.chunks(CHUNK * n) {
        let numbers = chunk.chunks_exact(n).flat_map(|sample| seen(saved, sample));
        trace.input = Matrix::from_iterator(n, chunk.len() / n, numbers);
        network.forward(&mut trace);
        for column in trace.output().a.as_slice().chunks_exact(network.outputs()) {
            let outputs: Vec<f64> = column.iter().map(|a| a.to_f64()).collect();
            let cells = [Cell::Whole(row)]
                .into_iter()
                .chain(answer.meant(&outputs, description.scale.as_ref()))
                .chain(outputs.iter().map(|output| Cell::number(*output)));
            writer
                .serialize(cells.collect::<Vec<_>>())
                .expect("memory takes every row");
            row += 1;
        }
    }
    Ok(writer.into_inner().expect("memory can be flushed"))
}

/// A sample as the network sees it, rounded where a [`DataSet`](crate::tasks::DataSet) rounds.
fn seen<T: Scalar>(saved: &Saved, sample: &[f64]) -> Vec<T> {
    let divisor = f64::from(saved.description.divisor.unwrap_or(1));
    match saved.description.scale.as_ref().filter(|scale| scale.scales_inputs()) {
        None => sample.iter().map(|x| T::of(*x) / T::of(divisor)).collect(),
        Some(scale) => {
            let mut sample: Vec<f64> = sample.iter().map(|x| x / divisor).collect();
            scale.scale_inputs(&mut sample);
            sample.into_iter().map(T::of).collect()
        }
    }
}
