//! Base 62: digits, upper case, lower case.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 in the range of a byte. Random bytes from here on are skipped (rejection sampling), because `byte % 62` would
/// make the first digits more likely (modulo bias).
const BYTE_LIMIT: u8 = 248;

/// Appends `count` uniformly distributed digits to `text`; `fill` must fill the slice with random bytes.
pub fn push_random(text: &mut String, count: usize, mut fill: impl FnMut(&mut [u8])) {
    let end = text.len() + count;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 64]);
    while text.len() < end {
        fill(&mut bytes[..]);
        let missing = end - text.len();
        text.extend(bytes.iter().filter(|byte| **byte < BYTE_LIMIT).take(missing).map(|byte| digit(*byte % 62)));
    }
}

/// Appends `value` as six digits: enough for every `u32`.
pub fn push_u32(text: &mut String, value: u32) {
    text.extend((0..6_u32).rev().map(|exponent| {
        let digit = value / 62_u32.pow(exponent) % 62;
        ALPHABET[digit as usize] as char
    }));
}

/// Whether `text` consists of base-62 digits only.
pub fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn digit(value: u8) -> char {
    ALPHABET[usize::from(value)] as char
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, push_random, push_u32};

    #[test]
    fn random_digits_are_uniformly_distributed() {
        // Every byte value equally often, as a random source gives in the long run.
        let mut next = 0_u8;
        let mut text = String::new();
        push_random(&mut text, 62 * 40, |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        });
        for digit in ALPHABET {
            assert_eq!(text.bytes().filter(|byte| byte == digit).count(), 40, "{}", *digit as char);
        }
    }

    #[test]
    fn six_digits_are_enough_for_every_u32() {
        for (value, expected) in [(0, "000000"), (61, "00000z"), (62, "000010"), (u32::MAX, "4gfFC3")] {
            let mut text = String::new();
            push_u32(&mut text, value);
            assert_eq!(text, expected);
        }
    }
}
