//! Interfaces of the kernel: what demos and tests must set up around a switch, without the `ip` tool.
//!
//! Everything here is about the network namespace of the calling thread;
//! [`Namespace::run`] leads into another.

use crate::netlink::Request;
use crate::sys::ioctl::{self, InterfaceCall, InterfaceRequest};
use crate::sys::socket;
use crate::{Error, Namespace};
use ovs_core::Mac;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

const ADMIN: &str = "CAP_NET_ADMIN";

/// The names of all interfaces.
///
/// # Errors
/// If the kernel does not tell.
pub fn list() -> Result<Vec<String>, Error> {
    ioctl::names().map_err(|source| {
        Error::of_interface("listing the interfaces of", "this namespace", ADMIN, source)
    })
}

/// The index of an interface, a positive number that stays the same when it is renamed.
///
/// # Errors
/// If there is no such interface.
pub fn index(name: &str) -> Result<u32, Error> {
    check_name(name)?;
    ioctl::index(name).map_err(|source| Error::of_interface("finding", name, ADMIN, source))
}

/// Is there an interface of this name?
pub fn exists(name: &str) -> bool {
    index(name).is_ok()
}

/// Is the interface set up? It may still have no carrier.
///
/// # Errors
/// If there is no such interface.
pub fn is_up(name: &str) -> Result<bool, Error> {
    with("asking the state of", name, |control| control.is_up(name))
}

/// Sets an interface up.
///
/// # Errors
/// If there is no such interface, or it is not permitted.
pub fn set_up(name: &str) -> Result<(), Error> {
    with("setting up", name, |control| control.set_up(name, true))
}

/// Sets an interface down.
///
/// # Errors
/// If there is no such interface, or it is not permitted.
pub fn set_down(name: &str) -> Result<(), Error> {
    with("setting down", name, |control| control.set_up(name, false))
}

/// The longest payload of an interface's frames (MTU), in bytes.
///
/// # Errors
/// If there is no such interface.
pub fn mtu(name: &str) -> Result<u32, Error> {
    with("asking the MTU of", name, |control| control.mtu(name))
}

/// Sets the longest payload of an interface's frames (MTU), in bytes.
///
/// # Errors
/// If there is no such interface, it cannot have this MTU, or it is not permitted.
pub fn set_mtu(name: &str, mtu: u32) -> Result<(), Error> {
    with("setting the MTU of", name, |control| control.set_mtu(name, mtu))
}

/// The Ethernet address of an interface; all zeros for the loopback.
///
/// # Errors
/// If there is no such interface, or it has no Ethernet address.
pub fn mac(name: &str) -> Result<Mac, Error> {
    let (hardware_type, mac) =
        with("asking the address of", name, |control| control.hardware(name))?;
    check_ethernet(name, hardware_type)?;
    Ok(mac)
}

/// Sets the Ethernet address of an interface. Some have to be set down first.
///
/// # Errors
/// If there is no such interface, it cannot have this address, or it is not permitted.
pub fn set_mac(name: &str, mac: Mac) -> Result<(), Error> {
    with("setting the Ethernet address of", name, |control| {
        let mut request = InterfaceRequest::new(name);
        let mut address = [0; 8];
        let [family @ .., _, _, _, _, _, _] = &mut address;
        *family = libc::ARPHRD_ETHER.to_ne_bytes();
        let [_, _, bytes @ ..] = &mut address;
        *bytes = mac.0;
        request.set(&address);
        control.call(InterfaceCall::SetHardwareAddress, &mut request)
    })
}

/// Gives an interface an IPv4 address with a prefix of `prefix` bits, if it does not have it already.
/// The kernel adds the route to this subnet once the interface is up.
///
/// # Errors
/// If there is no such interface, the prefix is longer than 32 bits, or it is not permitted.
pub fn add_ipv4(name: &str, address: Ipv4Addr, prefix: u8) -> Result<(), Error> {
    add_address(name, address.into(), prefix)
}

/// Gives an interface an IPv6 address with a prefix of `prefix` bits, if it does not have it already.
/// It can be used at once: whether another host has it is not detected (RFC 4862 §5.4).
///
/// # Errors
/// If there is no such interface, the prefix is longer than 128 bits, or it is not permitted.
pub fn add_ipv6(name: &str, address: Ipv6Addr, prefix: u8) -> Result<(), Error> {
    add_address(name, address.into(), prefix)
}

fn add_address(name: &str, address: IpAddr, prefix: u8) -> Result<(), Error> {
    let index = index(name)?;
    let (family, flags, bytes) = match address {
        IpAddr::V4(address) => (libc::AF_INET, 0, address.octets().to_vec()),
        IpAddr::V6(address) => (libc::AF_INET6, libc::IFA_F_NODAD as u8, address.octets().to_vec()),
    };
    let mut request = Request::new(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_REPLACE);
    // `struct ifaddrmsg`: family, prefix length, flags, scope (universe), index.
    request.put(&[family as u8, prefix, flags, libc::RT_SCOPE_UNIVERSE]).put(&index.to_ne_bytes());
    request.attribute(libc::IFA_LOCAL, &bytes).attribute(libc::IFA_ADDRESS, &bytes);
    request
        .send()
        .map_err(|source| Error::of_interface("giving an address to", name, ADMIN, source))
}

/// Makes two virtual Ethernet interfaces, down, that are connected by a wire: veth(4).
///
/// # Errors
/// If a name cannot be had, or it is not permitted.
pub fn add_veth(name: &str, peer: &str) -> Result<(), Error> {
    check_name(name)?;
    check_name(peer)?;
    let mut request = Request::new(libc::RTM_NEWLINK, libc::NLM_F_CREATE | libc::NLM_F_EXCL);
    request.put(&[0; LINK]).attribute(libc::IFLA_IFNAME, &terminated(name));
    request.nest(libc::IFLA_LINKINFO, |request| {
        request.attribute(libc::IFLA_INFO_KIND, b"veth\0");
        request.nest(libc::IFLA_INFO_DATA, |request| {
            request.nest(VETH_INFO_PEER, |request| {
                request.put(&[0; LINK]).attribute(libc::IFLA_IFNAME, &terminated(peer));
            });
        });
    });
    request.send().map_err(|source| Error::of_interface("making the veth", name, ADMIN, source))
}

/// Deletes an interface; the peer of a veth goes with it.
///
/// # Errors
/// If there is no such interface, it cannot be deleted, or it is not permitted.
pub fn delete(name: &str) -> Result<(), Error> {
    let mut request = Request::new(libc::RTM_DELLINK, 0);
    request
        .put(&link(index(name)?))
        .send()
        .map_err(|source| Error::of_interface("deleting", name, ADMIN, source))
}

/// Moves an interface to another network namespace, where it is down and has no address.
///
/// # Errors
/// If there is no such interface, it cannot be moved, or it is not permitted.
pub fn move_to(name: &str, namespace: &Namespace) -> Result<(), Error> {
    let descriptor = namespace.as_fd().as_raw_fd();
    let mut request = Request::new(libc::RTM_NEWLINK, 0);
    request.put(&link(index(name)?)).attribute(libc::IFLA_NET_NS_FD, &descriptor.to_ne_bytes());
    request.send().map_err(|source| Error::of_interface("moving", name, ADMIN, source))
}

/// Bytes of `struct ifinfomsg`.
const LINK: usize = 16;

/// From linux/veth.h.
const VETH_INFO_PEER: u16 = 1;

/// A `struct ifinfomsg` that names an interface by its index.
fn link(index: u32) -> [u8; LINK] {
    let mut link = [0; LINK];
    let [_, _, _, _, field @ .., _, _, _, _, _, _, _, _] = &mut link;
    *field = index.to_ne_bytes();
    link
}

fn terminated(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// Can an interface have this name (`dev_valid_name` of the kernel)?
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let why = match name {
        "" => "the name is empty",
        "." | ".." => "the name means a directory",
        _ if name.len() >= libc::IFNAMSIZ => "the name is longer than 15 bytes",
        _ if name.contains('/') => "there is a slash in it",
        _ if name.contains(':') => "there is a colon in it",
        _ if name.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            "there is a blank or control character in it"
        }
        _ => return Ok(()),
    };
    Err(Error::InvalidName { name: name.to_string(), why })
}

/// Does this hardware type (`ARPHRD_…`) carry Ethernet frames?
pub(crate) fn check_ethernet(name: &str, hardware_type: u16) -> Result<(), Error> {
    match hardware_type {
        libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => Ok(()),
        _ => Err(Error::NotEthernet { name: name.to_string(), hardware_type }),
    }
}

/// Does something by a new [`Control`].
fn with<T>(
    attempt: &str,
    name: &str,
    call: impl FnOnce(&Control) -> io::Result<T>,
) -> Result<T, Error> {
    check_name(name)?;
    let result = Control::new().and_then(|control| call(&control));
    result.map_err(|source| Error::of_interface(attempt, name, ADMIN, source))
}

/// A socket to ask for and set properties of interfaces by, always in the network namespace where
/// it was made.
#[derive(Debug)]
pub(crate) struct Control(OwnedFd);

impl Control {
    pub(crate) fn new() -> io::Result<Self> {
        // Any kind of socket does; this one every kernel has.
        socket::open(libc::AF_UNIX, libc::SOCK_DGRAM, 0).map(Self)
    }

    fn call(&self, call: InterfaceCall, request: &mut InterfaceRequest) -> io::Result<()> {
        ioctl::interface(self.0.as_fd(), call, request)
    }

    fn flags(&self, name: &str) -> io::Result<u16> {
        let mut request = InterfaceRequest::new(name);
        self.call(InterfaceCall::GetFlags, &mut request)?;
        Ok(u16::from_ne_bytes(request.get()))
    }

    pub(crate) fn is_up(&self, name: &str) -> io::Result<bool> {
        Ok(self.flags(name)? & libc::IFF_UP as u16 != 0)
    }

    /// Sets the interface up or down; asks nothing of the kernel if it is so already.
    pub(crate) fn set_up(&self, name: &str, up: bool) -> io::Result<()> {
        let before = self.flags(name)?;
        let up_flag = libc::IFF_UP as u16;
        let flags = if up { before | up_flag } else { before & !up_flag };
        if flags == before {
            return Ok(());
        }
        let mut request = InterfaceRequest::new(name);
        request.set(&flags.to_ne_bytes());
        self.call(InterfaceCall::SetFlags, &mut request)
    }

    pub(crate) fn mtu(&self, name: &str) -> io::Result<u32> {
        let mut request = InterfaceRequest::new(name);
        self.call(InterfaceCall::GetMtu, &mut request)?;
        Ok(u32::from_ne_bytes(request.get()))
    }

    pub(crate) fn set_mtu(&self, name: &str, mtu: u32) -> io::Result<()> {
        let mut request = InterfaceRequest::new(name);
        request.set(&mtu.to_ne_bytes());
        self.call(InterfaceCall::SetMtu, &mut request)
    }

    /// Hardware type (`ARPHRD_…`) and address.
    pub(crate) fn hardware(&self, name: &str) -> io::Result<(u16, Mac)> {
        let mut request = InterfaceRequest::new(name);
        self.call(InterfaceCall::GetHardwareAddress, &mut request)?;
        let [t0, t1, mac @ ..] = request.get::<8>();
        Ok((u16::from_ne_bytes([t0, t1]), Mac(mac)))
    }
}
