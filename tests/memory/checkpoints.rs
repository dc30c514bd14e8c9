//! Bound the memory that writing down a run under way takes, and reading it again.

use crate::counting::peak;
use crate::data_support::of_run;
use creditlab::experiment::Plan;
use creditlab::results::checkpoints::Checkpoint;
use creditlab::rules;
use creditlab::runner::Run;
use creditlab::tasks::DataFolders;
use std::io;

/// There are two copies of what goes on, which `check` counts, and what goes to the file is no third one.
#[test]
fn a_checkpoint_takes_twice_what_it_holds() {
    let text = "(task: Xor(samples: 40), network: [2000, 500], optimizer: Adam(learning_rate: 0.001), stop: Steps(3), seeds: 1, \
                arms: [Backprop])";
    let plan = Plan::from_text(text, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
    let data = plan.load(&DataFolders::none()).unwrap();
    let (parts, data) = of_run(&plan, &data, 0);
    let run = Run::<f32>::new(&plan.arms[0], 0, &data, &parts);
    let mut run = run.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert!(run.advance());

    let (body, most) = peak(|| run.checkpoint());
    assert!(
        body.len() > 3 * 4 * 1_000_000,
        "weights and both moments: {}",
        body.len()
    );
    assert!(most < 2 * body.len() + body.len() / 10, "{most} of {}", body.len());

    let (generation, seconds) = (0, 0.0);
    let checkpoint = Checkpoint {
        generation,
        seconds,
        body,
    };
    let (written, most) = peak(|| checkpoint.write("key", io::sink()));
    written.unwrap();
    assert!(most < 10_000, "{most}");

    let mut bytes = Vec::new();
    checkpoint.write("key", &mut bytes).unwrap();
    let (read, most) = peak(|| Checkpoint::decode(bytes, "key"));
    assert_eq!(read, Ok(checkpoint));
    assert!(most < 10_000, "{most}");
}
