//! Sign-ins through an OpenID Connect provider.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use identity::{Callback, Confirmed, ProviderError, ProviderIcon, ProviderKind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    fake_provider::Answer,
    sign_in::{CLIENT_ID, METADATA, NOW, OidcSignIn, attempt, metadata, now, providers, query, with_code},
    signing_key::{KEY, SigningKey, base64url, unsigned},
};

/// Why an answer was rejected.
fn bad(result: Result<Confirmed, ProviderError>) -> &'static str {
    match result {
        Err(ProviderError::BadAnswer(reason)) => reason,
        other => panic!("not rejected: {other:?}"),
    }
}

#[tokio::test]
async fn a_good_answer_confirms_the_account() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    let confirmed = sign_in.confirm(&claims).await.unwrap();
    assert_eq!((confirmed.account.provider(), confirmed.account.subject()), (&*sign_in.fake.url, "12345"));
    assert_eq!(confirmed.email.unwrap().as_str(), "ann@example.org");
    assert!(confirmed.email_verified);
    assert_eq!((confirmed.label.as_deref(), confirmed.name.as_deref()), (Some("ann@example.org"), Some("Ann Lee")));
}

#[tokio::test]
async fn the_browser_is_sent_with_state_nonce_and_challenge() {
    let sign_in = OidcSignIn::start().await;
    let provider = sign_in.provider();
    assert_eq!((provider.issuer(), provider.host()), (&*sign_in.fake.url, "127.0.0.1"));
    assert_eq!((provider.icon_kind(), provider.label()), (ProviderIcon::Other, "Company"));
    let url = provider.authorization_url(&attempt()).await.unwrap();
    assert!(url.as_str().starts_with(&format!("{}/authorize?", sign_in.fake.url)), "{url}");
    let sent = query(&url);
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "https://provost.example.org/auth/callback/company"),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("state", &base64url([2; 32])),
    ];
    for (name, value) in expected {
        assert_eq!(sent[name], value, "{name}");
    }
    assert_eq!(sent["nonce"].len(), 43);
    assert_eq!(sign_in.fake.received(METADATA).len(), 1);
}

#[tokio::test]
async fn the_code_is_exchanged_with_the_verifier() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    sign_in.confirm(&claims).await.unwrap();
    let url = sign_in.provider().authorization_url(&attempt()).await.unwrap();
    let [request] = &sign_in.fake.received("/token")[..] else { panic!("not one request") };
    assert_eq!((&*request.form["grant_type"], &*request.form["code"]), ("authorization_code", "the code"));
    assert_eq!(request.form["redirect_uri"], "https://provost.example.org/auth/callback/company");
    assert_eq!(base64url(Sha256::digest(&request.form["code_verifier"])), query(&url)["code_challenge"]);
    let credentials = format!("Basic {}", BASE64_STANDARD.encode("client+one:s3cr3t%26"));
    assert_eq!(request.authorization.as_deref(), Some(&*credentials));
    let agent = request.user_agent.as_deref().unwrap();
    assert!(agent.starts_with("provost/"), "{agent}");
}

#[tokio::test]
async fn the_secret_is_sent_in_the_body_if_the_provider_wants_so() {
    let sign_in = OidcSignIn::start().await;
    let mut document = metadata(&sign_in.fake.url);
    document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    sign_in.fake.json(METADATA, document);
    let claims = sign_in.claims().await;
    sign_in.confirm(&claims).await.unwrap();
    let [request] = &sign_in.fake.received("/token")[..] else { panic!("not one request") };
    assert_eq!((&*request.form["client_secret"], request.authorization.as_deref()), ("s3cr3t&", None));
}

#[tokio::test]
async fn google_is_a_provider_with_its_own_icon() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    let google = providers(ProviderKind::Google { issuer: sign_in.fake.url.parse().unwrap() });
    let tokens = json!({ "access_token": "a", "token_type": "Bearer", "id_token": KEY.sign(&claims) });
    sign_in.fake.json("/token", tokens);
    let [provider] = google.all() else { panic!("not one provider") };
    assert_eq!(provider.icon_kind(), ProviderIcon::Google);
    assert!(provider.confirm(&with_code(), &attempt(), now()).await.is_ok());
    assert!(google.get("Company").is_none());
}

#[tokio::test]
async fn each_signature_algorithm_is_verified() {
    for key in [SigningKey::rsa("rsa"), SigningKey::ecdsa("ecdsa"), SigningKey::ed25519("ed25519", 2)] {
        let sign_in = OidcSignIn::start().await;
        sign_in.publish(&[&*KEY, &key]);
        let token = key.sign(&sign_in.claims().await);
        assert!(sign_in.confirm_token(&token).await.is_ok(), "{}", key.algorithm());
        assert_eq!(bad(sign_in.confirm_token(&tampered(&token)).await), "the signature of the ID token is not valid");
    }
}

/// The token with another subject and the same signature.
fn tampered(token: &str) -> String {
    let [header, payload, signature] = &token.split('.').collect::<Vec<_>>()[..] else { panic!("not a token") };
    let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    let payload = String::from_utf8(payload).unwrap().replace("12345", "12346");
    format!("{header}.{}.{signature}", base64url(payload))
}

#[tokio::test]
async fn a_token_without_a_provider_key_is_rejected() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    let algorithm = "the ID token is not signed with an allowed algorithm";
    assert_eq!(bad(sign_in.confirm_token(&unsigned(&claims)).await), algorithm);
    assert_eq!(bad(sign_in.confirm_token(&KEY.sign_with_public_key(&claims)).await), algorithm);
    let forged = SigningKey::ed25519("first", 9).sign(&claims);
    assert_eq!(bad(sign_in.confirm_token(&forged).await), "the signature of the ID token is not valid");
    for text in ["", "a.b.c", "not a token"] {
        assert_eq!(bad(sign_in.confirm_token(text).await), "the ID token can’t be read", "{text:?}");
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_is_rejected() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    let slash = format!("{}/", sign_in.fake.url);
    let cases = [
        ("iss", json!("https://accounts.example.org"), "the ID token is from another issuer"),
        ("iss", json!(slash), "the ID token is from another issuer"),
        ("aud", json!("another"), "the ID token is for another client"),
        ("aud", json!([CLIENT_ID, "another"]), "the ID token is for another client"),
        ("azp", json!("another"), "the ID token was issued to another client"),
        ("nonce", json!("another"), "the ID token is for another sign-in"),
        ("nonce", Value::Null, "the ID token is for another sign-in"),
        ("exp", json!(NOW - 60), "the ID token has expired"),
        ("sub", json!(""), "the ID token contains no usable subject"),
        ("sub", json!("ä"), "the ID token contains no usable subject"),
    ];
    for (name, value, reason) in cases {
        let mut claims = claims.clone();
        claims[name] = value.clone();
        assert_eq!(bad(sign_in.confirm(&claims).await), reason, "{name}: {value}");
    }
    for (name, value) in [("aud", json!([CLIENT_ID])), ("azp", json!(CLIENT_ID)), ("exp", json!(NOW - 59))] {
        let mut claims = claims.clone();
        claims[name] = value.clone();
        assert!(sign_in.confirm(&claims).await.is_ok(), "{name}: {value}");
    }
}

#[tokio::test]
async fn only_a_json_true_verifies_an_address() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    for verified in [json!("true"), json!("false"), json!(false), Value::Null] {
        let mut claims = claims.clone();
        claims["email_verified"] = verified.clone();
        let confirmed = sign_in.confirm(&claims).await.unwrap();
        assert!(confirmed.email.is_some() && !confirmed.email_verified, "{verified}");
    }
}

#[tokio::test]
async fn the_issuer_of_the_answer_must_be_the_provider() {
    let sign_in = OidcSignIn::start().await;
    let token = KEY.sign(&sign_in.claims().await);
    let from = |iss: &str| Callback { iss: Some(iss.to_owned()), ..with_code() };
    let other = "https://accounts.example.org";
    assert_eq!(bad(sign_in.confirm_answer(&from(other), &token).await), "it comes from another issuer");
    assert!(sign_in.fake.received("/token").is_empty(), "the code was sent");
    assert!(sign_in.confirm_answer(&from(&sign_in.fake.url), &token).await.is_ok());
    let denied = Callback { error: Some("access_denied".to_owned()), ..from(other) };
    assert_eq!(bad(sign_in.confirm_answer(&denied, &token).await), "it comes from another issuer");
}

#[tokio::test]
async fn a_provider_that_names_itself_must_do_so() {
    let sign_in = OidcSignIn::start().await;
    let mut document = metadata(&sign_in.fake.url);
    document["authorization_response_iss_parameter_supported"] = true.into();
    sign_in.fake.json(METADATA, document);
    let token = KEY.sign(&sign_in.claims().await);
    assert_eq!(bad(sign_in.confirm_token(&token).await), "it does not name its issuer");
    let named = Callback { iss: Some(sign_in.fake.url.clone()), ..with_code() };
    assert!(sign_in.confirm_answer(&named, &token).await.is_ok());
}

#[tokio::test]
async fn new_keys_are_fetched_at_most_once_a_minute() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    let (second, third) = (SigningKey::ed25519("second", 2), SigningKey::ed25519("third", 3));
    sign_in.publish(&[&second]);
    assert!(sign_in.confirm_token(&second.sign(&claims)).await.is_ok());
    assert_eq!(sign_in.fake.received("/keys").len(), 2);

    sign_in.publish(&[&third]);
    let unknown = "the ID token is signed with an unknown key";
    assert_eq!(bad(sign_in.confirm_token(&third.sign(&claims)).await), unknown);
    assert_eq!(sign_in.fake.received("/keys").len(), 2);
    pass(Duration::from_secs(61)).await;
    assert!(sign_in.confirm_token(&third.sign(&claims)).await.is_ok());
    assert_eq!(bad(sign_in.confirm_token(&second.sign(&claims)).await), unknown);
    assert_eq!(sign_in.fake.received("/keys").len(), 3);
}

#[tokio::test]
async fn metadata_is_fetched_again_after_an_hour() {
    let sign_in = OidcSignIn::start().await;
    let claims = sign_in.claims().await;
    sign_in.confirm(&claims).await.unwrap();
    assert_eq!(sign_in.fake.received(METADATA).len(), 1);
    pass(Duration::from_secs(60 * 60)).await;
    sign_in.confirm(&claims).await.unwrap();
    assert_eq!(sign_in.fake.received(METADATA).len(), 2);
}

/// Moves the clock.
async fn pass(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_missing_address_is_read_from_userinfo() {
    let sign_in = OidcSignIn::start().await;
    let mut claims = sign_in.claims().await;
    claims["email"] = Value::Null;
    let userinfo = |sub: &str| json!({ "sub": sub, "email": "bea@example.org", "email_verified": true });
    sign_in.fake.json("/userinfo", userinfo("12345"));
    let confirmed = sign_in.confirm(&claims).await.unwrap();
    assert_eq!((confirmed.email.unwrap().as_str(), confirmed.email_verified), ("bea@example.org", true));
    let [request] = &sign_in.fake.received("/userinfo")[..] else { panic!("not one request") };
    assert_eq!(request.authorization.as_deref(), Some("Bearer the access token"));

    sign_in.fake.json("/userinfo", userinfo("12346"));
    assert_eq!(bad(sign_in.confirm(&claims).await), "the userinfo endpoint describes another account");
    sign_in.fake.json("/userinfo", json!({ "sub": "12345", "preferred_username": "bea" }));
    let confirmed = sign_in.confirm(&claims).await.unwrap();
    assert_eq!((confirmed.email, confirmed.email_verified), (None, false));
    assert_eq!(confirmed.label.as_deref(), Some("bea"));
    sign_in.fake.answer("/userinfo", Answer::Json(403, json!({})));
    assert_eq!(sign_in.confirm(&claims).await.unwrap().label, None);
}

#[tokio::test]
async fn an_error_of_the_provider_is_passed_on() {
    let sign_in = OidcSignIn::start().await;
    sign_in.claims().await;
    let error = json!({ "error": "invalid_grant", "error_description": "the code has expired" });
    for status in [400, 200] {
        sign_in.fake.answer("/token", Answer::Json(status, error.clone()));
        let result = sign_in.provider().confirm(&with_code(), &attempt(), now()).await;
        assert_eq!(result, Err(ProviderError::Answered { error: "invalid_grant".to_owned() }), "{status}");
    }
    for document in [json!({}), json!([]), json!({ "access_token": "a", "token_type": "Bearer" })] {
        sign_in.fake.json("/token", document.clone());
        let result = sign_in.provider().confirm(&with_code(), &attempt(), now()).await;
        assert!(matches!(result, Err(ProviderError::BadAnswer(_))), "{document}: {result:?}");
    }
    let denied = Callback { error: Some("access_denied".to_owned()), ..Callback::default() };
    assert_eq!(sign_in.provider().confirm(&denied, &attempt(), now()).await, Err(ProviderError::Denied));
}

#[tokio::test]
async fn untrustworthy_metadata_is_rejected() {
    let another = "its metadata names another issuer";
    let cases = [
        ("issuer", json!("https://accounts.example.org"), another),
        ("issuer", Value::Null, "its metadata or keys can’t be read"),
        ("token_endpoint", Value::Null, "its metadata names no token endpoint"),
        ("jwks_uri", json!("http://keys.example.org"), "it names a URL that does not begin with https://"),
        ("authorization_endpoint", json!("javascript:a"), "its authorization endpoint does not begin with https://"),
    ];
    for (name, value, reason) in cases {
        let sign_in = OidcSignIn::start().await;
        let mut document = metadata(&sign_in.fake.url);
        document[name] = value.clone();
        sign_in.fake.json(METADATA, document);
        let result = sign_in.provider().authorization_url(&attempt()).await;
        assert_eq!(result, Err(ProviderError::BadAnswer(reason)), "{name}: {value}");
    }
    let sign_in = OidcSignIn::start().await;
    let mut document = metadata(&sign_in.fake.url);
    document["issuer"] = format!("{}/", sign_in.fake.url).into();
    sign_in.fake.json(METADATA, document);
    let result = sign_in.provider().authorization_url(&attempt()).await;
    assert_eq!(result, Err(ProviderError::BadAnswer(another)));
}
