//! Start the command line with the built-in rules.

fn main() -> std::process::ExitCode {
    creditlab::cli::main(creditlab::rules::builtin())
}
