//! Hashes of the sprites in `public`. The site's build has them in the names of these files, so that browsers may cache them for ever.

/// The sprite of icons and state silhouettes.
pub const ICONS: u64 = content_hash(include_bytes!("../../../../public/icons.svg"));
/// The sprite of illustrations.
pub const ART: u64 = content_hash(include_bytes!("../../../../public/art.svg"));

/// FNV-1a with 64 bits, as `server/crates/xtask/src/site/public.rs` computes it.
const fn content_hash(content: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < content.len() {
        hash = (hash ^ content[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::content_hash;

    #[test]
    fn hash_is_fnv_1a() {
        assert_eq!(content_hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(content_hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
