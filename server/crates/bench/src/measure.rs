//! Processor time and memory of a process, read from /proc (Linux only), and percentiles of durations.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The unit of times in `/proc`; it does not depend on the kernel's timer frequency.
const TICK: Duration = Duration::from_millis(10);

/// The processor time that a process has used so far, in user and kernel mode.
pub fn processor_time(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    // The name in brackets may contain blanks; `utime` and `stime` are the 12th and 13th words after it.
    let words = text.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    let ticks = words.map(str::parse::<u32>).sum::<Result<u32, _>>().with_context(|| format!("{path}: {text}"))?;
    Ok(TICK * ticks)
}

/// The resident memory of a process, in KiB.
pub fn resident_kib(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.parse().ok()).with_context(|| format!("{path} has no VmRSS"))
}

/// The duration that `percent` percent of all durations do not exceed.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{median, percentile, processor_time, resident_kib};

    #[test]
    fn memory_and_processor_time_are_read() {
        assert!(resident_kib(std::process::id()).unwrap() > 0);
        let (mut sum, before) = (0_u64, processor_time(std::process::id()).unwrap());
        while processor_time(std::process::id()).unwrap() == before {
            sum = (0..10_000).fold(sum, u64::wrapping_add);
        }
    }

    #[test]
    fn percentiles_and_median() {
        let mut times: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut times, 50), Duration::from_millis(51));
        assert_eq!(percentile(&mut times, 99), Duration::from_millis(100));
        assert_eq!(percentile(&mut [], 50), Duration::ZERO);
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
