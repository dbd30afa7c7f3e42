//! The IP address of the client, which may be behind proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use identity::ClientIp;
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Adds a [`ClientIp`] to the request's extensions. A layer for `axum::middleware::from_fn_with_state`.
pub async fn insert_client_ip(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client_ip = client_ip(peer.ip(), request.headers(), &trusted);
        request.extensions_mut().insert(ClientIp(client_ip));
    }
    next.run(request).await
}

/// The last hop that is no trusted proxy. The header is read from its end, because a client can forge its beginning.
fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(&ip.to_canonical()));
    let hops = headers.get_all(X_FORWARDED_FOR).iter().rev().filter_map(|value| value.to_str().ok());
    let mut hops = hops.flat_map(|value| value.rsplit(','));
    let mut client = peer.to_canonical();
    while is_trusted(client) {
        // The header ends here, or the hop is not an address.
        let Some(hop) = hops.next().and_then(parse_hop) else { break };
        client = hop.to_canonical();
    }
    client
}

/// The address of a hop; some proxies append the port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(|| hop.parse().ok().map(|hop: SocketAddr| hop.ip())).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{X_FORWARDED_FOR, client_ip};

    fn client_of(peer: &str, forwarded: &[&'static str]) -> String {
        let headers: HeaderMap = forwarded.iter().map(|value| (X_FORWARDED_FOR, value.parse().unwrap())).collect();
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client_ip(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(client_of("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn trusted_proxies_are_skipped_from_the_end() {
        assert_eq!(client_of("10.0.0.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client_of("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client_of("fd00::1", &["203.0.113.9", "198.51.100.7,10.0.0.2"]), "198.51.100.7");
        assert_eq!(client_of("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        for with_port in ["198.51.100.7:51234", "[2001:db8::1]:51234", "[2001:db8::1]"] {
            let expected = if with_port.starts_with('[') { "2001:db8::1" } else { "198.51.100.7" };
            assert_eq!(client_of("10.0.0.1", &[with_port]), expected);
        }
    }

    #[test]
    fn without_a_usable_header_the_last_known_hop_is_the_client() {
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.7, unknown"]), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.7, unknown, 10.0.0.3"]), "10.0.0.3");
    }
}
