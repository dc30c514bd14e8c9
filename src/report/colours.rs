//! Show values on both sides of 0 by colours, and draw the bar that says which.

use super::axis::Outside;
use super::canvas::{Anchor, Canvas, text_width};
use super::style::{INK, SMALL, TEXT};
use super::ticks::Tick;
use plotters::style::RGBColor;

/// Width of the bar, in points.
pub const BAR: f64 = 7.0;
/// From the bar to its numbers, in points.
const TO_NUMBERS: f64 = 3.5;

/// Colours from blue for `-end` over white for 0 to orange for `end`.
pub struct ColourScale {
    /// What the colours stand for.
    pub title: &'static str,
    /// The largest value, above 0, and how it is written.
    pub end: Tick,
}

impl ColourScale {
    /// Room for the numbers right of the bar, in points.
    pub fn room_right(&self) -> f64 {
        TO_NUMBERS + text_width(&self.least(), SMALL)
    }

    /// How the least value is written.
    fn least(&self) -> String {
        format!("−{}", self.end.label)
    }

    /// From blue over white to orange, two colours of Okabe and Ito that colour-blind readers tell apart; both darken evenly.
    ///
    /// # Errors
    /// What lies beyond the ends has no colour.
    pub fn colour(&self, value: f64) -> Result<RGBColor, Outside> {
        /// Of a sum's rounding.
        const SLACK: f64 = 1e-9;
        const NEGATIVE: [f64; 3] = [0.0, 114.0, 178.0];
        const POSITIVE: [f64; 3] = [230.0, 130.0, 0.0];
        let share = value / self.end.value;
        if share.is_nan() || share.abs() > 1.0 + SLACK {
            return Err(Outside {
                axis: self.title.to_owned(),
                value,
            });
        }
        let end = if share < 0.0 { NEGATIVE } else { POSITIVE };
        let share = share.abs().min(1.0);
        let [r, g, b] = end.map(|end| (255.0 + share * (end - 255.0)).round() as u8);
        Ok(RGBColor(r, g, b))
    }

    /// Draws the bar in a height, the title above it.
    ///
    /// # Errors
    /// None of its own: its values have colours.
    pub fn bar(&self, canvas: &mut Canvas<'_>, (left, top): (f64, f64), height: f64) -> Result<(), Outside> {
        const STEPS: usize = 80;
        canvas.text(self.title, (left + BAR / 2.0, top - 4.0), Anchor::Center, TEXT, INK);
        // below the title there is room for the half of a number
        let (top, height) = (top + SMALL, height - SMALL);
        let step = height / STEPS as f64;
        canvas.group("bar", None, |canvas| {
            for i in 0..STEPS {
                let value = self.end.value * (1.0 - 2.0 * (i as f64 + 0.5) / STEPS as f64);
                // each reaches down to the end, so that no seam shows between two
                let high = top + i as f64 * step;
                canvas.rectangle((left, high), (left + BAR, top + height), self.colour(value)?, 1.0);
            }
            Ok(())
        })?;
        let right = left + BAR;
        canvas.outline((left, top), (right, top + height));
        for (share, label) in [(0.0, &*self.end.label), (0.5, "0"), (1.0, &*self.least())] {
            let y = top + share * height;
            canvas.group("tick", None, |canvas| {
                canvas.rule((right, y), (right + 2.0, y));
                let place = (right + TO_NUMBERS, y + 0.36 * SMALL);
                canvas.text(label, place, Anchor::Left, SMALL, INK);
                Ok(())
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::PAPER;
    use super::*;

    #[test]
    fn colours_begin_in_white_and_grow_with_the_value() {
        let scale = |value: f64| ColourScale {
            title: "Value",
            end: Tick {
                value,
                label: value.to_string(),
            },
        };
        for end in [1.0, 0.02, 3e40] {
            let colour = |share: f64| scale(end).colour(share * end);
            assert_eq!(colour(0.0), Ok(PAPER));
            assert_ne!(colour(0.5), colour(-0.5));
            let green = |share| colour(share).unwrap().1;
            assert!(green(0.2) > green(0.7) && green(-0.2) > green(-0.7));
            assert_eq!(colour(1.0 + 1e-12), colour(1.0));
            for beyond in [1.1, -3.0, f64::NAN] {
                assert!(colour(beyond).is_err(), "{beyond}");
            }
        }
    }
}
