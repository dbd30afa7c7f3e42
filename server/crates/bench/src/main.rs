//! The programs of the bench, one a subcommand. Must not know how any of them works.

mod faults;
mod figures;
mod prove;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench", about = "Proofs and figures that take longer than tests")]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// Compare clients on this server with what the reference server has stored for them
    Prove(prove::Prove),
    /// Take figures
    Bench(figures::Bench),
}

/// A program as it is when nothing is asked of it in particular.
fn by_default<A: Args>() -> A {
    #[derive(Parser)]
    struct Alone<A: Args> {
        #[command(flatten)]
        arguments: A,
    }
    Alone::parse_from(["bench"]).arguments
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().program {
        Program::Prove(prove) => prove.run().await,
        Program::Bench(bench) => bench.run().await,
    }
}
