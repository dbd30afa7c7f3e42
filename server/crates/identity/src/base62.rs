//! Base 62: digits, upper case, lower case.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 that a byte can count to: bytes from here on would favour the first letters.
const FAIR: u8 = 248;

/// Appends `count` letters, each equally likely, to `text`; `fill` must give random bytes.
pub fn push_random(text: &mut String, count: usize, mut fill: impl FnMut(&mut [u8])) {
    let end = text.len() + count;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 64]);
    while text.len() < end {
        fill(&mut bytes[..]);
        let missing = end - text.len();
        text.extend(bytes.iter().filter(|byte| **byte < FAIR).take(missing).map(|byte| letter(*byte % 62)));
    }
}

/// Appends `value` as six letters: enough for every `u32`.
pub fn push_u32(text: &mut String, value: u32) {
    text.extend((0..6_u32).rev().map(|place| {
        let digit = value / 62_u32.pow(place) % 62;
        ALPHABET[digit as usize] as char
    }));
}

/// Whether every letter of `text` belongs to the alphabet.
pub fn holds(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn letter(index: u8) -> char {
    ALPHABET[usize::from(index)] as char
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, push_random, push_u32};

    #[test]
    fn each_letter_is_equally_likely() {
        // Each byte value once, over and over: what a fair source gives in the long run.
        let mut next = 0_u8;
        let mut text = String::new();
        push_random(&mut text, 62 * 40, |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        });
        for letter in ALPHABET {
            assert_eq!(text.bytes().filter(|byte| byte == letter).count(), 40, "{}", *letter as char);
        }
    }

    #[test]
    fn six_letters_hold_every_u32() {
        for (value, expected) in [(0, "000000"), (61, "00000z"), (62, "000010"), (u32::MAX, "4gfFC3")] {
            let mut text = String::new();
            push_u32(&mut text, value);
            assert_eq!(text, expected);
        }
    }
}
