//! A look behind the storage path for its tests: prepares any statement of the program, and tries it in a transaction that is never
//! committed. The product does not use it.

pub use crate::driver::probe::{Described, Probe, describe};
