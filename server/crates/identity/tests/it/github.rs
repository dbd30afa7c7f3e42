//! Sign-ins through GitHub.

use identity::{Confirmed, ProviderError, ProviderIcon, ProviderKind, Providers};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    fake_provider::{Answer, FakeProvider},
    sign_in::{CLIENT_ID, attempt, now, providers, query, with_code},
    signing_key::base64url,
};

async fn start() -> (FakeProvider, Providers) {
    let fake = FakeProvider::start().await;
    let tokens = json!({ "access_token": "gho_1", "token_type": "bearer", "scope": "read:user,user:email" });
    fake.json("/login/oauth/access_token", tokens);
    fake.json(
        "/api/v3/user",
        json!({ "id": 583_231, "login": "ann", "name": "Ann Lee", "email": "public@example.org" }),
    );
    fake.json("/api/v3/user/emails", json!([address("ann@example.org", true, true)]));
    let api_url = format!("{}/api/v3/", fake.url).parse().unwrap();
    let providers = providers(ProviderKind::GitHub { base_url: fake.url.parse().unwrap(), api_url });
    (fake, providers)
}

fn address(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
}

async fn confirm(providers: &Providers) -> Result<Confirmed, ProviderError> {
    providers.get("company").unwrap().confirm(&with_code(), &attempt(), now()).await
}

#[tokio::test]
async fn github_confirms_the_account_by_its_id() {
    let (fake, providers) = start().await;
    let confirmed = confirm(&providers).await.unwrap();
    assert_eq!((confirmed.account.provider(), confirmed.account.subject()), (&*fake.url, "583231"));
    assert_eq!((confirmed.label.as_deref(), confirmed.name.as_deref()), (Some("ann"), Some("Ann Lee")));
    assert_eq!((confirmed.email.unwrap().as_str(), confirmed.email_verified), ("ann@example.org", true));
    for path in ["/api/v3/user", "/api/v3/user/emails"] {
        assert_eq!(fake.received(path)[0].authorization.as_deref(), Some("Bearer gho_1"));
    }
}

#[tokio::test]
async fn github_is_asked_with_challenge_and_verifier() {
    let (fake, providers) = start().await;
    let provider = providers.get("company").unwrap();
    assert_eq!((provider.icon_kind(), provider.issuer()), (ProviderIcon::GitHub, &*fake.url));
    let url = provider.authorization_url(&attempt()).await.unwrap();
    assert!(url.as_str().starts_with(&format!("{}/login/oauth/authorize?", fake.url)), "{url}");
    let sent = query(&url);
    assert_eq!((&*sent["scope"], &*sent["client_id"]), ("read:user user:email", CLIENT_ID));
    confirm(&providers).await.unwrap();
    let [request] = &fake.received("/login/oauth/access_token")[..] else { panic!("not one request") };
    assert_eq!(base64url(Sha256::digest(&request.form["code_verifier"])), sent["code_challenge"]);
    assert_eq!((&*request.form["client_id"], &*request.form["client_secret"]), (CLIENT_ID, "s3cr3t&"));
}

#[tokio::test]
async fn only_the_primary_verified_address_of_github_counts() {
    let (fake, providers) = start().await;
    let lists = [
        json!([address("ann@example.org", true, false), address("b@example.org", false, true)]),
        json!([{ "email": "ann@example.org", "primary": true, "verified": "true" }]),
        json!([{ "primary": true, "verified": true }]),
        json!([]),
    ];
    for list in lists {
        fake.json("/api/v3/user/emails", list.clone());
        let confirmed = confirm(&providers).await.unwrap();
        assert_eq!((confirmed.email, confirmed.email_verified), (None, false), "{list}");
    }
    fake.answer("/api/v3/user/emails", Answer::Json(403, json!({ "message": "not accessible" })));
    assert_eq!(confirm(&providers).await.unwrap().email, None);
    let second = json!([address("a@example.org", false, true), address("ann@example.org", true, true)]);
    fake.json("/api/v3/user/emails", second);
    assert_eq!(confirm(&providers).await.unwrap().email.unwrap().as_str(), "ann@example.org");
}

#[tokio::test]
async fn an_answer_of_github_without_an_id_is_rejected() {
    let (fake, providers) = start().await;
    for id in [Value::Null, json!(0), json!(-1), json!("583231"), json!(1.5)] {
        fake.json("/api/v3/user", json!({ "id": id, "login": "ann" }));
        assert_eq!(confirm(&providers).await, Err(ProviderError::BadAnswer("the account has no id")), "{id}");
    }
}

#[tokio::test]
async fn an_error_of_github_comes_with_status_200() {
    let (fake, providers) = start().await;
    let error = json!({ "error": "bad_verification_code", "error_description": "The code is incorrect or expired." });
    fake.json("/login/oauth/access_token", error);
    let expected = ProviderError::Answered { error: "bad_verification_code".to_owned() };
    assert_eq!(confirm(&providers).await, Err(expected));
}
