//! An HTTP server on loopback that answers as a test has told it, and records what it was asked.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

/// What the server answers to requests of one path.
#[derive(Clone)]
pub enum Answer {
    Json(u16, Value),
    /// So many bytes of JSON white space.
    Large(usize),
    /// A redirect to another path.
    Redirect(&'static str),
    /// Nothing, for ever.
    Silence,
}

/// A request that the server has received.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub authorization: Option<String>,
    pub user_agent: Option<String>,
    /// The form in the body.
    pub form: HashMap<String, String>,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, Answer>,
    received: Vec<Received>,
}

/// The server. It stops with the runtime of its test.
pub struct FakeProvider {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl FakeProvider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                let service = service_fn(move |request| respond(request, shared.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, state }
    }

    /// From now on `path` is answered so.
    pub fn answer(&self, path: &str, answer: Answer) {
        self.state.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// From now on `path` is answered with this document.
    pub fn json(&self, path: &str, document: Value) {
        self.answer(path, Answer::Json(200, document));
    }

    /// The requests to `path` so far.
    pub fn received(&self, path: &str) -> Vec<Received> {
        self.state.lock().unwrap().received.iter().filter(|request| request.path == path).cloned().collect()
    }
}

async fn respond(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (authorization, user_agent) = (header("authorization"), header("user-agent"));
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    let answer = {
        let mut state = state.lock().unwrap();
        state.received.push(Received { path: path.clone(), authorization, user_agent, form });
        state.answers.get(&path).cloned()
    };
    let json = Response::builder().header("content-type", "application/json");
    Ok(match answer {
        Some(Answer::Json(status, document)) => json.status(status).body(document.to_string().into()).unwrap(),
        Some(Answer::Large(bytes)) => json.body(vec![b' '; bytes].into()).unwrap(),
        Some(Answer::Redirect(to)) => {
            Response::builder().status(302).header("location", to).body(Full::default()).unwrap()
        }
        Some(Answer::Silence) => std::future::pending().await,
        None => Response::builder().status(404).body("not found".into()).unwrap(),
    })
}
