//! Compare products with the definition of their bits, number by number, with every set of instructions.

use super::parts::in_parts;
use super::{Product, Strided, multiply, multiply_plus};
use crate::linalg::crew::{Crew, pieces};
use crate::linalg::level::at_every_level;
use crate::linalg::{Matrix, Operand, Scalar, plain, transposed};
use crate::random::{Generator, Purpose, Stream, below, uniform};

fn numbers(seed: u64) -> Generator {
    Stream::new(seed, Purpose::Task, 0, 0).generator()
}

fn random<T: Scalar>(count: usize, generator: &mut Generator) -> Vec<T> {
    let number = |_| T::of(20.0 * uniform(generator) - 10.0);
    (0..count).map(number).collect()
}

/// `f64` holds every `f32` exactly, zeros with their signs.
fn bits<T: Scalar>(values: &[T]) -> Vec<u64> {
    values.iter().map(|x| x.to_f64().to_bits()).collect()
}

/// What is added to a product.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Addend {
    Nothing,
    Result,
    Column,
}

/// A product of random numbers.
#[derive(Debug)]
struct Case<T> {
    shape: [usize; 3],
    transposed: [bool; 2],
    alpha: T,
    beta: T,
    addend: Addend,
    a: Vec<T>,
    b: Vec<T>,
    c: Vec<T>,
    column: Vec<T>,
}

/// Numbers around a matrix that must be neither used nor changed: more than the longest register.
const MARGIN: usize = 40;

/// Numbers with a frame of NaN.
fn framed<T: Scalar>(numbers: &[T]) -> Vec<T> {
    let mut frame = vec![T::of(f64::NAN); numbers.len() + 2 * MARGIN];
    frame[MARGIN..][..numbers.len()].copy_from_slice(numbers);
    frame
}

impl<T: Scalar> Case<T> {
    fn new(shape: [usize; 3], generator: &mut Generator) -> Self {
        let [m, k, n] = shape;
        let mut pick = |count| below(count, generator) as usize;
        let scales = [1.0, 1.0, -0.37, 0.0];
        let (alpha, beta) = (T::of(scales[pick(4)]), T::of([1.0, 1.0, -0.37][pick(3)]));
        let addend = [Addend::Nothing, Addend::Result, Addend::Column][pick(3)];
        let transposed = [pick(2) == 0, pick(2) == 0];
        Self {
            shape,
            transposed,
            alpha,
            beta,
            addend,
            a: random(m * k, generator),
            b: random(k * n, generator),
            // what is not added is not read
            c: match addend {
                Addend::Result => random(m * n, generator),
                _ => vec![T::of(f64::NAN); m * n],
            },
            column: random(m, generator),
        }
    }

    /// The definition.
    fn element(&self, i: usize, j: usize) -> T {
        let [m, k, n] = self.shape;
        let a = |q| self.a[if self.transposed[0] { q + i * k } else { i + q * m }];
        let b = |q| self.b[if self.transposed[1] { j + q * n } else { q + j * k }];
        let mut s = T::ZERO;
        for q in 0..k {
            s = a(q).mul_add(b(q), s);
        }
        match self.addend {
            Addend::Nothing => self.alpha * s,
            Addend::Result => self.alpha.mul_add(s, self.beta * self.c[i + j * m]),
            Addend::Column => self.alpha.mul_add(s, self.column[i]),
        }
    }

    fn definition(&self) -> Vec<T> {
        let [m, _, n] = self.shape;
        (0..m * n).map(|x| self.element(x % m, x / m)).collect()
    }

    /// The product, every matrix of it in a frame of NaN, in so many parts at most.
    fn computed(&self, parts: usize) -> Vec<T> {
        let [m, k, n] = self.shape;
        let [a, b, mut c, column] = [&self.a, &self.b, &self.c, &self.column].map(|numbers| framed(numbers));
        let at = c[MARGIN..].as_mut_ptr();
        let (held, result) = (at.cast_const(), at);
        let dense = |at, rows: usize| Strided {
            at,
            row_step: 1,
            column_step: rows,
        };
        let column = Strided {
            column_step: 0,
            ..dense(column[MARGIN..].as_ptr(), m)
        };
        let (beta, added) = match self.addend {
            Addend::Nothing => (T::ZERO, dense(held, m)),
            Addend::Result => (self.beta, dense(held, m)),
            Addend::Column => (T::ONE, column),
        };
        let factor = |numbers: &[T], transposed: bool, [rows, columns]: [usize; 2]| {
            Strided::of(&numbers[MARGIN..], if transposed { columns } else { rows }, transposed)
        };
        let product = Product {
            rows: m,
            depth: k,
            columns: n,
            left: factor(&a, self.transposed[0], [m, k]),
            right: factor(&b, self.transposed[1], [k, n]),
            alpha: self.alpha,
            beta,
            added,
            result: Strided {
                at: result,
                row_step: 1,
                column_step: m,
            },
        };
        in_parts(&product, parts);
        let mut outside = c[..MARGIN].iter().chain(&c[MARGIN + m * n..]);
        assert!(
            outside.all(|x| x.to_f64().is_nan()),
            "{:?}: written outside",
            self.shape
        );
        c[MARGIN..][..m * n].to_vec()
    }

    /// The first element that is not as defined.
    fn fault(&self, computed: &[T]) -> Option<(usize, T, T)> {
        let defined = self.definition();
        let place = bits(computed).iter().zip(bits(&defined)).position(|(&x, y)| x != y)?;
        Some((place, computed[place], defined[place]))
    }
}

fn follow_the_definition<T: Scalar>(seed: u64, rounds: usize, shape: impl Fn(&mut Generator) -> [usize; 3]) {
    follow_in_parts::<T>(seed, rounds, |_| 1, shape);
}

fn follow_in_parts<T: Scalar>(
    seed: u64,
    rounds: usize,
    parts: impl Fn(&mut Generator) -> usize,
    shape: impl Fn(&mut Generator) -> [usize; 3],
) {
    let mut generator = numbers(seed);
    for _ in 0..rounds {
        let case = Case::<T>::new(shape(&mut generator), &mut generator);
        let parts = parts(&mut generator);
        for (level, computed) in at_every_level(|| case.computed(parts)).into_iter().enumerate() {
            let Case {
                shape,
                transposed,
                alpha,
                beta,
                addend,
                ..
            } = &case;
            let fault = case.fault(&computed);
            assert!(
                fault.is_none(),
                "{shape:?} {transposed:?} {alpha:?} {beta:?} {addend:?} in {parts} at level {level}: {fault:?}"
            );
        }
    }
}

fn up_to(sizes: [u64; 3]) -> impl Fn(&mut Generator) -> [usize; 3] {
    move |generator| sizes.map(|size| below(size + 1, generator) as usize)
}

#[test]
fn small_products_are_the_chains_of_the_definition() {
    follow_the_definition::<f32>(1, 3000, up_to([40, 60, 40]));
    follow_the_definition::<f64>(2, 2000, up_to([40, 60, 40]));
}

#[test]
fn thin_products_are_the_chains_of_the_definition() {
    let thin = [
        [1, 300, 50],
        [300, 1, 50],
        [50, 300, 1],
        [1, 1, 500],
        [500, 1, 1],
        [10, 300, 60],
        [300, 10, 60],
        [400, 60, 10],
        [1, 2000, 1],
    ];
    for (seed, sizes) in (10..).zip(thin) {
        let shape = |generator: &mut Generator| sizes.map(|size| 1 + below(size, generator) as usize);
        follow_the_definition::<f32>(seed, 40, shape);
        follow_the_definition::<f64>(seed, 40, shape);
    }
}

#[test]
fn long_sums_are_put_aside_and_continued() {
    let shape = |generator: &mut Generator| {
        let [m, k, n] = up_to([70, 3000, 70])(generator);
        [m, 1000 + k, n]
    };
    follow_the_definition::<f32>(3, 12, shape);
    follow_the_definition::<f64>(4, 12, shape);
}

#[test]
fn large_products_are_the_chains_of_the_definition() {
    let shape = |generator: &mut Generator| {
        let [m, k, n] = up_to([300, 200, 150])(generator);
        [100 + m, 100 + k, 20 + n]
    };
    follow_the_definition::<f32>(5, 6, shape);
    follow_the_definition::<f64>(6, 6, shape);
}

/// Panels too many for a cache, columns that start a multiple of 4096 bytes apart, long sums.
#[test]
fn products_of_the_size_of_layers_are_the_chains_of_the_definition() {
    for (seed, shape) in (20..).zip([[1000, 784, 16], [1024, 1024, 9], [512, 1100, 20], [20, 1500, 300]]) {
        follow_the_definition::<f32>(seed, 2, |_| shape);
        follow_the_definition::<f64>(seed, 2, |_| shape);
    }
}

/// As threads compute them: by columns, by rows, of which the last part may be small, and at most one part for sixteen.
#[test]
fn parts_of_a_product_are_the_chains_of_the_definition() {
    let few = |generator: &mut Generator| 2 + below(8, generator) as usize;
    for (seed, sizes) in (30..).zip([
        [90, 40, 200],
        [200, 40, 90],
        [300, 30, 3],
        [3, 30, 300],
        [400, 1, 60],
        [60, 1300, 90],
    ]) {
        follow_in_parts::<f32>(seed, 40, few, up_to(sizes));
        follow_in_parts::<f64>(seed, 40, few, up_to(sizes));
    }
}

/// Large enough for parts: the number of threads that are free is not in the bits.
#[test]
fn threads_are_not_in_the_bits() {
    let mut generator = numbers(11);
    for [m, k, n] in [
        [300, 100, 70],
        [1001, 784, 33],
        [33, 500, 517],
        [10, 1000, 129],
        [700, 1, 900],
        [2000, 700, 1],
    ] {
        let a = Matrix::from_vec(m, k, random::<f32>(m * k, &mut generator));
        let b = Matrix::from_vec(k, n, random::<f32>(k * n, &mut generator));
        let c = Matrix::from_vec(m, n, random::<f32>(m * n, &mut generator));
        let (across, down) = (a.transpose(), b.transpose());
        let factors = [
            (plain(&a), plain(&b)),
            (transposed(&across), plain(&b)),
            (plain(&a), transposed(&down)),
            (transposed(&across), transposed(&down)),
        ];
        let product = |(a, b): (Operand<'_, f32>, Operand<'_, f32>)| {
            let mut c = c.clone();
            multiply(0.5, a, b, -1.0, &mut c);
            bits(c.as_slice())
        };
        let alone = product(factors[0]);
        for threads in [2, 3, 7] {
            let crew = Crew::new(threads, 1);
            let join = || {
                crew.join(|_| {
                    while pieces(usize::MAX) < threads {
                        std::thread::yield_now();
                    }
                    factors
                        .iter()
                        .for_each(|factors| assert!(product(*factors) == alone, "{m} {k} {n}"));
                });
            };
            std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(join))));
        }
    }
}

#[test]
fn one_other_last_digit_is_noticed() {
    let case = Case::<f32>::new([33, 20, 17], &mut numbers(7));
    let mut computed = case.computed(1);
    assert_eq!(case.fault(&computed), None);
    let place = 123;
    computed[place] = computed[place].next_up();
    assert!(case.fault(&computed).is_some_and(|(at, ..)| at == place));
}

/// What the definition excludes: another order, and additions that are not fused.
#[test]
fn another_order_and_other_rounding_have_other_bits() {
    let mut generator = numbers(8);
    let rows: Vec<Vec<f32>> = (0..20).map(|_| random(100, &mut generator)).collect();
    let sums = |sum: fn(&[f32]) -> f32| -> Vec<f32> { rows.iter().map(|row| sum(row)).collect() };
    let forwards = sums(|row| row.iter().fold(0.0, |s, &x| x.mul_add(x, s)));
    let backwards = sums(|row| row.iter().rev().fold(0.0, |s, &x| x.mul_add(x, s)));
    let unfused = sums(|row| row.iter().fold(0.0, |s, &x| s + x * x));
    assert!(forwards != backwards && forwards != unfused);
}

/// A column of the result depends on no other column, and in the transposed product it is a row.
#[test]
fn an_element_is_the_same_in_every_product_that_has_it() {
    let mut generator = numbers(9);
    for _ in 0..60 {
        let [m, k, n] = [90, 80, 70].map(|size| 1 + below(size, &mut generator) as usize);
        let a = Matrix::from_vec(m, k, random::<f32>(m * k, &mut generator));
        let b = Matrix::from_vec(k, n, random::<f32>(k * n, &mut generator));
        let product = |a: Operand<'_, f32>, b: Operand<'_, f32>| {
            let mut c = Matrix::from_element(a.shape().0, b.shape().1, f32::NAN);
            multiply(1.0, a, b, 0.0, &mut c);
            c
        };
        let whole = product(plain(&a), plain(&b));
        let turned = product(transposed(&b), transposed(&a));
        assert_eq!(bits(whole.as_slice()), bits(turned.transpose().as_slice()));
        let j = below(n as u64, &mut generator) as usize;
        let column = Matrix::from_column_slice(k, 1, &b.as_slice()[j * k..][..k]);
        let alone = product(plain(&a), plain(&column));
        assert_eq!(bits(alone.as_slice()), bits(&whole.as_slice()[j * m..][..m]));
    }
}

/// As [`multiply_plus`] promises.
#[test]
fn a_column_is_added_as_if_the_result_had_held_it() {
    let mut generator = numbers(10);
    for [m, k, n] in [[3, 4, 5], [1, 7, 9], [50, 1, 20], [10, 300, 64], [70, 0, 3]] {
        let a = Matrix::from_vec(m, k, random::<f64>(m * k, &mut generator));
        let b = Matrix::from_vec(k, n, random::<f64>(k * n, &mut generator));
        let column = random::<f64>(m, &mut generator);
        let mut held = Matrix::from_fn(m, n, |i, _| column[i]);
        let mut plus = Matrix::from_element(m, n, f64::NAN);
        multiply(-0.5, plain(&a), plain(&b), 1.0, &mut held);
        multiply_plus(-0.5, plain(&a), plain(&b), &column, &mut plus);
        assert_eq!(bits(plus.as_slice()), bits(held.as_slice()));
    }
}

#[test]
#[should_panic(expected = "cannot add a column of 2 to 3 rows")]
fn a_column_must_fit() {
    let (a, b, mut c) = (Matrix::zeros(3, 4), Matrix::zeros(4, 5), Matrix::zeros(3, 5));
    multiply_plus(1.0, plain(&a), plain(&b), &[0.0f32; 2], &mut c);
}
