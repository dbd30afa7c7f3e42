//! Sample values: one for each field of a body that a client of any version may send.

use serde_json::{Value, json};

use super::{Contract, Kind, UNKNOWN_ID, types::fields_of};

/// The keys that lead to a field, and a value of its type.
pub type Sample = (Vec<&'static str>, Value);

impl Contract {
    /// A sample for each field of a type, in any version, and for each alternative of its type.
    pub fn samples(&'static self, kind: &Kind) -> Vec<Sample> {
        let mut samples = Vec::new();
        self.collect_samples(kind, &mut Vec::new(), &mut samples);
        samples
    }

    fn collect_samples(&'static self, kind: &Kind, loc: &mut Vec<&'static str>, samples: &mut Vec<Sample>) {
        for kind in kind.alternatives().iter().filter(|kind| **kind != Kind::Null) {
            let variants = if let Kind::Named(name) = kind { self.variants(name) } else { &[] };
            for variant in variants {
                for (field, definition) in fields_of(variant) {
                    loc.push(field);
                    self.collect_samples(&definition.kind, loc, samples);
                    loc.pop();
                }
                if let Some(is) = variant["is"].as_str() {
                    self.collect_samples(&Kind::parse(is), loc, samples);
                }
            }
            if variants.is_empty() {
                let sample = (loc.clone(), self.sample_value(kind));
                if !samples.contains(&sample) {
                    samples.push(sample);
                }
            }
        }
    }

    fn sample_value(&'static self, kind: &Kind) -> Value {
        match kind {
            Kind::List(inner) => json!([self.sample_value(&self.types(None).alternatives(inner)[0])]),
            Kind::Uuid => json!(UNKNOWN_ID),
            Kind::Text => json!("x"),
            Kind::Boolean => json!(true),
            Kind::Integer | Kind::Number => json!(1),
            Kind::Time => json!("2026-11-25T10:00:00Z"),
            Kind::Constant(text) => json!(text),
            other => panic!("no sample value for {other:?}"),
        }
    }
}
