//! The server's own parts, through real sockets.

#[cfg(test)]
mod listener;
