use crate::is_root;
use ovs_pnet::{Error, Namespace, interface, netns};
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn a_namespace_is_apart() {
    if !is_root() {
        return;
    }
    let namespace = Namespace::new().unwrap();
    let before = interface::list().unwrap();
    let there = namespace
        .run(|| {
            interface::add_veth("here", "there").unwrap();
            interface::list().unwrap()
        })
        .unwrap();
    assert_eq!(there, ["lo", "there", "here"]);
    assert_eq!(interface::list().unwrap(), before, "the calling thread has not moved");
    assert!(!interface::exists("here"));

    let panic = catch_unwind(AssertUnwindSafe(|| namespace.run(|| panic!("on purpose"))));
    assert_eq!(*panic.unwrap_err().downcast_ref::<&str>().unwrap(), "on purpose");

    let same = Namespace::of_pid(std::process::id()).unwrap();
    assert_eq!(same.run(|| interface::list().unwrap()).unwrap(), before);
    let error = Namespace::named("there-is-none").unwrap_err().to_string();
    assert!(error.contains("/var/run/netns/there-is-none"), "{error}");
    assert!(matches!(Namespace::named("../x"), Err(Error::InvalidName { .. })));
}

#[test]
fn addresses() {
    if !is_root() {
        return;
    }
    let v6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    let namespace = Namespace::new().unwrap();
    namespace
        .run(|| {
            interface::add_veth("a", "b").unwrap();
            for name in ["a", "b", "lo"] {
                interface::set_up(name).unwrap();
            }
            for _ in 0..2 {
                interface::add_ipv4("a", Ipv4Addr::new(192, 0, 2, 1), 24).unwrap();
                interface::add_ipv4("a", Ipv4Addr::new(198, 51, 100, 1), 32).unwrap();
                interface::add_ipv6("a", v6, 64).unwrap();
            }
            UdpSocket::bind("192.0.2.1:0").unwrap();
            UdpSocket::bind("198.51.100.1:0").unwrap();
            UdpSocket::bind((v6, 0)).unwrap();
            assert!(interface::add_ipv4("a", Ipv4Addr::LOCALHOST, 33).is_err());
            interface::delete("b").unwrap();
            assert_eq!(interface::list().unwrap(), ["lo"]);
            let error = interface::set_up("b").unwrap_err().to_string();
            assert_eq!(error, "there is no interface named \"b\"; interfaces here: lo");
        })
        .unwrap();
}

#[test]
fn a_program_with_threads_stays_what_it_is() {
    let Err(error) = netns::enter_user_namespace() else {
        panic!("the harness has threads, so it must fail");
    };
    assert!(error.to_string().contains("before the program has threads"), "{error}");
}
