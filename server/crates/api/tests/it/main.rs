//! What must hold of the whole surface: seen from outside, through the table of routes and the real router.

mod contract;
