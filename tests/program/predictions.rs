//! Check what runs predict, sample by sample, which weights they leave, and that a saved network answers elsewhere as it did there.

use crate::support;
use crate::support::{Lab, Table, difference};
use creditlab::arrays;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ASK: &str = "save: (weights: [Best, Every(Epochs(2)), End], predictions: [Best, End])";

/// 210 kernels: 7 measurements, then the variety.
fn wheat() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/wheat.csv")).unwrap()
}

fn classes(fields: &str, arms: &str) -> Lab {
    let lab = Lab::new(&format!(
        "(task: Csv(path: \"wheat.csv\", target: \"variety\"), scale: (inputs: Standard), network: [6], seeds: 2, \
         split: Random(validation: 0.2, test: 0.2), stop: Epochs(6), measure: (against: []), {fields}, arms: [{arms}])"
    ));
    lab.write("wheat.csv", &wheat());
    lab
}

/// Two targets, far from unit scale: 20 + 3 x1 - x2, and x1 x2 / 1000.
fn values(fields: &str) -> Lab {
    let lab = Lab::new(&format!(
        "(task: Csv(path: \"t.csv\", target: [\"y1\", \"y2\"], kind: Values), scale: (inputs: MinMax, targets: Standard), \
         network: [8], seeds: 2, split: Random(validation: 0.2, test: 0.2), stop: Epochs(100), \
         {fields}, arms: [Backprop])"
    ));
    let row = |i: u32| {
        let (a, b) = (f64::from(i * 7 % 31), f64::from(i * 11 % 37) / 10.0);
        format!("{a},{},{b},{}\n", 20.0 + 3.0 * a - b, a * b / 1000.0)
    };
    lab.write(
        "t.csv",
        &format!("x1,y1,x2,y2\n{}", (0..100).map(row).collect::<String>()),
    );
    lab
}

fn share(rows: &Table) -> f64 {
    let pairs = rows.texts("target").into_iter().zip(rows.texts("predicted"));
    pairs.filter(|(target, predicted)| target == predicted).count() as f64 / rows.rows.len() as f64
}

#[test]
fn every_sample_stands_in_its_part_with_its_class_and_the_scores_of_runs_follow() {
    let lab = classes(ASK, "Backprop, ForwardForward");
    lab.succeed("run a.ron --quiet --no-figures");
    let predictions = lab.table("results/a/predictions.csv");
    assert_eq!(
        predictions.header.join(" "),
        "arm seed at part row target predicted output(Canadian) output(Kama) output(Rosa)"
    );
    let runs = lab.table("results/a/runs.csv");
    let data = wheat();
    let varieties: Vec<&str> = data
        .lines()
        .skip(1)
        .map(|line| line.rsplit_once(',').unwrap().1)
        .collect();
    for (arm, seed) in [
        ("backprop", 0),
        ("backprop", 1),
        ("forward-forward", 0),
        ("forward-forward", 1),
    ] {
        let run = format!("arm={arm} seed={seed}");
        for (at, moment) in [("final", "final"), ("best_validation", "best")] {
            let of_run = predictions.select(&format!("{run} at={at}"));
            let rows: BTreeSet<usize> = of_run.texts("row").iter().map(|row| row.parse().unwrap()).collect();
            assert!(rows.into_iter().eq(0..210), "each sample once");
            for (row, target) in of_run.texts("row").iter().zip(of_run.texts("target")) {
                assert_eq!(target, varieties[row.parse::<usize>().unwrap()]);
            }
            for part in ["train", "validation", "test"] {
                // of the rule's own prediction where it has one, as in runs.csv
                let accuracy = runs.select(&run).number(&format!("{moment}_{part}_accuracy"));
                assert_eq!(
                    share(&of_run.select(&format!("part={part}"))),
                    accuracy,
                    "{run} {at} {part}"
                );
            }
        }
    }
    for row in &predictions.rows {
        let outputs: Vec<f64> = row[7..].iter().map(|output| output.parse().unwrap()).collect();
        let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let place = outputs.iter().position(|output| *output == largest).unwrap();
        assert_eq!(row[6], ["Canadian", "Kama", "Rosa"][place]);
    }
    let key = |row: &Vec<String>| {
        let number = |text: &String| text.parse::<u64>().unwrap();
        let at = ["final", "best_validation"].iter().position(|at| *at == row[2]);
        (row[0].clone(), number(&row[1]), at, row[3].clone(), number(&row[4]))
    };
    assert!(predictions.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
}

#[test]
fn predictions_do_not_depend_on_threads_interruptions_or_what_was_kept() {
    let lab = classes(ASK, "Backprop, OutputOnly");
    lab.succeed("run a.ron --quiet --no-figures --threads 1 --out one");
    let one = lab.tree("one/a");
    assert!(one.contains_key("predictions.csv"));
    lab.succeed("run a.ron --quiet --no-figures --threads 4 --out four");
    assert_eq!(difference(&one, &lab.tree("four/a")), None);
    // one seed first, then both
    lab.succeed("run a.ron --quiet --no-figures --seeds 1 --out later");
    assert!(lab.tree("later/a")["predictions.csv"].len() < one["predictions.csv"].len());
    lab.succeed("run a.ron --quiet --no-figures --out later");
    assert_eq!(difference(&one, &lab.tree("later/a")), None);
    // what was kept is damaged, or gone: the run is carried out again
    let kept: Vec<_> = one
        .keys()
        .filter(|name| name.starts_with(".runs/.predictions/"))
        .collect();
    assert_eq!(kept.len(), 4);
    fs::write(lab.path("later/a").join(kept[0]), "0,final,test,3,Kama,Kama,1,2,3\n").unwrap();
    fs::remove_file(lab.path("later/a").join(kept[1])).unwrap();
    lab.succeed("run a.ron --quiet --no-figures --out later");
    assert_eq!(difference(&one, &lab.tree("later/a")), None);
    // nobody asks any more
    lab.succeed("run a.ron --quiet --no-figures --out later --set save.predictions=[]");
    assert!(!lab.path("later/a/predictions.csv").exists());
}

#[test]
fn a_run_that_diverges_leaves_no_predictions_and_no_best_weights() {
    let lab = classes(
        "save: (weights: [Best, Every(Steps(1))], predictions: [Best, End]), loss: Squares",
        "(label: \"near\", rule: Backprop), (label: \"far\", rule: Backprop, optimizer: Sgd(learning_rate: 1e9))",
    );
    lab.succeed("run a.ron --quiet --no-figures");
    assert_eq!(
        lab.table("results/a/runs.csv").select("arm=far").distinct("status"),
        ["diverged"]
    );
    assert_eq!(lab.table("results/a/predictions.csv").distinct("arm"), ["near"]);
    // the untrained network, which was best, is not among what `Every` leaves
    assert!(!lab.path("results/a/weights/far/0/step-0.safetensors").exists());
}

#[test]
fn the_best_weights_are_those_of_best_step() {
    let every = "save: (weights: [Steps(0), Every(Steps(1))])";
    let optimizer = "optimizer: Sgd(learning_rate: 0.5, momentum: 0.9), stop: Early(patience: 2, at_most: Epochs(40))";
    let lab = |save: &str| {
        let lab = classes(&format!("{save}, {optimizer}"), "Backprop");
        let text = fs::read_to_string(lab.path("a.ron")).unwrap();
        lab.write("a.ron", &text.replacen("stop: Epochs(6), ", "", 1));
        lab.succeed("run a.ron --quiet --no-figures");
        lab
    };
    let (all, best) = (lab(every), lab("save: (weights: [Best])"));
    let runs = best.table("results/a/runs.csv");
    assert_eq!(runs, all.table("results/a/runs.csv"));
    let mut earlier = 0;
    for seed in 0..2 {
        let run = runs.select(&format!("seed={seed}"));
        let (step, last) = (run.number("best_step"), run.number("steps"));
        earlier += u32::from(step < last);
        let folder = format!("results/a/weights/backprop/{seed}");
        let names: Vec<_> = fs::read_dir(best.path(&folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [format!("step-{step}.safetensors").as_str()]);
        let file = format!("{folder}/step-{step}.safetensors");
        assert_eq!(
            arrays::load(&best.path(&file)).unwrap(),
            arrays::load(&all.path(&file)).unwrap()
        );
        let end = arrays::load(&all.path(&format!("{folder}/step-{last}.safetensors"))).unwrap();
        assert!(step == last || arrays::load(&best.path(&file)).unwrap() != end);
    }
    assert!(earlier > 0, "the best moment is not the last one");
}

#[test]
fn weights_are_saved_again_and_again_and_once_where_moments_fall_together() {
    let lab = classes(ASK, "Backprop");
    lab.succeed("run a.ron --quiet --no-figures");
    let runs = lab.table("results/a/runs.csv");
    for seed in 0..2 {
        let run = runs.select(&format!("seed={seed}"));
        let epoch = run.number("steps") / 6.0;
        let mut steps = BTreeSet::from([2.0, 4.0, 6.0].map(|epochs| (epochs * epoch) as u64));
        steps.insert(run.number("best_step") as u64);
        let folder = fs::read_dir(lab.path(&format!("results/a/weights/backprop/{seed}"))).unwrap();
        let names: BTreeSet<_> = folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let expected: BTreeSet<_> = steps
            .into_iter()
            .map(|step| format!("step-{step}.safetensors"))
            .collect();
        assert_eq!(names, expected);
    }
}

/// The number in the only file of weights of a seed.
fn last_weights(lab: &Lab, seed: u64) -> String {
    let last = lab
        .table("results/a/runs.csv")
        .select(&format!("seed={seed}"))
        .number("steps");
    format!("results/a/weights/backprop/{seed}/step-{last}.safetensors")
}

/// The rows of `predictions.csv` at the end of a run, by number.
fn by_row(lab: &Lab, condition: &str) -> BTreeMap<usize, Vec<String>> {
    let table = lab.table("results/a/predictions.csv").select(condition);
    table
        .rows
        .into_iter()
        .map(|row| (row[4].parse().unwrap(), row))
        .collect()
}

#[test]
fn a_saved_network_answers_elsewhere_as_it_did_there() {
    let lab = classes(ASK, "Backprop");
    lab.succeed("run a.ron --quiet --no-figures");
    // without the target, in another order, with a column more
    let data = wheat();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let names = cells(data.lines().next().unwrap());
    let mut text = String::new();
    for line in data.lines() {
        let cells = cells(line);
        let name = if text.is_empty() { "note" } else { "x" };
        text += &format!(
            "{name},{}\n",
            cells[..7].iter().rev().cloned().collect::<Vec<_>>().join(",")
        );
    }
    lab.write("new.csv", &text);
    lab.write("old.csv", &data);
    for seed in 0..2 {
        let weights = last_weights(&lab, seed);
        let printed = lab.succeed(&format!("predict {weights} --data new.csv"));
        assert_eq!(printed, lab.succeed(&format!("predict {weights} --data old.csv")));
        let table = Table::parse(printed.as_bytes());
        assert_eq!(
            table.header.join(" "),
            "row predicted output(Canadian) output(Kama) output(Rosa)"
        );
        let there = by_row(&lab, &format!("seed={seed} at=final"));
        assert_eq!(table.rows.len(), 210);
        for (row, cells) in table.rows.iter().enumerate() {
            // the products of so small a network have the same bits whatever stands beside a sample
            assert_eq!(cells[1..], there[&row][6..], "row {row}");
        }
    }
    // the file says so itself, to any reader of safetensors
    let bytes = fs::read(lab.path(&last_weights(&lab, 0))).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let description: serde_json::Value =
        serde_json::from_str(header["__metadata__"]["creditlab"].as_str().unwrap()).unwrap();
    assert_eq!(
        description["outputs"]["Classes"],
        serde_json::json!(["Canadian", "Kama", "Rosa"])
    );
    assert_eq!(description["inputs"], serde_json::json!(names[..7]));
    assert_eq!(description["scale"]["inputs"]["Columns"].as_array().unwrap().len(), 7);
    assert_eq!(description["activations"], serde_json::json!(["Tanh", "Identity"]));
}

#[test]
fn values_are_in_the_units_of_the_data() {
    let lab =
        values("measure: (against: [], metrics: [\"default\", \"r2\"]), save: (weights: [End], predictions: [End])");
    lab.succeed("run a.ron --quiet --no-figures");
    let data = fs::read_to_string(lab.path("t.csv")).unwrap();
    let rows: Vec<Vec<f64>> = data
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let predictions = lab.table("results/a/predictions.csv");
    assert_eq!(
        predictions.header[5..].join(" "),
        "target(y1) target(y2) predicted(y1) predicted(y2) output(y1) output(y2)"
    );
    for seed in 0..2 {
        let there = by_row(&lab, &format!("seed={seed}"));
        for (row, cells) in &there {
            // exactly as the file has them, not scaled there and back
            let targets: Vec<f64> = cells[5..7].iter().map(|cell| cell.parse().unwrap()).collect();
            assert_eq!(targets, [rows[*row][1], rows[*row][3]]);
        }
        // R2 does not depend on the scale
        let test = predictions.select(&format!("seed={seed} part=test"));
        let explained = |k: u8| {
            let (y, a) = (
                test.numbers(&format!("target(y{k})")),
                test.numbers(&format!("predicted(y{k})")),
            );
            let mean = y.iter().sum::<f64>() / y.len() as f64;
            let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
            1.0 - y.iter().zip(a).map(|(y, a)| (y - a).powi(2)).sum::<f64>() / total
        };
        let metrics = lab
            .table("results/a/metrics.csv")
            .select(&format!("seed={seed} split=test metric=r2"));
        let r2: f64 = *metrics.numbers("value").last().unwrap();
        let expected = (explained(1) + explained(2)) / 2.0;
        assert!((r2 - expected).abs() < 1e-5, "{r2}, not {expected}");
        assert!(r2 > 0.5, "something was learned: {r2}");
        let printed = Table::parse(
            lab.succeed(&format!("predict {} --data t.csv", last_weights(&lab, seed)))
                .as_bytes(),
        );
        assert_eq!(
            printed.header.join(" "),
            "row predicted(y1) predicted(y2) output(y1) output(y2)"
        );
        for (row, cells) in printed.rows.iter().enumerate() {
            assert_eq!(cells[1..], there[&row][7..], "row {row}");
        }
    }
}

#[test]
fn a_built_in_data_set_takes_its_own_pixels() {
    let lab = Lab::new(
        "(task: Digits, network: [4], seeds: 1, stop: Steps(3), measure: (against: []), \
         save: (weights: [End], predictions: [End]), arms: [Backprop])",
    );
    lab.succeed("run a.ron --quiet --no-figures");
    // an image without ink: what the network answers there is what its biases say
    let blank = vec!["0"; 64].join(",");
    let dark = vec!["16"; 64].join(",");
    lab.write("new.csv", &format!("{blank}\n{dark}\n"));
    let names: Vec<_> = (0..64).map(|pixel| format!("p{pixel}")).collect();
    lab.write("named.csv", &format!("{}\n{blank}\n{dark}\n", names.join(",")));
    let weights = "results/a/weights/backprop/0/step-3.safetensors";
    let printed = lab.succeed(&format!("predict {weights} --data new.csv"));
    assert_eq!(printed, lab.succeed(&format!("predict {weights} --data named.csv")));
    let table = Table::parse(printed.as_bytes());
    let arrays: BTreeMap<_, _> = arrays::load(&lab.path(weights))
        .unwrap()
        .into_iter()
        .map(|array| (array.name.clone(), array.values::<f64>()))
        .collect();
    let [w1, b1, w2, b2] = ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"].map(|name| &arrays[name]);
    for (row, pixel) in [0.0, 1.0].into_iter().enumerate() {
        let hidden: Vec<f64> = (0..4)
            .map(|i| (b1[i] + (0..64).map(|j| w1[j * 4 + i] * pixel).sum::<f64>()).tanh())
            .collect();
        for k in 0..10 {
            let expected = b2[k] + (0..4).map(|i| w2[i * 10 + k] * hidden[i]).sum::<f64>();
            let output: f64 = table.rows[row][2 + k].parse().unwrap();
            assert!((output - expected).abs() < 1e-5, "{output}, not {expected}");
        }
    }
}

#[test]
fn rows_that_a_network_cannot_take_are_refused_with_their_place() {
    let lab = classes("save: (weights: [End])", "Backprop");
    lab.succeed("run a.ron --quiet --no-figures");
    let weights = last_weights(&lab, 0);
    let data = wheat();
    let header = data.lines().next().unwrap();
    let first = header.split(',').next().unwrap().to_owned();
    let fail = |text: &str| {
        lab.write("new.csv", text);
        lab.fail(&format!("predict {weights} --data new.csv"), 2)
    };
    let message = fail(&data.replacen(&first, "other", 1));
    assert!(
        message.contains(&format!("new.csv: has no column `{first}`")),
        "{message}"
    );
    let message = fail(&format!(
        "{header},{first}\n{}",
        data.lines().nth(1).unwrap().to_owned() + ",1\n"
    ));
    assert!(message.contains(&first) && message.contains("1 and 9"), "{message}");
    let message = fail(&format!("{header}\n1,2,x,4,5,6,7,Kama\n"));
    assert!(message.contains("line 2, column 3"), "{message}");
    let message = fail(&format!("{header}\n"));
    assert!(message.contains("no rows"), "{message}");
    let message = lab.fail(&format!("predict {weights} --data nothing.csv"), 2);
    assert!(message.contains("nothing.csv"), "{message}");
    let message = lab.fail("predict nothing.safetensors --data wheat.csv", 2);
    assert!(
        message.contains("nothing.safetensors") && message.contains("save: (weights: [End])"),
        "{message}"
    );
    let message = lab.fail("predict wheat.csv --data wheat.csv", 2);
    assert!(message.contains("wheat.csv"), "{message}");
    let bare = arrays::encode(&arrays::load(&lab.path(&weights)).unwrap()).unwrap();
    fs::write(lab.path("bare.safetensors"), bare).unwrap();
    let message = lab.fail("predict bare.safetensors --data wheat.csv", 2);
    assert!(message.contains("does not say what network it holds"), "{message}");
    // a description of another network
    let mut bytes = fs::read(lab.path(&weights)).unwrap();
    let (from, to) = (format!("\\\"{first}\\\","), " ".repeat(first.len() + 5));
    let place = bytes
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .unwrap();
    bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
    fs::write(lab.path("other.safetensors"), bytes).unwrap();
    let message = lab.fail("predict other.safetensors --data wheat.csv", 2);
    assert!(message.contains("describes other inputs or outputs"), "{message}");
}

#[test]
fn a_rule_with_a_prediction_of_its_own_is_warned_of() {
    let lab = classes("save: (weights: [End])", "ForwardForward");
    lab.succeed("run a.ron --quiet --no-figures");
    let last = lab.table("results/a/runs.csv").select("seed=0").number("steps");
    let weights = format!("results/a/weights/forward-forward/0/step-{last}.safetensors");
    let output = lab.run(&format!("predict {weights} --data wheat.csv"));
    assert!(output.status.success());
    let said = support::errors(&output);
    assert!(
        said.contains("warning: ForwardForward predicts in a way of its own"),
        "{said}"
    );
}
