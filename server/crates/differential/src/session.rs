//! Runs the seed and the cases on one server.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::answer::Answer;
use crate::case::{Case, Step};
use crate::server::{Request, Response, Server};
use crate::symbols::Symbols;

pub struct Session<S> {
    server: S,
    symbols: Symbols,
}

/// What became of a case.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The answer of the case's own call, and those of the calls after it.
    Answers(Vec<Answer>),
    /// The case could not be run, because it names an object that the seed could not create, or a preparing call failed.
    Blocked(String),
}

impl<S: Server> Session<S> {
    /// A session on an empty workspace.
    pub fn new(server: S, symbols: Symbols) -> Self {
        Self { server, symbols }
    }

    /// Makes the calls of the seed. Returns those that failed, each with the reason.
    pub async fn seed(&mut self, steps: &[Step]) -> Result<Vec<String>> {
        let mut failed = Vec::new();
        for step in steps {
            if let Err(error) = self.prepare(step).await {
                failed.push(format!("{}: {error:#}", step.call));
            }
        }
        Ok(failed)
    }

    pub fn server(&mut self) -> &mut S {
        &mut self.server
    }

    /// The objects of the workspace.
    pub fn into_symbols(self) -> Symbols {
        self.symbols
    }

    pub async fn run(&mut self, case: &Case) -> Result<Outcome> {
        for step in &case.before {
            if let Err(error) = self.prepare(step).await {
                return Ok(Outcome::Blocked(format!("{}: {error:#}", step.call)));
            }
        }
        let body = match (&case.text, &case.body) {
            (Some(text), _) => Ok(Some(text.clone())),
            (None, body) => body.as_ref().map(|body| self.symbols.resolve(body)).transpose().map(as_text),
        };
        let path = case.call().and_then(|call| self.symbols.resolve_path(&call));
        let (call, body) = match (path, body) {
            (Ok(call), Ok(body)) => (call, body),
            (Err(error), _) | (_, Err(error)) => return Ok(Outcome::Blocked(error.to_string())),
        };
        let mut answers = vec![self.answer(&call, body, case.whole).await?];
        for step in &case.then {
            let call = self.symbols.resolve_path(&step.call)?;
            let body = step.body.as_ref().map(|body| self.symbols.resolve(body)).transpose().map(as_text)?;
            answers.push(self.answer(&call, body, case.whole).await?);
        }
        Ok(Outcome::Answers(answers))
    }

    async fn answer(&mut self, call: &str, body: Option<String>, whole: bool) -> Result<Answer> {
        let (request, response) = self.call(call, body, &Step::default()).await?;
        if response.status == 201 {
            self.symbols.define_created(&response.body);
        }
        Ok(Answer::new(&request, &response, whole, &self.symbols))
    }

    /// Makes a call that must succeed.
    async fn prepare(&mut self, step: &Step) -> Result<()> {
        let call = self.symbols.resolve_path(&step.call)?;
        let body = step.body.as_ref().map(|body| self.symbols.resolve(body)).transpose().map(as_text)?;
        for number in 0..step.times.max(1) {
            let numbered =
                |body: &String| if step.times > 0 { body.replace('#', &format!("{number:03}")) } else { body.clone() };
            let body = body.as_ref().map(numbered);
            let (_, response) = self.call(&call, body, step).await?;
            ensure!((200..300).contains(&response.status), "{} {}", response.status, response.body);
            for (symbol, pointer) in &step.defines {
                let row = response.body.pointer(pointer).with_context(|| format!("{symbol}: nothing at {pointer}"))?;
                self.symbols.define(symbol, row)?;
            }
        }
        Ok(())
    }

    async fn call(&mut self, call: &str, body: Option<String>, step: &Step) -> Result<(Request, Response)> {
        let (method, path) = call.split_once(' ').with_context(|| format!("{call} is no method and path"))?;
        let headers = step.headers.clone();
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body };
        let response = self.server.call(request.clone()).await.with_context(|| call.to_owned())?;
        Ok((request, response))
    }
}

fn as_text(body: Option<Value>) -> Option<String> {
    body.map(|body| body.to_string())
}
