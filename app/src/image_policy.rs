//! The part of the content security policy that says from where the document may load images.
//!
//! By default that is this server, and the document itself by `data:` URLs. Images of artifacts may be anywhere: the policy names another
//! server only in a document that a person opened to see such an image, and then only that server.

/// Lets the document that is being rendered load images from `origin`, a scheme and a host. Does nothing in the browser, where the
/// policy of the document is fixed.
#[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "used on the server only"))]
pub fn allow_images_from(origin: &str) {
    #[cfg(feature = "ssr")]
    crate::context::extend_policy("img-src", origin);
}
