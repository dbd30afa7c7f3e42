//! The server's own parts through real sockets, and the program as it is typed.

#[cfg(test)]
mod administration;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod program;
