//! The authorization code flow of OAuth 2.0 with PKCE, which all providers share.

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    answer::{ProviderError, answered, bad_answer},
    attempt::Attempt,
    http::HttpClient,
    settings::{ProviderSettings, Secret, is_protected},
};

/// The answer of a token endpoint.
pub type Tokens = StandardTokenResponse<IdTokenField, BasicTokenType>;

/// The field that OpenID Connect adds to the answer. The token is still a text here, to be verified.
#[derive(Deserialize, Serialize)]
pub struct IdTokenField {
    pub id_token: Option<String>,
}

impl std::fmt::Debug for IdTokenField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdTokenField(…)")
    }
}

impl ExtraTokenFields for IdTokenField {}

type Client<Authorization, Token> = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorization,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

/// Provost as a client of one provider.
#[derive(Clone, Debug)]
pub struct Registration {
    client_id: ClientId,
    client_secret: Secret,
    redirect_url: RedirectUrl,
}

/// The endpoints of a provider, and how a client proves there who it is.
pub struct Endpoints {
    pub authorization: AuthUrl,
    pub token: TokenUrl,
    pub auth_type: AuthType,
}

impl Registration {
    pub fn new(settings: &ProviderSettings, public_url: &str) -> Self {
        let redirect_url = format!("{}/auth/callback/{}", public_url.trim_end_matches('/'), settings.name);
        Self {
            client_id: ClientId::new(settings.client_id.clone()),
            client_secret: settings.client_secret.clone(),
            redirect_url: RedirectUrl::new(redirect_url).expect("the settings have checked the public URL"),
        }
    }

    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The URL to send the browser to. `extra` are further parameters.
    pub fn authorization_url(
        &self,
        endpoints: Endpoints,
        scopes: &[&str],
        attempt: &Attempt,
        extra: &[(&'static str, &str)],
    ) -> Result<Url, ProviderError> {
        let endpoint = endpoints.authorization.url();
        // A browser would run a URL such as `javascript:…`, and would send the state unencrypted to one with http.
        if !is_protected(endpoint) {
            return Err(bad_answer("its authorization endpoint does not begin with https://", endpoint.scheme()));
        }
        let client = self.client(endpoints);
        let verifier = PkceCodeVerifier::new(attempt.verifier().to_owned());
        let mut request = client
            .authorize_url(|| CsrfToken::new(attempt.state().to_owned()))
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for (name, value) in extra {
            request = request.add_extra_param(*name, (*value).to_owned());
        }
        Ok(request.url().0)
    }

    /// Exchanges a code for tokens.
    pub async fn exchange(
        &self,
        endpoints: Endpoints,
        code: &str,
        attempt: &Attempt,
        http: &HttpClient,
    ) -> Result<Tokens, ProviderError> {
        let client = self.client(endpoints);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier().to_owned()));
        request.request_async(http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => error,
            RequestTokenError::ServerResponse(response) => error_response(&response),
            // GitHub answers errors with status 200, where the library expects a token.
            RequestTokenError::Parse(error, body) => match serde_json::from_slice(&body) {
                Ok(response) => error_response(&response),
                Err(_) => bad_answer("the token endpoint sent no tokens", &format!("at {}", error.path())),
            },
            RequestTokenError::Other(text) => bad_answer("the token endpoint sent no tokens", &text),
        })
    }

    fn client(&self, endpoints: Endpoints) -> Client<EndpointSet, EndpointSet> {
        Client::<EndpointNotSet, EndpointNotSet>::new(self.client_id.clone())
            .set_client_secret(ClientSecret::new(self.client_secret.expose().to_owned()))
            .set_auth_type(endpoints.auth_type)
            .set_redirect_uri(self.redirect_url.clone())
            .set_auth_uri(endpoints.authorization)
            .set_token_uri(endpoints.token)
    }
}

fn error_response(response: &BasicErrorResponse) -> ProviderError {
    answered(response.error().as_ref(), response.error_description().map(String::as_str))
}
