//! Biased messages are independent signs of which a share a, the activity, is +1.
//!
//! P[xi_i = +1] = a, so that the mean is 2 a - 1 and any two messages overlap by (2 a - 1)^2 on average. Rules
//! that do not take the mean off store few of them. Cost: a random word a sign. Source: Amit, Gutfreund,
//! Sompolinsky 1987, Information storage in neural networks with low levels of activity, Phys. Rev. A 35,
//! 2293.

use super::kind::{Kind, SourceAbout};
use super::number::Share;
use crate::checked::allowed;
use crate::described::Parameter;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// `Biased` messages are independent signs of which few are +1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Biased {
    /// The probability of +1.
    pub activity: Share,
}

impl Default for Biased {
    fn default() -> Self {
        Self { activity: allowed(0.1) }
    }
}

impl Kind for Biased {
    fn about(&self) -> &'static SourceAbout {
        &SourceAbout {
            name: "biased",
            title: "biased messages",
            formula: "P[xi_i = 1] = activity, independent",
            units: "any",
            source: "Amit, Gutfreund, Sompolinsky 1987, doi 10.1103/PhysRevA.35.2293",
            parameters: &[Parameter {
                name: "activity",
                allowed: Share::ALLOWED,
                meaning: "the probability that a unit is +1",
            }],
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("activity", self.activity.to_string())]
    }

    fn draw(&self, n: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let activity = self.activity.get();
        (0..n * m).map(|_| if stream.unit() < activity { 1 } else { -1 }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_activity_is_what_is_asked_for() {
        for activity in [0.02, 0.3, 0.9] {
            let source = Biased { activity: allowed(activity) };
            let signs = source.draw(100, 2000, &mut Stream::named(1, "test", &[]));
            let share = signs.iter().filter(|&&sign| sign == 1).count() as f64 / 2e5;
            // Five standard errors of a share.
            assert!((share - activity).abs() < 5.0 * (activity * (1.0 - activity) / 2e5).sqrt(), "{share}");
        }
    }
}
