//! How the server embeds values in a page for its script: as postcard, since JSON's field names and the code that parses them cost
//! more bytes than the values. Postcard is not self-describing: types must not skip fields, use untagged enums or flatten.

use serde::{Serialize, de::DeserializeOwned};

/// Encodes values that are embedded in a page, as `Postcard` encodes the results of server functions.
pub struct PostcardCodec;

impl<T: Serialize> codee::Encoder<T> for PostcardCodec {
    type Error = postcard::Error;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(value)
    }
}

impl<T: DeserializeOwned> codee::Decoder<T> for PostcardCodec {
    type Error = postcard::Error;
    type Encoded = [u8];

    fn decode(value: &[u8]) -> Result<T, postcard::Error> {
        postcard::from_bytes(value)
    }
}
