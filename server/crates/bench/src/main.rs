//! The command line of `bench`. Must not know how a subcommand works.

mod answers;
mod benchmarks;
mod faults;
mod prove;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench", about = "Checks and measurements that take longer than tests")]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// Compare what Provost stores for clients with what the reference server has stored
    Prove(prove::Prove),
    /// Measure throughput
    Bench(benchmarks::Bench),
}

/// A subcommand with the defaults of all its arguments.
fn with_default_arguments<A: Args>() -> A {
    #[derive(Parser)]
    struct Defaults<A: Args> {
        #[command(flatten)]
        arguments: A,
    }
    Defaults::parse_from(["bench"]).arguments
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().program {
        Program::Prove(prove) => prove.run().await,
        Program::Bench(bench) => bench.run().await,
    }
}
