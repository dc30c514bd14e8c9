//! Write the values of each run as a file of events that TensorBoard reads.
//!
//! A file holds messages of the protocol buffer `tensorflow.Event`, in [`tfrecord`] framing: the first says the version, each
//! further one is a moment of the run with all its values. The fields, by number: `Event` 1 wall_time (double), 2 step (varint),
//! 3 file_version (string), 5 summary; `Summary` 1 value, repeated; `Summary.Value` 1 tag (string), 2 simple_value (float).

use super::tfrecord;
use super::{ExportedMoment, ExportedRuns};
use crate::results::{EntryKind, Folder, ResultsError};

/// What each file is called: as TensorFlow names them, without a time and a machine.
pub const FILE: &str = "events.out.tfevents.0.creditlab";

/// Writes a folder `ARM/SEED` with a file of events for each run; takes away what an earlier call wrote there. Gives the number of runs.
///
/// Values are rounded to single precision, which is what the format holds. The time of an event is its step in seconds, so that the same
/// result gives the same bytes.
///
/// # Errors
/// A table is missing or damaged, or the file system refuses.
pub fn write(result: &Folder, out: &Folder) -> Result<u64, ResultsError> {
    remove(out)?;
    let mut runs = 0;
    ExportedRuns::open(result)?.each(|arm, seed, moments| {
        runs += 1;
        out.place_by(&format!("{arm}/{seed}/{FILE}"), |mut file| {
            tfrecord::write(&version(), &mut file)?;
            moments
                .iter()
                .try_for_each(|moment| tfrecord::write(&event(moment), &mut file))
        })
    })?;
    Ok(runs)
}

/// Removes the files of an earlier call, of arms and seeds that there may be no more.
fn remove(out: &Folder) -> Result<(), ResultsError> {
    let folders = |of: &str| -> Result<Vec<String>, ResultsError> {
        let folders = out
            .entries(of)?
            .into_iter()
            .filter(|(_, kind)| *kind == EntryKind::Folder);
        Ok(folders.map(|(name, _)| name).collect())
    };
    for arm in folders("")? {
        for seed in folders(&arm)? {
            let run = format!("{arm}/{seed}");
            if out.file(&format!("{run}/{FILE}"))?.is_some() {
                out.remove(&format!("{run}/{FILE}"))?;
                out.remove_if_empty(&run)?;
                out.remove_if_empty(&arm)?;
            }
        }
    }
    Ok(())
}

/// The first event of a file.
fn version() -> Vec<u8> {
    let mut event = Message::default();
    event.double(1, 0.0);
    event.bytes(3, b"brain.Event:2");
    event.0
}

/// All values of a moment.
fn event(moment: &ExportedMoment) -> Vec<u8> {
    let mut summary = Message::default();
    for (name, value) in &moment.values {
        let mut one = Message::default();
        one.bytes(1, name.to_string().as_bytes());
        one.float(2, *value as f32);
        summary.bytes(1, &one.0);
    }
    let mut event = Message::default();
    event.double(1, moment.step as f64);
    event.whole(2, moment.step);
    event.bytes(5, &summary.0);
    event.0
}

/// A message of a protocol buffer: fields, each a key, which is its number and the form of its value, and a value.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn key(&mut self, field: u64, form: u64) {
        self.varint(field << 3 | form);
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn whole(&mut self, field: u64, number: u64) {
        self.key(field, 0);
        self.varint(number);
    }

    fn double(&mut self, field: u64, number: f64) {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
    }

    /// Text, or another message.
    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn float(&mut self, field: u64, number: f32) {
        self.key(field, 5);
        self.0.extend(number.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::tfrecord::records;
    use crate::results::made_up::{arm, value};
    use crate::results::{ArmTable, MetricRow, Prediction, encode};
    use std::fs;

    /// The fields of a message: number, and the bytes of the value.
    fn fields(mut message: &[u8]) -> Vec<(u64, Vec<u8>)> {
        fn varint(bytes: &mut &[u8]) -> u64 {
            let mut number = 0;
            for place in 0.. {
                let byte = bytes[0];
                *bytes = &bytes[1..];
                number |= u64::from(byte & 0x7f) << (7 * place);
                if byte < 0x80 {
                    break;
                }
            }
            number
        }
        let mut fields = Vec::new();
        while !message.is_empty() {
            let key = varint(&mut message);
            let length = match key & 7 {
                0 => {
                    fields.push((key >> 3, varint(&mut message).to_le_bytes().to_vec()));
                    continue;
                }
                1 => 8,
                2 => varint(&mut message) as usize,
                5 => 4,
                form => panic!("form {form}"),
            };
            fields.push((key >> 3, message[..length].to_vec()));
            message = &message[length..];
        }
        fields
    }

    fn field(message: &[u8], number: u64) -> Vec<u8> {
        let found = fields(message).into_iter().find(|field| field.0 == number);
        found.unwrap_or_else(|| panic!("no field {number}")).1
    }

    /// Step, tag and value of all that a file holds.
    fn scalars(file: &[u8]) -> Vec<(u64, String, f32)> {
        let records = records(file);
        assert_eq!(field(&records[0], 3), b"brain.Event:2");
        let mut scalars = Vec::new();
        for event in &records[1..] {
            let step = u64::from_le_bytes(field(event, 2).try_into().unwrap());
            assert_eq!(field(event, 1), (step as f64).to_le_bytes());
            for (_, value) in fields(&field(event, 5)) {
                let number = f32::from_le_bytes(field(&value, 2).try_into().unwrap());
                scalars.push((step, String::from_utf8(field(&value, 1)).unwrap(), number));
            }
        }
        scalars
    }

    #[test]
    fn a_number_of_many_bits_takes_several_bytes() {
        // the example of the encoding's documentation: field 1 with the number 150 is 08 96 01
        let mut message = Message::default();
        message.whole(1, 150);
        assert_eq!(message.0, [0x08, 0x96, 0x01]);
        for number in [0, 127, 128, u64::MAX] {
            let mut message = Message::default();
            message.whole(2, number);
            assert_eq!(fields(&message.0), [(2, number.to_le_bytes().to_vec())]);
        }
    }

    #[test]
    fn what_was_written_is_read_back_and_files_of_runs_that_are_gone_go() {
        let place = tempfile::tempdir().unwrap();
        let [from, to] = ["result", "out"].map(|name| {
            fs::create_dir(place.path().join(name)).unwrap();
            Folder::open(&place.path().join(name)).unwrap()
        });
        let row = |seed, step, split: &str, metric: &str, number| MetricRow {
            split: split.into(),
            ..value("a", seed, step, metric, number)
        };
        let rows = [
            row(0, 0, "test", "loss", 0.1),
            row(0, 300, "none", "weight_norm", 1e-7),
            row(0, 300, "test", "loss", -0.0),
            row(7, 0, "test", "loss", 2.0),
        ];
        let arms = ArmTable {
            paths: Vec::new(),
            rows: vec![arm("a", Prediction::Forward)],
        };
        from.place("arms.csv", &arms.encode()).unwrap();
        from.place("metrics.csv", &encode(&rows)).unwrap();
        assert_eq!(write(&from, &to).unwrap(), 2);
        let file = |name: &str| to.read(&format!("{name}/{FILE}"), 1 << 20).unwrap();
        let expected = [
            (0, "test/loss".to_owned(), 0.1f32),
            (300, "weight_norm".to_owned(), 1e-7),
            (300, "test/loss".to_owned(), -0.0),
        ];
        assert_eq!(scalars(&file("a/0").unwrap()), expected);
        assert_eq!(scalars(&file("a/7").unwrap()), [(0, "test/loss".to_owned(), 2.0)]);

        from.place("metrics.csv", &encode(&rows[..3])).unwrap();
        to.place("a/notes", b"mine").unwrap();
        assert_eq!(write(&from, &to).unwrap(), 1);
        assert!(file("a/0").is_some() && file("a/7").is_none());
        let names = to.entries("a").unwrap().into_iter().map(|(name, _)| name);
        assert_eq!(names.collect::<Vec<_>>(), ["0", "notes"]);
    }
}
