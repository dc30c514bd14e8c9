//! List the messages of one pass between suns and planets (Hecht-Nielsen 1989), row by row, in the order of their delivery.

use super::formula::number;
use crate::runner::{Explanation, LayerExplanation};

/// Messages of a kind that are written out in a row; the others are counted.
const WRITTEN: usize = 4;

/// One kind of message of a row: how many there are, and the first of them.
struct Messages {
    count: u64,
    written: Vec<String>,
}

impl Messages {
    fn new() -> Self {
        Self {
            count: 0,
            written: Vec::new(),
        }
    }

    fn add(&mut self, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.written.len() < WRITTEN {
            self.written.push(text());
        }
    }

    fn lines(self, head: &str) -> Vec<String> {
        let more = self.count - self.written.len() as u64;
        let mut lines = vec![format!("  {head}: {} messages", self.count)];
        lines.extend(self.written.into_iter().map(|line| format!("    {line}")));
        if more > 0 {
            lines.push(format!("    and {more} more of the kind"));
        }
        lines
    }
}

/// The schedule of one example through dense layers, and how many messages it has.
pub struct MessageSchedule {
    /// To be printed.
    pub lines: Vec<String>,
    /// Messages delivered.
    pub count: u64,
}

impl MessageSchedule {
    /// The schedule of an explained example; absent for a mean over several, which is no pass, and for layers that are not dense.
    pub fn new(explained: &Explanation) -> Option<Self> {
        let is_possible = explained.samples.len() == 1 && explained.layers.iter().all(|layer| layer.is_dense);
        if !is_possible {
            return None;
        }
        let mut schedule = Self {
            lines: vec!["The scheduler starts the forward pass, row by row. Row 1 hands on the input.".into()],
            count: 0,
        };
        for l in 0..explained.layers.len() {
            schedule.forward(explained, l);
        }
        schedule.teach(explained);
        schedule
            .lines
            .push("It starts the backward pass, from the last row to row 2.".into());
        for l in (0..explained.layers.len()).rev() {
            schedule.backward(explained, l);
        }
        let total = format!(
            "{} messages in all; each planet now holds the change of its weight.",
            schedule.count
        );
        schedule.lines.push(total);
        Some(schedule)
    }

    fn add(&mut self, messages: Messages, head: &str) {
        self.count += messages.count;
        self.lines.extend(messages.lines(head));
    }

    fn forward(&mut self, explained: &Explanation, l: usize) {
        let layer = &explained.layers[l];
        let below = activity_below(explained, l);
        let (mut heard, mut told) = (Messages::new(), Messages::new());
        for (j, k, w) in synapses(layer) {
            let a = below[k];
            heard.add(|| format!("sun {k} of row {} to planet {k} of sun {j}: a = {}", l + 1, number(a)));
            told.add(|| {
                format!(
                    "planet {k} to its sun {j}: w a = {}·{} = {}",
                    number(w),
                    number(a),
                    number(w * a)
                )
            });
        }
        for (j, b) in layer.parameters.bias.iter().enumerate() {
            told.add(|| format!("bias planet to its sun {j}: b = {}", number(*b)));
        }
        self.lines.push(format!("Row {}, forward", l + 2));
        self.add(heard, "activity from the row below");
        self.add(told, "products");
        let active = |j: usize| format!("sun {j}: z = {}, a = {}", number(layer.z[j]), number(layer.a[j]));
        let active: Vec<_> = (0..layer.z.len().min(WRITTEN)).map(active).collect();
        self.lines
            .push(format!("  suns sum and become active: {}", active.join("; ")));
    }

    fn teach(&mut self, explained: &Explanation) {
        let top = &explained.layers[explained.layers.len() - 1];
        let mut messages = Messages::new();
        for j in 0..top.z.len() {
            messages.add(|| format!("output sun {j} to the teacher: z = {}", number(top.z[j])));
            messages.add(|| format!("output sun {j} to the teacher: a = {}", number(top.a[j])));
            messages.add(|| format!("teacher to output sun {j}: δ = {}", number(top.delta[j])));
        }
        self.lines.push("The teacher, who alone knows the target".into());
        self.add(messages, "outputs and errors");
    }

    fn backward(&mut self, explained: &Explanation, l: usize) {
        let layer = &explained.layers[l];
        let below = activity_below(explained, l);
        let (mut heard, mut told) = (Messages::new(), Messages::new());
        for (j, k, w) in synapses(layer) {
            let (delta, a) = (layer.delta[j], below[k]);
            heard.add(|| {
                format!(
                    "sun {j} to its planet {k}: δ = {}; it remembers δ a = {}",
                    number(delta),
                    number(delta * a)
                )
            });
            told.add(|| {
                format!(
                    "planet {k} of sun {j} to sun {k} of row {}: w δ = {}",
                    l + 1,
                    number(w * delta)
                )
            });
        }
        for j in 0..layer.parameters.bias.len() {
            heard.add(|| format!("sun {j} to its bias planet: δ = {}", number(layer.delta[j])));
        }
        self.lines.push(format!("Row {}, backward", l + 2));
        self.add(heard, "errors to planets");
        self.add(told, "products to the row below");
    }
}

fn activity_below(explained: &Explanation, l: usize) -> &[f64] {
    match l {
        0 => &explained.input,
        _ => &explained.layers[l - 1].a,
    }
}

/// Unit, input and weight of every synapse, unit by unit.
fn synapses(layer: &LayerExplanation) -> impl Iterator<Item = (usize, usize, f64)> {
    let weight = &layer.parameters.weight;
    (0..weight.nrows()).flat_map(move |j| (0..weight.ncols()).map(move |k| (j, k, weight[(j, k)])))
}
