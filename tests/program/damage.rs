//! Damage bytes as accidents do, and hold what is read of kept runs to what was written: found, or as it was, never another.

use creditlab::results::{Folder, Segments};
use std::fs;

/// How many damages are tried: `CREDITLAB_TRIALS`, or few enough for every test run.
pub fn trials() -> usize {
    std::env::var("CREDITLAB_TRIALS").map_or(5000, |trials| trials.parse().unwrap())
}

/// Numbers that look random.
pub fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 1_u64;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    }
}

/// Bytes as they may be after an accident.
pub fn damaged(bytes: &[u8], random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    let place = random(bytes.len());
    match random(6) {
        0 => damaged.truncate(place),
        1 => damaged[place] ^= 1 << random(8),
        2 => (0..1 + random(9)).for_each(|_| damaged[random(bytes.len())] = random(256) as u8),
        3 => {
            let end = (place + 1 + random(600)).min(bytes.len());
            damaged[place..end].fill(0);
        }
        4 => damaged.extend((0..1 + random(99)).map(|i| i as u8)),
        _ => _ = damaged.remove(place),
    }
    damaged
}

#[test]
fn every_damage_of_kept_runs_is_found() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    let key = |i: usize| format!("{i:064x}");
    let body = |i: usize| -> Vec<u8> { (0..200 + 90 * i).map(|j| (i * 37 + j * j) as u8).collect() };
    let mut segments = Segments::find(&folder).unwrap();
    (0..4).for_each(|i| segments.add(&folder, &key(i), &body(i)).unwrap());
    segments.flush(&folder).unwrap();
    let file = place.path().join(".runs/segment-1");
    let bytes = fs::read(&file).unwrap();
    let (mut random, mut lost, trials) = (numbers(), 0, trials());
    for trial in 0..trials {
        let damaged = damaged(&bytes, &mut random);
        fs::write(&file, &damaged).unwrap();
        let found = Segments::find(&folder).unwrap();
        let read = |i: usize| found.read(&folder, &key(i));
        let whole = (0..4)
            .filter(|i| read(*i).is_some_and(|there| there == body(*i)))
            .count();
        assert_eq!(found.keys().count(), whole, "damage {trial} is taken for a run");
        // what is added at the end is torn off, and costs nothing
        let harmless = damaged.starts_with(&bytes);
        assert_eq!(whole == 4, harmless, "damage {trial} is not found");
        lost += usize::from(!harmless);
    }
    println!(
        "{lost} of {trials} damages of {} bytes cost a run, each found",
        bytes.len()
    );
    assert!(lost > trials * 7 / 10);
}
