//! How long a broker waits: for an answer, before a retry, before it connects again.

use std::time::Duration;

use crate::job::RetryDelay;

use super::BrokerError;

/// Every duration of a broker. `default()` is for production; tests shorten it.
#[derive(Debug, Clone)]
pub struct Timing {
    /// How long a message stays in the wait queue of each [`RetryDelay`], shortest first. The
    /// queues keep their names.
    pub retry: [Duration; 3],
    /// How long each single exchange with the broker may take, connecting included.
    pub answer: Duration,
    /// The pause before the first attempt to connect again. It doubles from there.
    pub pause: Duration,
    /// The longest pause while nobody listens: asking a closed port costs nothing, and a broker
    /// that is back should not wait for us.
    pub longest_pause_unreachable: Duration,
    /// The longest pause after everything else, such as a refused password.
    pub longest_pause: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            retry: RetryDelay::ALL.map(RetryDelay::duration),
            answer: Duration::from_secs(15),
            pause: Duration::from_millis(500),
            longest_pause_unreachable: Duration::from_secs(5),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl Timing {
    pub fn retry(&self, delay: RetryDelay) -> Duration {
        self.retry[match delay {
            RetryDelay::Short => 0,
            RetryDelay::Medium => 1,
            RetryDelay::Long => 2,
        }]
    }
}

/// The pauses between attempts to connect.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How long to wait after `cause`, between half and all of what the number of failures says,
    /// so that many instances do not come back in step.
    pub(super) fn after(&mut self, cause: &BrokerError, timing: &Timing) -> Duration {
        let whole = self.step(cause, timing);
        self.failures = self.failures.saturating_add(1);
        whole.mul_f64(rand::random_range(0.5..=1.0))
    }

    /// The last connection held: start from the shortest pause again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    fn step(&self, cause: &BrokerError, timing: &Timing) -> Duration {
        let longest = match cause {
            BrokerError::Unreachable(_) => timing.longest_pause_unreachable,
            _ => timing.longest_pause,
        };
        // Doubling further than this would only overflow.
        let doubled = timing.pause.saturating_mul(1 << self.failures.min(16));
        doubled.min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(cause: &BrokerError, count: usize) -> Vec<Duration> {
        let timing = Timing::default();
        let mut backoff = Backoff::default();
        (0..count).map(|_| backoff.after(cause, &timing)).collect()
    }

    #[test]
    fn pauses_grow_from_half_a_second_to_thirty_seconds() {
        let pauses = pauses(&BrokerError::Refused, 12);
        assert!(pauses[0] >= Duration::from_millis(250) && pauses[0] <= Duration::from_millis(500));
        assert!(pauses[11] >= Duration::from_secs(15) && pauses[11] <= Duration::from_secs(30));
    }

    #[test]
    fn a_closed_port_is_asked_again_within_five_seconds() {
        let nobody = BrokerError::Unreachable("connection refused".into());
        assert!(pauses(&nobody, 100).into_iter().max() <= Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_connection_that_held_starts_the_pauses_anew() {
        let timing = Timing::default();
        let mut backoff = Backoff::default();
        for _ in 0..10 {
            backoff.after(&BrokerError::Refused, &timing);
        }
        backoff.reset();
        assert!(backoff.after(&BrokerError::Refused, &timing) <= Duration::from_millis(500));
    }

    #[test]
    fn production_waits_as_long_as_the_queue_names_say() {
        let timing = Timing::default();
        for delay in RetryDelay::ALL {
            assert_eq!(timing.retry(delay), delay.duration());
        }
    }
}
