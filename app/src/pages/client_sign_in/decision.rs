//! What the person decides, and how far it was carried out.

use leptos::{prelude::*, task::spawn_local};
use model::{api_key::ApiKey, client_callback::ClientCallback};

use super::{
    server::{Answer, ApproveClient, ApprovedKey},
    terminal,
};
use crate::{form::FormState, pages::api_keys::DeleteKey};

/// How long the client waits for an answer, in seconds.
const PATIENCE_SECONDS: f64 = 120.0;
/// What the client prints when the person has denied.
const REASON: &str = "The request was denied in the browser.";

/// What the page shows.
#[derive(Clone)]
pub enum Stage {
    /// The person has not decided.
    Asking,
    /// The client has the key.
    SignedIn(ApiKey),
    /// The key exists, and the client does not have it. `tried` if the browser tried to send it.
    Unsent { key: ApprovedKey, tried: bool },
    /// No key was created. `told` if the client knows.
    Denied { told: bool },
    /// The key that the client did not get was deleted.
    Deleted,
}

/// The actions of the page's forms, and what they returned.
#[derive(Clone, Copy)]
pub struct Actions {
    pub approve: ServerAction<ApproveClient>,
    pub approve_form: FormState,
    pub delete: ServerAction<DeleteKey>,
    pub delete_form: FormState,
}

impl Actions {
    /// Call it at the top of the page, as [`FormState::of`].
    pub fn new() -> Self {
        let (approve, delete) = (ServerAction::<ApproveClient>::new(), ServerAction::<DeleteKey>::new());
        Self { approve, approve_form: FormState::of(approve), delete, delete_form: FormState::of(delete) }
    }
}

/// The decision about one client.
#[derive(Clone, Copy)]
pub struct Decision {
    pub callback: ClientCallback,
    pub stage: RwSignal<Stage>,
    pub actions: Actions,
    /// Whether the browser is sending the key to the client.
    sending: RwSignal<bool>,
    /// Whether the browser is telling the client that the person has denied.
    denying: RwSignal<bool>,
}

impl Decision {
    /// The decision, which a form without a script may have made already.
    pub fn new(callback: ClientCallback, answer: Option<Answer>, actions: Actions) -> Self {
        let stage = RwSignal::new(match answer {
            None => Stage::Asking,
            Some(Answer::Approved(key)) => Stage::Unsent { key, tried: false },
            Some(Answer::Denied) => Stage::Denied { told: false },
        });
        let decision = Self { callback, stage, actions, sending: RwSignal::new(false), denying: RwSignal::new(false) };
        decision.follow_actions();
        decision
    }

    /// Sends a key as soon as it is created, and follows its deletion.
    fn follow_actions(self) {
        let Actions { approve, delete, .. } = self.actions;
        Effect::new(move |_| {
            if let Some(Ok(Ok(key))) = approve.value().get() {
                approve.clear();
                self.send(key);
            }
        });
        Effect::new(move |_| {
            if delete.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
                self.stage.set(Stage::Deleted);
            }
        });
    }

    /// Creates a key with this name, which is then sent.
    pub fn approve(self, name: String) {
        self.actions.approve.dispatch(ApproveClient { callback: self.callback.to_string(), name });
    }

    /// Sends the key to the client.
    pub fn send(self, key: ApprovedKey) {
        self.sending.set(true);
        spawn_local(async move {
            let secret = key.secret.clone().into_text();
            let taken = terminal::post(self.callback.success_url(), "api_key", secret).await;
            let stage = if taken { Stage::SignedIn(key.key) } else { Stage::Unsent { key, tried: true } };
            // The page may have been left meanwhile.
            self.sending.try_set(false);
            self.stage.try_set(stage);
        });
    }

    /// Tells the client that the person has denied. No key is created.
    pub fn deny(self) {
        self.denying.set(true);
        spawn_local(async move {
            let told = terminal::post(self.callback.failure_url(), "reason", REASON.to_owned()).await;
            self.denying.try_set(false);
            self.stage.try_set(Stage::Denied { told });
        });
    }

    /// Whether the key is being created or sent.
    pub fn is_approving(self) -> Signal<bool> {
        let is_created = self.actions.approve_form.is_pending();
        Signal::derive(move || is_created.get() || self.sending.get())
    }

    /// Whether the client is being told.
    pub fn is_denying(self) -> Signal<bool> {
        self.denying.into()
    }
}

/// How many seconds the client still waits, if the page was loaded so many seconds ago. The client opens the page at once, so it has
/// stopped waiting when none are left.
pub fn seconds_left(since_load: f64) -> f64 {
    (PATIENCE_SECONDS - since_load).max(0.0)
}
