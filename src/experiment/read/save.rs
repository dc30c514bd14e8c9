//! Read what is written besides the tables, and refuse moments that never come.

use super::{Result, check_length, named_once, part};
use crate::experiment::{Answering, Duration, Moment, Save};
use crate::notation::{Mistake, Node, Options};

/// More files of weights than anybody has asked for of a run, which holds them until it ends.
const MOST_FILES: u64 = 10_000;

/// The field `save`, in a run of at most `end` steps.
pub(super) fn read(options: &Options<'_>, epoch: u64, end: u64, validation: bool) -> Result<Save> {
    let parts = part(options, "save", |node| node.fields("Save", &["weights", "predictions"]))?;
    let items = |name: &str| {
        parts
            .get(name)
            .and_then(|field| field.value.items())
            .unwrap_or_default()
    };
    let weights: Vec<Moment> = parts.read("weights")?.unwrap_or_default();
    let places = items("weights");
    for (i, (moment, item)) in weights.iter().zip(&places).enumerate() {
        match *moment {
            Moment::Steps(step) if step > end => return Err(never(&format!("step {step}"), end, item)),
            Moment::Steps(_) | Moment::End => {}
            Moment::Every(every) => {
                check_length("save", every, epoch, options)?;
                recurring(every, epoch, end, item)?;
            }
            Moment::Best => best(validation, item)?,
        }
        named_once("moment", &weights[..=i], &places)?;
    }
    let predictions: Vec<Answering> = parts.read("predictions")?.unwrap_or_default();
    let places = items("predictions");
    for (i, (moment, item)) in predictions.iter().zip(&places).enumerate() {
        if *moment == Answering::Best {
            best(validation, item)?;
        }
        named_once("moment", &predictions[..=i], &places)?;
    }
    Ok(Save { weights, predictions })
}

fn never(when: &str, end: u64, item: &Node<'_>) -> Mistake {
    let mistake = Mistake::new(format!("training ends before {when}")).at(item.span());
    mistake
        .label(format!("the last step is {end}"))
        .help("`End` is after the last step")
}

/// Refuses an interval that is none, that is longer than the run, or that makes too many files.
fn recurring(every: Duration, epoch: u64, end: u64, item: &Node<'_>) -> Result<()> {
    let every = every.steps(epoch);
    if every == 0 {
        let mistake = Mistake::new("`Every` must be at least one step").at(item.span());
        return Err(mistake.help("`Steps(0)` is before the first change"));
    }
    match end / every {
        0 => Err(never(&format!("step {every}"), end, item)),
        files if files > MOST_FILES => {
            let mistake = Mistake::new(format!("these are {files} files of weights a run")).at(item.span());
            Err(mistake.help(format!("write them less often: at most {MOST_FILES} are possible")))
        }
        _ => Ok(()),
    }
}

/// Refuses the best moment where nothing tells it.
fn best(validation: bool, item: &Node<'_>) -> Result<()> {
    if validation {
        return Ok(());
    }
    let mistake = Mistake::new("`Best` needs a validation part").at(item.span());
    Err(mistake
        .label("the measurement with the lowest validation loss")
        .help("give the split one, such as `validation: 0.1`, or write `End`"))
}
