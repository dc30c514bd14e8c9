//! Time whole training steps: propose, apply, adapt on batches in memory, through the code that a run uses.
//!
//! `cargo bench --bench training` times every rule on every net below. The nets are those commonly used to time multi-layer
//! perceptrons in other systems: three of the size of MNIST, two tiny ones, and one between.

mod nets;

use creditlab::update::Optimizer;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nets::{NETS, epoch};

const RULES: [&str; 3] = ["Backprop", "FeedbackAlignment", "DirectFeedbackAlignment"];

fn training(criterion: &mut Criterion) {
    for net in &NETS {
        let mut group = criterion.benchmark_group(net.name);
        group
            .throughput(Throughput::Elements((net.batch * net.batches) as u64))
            .sample_size(10);
        let batches = net.batches();
        for rule in RULES {
            let mut training = net.training(rule, Optimizer::sgd(0.01));
            group.bench_function(rule, |bencher| bencher.iter(|| epoch(&mut training, &batches)));
        }
        group.finish();
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
