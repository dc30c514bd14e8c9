//! Hold the help to what reads files: nothing is left out, nothing is undocumented, and every default is the real one.

use super::{Default, Topic, Value, experiment, rule, tasks};
use crate::experiment::Plan;
use crate::notation::Document;
use crate::rules::builtin;
use crate::tasks::Task;
use std::collections::BTreeSet;

fn plan(fields: &str) -> Result<String, String> {
    let text = format!("({fields})");
    let document = Document::parse("x.ron", text).map_err(|fault| fault.to_string())?;
    let plan = Plan::parse(&document, &builtin()).map_err(|fault| fault.to_string())?;
    Ok(plan.text)
}

fn with(field: &str) -> String {
    plan(&format!("task: Digits, arms: [Backprop], {field}")).unwrap_or_else(|fault| panic!("{field}: {fault}"))
}

fn everything() -> Vec<Topic> {
    let registry = builtin();
    let rules = registry.entries().map(rule);
    [experiment()].into_iter().chain(tasks()).chain(rules).collect()
}

/// A topic and all below it, with their paths.
fn walk(topic: &Topic, path: &str, see: &mut impl FnMut(&str, &Topic)) {
    see(path, topic);
    for part in topic.parts() {
        walk(part, &format!("{path}.{}", part.name), see);
    }
}

#[test]
fn everything_is_documented_and_has_a_page() {
    for topic in everything() {
        assert!(!topic.meaning.is_empty(), "{} has no documentation", topic.name);
        assert_eq!(topic.undocumented(), [""; 0], "documentation is missing");
        walk(&topic, &topic.name, &mut |path, topic| {
            let page = topic.page(100).join("\n");
            assert!(page.contains(&topic.name), "{path}: {page}");
            for text in [&page, &topic.meaning, &topic.about] {
                assert!(!text.contains("[`") && !text.contains("::"), "{path}: {text}");
            }
            assert!(
                topic.value != Value::Nothing || topic.is_alternative(),
                "{path} has no form"
            );
        });
    }
}

#[test]
fn documentation_that_is_missing_is_found() {
    /// Documented.
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)] // only its schema is read
    struct Half {
        /// Documented.
        one: f64,
        two: Other,
    }
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)] // only its schema is read
    enum Other {
        /// Documented.
        A,
        B,
        C {
            inner: f64,
        },
    }
    let topic = super::schema::topic("Half", &schemars::schema_for!(Half));
    assert_eq!(
        topic.undocumented(),
        ["Half.two", "Half.two.B", "Half.two.C", "Half.two.C.inner"]
    );
}

/// Reads the rule with every default written out, as the page shows them, at the top and within each alternative.
#[test]
fn the_defaults_of_rules_are_as_shown() {
    let registry = builtin();
    for entry in registry.entries() {
        let (name, topic) = (entry.name, rule(entry));
        let read = |text: &str| {
            let rule = registry.rule(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            rule.options()
        };
        assert_eq!(read(&topic.written()), read(name), "{name}");
        for option in topic.parts() {
            if let Value::Fields(_) = option.value {
                assert_eq!(
                    option.default,
                    Default::Value(option.value.form()),
                    "{name}.{}",
                    option.name
                );
            }
            for choice in option.parts().into_iter().filter(|choice| choice.is_alternative()) {
                let fields = choice.parts();
                if fields.iter().any(|field| !matches!(field.default, Default::Value(_)))
                    || matches!(choice.value, Value::Words(_) | Value::Several(_) | Value::List(_))
                {
                    continue;
                }
                let (stated, left_out) = (choice.written(), &choice.name);
                let text = |value: &str| format!("{name}({}: {value})", option.name);
                assert_eq!(read(&text(&stated)), read(&text(left_out)), "{name}");
            }
        }
    }
}

#[test]
fn the_defaults_of_tasks_are_as_shown() {
    let shown = tasks();
    let names: Vec<_> = Task::named()
        .iter()
        .map(Task::name)
        .chain(["Csv", "Idx", "Npy"])
        .collect();
    assert_eq!(shown.iter().map(|task| &*task.name).collect::<Vec<_>>(), names);
    for task in Task::named() {
        let topic = shown.iter().find(|topic| topic.name == task.name()).unwrap();
        let document = Document::parse("task", topic.written()).unwrap_or_else(|fault| panic!("{fault}"));
        let read: Task = document
            .root()
            .read()
            .unwrap_or_else(|mistake| panic!("{}", document.fault(mistake)));
        assert_eq!(read, task);
    }
}

#[test]
fn the_defaults_of_an_experiment_are_as_shown() {
    let experiment = experiment();
    let mut tried = 0;
    let mut same = |field: &str| {
        assert_eq!(with(field), with(""), "{field}");
        tried += 1;
    };
    for field in experiment
        .parts()
        .into_iter()
        .filter(|field| matches!(field.default, Default::Value(_)))
    {
        same(&field.written());
        let parts = match &field.value {
            Value::Fields(parts) => parts,
            _ => continue,
        };
        for part in parts.iter().filter(|part| matches!(part.default, Default::Value(_))) {
            same(&format!("{}: ({})", field.name, part.written()));
        }
    }
    assert!(tried > 25, "{tried}");
    assert_ne!(with("seeds: 9"), with(""), "the comparison tells texts apart");

    let tuned = |tune: &str| {
        let optimizer = "Sgd(learning_rate: Tune([0.1, 0.2]))";
        plan(&format!(
            "task: Digits, arms: [Backprop], optimizer: {optimizer}, {tune}"
        ))
        .unwrap()
    };
    let compared = |more: &str| {
        let compare = format!("compare: (to: \"backprop\", metrics: [\"loss\"], {more})");
        plan(&format!("task: Digits, arms: [Backprop, OutputOnly], {compare}")).unwrap()
    };
    for part in experiment.find("tune").unwrap().parts() {
        assert_eq!(tuned(&format!("tune: ({})", part.written())), tuned(""));
    }
    let compare = experiment.find("compare").unwrap().parts();
    for part in compare.iter().filter(|part| part.default != Default::Needed) {
        assert_eq!(compared(&part.written()), compared(""));
    }
}

/// What the reader expects where it finds a field that it does not know.
#[test]
fn no_field_is_left_out_or_made_up() {
    let names = |topic: &Topic| {
        topic
            .parts()
            .iter()
            .map(|part| part.name.clone())
            .collect::<BTreeSet<_>>()
    };
    let expected = |fields: &str| -> BTreeSet<String> {
        let message = plan(fields).expect_err(fields);
        let label = message
            .lines()
            .find(|line| line.contains("expected `"))
            .unwrap_or_else(|| panic!("{message}"));
        let names = label.split('`').skip(1).step_by(2);
        names.filter(|name| *name != "zzz").map(str::to_owned).collect()
    };
    let experiment = experiment();
    assert_eq!(names(&experiment), expected("zzz: 1"));
    let arm = experiment.find("arms").unwrap();
    assert_eq!(names(arm), expected("task: Digits, arms: [(rule: Backprop, zzz: 1)]"));
    for field in ["network", "batch", "measure", "save", "scale"] {
        let text = format!("task: Digits, arms: [Backprop], {field}: (zzz: 1)");
        assert_eq!(names(experiment.find(field).unwrap()), expected(&text), "{field}");
    }
    let tune = "task: Digits, arms: [Backprop], batch: Tune([8, 16]), tune: (zzz: 1)";
    assert_eq!(names(experiment.find("tune").unwrap()), expected(tune));
    let compare = "task: Digits, arms: [Backprop, OutputOnly], compare: (zzz: 1)";
    assert_eq!(names(experiment.find("compare").unwrap()), expected(compare));
}

#[test]
fn paths_lead_to_options_of_alternatives() {
    let experiment = experiment();
    let name = |path: &str| experiment.find(path).map(|topic| topic.name.clone());
    assert_eq!(name("optimizer.Adam.beta1").unwrap(), "beta1");
    assert_eq!(name("optimizer.beta1").unwrap(), "beta1");
    assert_eq!(name("network.init.gain").unwrap(), "gain");
    assert_eq!(name("optimizer.schedule.Cosine.over").unwrap(), "over");
    assert_eq!(
        name("optimiser").unwrap_err(),
        "`experiment` has no `optimiser`; did you mean `optimizer`?"
    );
    assert_eq!(
        name("seeds.first").unwrap_err(),
        "`seeds` has nothing below it called `first`"
    );
    assert_eq!(experiment.paths_to("patience"), ["stop.Early.patience"]);
}

#[test]
fn forms_without_a_name_are_told() {
    let experiment = experiment();
    let page = |path: &str| experiment.find(path).unwrap().page(100).join("\n");
    assert!(
        page("batch.size").contains("    whole number\n        This many"),
        "{}",
        page("batch.size")
    );
    let at = page("measure.at");
    assert!(at.contains("    LogSpaced(per_decade: 3)\n"), "{at}");
    assert!(
        at.contains("    [Epochs(whole number), ..]\n        A list of moments"),
        "{at}"
    );
    assert!(page("network.dropout").contains("dropout: 0.0   (number, or a list of them)"));
}

#[test]
fn pages() {
    let page = |path: &str| experiment().find(path).unwrap().page(90).join("\n");
    insta::assert_snapshot!(page("stop"), @r#"
    stop: Epochs(20)   (one of these)
        When training ends: also `Steps(5000)`, or `Early(patience: 5, at_most: Epochs(100))`,
        after so many measurements without a lower validation loss.
        Epochs(whole number)
            After so many passes through the training part.
        Steps(whole number)
            After so many changes.
        Early(patience: 5, at_most: Epochs(100))
            Once the validation loss has not fallen below its lowest value for so many
            measurements in a row. The weights are then the last ones; the best moment is
            reported beside it.
            patience: 5   (whole number)
                Measurements without a new lowest validation loss; 1 or more.
            at_most: Epochs(100)   (one of these)
                When training ends in any case.
                Epochs(whole number)
                    So many passes through the training part.
                Steps(whole number)
                    So many changes of the weights, one for each batch.
    "#);
    insta::assert_snapshot!(page("scale.inputs"), @r#"
    inputs: AsIs   (one of these)
        How each input is scaled, by itself.
        AsIs
            Not at all.
        UnitLength
            `x / |x|`, each sample by itself, with the Euclidean length of all its inputs; a
            sample of zeros stays as it is. Nothing is fitted.
        Channels(mean: .., sd: ..)
            For images: `(x − mean) / sd`, with the numbers given, one of each for a channel.
            Nothing is fitted.
            mean   (list of number; must be given)
                What is taken from the pixels of each channel.
            sd   (list of number; must be given)
                What they are then divided by; each positive.
        Standard(fitted_on: Training)
            `(x − mean) / sd`, with the standard deviation of the samples themselves (divided
            by their number). A column without any spread becomes `x − mean`.
            fitted_on: Training   (one of these)
                Which samples tell mean and spread.
                Training
                    The run's training part: nothing of validation and test leaks into
                    training.
                All
                    All samples, test and validation included. This leaks; published
                    experiments did so.
        MinMax(low: 0.0, high: 1.0, fitted_on: Training)
            `low + (high − low) (x − min) / (max − min)`. A column without any spread becomes
            `low + (high − low) (x − min)`.
            low: 0.0   (number)
                Where the smallest number goes.
            high: 1.0   (number)
                Where the largest number goes.
            fitted_on: Training   (one of these)
                Which samples tell minimum and maximum.
                Training
                    The run's training part: nothing of validation and test leaks into
                    training.
                All
                    All samples, test and validation included. This leaks; published
                    experiments did so.
    "#);
    insta::assert_snapshot!(page("optimizer.Sgd.schedule"), @r#"
    schedule   (one of these, or a list of them; none if left out)
        What multiplies all rates in the course of training, one or a list of them; left out,
        they stay as they are.
        The product of some factors, which multiplies every learning rate; 1 if there are
        none. Written as one factor, or as a list.
        Piecewise([(Epochs(whole number), number), ..])
            Stairs, such as `Piecewise([(Epochs(60), 0.1), (Epochs(120), 0.01)])`: the factor
            of the last of these moments that has come, `t ≥ moment`, and 1 before the first.
            Moments ascend; factors are positive, and are not multiplied with one another.
            Epochs(whole number)
                So many passes through the training part.
            Steps(whole number)
                So many changes of the weights, one for each batch.
        Exponential(every: .., factor: ..)
            `factor^⌊t / every⌋`: a staircase, which with `every: Steps(1)` has the finest
            steps there are.
            every   (one of these; must be given)
                Length of a stair, at least one step of training.
                Epochs(whole number)
                    So many passes through the training part.
                Steps(whole number)
                    So many changes of the weights, one for each batch.
            factor   (number; must be given)
                What each stair multiplies the rate by, positive.
        Cosine(over: .., to: 0.0)
            `to + (1 − to) (1 + cos(π t / over)) / 2` for `t < over`, then `to` (Loshchilov,
            Hutter 2017, without restarts).
            over   (one of these; must be given)
                When the end is reached, counted from the beginning of training.
                Epochs(whole number)
                    So many passes through the training part.
                Steps(whole number)
                    So many changes of the weights, one for each batch.
            to: 0.0   (number)
                The factor at the end, not negative.
        WarmUp(over: ..)
            `(t + 1) / over` for `t < over`, then 1: the first change has `1 / over` of the
            rate, and the last of the warm-up all of it.
            over   (one of these; must be given)
                Length of the warm-up, at least two steps.
                Epochs(whole number)
                    So many passes through the training part.
                Steps(whole number)
                    So many changes of the weights, one for each batch.
    "#);
    insta::assert_snapshot!(page("network.bias_init"), @r#"
    bias_init: Zeros   (one of these, or a list of them)
        How biases start, the output layer's too. Layers that start from a file, and those
        without biases, have none to start.
        Zeros
            All biases 0.
        Constant(number)
            All biases this number.
        Normal(number)
            Normal with this standard deviation.
        Uniform(number)
            Uniform from minus this bound to the bound.
        Between(number, number)
            Uniform from the first number to the second.
        LeCun(gain: 1.0, distribution: Normal)
            As the weights of `LeCun`: the standard deviation is `gain / √n_in`.
            gain: 1.0   (number)
                Factor on the standard deviation, positive.
            distribution: Normal   (one of these)
                What biases are drawn from.
                Normal
                    The normal distribution.
                Uniform
                    Uniform, from `−√3` to `√3` standard deviations.
    "#);
}
