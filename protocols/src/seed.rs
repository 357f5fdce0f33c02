//! Random streams are named by their axes.
//!
//! A stream's key is the BLAKE3 hash of its root seed, name and axes, so its numbers depend on nothing else: not on the
//! order of execution, the thread, the shard, or which other cells ran. The generator is ChaCha8, whose output is fixed
//! by its specification; numbers are derived here from raw words, because the distributions of other crates may change
//! their streams between releases.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A `Stream` is a stream of random numbers with a name. It is the only source of randomness in this crate.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Makes the stream `name` under `root`, at a point of its named axes.
    ///
    /// ```
    /// use protocols::Stream;
    /// let a = Stream::named(1, "messages", &[("n", 64), ("trial", 0)]).word();
    /// let b = Stream::named(1, "messages", &[("n", 64), ("trial", 1)]).word();
    /// assert_ne!(a, b);
    /// ```
    pub fn named(root: u64, name: &str, axes: &[(&str, u64)]) -> Self {
        let mut text = format!("hopfield-streams-1\nroot={root}\nname={name}\n");
        for (axis, value) in axes {
            text.push_str(&format!("{axis}={value}\n"));
        }
        Self(ChaCha8Rng::from_seed(*blake3::hash(text.as_bytes()).as_bytes()))
    }

    /// Makes the stream `name` under this one. It is the same whatever this one has given already, and apart
    /// from it.
    ///
    /// ```
    /// use protocols::Stream;
    /// let mut stream = Stream::named(1, "training", &[]);
    /// let before = stream.child("validation").word();
    /// assert_ne!(stream.word(), before);
    /// assert_eq!(stream.child("validation").word(), before);
    /// ```
    pub fn child(&self, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"hopfield-streams-1\nparent=");
        hasher.update(&self.0.get_seed());
        hasher.update(format!("\nname={name}\n").as_bytes());
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// Returns the next 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Draws a whole number in `0..bound`, without bias (Lemire 2019, "Fast random integer generation in an
    /// interval").
    ///
    /// # Panics
    /// If `bound` is 0: there is no such number.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "no whole number lies in 0..0");
        let mut product = u64::from(self.0.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.0.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// Draws a number in [0, 1) with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (-53.0_f64).exp2()
    }

    /// Draws a standard normal number (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Fills `signs` with independent fair +1 and -1.
    pub fn signs(&mut self, signs: &mut [i8]) {
        for chunk in signs.chunks_mut(64) {
            let mut bits = self.word();
            for sign in chunk {
                *sign = ((bits & 1) as i8) * 2 - 1;
                bits >>= 1;
            }
        }
    }

    /// Brings a uniformly random subset of `count` elements to the front of `items`. They come in uniformly
    /// random order (the first `count` rounds of a Fisher-Yates shuffle).
    ///
    /// # Panics
    /// If `count` exceeds the number of items.
    pub fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for i in 0..count {
            let j = i + self.below((items.len() - i) as u32) as usize;
            items.swap(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_gives_the_published_stream() {
        // Golden value shared by rand_chacha 0.9 and 0.10 and chacha20 0.10.
        let mut rng = ChaCha8Rng::seed_from_u64(42);
        rng.set_stream(5);
        rng.set_word_pos(1 << 40);
        rng.next_u64();
        assert_eq!(rng.next_u64(), 0xbcb4_a003_de1c_9854);
    }

    #[test]
    fn every_axis_makes_another_stream() {
        let base = Stream::named(1, "messages", &[("n", 8), ("trial", 0)]).word();
        for other in [
            Stream::named(2, "messages", &[("n", 8), ("trial", 0)]),
            Stream::named(1, "queries", &[("n", 8), ("trial", 0)]),
            Stream::named(1, "messages", &[("n", 9), ("trial", 0)]),
            Stream::named(1, "messages", &[("n", 8), ("trial", 1)]),
            Stream::named(1, "messages", &[("n", 8)]),
        ] {
            assert_ne!(base, other.clone().word());
        }
    }

    #[test]
    fn below_is_uniform() {
        // 60 000 draws of 0..6: chi-squared with 5 degrees of freedom stays under 40.9 but for one run in 10^7.
        let mut stream = Stream::named(1, "test", &[]);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4).sum();
        assert!(chi2 < 40.9, "chi-squared {chi2}");
    }

    #[test]
    fn normal_has_unit_moments() {
        let mut stream = Stream::named(1, "test", &[]);
        let draws: Vec<f64> = (0..100_000).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let square = draws.iter().map(|x| x * x).sum::<f64>() / 1e5;
        // Five standard errors: 5/sqrt(1e5) and 5 sqrt(2/1e5).
        assert!(mean.abs() < 0.016 && (square - 1.0).abs() < 0.0224, "{mean} {square}");
    }
}
