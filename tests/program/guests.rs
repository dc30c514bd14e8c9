//! Take rules in that are known only when the program runs: their options, their failures, and what a result tells of them.

use crate::support::Lab;
use creditlab::cli;
use creditlab::experiment::Plan;
use creditlab::linalg::{Matrix, Scalar};
use creditlab::network::{Network, Trace};
use creditlab::random::Stream;
use creditlab::rules::{
    After, Bind, FeedbackPath, Guest, GuestOption, GuestOrigin, GuestValue, Learner, Needs, Refusal, Registry, Setting,
    Shape, Step, builtin,
};
use creditlab::update::Proposal;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Backpropagation from outside; it cannot go on at a step.
struct Visitor {
    code: &'static str,
}

/// At work.
struct Visiting<T: Scalar> {
    host: Box<dyn Learner<T>>,
    /// Proposals left until it fails; never, without.
    left: Option<u64>,
    failure: Option<String>,
}

fn start<T: Bind>(
    options: &[GuestValue],
    setting: &Setting<'_, T>,
    stream: Stream,
) -> Result<Box<dyn Learner<T>>, Refusal> {
    let [GuestValue::Whole(fails_at), ..] = options else {
        panic!("the first option is a whole number: {options:?}");
    };
    let rule = builtin().rule("Backprop").expect("there is one");
    Ok(Box::new(Visiting {
        host: T::bind(&rule, setting, stream)?,
        left: u64::try_from(*fails_at).ok(),
        failure: None,
    }))
}

impl Guest for Visitor {
    fn name(&self) -> &'static str {
        "Visitor"
    }
    fn equation(&self) -> &'static str {
        "delta_l = (W_{l+1}' delta_{l+1}) o f'(z_l)"
    }
    fn source(&self) -> &'static str {
        "from outside"
    }
    fn options(&self) -> Vec<GuestOption> {
        let option = |name, meaning: &str, default| GuestOption {
            name,
            meaning: meaning.into(),
            default,
        };
        vec![
            option(
                "fails_at",
                "Step at which it fails; never below 0.",
                GuestValue::Whole(-1),
            ),
            option("gain", "Not used.", GuestValue::Number(0.5)),
            option("note", "Not used.", GuestValue::Text("a \"note\"".into())),
            option("firm", "Not used.", GuestValue::Flag(true)),
            option("rates", "Not used.", GuestValue::Numbers(vec![1.0, 0.1])),
        ]
    }
    fn origin(&self) -> GuestOrigin {
        GuestOrigin {
            code: self.code.into(),
            depends_on: "the weather".into(),
        }
    }
    fn needs(&self, _: &[GuestValue]) -> Needs {
        Needs::SWEEP
    }
    fn predicts(&self) -> bool {
        false
    }
    fn start_f32(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f32>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f32>>, Refusal> {
        start(options, setting, stream)
    }
    fn start_f64(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f64>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f64>>, Refusal> {
        start(options, setting, stream)
    }
}

impl<T: Scalar> Learner<T> for Visiting<T> {
    fn propose(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        match &mut self.left {
            Some(0) => self.failure = Some("it rains".into()),
            Some(left) => *left -= 1,
            None => {}
        }
        self.host.propose(step, out);
    }
    fn probe(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        self.host.probe(step, out);
    }
    fn residual(&mut self, step: Step<'_, T>) -> Option<f64> {
        self.host.residual(step)
    }
    fn adapt(&mut self, after: After<'_, T>) {
        self.host.adapt(after);
    }
    fn predict(&mut self, network: &Network<T>, trace: &mut Trace<T>) {
        self.host.predict(network, trace);
    }
    fn feedback(&self, network: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.host.feedback(network, l, out)
    }
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        self.host.visit(see);
    }
    fn forget(&mut self) {
        self.host.forget();
    }
    fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

fn registry(code: &'static str) -> Registry {
    builtin().with_guest(Arc::new(Visitor { code })).unwrap()
}

fn spec(arms: &str) -> String {
    format!(
        "(name: \"a\", task: Xor(samples: 40, test: 20), network: [4], batch: 8, stop: Steps(12), seeds: 2, arms: [{arms}])"
    )
}

fn plan(arms: &str) -> Result<Plan, String> {
    Plan::from_text(&spec(arms), &registry("1")).map_err(|fault| fault.to_string())
}

/// Runs the file in a folder as the command line does; the exit status.
fn run(lab: &Lab, code: &'static str) -> u8 {
    let [file, out] = ["a.ron", "results"].map(|name| lab.path(name).display().to_string());
    let arguments = ["creditlab", "run", &file, "--out", &out, "--quiet", "--no-figures"];
    cli::call(arguments.map(Into::into), &registry(code))
}

/// The guest is `Backprop`: its tables are those of `Backprop` but for the name, in training, as a shadow and as a reference.
#[test]
fn a_guest_does_what_a_rule_does() {
    let arm = |rule: &str| {
        format!("(label: \"x\", rule: {rule}, shadows: [FeedbackAlignment], measure: (against: [{rule}]))")
    };
    let tables = |rule: &str| {
        let results = creditlab::run(&plan(&arm(rule)).unwrap(), &()).unwrap();
        let files = results
            .files()
            .into_iter()
            .filter(|(name, _)| ["runs.csv", "metrics.csv"].contains(name));
        let text: String = files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
        // rows are in the order of names
        text.lines()
            .map(|line| line.replace(rule, "Rule"))
            .collect::<BTreeSet<_>>()
    };
    let (guest, ours) = (tables("Visitor"), tables("Backprop"));
    assert!(ours.len() > 100);
    assert_eq!(guest.symmetric_difference(&ours).next(), None);
}

#[test]
fn options_are_read_written_and_told() {
    let plan = plan("Visitor(gain: 2, note: \"b\", rates: [0.5])").unwrap();
    let text = &plan.arms[0].rule.rule.options();
    assert_eq!(text, "(fails_at:-1,gain:2.0,note:\"b\",firm:true,rates:[0.5])");
    let again = registry("1").rule(&format!("Visitor{text}")).unwrap();
    assert_eq!(&again.options(), text, "what is written can be read");
    let schema = registry("1").entry("Visitor").unwrap().schema();
    let option = &schema.as_value()["properties"]["fails_at"];
    assert_eq!(option["default"], -1);
    assert_eq!(option["type"], "integer");
}

#[test]
fn mistakes_have_their_places() {
    let fault = |arms: &str| plan(arms).err().unwrap();
    let unknown = fault("Visitor(gian: 2.0)");
    assert!(unknown.contains("`Visitor` has no option `gian`"), "{unknown}");
    assert!(
        unknown.contains("did you mean `gain`?") && unknown.contains(":1:"),
        "{unknown}"
    );
    for wrong in ["gain: \"much\"", "firm: 1", "rates: [true]", "fails_at: 0.5"] {
        let text = fault(&format!("Visitor({wrong})"));
        assert!(text.contains(":1:") && text.contains("expected"), "{wrong}: {text}");
    }
    let twice = registry("1").with_guest(Arc::new(Visitor { code: "2" })).err().unwrap();
    assert!(twice.contains("there already is a rule called `Visitor`"), "{twice}");
}

/// A failure ends its run alone; the others are kept, and a rule that is mended runs what is left.
#[test]
fn a_guest_that_fails_ends_its_run_alone() {
    let arms = "(label: \"ill\", rule: Visitor(fails_at: 7)), (label: \"well\", rule: Visitor), Backprop";
    let error = creditlab::run(&plan(arms).unwrap(), &()).err().unwrap().to_string();
    for seed in 0..2 {
        let line = format!("`Visitor` cannot go on in the run of `ill` with seed {seed}, at step 7: it rains");
        assert!(error.contains(&line), "{error}");
    }
    assert!(error.contains("4 of 6 runs are kept"), "{error}");
    let lab = Lab::new(&spec(arms));
    assert_eq!(run(&lab, "1"), 1);
    assert!(
        !lab.path("results/a/runs.csv").exists(),
        "tables of a part of the runs would mislead"
    );
    let kept = lab.records("results/a").len();
    assert_eq!(kept, 4);
    lab.write("a.ron", &spec(&arms.replace("fails_at: 7", "fails_at: 12")));
    assert_eq!(run(&lab, "1"), 0);
    let manifest: serde_json::Value = serde_json::from_str(&lab.read("results/a/manifest.json")).unwrap();
    assert_eq!(manifest["runs_carried_out"], 2);
    assert_eq!(manifest["guests"]["Visitor"]["depends_on"], "the weather");
}

/// Runs of other code are other runs; without a guest nothing is told of one.
#[test]
fn what_a_guest_is_made_of_is_in_the_keys_of_its_runs() {
    let lab = Lab::new(&spec("Visitor, Backprop"));
    assert_eq!((run(&lab, "1"), run(&lab, "2")), (0, 0));
    let manifest: serde_json::Value = serde_json::from_str(&lab.read("results/a/manifest.json")).unwrap();
    assert_eq!(manifest["runs_carried_out"], 2, "those of the guest, again");
    assert_eq!(manifest["guests"]["Visitor"]["code"], "2");
    lab.write("a.ron", &spec("Backprop"));
    assert_eq!(run(&lab, "1"), 0);
    assert!(!lab.read("results/a/manifest.json").contains("guests"));
}
