//! Choose so many places of a list: the first, the last and evenly many between.

/// At most `most` of the places 0 .. `count`.
pub fn evenly(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let chosen = count.min(most);
    (0..chosen).map(move |place| place * (count - 1) / (chosen - 1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_chosen_and_what_fits_whole() {
        let of = |count, most| evenly(count, most).collect::<Vec<_>>();
        assert_eq!(of(5, 9), [0, 1, 2, 3, 4]);
        assert_eq!(of(9, 3), [0, 4, 8]);
        assert_eq!(of(10, 4), [0, 3, 6, 9]);
        assert_eq!([of(7, 1), of(1, 3)], [[0], [0]]);
        assert!(of(0, 3).is_empty());
    }
}
