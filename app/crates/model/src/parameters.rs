//! The parameters of a run: any JSON object up to a size limit.

use std::io;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::wire::Object;

/// The most bytes of parameters as JSON.
pub const MAX_BYTES: usize = 524_288;

/// The parameters of a flow run.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Parameters(pub Object);

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Object::deserialize(deserializer)?;
        let mut size = Size(0);
        serde_json::to_writer(&mut size, &object).map_err(de::Error::custom)?;
        if size.0 > MAX_BYTES {
            return Err(de::Error::custom(format_args!(
                "the parameters have {} bytes as JSON, at most {MAX_BYTES} are allowed",
                size.0
            )));
        }
        Ok(Self(object))
    }
}

/// Counts the bytes written to it.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Parameters};

    #[test]
    fn parameters_over_the_size_limit_are_rejected() {
        let json = |letters: usize| serde_json::json!({ "a": "x".repeat(letters) }).to_string();
        let overhead = json(0).len();
        assert!(serde_json::from_str::<Parameters>(&json(MAX_BYTES - overhead)).is_ok());
        let error = serde_json::from_str::<Parameters>(&json(MAX_BYTES - overhead + 1)).unwrap_err().to_string();
        assert!(error.contains("524289 bytes"), "{error}");
    }
}
