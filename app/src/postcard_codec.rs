//! How values travel from the server to the page: packed, since names of fields and the code that reads them cost more than the
//! values. What a page is told must thus be told whole: no field is left out, and no type guessed.

use serde::{Serialize, de::DeserializeOwned};

/// The encoding of what stands in a page for its own script, as `Postcard` is that of what a server function answers.
pub struct Packed;

impl<T: Serialize> codee::Encoder<T> for Packed {
    type Error = postcard::Error;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(value)
    }
}

impl<T: DeserializeOwned> codee::Decoder<T> for Packed {
    type Error = postcard::Error;
    type Encoded = [u8];

    fn decode(value: &[u8]) -> Result<T, postcard::Error> {
        postcard::from_bytes(value)
    }
}
