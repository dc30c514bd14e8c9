//! Check where values stand, and which ticks an axis has.

use super::*;

const PERCENT: Layout = Layout {
    bounds: (0.0, 100.0),
    shortest: 1.0,
    ticks: Ticks::About(5),
    whole_steps: true,
};

fn marks(marks: &[f64]) -> Drawn {
    Drawn {
        marks: marks.to_vec(),
        intervals: Vec::new(),
    }
}

fn percent(values: &[f64]) -> Axis {
    Axis::linear("", &marks(values), PERCENT).unwrap()
}

fn labels(axis: &Axis) -> Vec<&str> {
    axis.major.iter().map(|tick| &*tick.label).collect()
}

#[test]
fn even_axes_begin_and_end_with_a_tick_within_bounds() {
    assert_eq!(labels(&percent(&[9.4, 97.3])), ["0", "20", "40", "60", "80", "100"]);
    assert_eq!(labels(&percent(&[93.1, 97.2])), ["93", "94", "95", "96", "97", "98"]);
    assert_eq!(labels(&percent(&[21.0, 75.0])), ["20", "40", "60", "80"]);
    let same = |value| labels(&percent(&[value; 3])).join(" ");
    assert_eq!(same(100.0), "99.0 99.2 99.4 99.6 99.8 100.0");
    assert_eq!(same(0.0), "0.0 0.2 0.4 0.6 0.8 1.0");
    assert_eq!(same(33.4), "32.8 33.0 33.2 33.4 33.6 33.8 34.0");
    // what is no percentage has a place all the same
    assert_eq!(labels(&percent(&[-20.0, 150.0])), ["−50", "0", "50", "100", "150"]);
}

#[test]
fn values_stand_on_the_axis_or_are_refused() {
    let axis = percent(&[33.4, 100.0]);
    for value in [33.4, 100.0] {
        assert!(axis.position(value).is_ok());
    }
    for value in [15.0, 103.0, f64::NAN, f64::INFINITY] {
        let refusal = axis.position(value).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!("the value {value} lies outside its axis ``")
        );
    }
    let log = Axis::log("", &marks(&[0.01, 100.0])).unwrap();
    assert!((log.position(1.0).unwrap() - 0.5).abs() < 1e-12);
    for value in [0.0, -1.0, 1e9, 1e-9] {
        assert!(log.position(value).is_err(), "{value}");
    }
}

#[test]
fn an_axis_that_curves_enter_from_below_knows_where_they_are() {
    let axis = Axis::from(80.0, "", &marks(&[10.0, 90.0, 98.0]), PERCENT).unwrap();
    assert_eq!(labels(&axis), ["80", "85", "90", "95", "100"]);
    assert_eq!(axis.position(80.0), Ok(0.0));
    let [below, above] = [70.0, 90.0].map(|value| axis.position(value).unwrap());
    assert!((below + above).abs() < 1e-12 && below < -0.4);
    assert!(axis.position(103.0).is_err());
    assert!(axis.cuts(70.0) && axis.cuts(101.0) && !axis.cuts(80.0));
    assert_eq!(axis.end(101.0), axis.position(100.0).unwrap());
}

#[test]
fn zero_stands_apart_on_a_logarithmic_axis() {
    let axis = Axis::log("", &marks(&[0.0, 0.01, 1.0])).unwrap();
    assert_eq!(labels(&axis)[0], "0");
    assert_eq!(axis.major[0].value, 0.0);
    let [zero, least] = [0.0, 0.01].map(|value| axis.position(value).unwrap());
    let (value, broken) = axis.apart().unwrap();
    assert!(value == 0.0 && 0.0 < zero && zero < broken && broken < least);
    for between in [1e-3, 1e-300] {
        assert!(axis.position(between).is_err(), "{between}");
    }
    // nothing to show by logarithms
    assert_eq!(Axis::log("", &marks(&[0.0, 0.0])), None);
    assert_eq!(Axis::log("", &marks(&[-1.0, 2.0])), None);
}

#[test]
fn ends_of_intervals_are_cut_where_logarithms_end() {
    let drawn = Drawn {
        marks: vec![0.1, 1.0],
        intervals: vec![(-0.5, 0.7), (0.9, 1.1)],
    };
    let axis = Axis::log("", &drawn).unwrap();
    assert_eq!(axis.end(-0.5), 0.0);
    assert_eq!(axis.end(0.9), axis.position(0.9).unwrap());
    assert!(axis.cuts(-0.5) && axis.cuts(1e-9) && !axis.cuts(0.9));
}

#[test]
fn percentages_by_error_have_numbers_at_1_2_and_5_of_each_decade() {
    let of = |values: &[f64]| Axis::by_error("", &marks(values));
    let axis = of(&[8.5, 98.9]).unwrap();
    // errors from 91.5 to 1.1, and the margins: just as far as 0 and 99
    assert_eq!(labels(&axis), ["0", "50", "80", "90", "95", "98", "99"]);
    let place = |x| axis.position(x).unwrap();
    assert!((place(90.0) - place(50.0) - (place(98.0) - place(90.0))).abs() < 1e-12);
    assert!(axis.position(100.0).is_err());
    assert_eq!(labels(&of(&[98.7, 99.95]).unwrap())[..2], ["99", "99.5"]);
    // one power of the error is no axis
    assert_eq!(of(&[40.0, 60.0]), None);
    assert_eq!(of(&[100.0, 100.0]), None);
    assert_eq!(of(&[-1.0, 99.0]), None);
}

#[test]
fn a_hundred_percent_stands_apart_by_its_error() {
    let axis = Axis::by_error("", &marks(&[8.5, 98.9, 100.0])).unwrap();
    assert_eq!(labels(&axis)[0], "100");
    let [best, whole] = [98.9, 100.0].map(|value| axis.position(value).unwrap());
    let (_, broken) = axis.apart().unwrap();
    assert!(best < broken && broken < whole && whole < 1.0);
    assert_eq!(axis.end(120.0), whole);
    assert!(axis.cuts(120.0) && !axis.cuts(100.0));
}

#[test]
fn every_range_has_at_least_two_distinct_ticks() {
    let sizes = [1e-300, 1e-12, 0.7, 1.0, 33.4, 9.9e5, 1e300];
    let spreads = [0.0, 1e-15, 1e-7, 0.01, 0.3, 20.0, 1e9];
    for (size, spread) in sizes.iter().flat_map(|size| spreads.map(|spread| (*size, spread))) {
        let (low, high) = (size, size * (1.0 + spread));
        if high > 1e300 {
            continue;
        }
        let layout = Layout {
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            shortest: 0.02 * high,
            ..PERCENT
        };
        let drawn = marks(&[low, high]);
        for axis in [Axis::log("", &drawn), Axis::linear("", &drawn, layout)] {
            let axis = axis.unwrap();
            let mut labels = labels(&axis);
            let count = labels.len();
            labels.dedup();
            assert!(
                count == labels.len() && (2..12).contains(&count),
                "{low} to {high}: {labels:?}"
            );
            for tick in &axis.major {
                axis.position(tick.value).unwrap();
            }
        }
    }
}
