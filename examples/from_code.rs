//! Run an experiment from code and read its results as values: how many hidden units does exclusive or need?

use creditlab::experiment::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let widths = [1, 2, 4, 8].map(|width| format!("(label: \"{width} units\", rule: Backprop, network: [{width}])"));
    let text = format!(
        "(
            task: Xor,
            optimizer: Sgd(learning_rate: 0.1, momentum: 0.9),
            stop: Epochs(20),
            seeds: 3,
            arms: [{}],
        )",
        widths.join(", ")
    );
    let plan = Plan::from_text(&text, &creditlab::rules::builtin())?;
    let results = creditlab::run(&plan, &())?;
    for arm in &results.overview.arms.rows {
        let runs = results.runs.iter().filter(|run| run.arm == arm.arm);
        let accuracies: Vec<_> = runs.filter_map(|run| run.last.test.accuracy).collect();
        println!("{}: test accuracies {accuracies:?}", arm.label);
    }
    Ok(())
}
