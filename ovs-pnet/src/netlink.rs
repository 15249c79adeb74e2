//! Requests to the kernel by rtnetlink(7) that are answered with yes or an error.

use crate::sys::socket;
use std::io;
use std::os::fd::AsFd;

/// Bytes of `struct nlmsghdr`.
const HEADER: usize = 16;

/// A request in the making: a header, a structure of fixed size, attributes.
#[derive(Debug)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A request of type `kind` (`RTM_…`), with `flags` beyond those that every request has.
    pub(crate) fn new(kind: u16, flags: libc::c_int) -> Self {
        let flags = (flags | libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
        let mut bytes = vec![0; 4]; // the length comes last
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend([0; 8]); // sequence number and sender: there is one request for each socket
        Self(bytes)
    }

    /// Appends bytes, and pads them to a multiple of four.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// Appends an attribute.
    pub(crate) fn attribute(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let put = |request: &mut Self| {
            request.put(value);
        };
        self.nested(kind, put, value.len())
    }

    /// Appends an attribute that holds what `fill` appends.
    pub(crate) fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.nested(kind, fill, 0)
    }

    /// The same; without its padding the value has `len` bytes, if not all of what is appended.
    fn nested(&mut self, kind: u16, fill: impl FnOnce(&mut Self), len: usize) -> &mut Self {
        let start = self.0.len();
        self.0.extend([0; 2]);
        self.0.extend(kind.to_ne_bytes());
        fill(self);
        let len = if len == 0 { self.0.len() - start } else { len + 4 };
        if let Some(field) = self.0.get_mut(start..start + 2) {
            field.copy_from_slice(&(len as u16).to_ne_bytes());
        }
        self
    }

    /// Sends it in the calling thread's network namespace, and waits for the answer.
    pub(crate) fn send(&mut self) -> io::Result<()> {
        let len = self.0.len() as u32;
        if let Some(field) = self.0.first_chunk_mut::<4>() {
            *field = len.to_ne_bytes();
        }
        let socket = socket::open(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE)?;
        socket::send(socket.as_fd(), &self.0)?;
        // The kernel carries it out before `send` returns: the answer is there.
        let mut answer = [0; 1024];
        let len = socket::receive(socket.as_fd(), &mut answer)?;
        let code = answer.get(..len).unwrap_or_default().get(HEADER..HEADER + 4);
        let code = code.and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
        match code {
            Some(0) => Ok(()),
            Some(code) => Err(io::Error::from_raw_os_error(code.saturating_neg())),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}
