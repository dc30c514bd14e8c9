//! Help to write rules that are backpropagation with one thing spoilt.

use creditlab::linalg::Scalar;
use creditlab::rules::shared::sweep;
use creditlab::rules::{Needs, Step};
use creditlab::update::Proposal;

/// The gradient.
pub fn backprop<T: Scalar>(step: Step<'_, T>, out: &mut Proposal<T>) {
    sweep(&step, out, |l| &step.network.layers[l].weight);
}

/// Backpropagation with each column of errors changed: `change(layer, sample, error)`.
pub fn spoilt<T: Scalar>(step: Step<'_, T>, out: &mut Proposal<T>, change: impl Fn(usize, usize, T) -> T) {
    backprop(step, out);
    for l in 0..step.network.depth() {
        for (i, mut column) in out.local(l).column_iter_mut().enumerate() {
            column.iter_mut().for_each(|delta| *delta = change(l, i, *delta));
        }
    }
}

/// Backpropagation times a number.
pub fn scaled<T: Scalar>(step: Step<'_, T>, out: &mut Proposal<T>, factor: f64) {
    spoilt(step, out, |_, _, delta| T::of(factor) * delta);
}

pub fn needs() -> Needs {
    Needs::SWEEP
}

/// A struct with at most one option, and its rule: honest in what the items do not say.
macro_rules! rule {
    ($(#[$meta:meta])* $name:ident { $($option:ident: $type:ty = $default:expr)? } $($items:tt)*) => {
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        $(#[$meta])*
        pub struct $name {
            $($option: $type,)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($option: $default)? }
            }
        }

        impl LearningRule for $name {
            const NAME: &'static str = stringify!($name);
            const SOURCE: &'static str = "nobody";
            const EQUATION: &'static str = "backpropagation, spoilt";
            $($items)*
        }
    };
}

/// A rule that owns nothing, accepts everything, and proposes as the closure says.
macro_rules! propose {
    ($work:ty, $needs:expr, |$rule:ident, $scratch:ident, $step:ident, $out:ident| $body:expr) => {
        type State<T: Scalar> = ();
        fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
            Ok(())
        }
        propose!(owning(), $work, $needs, |$rule, _state, $scratch, $step, $out| {
            $body
        });
    };
    (owning $state:ty, $work:ty, $needs:expr, |$rule:ident, $own:ident, $scratch:ident, $step:ident, $out:ident| $body:expr) => {
        type Work<T: Scalar> = $work;
        fn needs(&self) -> Needs {
            $needs
        }
        fn propose<T: Scalar>(&self, $own: &$state, $scratch: &mut $work, $step: Step<'_, T>, $out: &mut Proposal<T>) {
            let $rule = self;
            $body
        }
    };
}
