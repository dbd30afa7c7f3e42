//! What a server has to offer to be compared: it answers requests. Must not know the cases.

use std::collections::BTreeMap;
use std::future::Future;

use anyhow::Result;
use serde_json::Value;

/// A request without symbols.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    pub method: String,
    /// Relative to the workspace, as in `/flows/filter`.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    /// The text of the body; `None` for no body.
    pub body: Option<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Response {
    pub status: u16,
    /// Null if the body is empty.
    pub body: Value,
}

/// A server with one workspace. The reference is called by HTTP, Provost in the process of the test.
pub trait Server {
    fn call(&mut self, request: Request) -> impl Future<Output = Result<Response>>;
}
