//! The parameters of a run: the client's own JSON, bounded in size.

use std::io;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::wire::Object;

/// The most bytes of parameters, written as JSON.
pub const LARGEST: usize = 524_288;

/// Parameters as they were sent.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Parameters(pub Object);

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Object::deserialize(deserializer)?;
        let mut size = Size(0);
        serde_json::to_writer(&mut size, &object).map_err(de::Error::custom)?;
        if size.0 > LARGEST {
            return Err(de::Error::custom(format_args!(
                "the parameters have {} bytes as JSON, at most {LARGEST} are allowed",
                size.0
            )));
        }
        Ok(Self(object))
    }
}

/// Counts what is written to it.
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
    use super::{LARGEST, Parameters};

    #[test]
    fn parameters_may_fill_the_limit_and_not_pass_it() {
        let json = |letters: usize| serde_json::json!({ "a": "x".repeat(letters) }).to_string();
        let frame = json(0).len();
        assert!(serde_json::from_str::<Parameters>(&json(LARGEST - frame)).is_ok());
        let error = serde_json::from_str::<Parameters>(&json(LARGEST - frame + 1)).unwrap_err().to_string();
        assert!(error.contains("524289 bytes"), "{error}");
    }
}
