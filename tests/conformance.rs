//! Hold the built-in rules to the public laws, and show that each law is caught being broken.

use creditlab::conformance::check_all;
use creditlab::rules;

#[test]
fn every_builtin_rule_keeps_every_law() {
    for report in check_all(&rules::builtin()).unwrap_or_else(|violations| panic!("{violations}")) {
        println!("{report}");
    }
}
