//! The `mizzle` command.

use std::{
    io::{self, Write},
    process::ExitCode,
    thread,
};

#[global_allocator]
static MEMORY: mizzle::Memory = mizzle::Memory;

/// Runs the command line on a thread whose stack does not depend on the limits of the shell.
fn main() -> ExitCode {
    let run = || mizzle::run(&mizzle::Env::from_process());
    let running =
        thread::Builder::new().name("main".to_owned()).stack_size(mizzle::STACK).spawn(run);
    let exit = match running {
        // A panic of the thread has already been printed.
        Ok(running) => running.join().unwrap_or(mizzle::Exit::Failed),
        Err(error) => {
            // Standard error may be closed as well.
            let _ = writeln!(io::stderr(), "error: The system starts no more threads: {error}");
            mizzle::Exit::Failed
        }
    };
    exit.into()
}
