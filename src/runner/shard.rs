//! Share the runs of an experiment out among processes that know nothing of each other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// One of several parts of the runs that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    index: usize,
    /// How many parts there are.
    count: usize,
}

/// More parts would each hold a run at most.
const MOST: usize = 1_000_000;

impl Shard {
    /// The results folder of this part of an experiment.
    pub fn folder(self, name: &str) -> String {
        format!("{name}.shard-{}-of-{}", self.index, self.count)
    }

    /// Which of some works this part takes, by their places. From the largest on, each goes to the part that has least so far, of
    /// several to the first: every process comes to the same parts.
    pub fn takes(self, works: &[u64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..works.len()).collect();
        order.sort_by_key(|i| Reverse(works[*i]));
        let mut parts: BinaryHeap<_> = (1..=self.count).map(|part| Reverse((0, part))).collect();
        let mut taken = Vec::new();
        for i in order {
            let Some(Reverse((sum, part))) = parts.pop() else { break };
            if part == self.index {
                taken.push(i);
            }
            // work that was not counted is shared out too
            parts.push(Reverse((works[i].max(1).saturating_add(sum), part)));
        }
        taken.sort_unstable();
        taken
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no part: write 2/7 for the second of seven, at most {MOST}");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let (index, count) = (number(index)?, number(count)?);
        match (1..=count).contains(&index) && count <= MOST {
            true => Ok(Self { index, count }),
            false => Err(wrong()),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(count: usize, works: &[u64]) -> Vec<Vec<usize>> {
        (1..=count).map(|index| Shard { index, count }.takes(works)).collect()
    }

    proptest! {
        /// Graham 1966: a part gets its last work while none has less, so that the heaviest exceeds the mean by one work at most.
        #[test]
        fn every_work_is_in_one_part_and_parts_are_about_equal(
            works in prop::collection::vec(1u64..1000, 0..60), count in 1usize..9,
        ) {
            let parts = parts(count, &works);
            let mut all: Vec<usize> = parts.concat();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..works.len()));
            let heaviest = parts.iter().map(|part| part.iter().map(|i| works[*i]).sum::<u64>()).max().unwrap_or(0);
            let mean = works.iter().sum::<u64>() as f64 / count as f64;
            let largest = works.iter().copied().max().unwrap_or(0) as f64;
            prop_assert!(heaviest as f64 <= mean + largest);
        }
    }

    #[test]
    fn equal_works_go_round_and_a_heavy_one_stands_alone() {
        assert_eq!(parts(3, &[1; 7]), [vec![0, 3, 6], vec![1, 4], vec![2, 5]]);
        assert_eq!(parts(2, &[1, 1, 9, 1]), [vec![2], vec![0, 1, 3]]);
        assert_eq!(parts(3, &[0, 0]), [vec![0], vec![1], vec![]]);
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let part: Shard = "2/7".parse().unwrap();
        assert_eq!(
            (part.to_string(), part.folder("a")),
            ("2/7".into(), "a.shard-2-of-7".into())
        );
        for wrong in ["", "2", "0/3", "4/3", "a/b", "1/0", "-1/3", "1/1000001"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
