//! Network namespaces without root. A program of its own, because the process must have one thread.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use ovs_pnet::{Error, Namespace, PacketSocket, interface, netns};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Set in the process that is to do it.
const CHILD: &str = "OVS_PNET_WITHOUT_ROOT";

fn main() {
    if std::env::var_os(CHILD).is_some() {
        return without_root();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, "1");
    if netns::is_privileged() {
        // Nobody, as whom the test can only run if all may execute it.
        command.uid(65_534).gid(65_534);
    }
    let skipped = match command.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
            print!("{text}");
            text.contains("skipped: ")
        }
        Err(error) => {
            println!("skipped: another user may not run this test: {error}");
            true
        }
    };
    let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!skipped || !ci, "with CI=true it must not be skipped");
}

fn without_root() {
    assert!(!netns::is_privileged());
    assert!(matches!(Namespace::new(), Err(Error::NoPermission { .. })));
    match netns::enter_user_namespace() {
        Ok(()) => {}
        Err(error @ Error::UserNamespace { .. }) => return println!("skipped: {error}"),
        Err(other) => panic!("{other}"),
    }
    assert!(netns::is_privileged());
    let namespace = Namespace::new().unwrap();
    namespace
        .run(|| {
            interface::add_veth("a", "b").unwrap();
            interface::set_up("a").unwrap();
            PacketSocket::open("a").unwrap();
        })
        .unwrap();
    println!("without root: ok");
}
