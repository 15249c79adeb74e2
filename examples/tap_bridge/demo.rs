//! Two hosts that ping each other through the switch.
//!
//! A host is a network namespace without a name, held by a descriptor; its TAP device lives in
//! it, and the switch has the other side. When the program ends, however it does, the kernel
//! closes the descriptors, and all of it is gone.

use crate::args::{Args, Format};
use crate::ports::Opened;
use crate::screen::Screen;
use crate::{Bridge, Result};
use ovs_pnet::{Namespace, Tap, interface};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a ping waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time between two pings, so that there is something to look at.
const PAUSE: Duration = Duration::from_millis(200);

/// A host of the demo. Addresses are of TEST-NET-1 (RFC 5737).
struct Host {
    name: &'static str,
    address: Ipv4Addr,
    namespace: Namespace,
}

const HOSTS: [(&str, Ipv4Addr); 2] =
    [("left", Ipv4Addr::new(192, 0, 2, 1)), ("right", Ipv4Addr::new(192, 0, 2, 2))];

/// Without root, goes where it is allowed to make namespaces and devices.
pub(crate) fn become_root() -> Result<()> {
    if !ovs_pnet::netns::is_privileged() {
        ovs_pnet::netns::enter_user_namespace()?;
    }
    Ok(())
}

pub(crate) fn run(args: &Args, stop: &AtomicBool) -> Result<ExitCode> {
    let mut bridge = Bridge::new(args)?;
    let mut hosts = Vec::new();
    for (name, address) in HOSTS {
        let (host, tap) = Host::new(name, address)?;
        bridge.add_all(vec![Opened { name: name.into(), kind: "tap", device: Box::new(tap) }])?;
        hosts.push(host);
    }
    let mut screen = Screen::new(args.quiet || args.format == Format::Json, args.every());
    let mut results = Vec::new();
    for (from, to) in [(0, 1), (1, 0)] {
        let (from, to) = (&hosts[from], &hosts[to]);
        screen.say(&format!("{} ({}) pings {} ({})", from.name, from.address, to.name, to.address));
        results.push(from.ping_all(to, args.count, stop, |reply| {
            screen.say(&reply);
            if screen.is_due() {
                screen.show(&bridge.report());
            }
        })?);
        if let Some(failure) = bridge.runner.failure(Duration::ZERO) {
            return Err(bridge.note(&failure).into());
        }
    }
    screen.finish();
    summary(args, &bridge, &results, stop.load(Ordering::Relaxed))
}

/// Prints what was seen; success only if every ping was answered, through the switch.
fn summary(args: &Args, bridge: &Bridge, results: &[Pings], stopped: bool) -> Result<ExitCode> {
    let report = bridge.report();
    let all_answered = results.iter().all(|pings| pings.answered == args.count);
    let ok = all_answered && !stopped;
    match args.format {
        Format::Json => {
            let mut json = report.to_json();
            json["pings"] = results.iter().map(Pings::to_json).collect();
            json["ok"] = ok.into();
            println!("{json}");
        }
        Format::Text => {
            print!("\n{report}\n");
            for pings in results {
                println!("{pings}");
            }
            match (stopped, all_answered) {
                (true, _) => println!("stopped; hosts and devices are gone"),
                (_, true) => println!("the switch works; hosts and devices are gone"),
                (_, false) => println!("FAILED: not every ping was answered; see the drops above"),
            }
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of the pings of one direction.
#[derive(Debug)]
struct Pings {
    from: &'static str,
    to: &'static str,
    sent: u16,
    answered: u16,
    /// The shortest time to an answer.
    fastest: Option<Duration>,
}

impl Pings {
    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "from": self.from, "to": self.to, "sent": self.sent, "answered": self.answered,
            "fastest_us": self.fastest.map(|time| time.as_micros() as u64),
        })
    }
}

impl std::fmt::Display for Pings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to, sent, answered, fastest } = self;
        write!(f, "{from} -> {to}: {sent} pings sent, {answered} answered")?;
        match fastest {
            Some(fastest) => write!(f, ", the fastest in {:.0} µs", fastest.as_secs_f64() * 1e6),
            None => Ok(()),
        }
    }
}

impl Host {
    /// A namespace with a TAP device that has an address and is up.
    fn new(name: &'static str, address: Ipv4Addr) -> Result<(Self, Tap)> {
        let namespace = Namespace::new()?;
        let tap = namespace.run(|| -> Result2<Tap> {
            let tap = Tap::open("tap0")?;
            interface::add_ipv4(tap.name(), address, 24)?;
            Ok(tap)
        })??;
        Ok((Self { name, address, namespace }, tap))
    }

    /// Pings another host `count` times, and tells each answer.
    fn ping_all(
        &self,
        to: &Self,
        count: u16,
        stop: &AtomicBool,
        mut tell: impl FnMut(String),
    ) -> Result<Pings> {
        let mut socket = self
            .namespace
            .run(|| Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)))??;
        let mut pings = Pings { from: self.name, to: to.name, sent: 0, answered: 0, fastest: None };
        for sequence in 1..=count {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            pings.sent += 1;
            match ping(&mut socket, to.address, sequence, stop)? {
                Some(time) => {
                    pings.answered += 1;
                    pings.fastest = pings.fastest.into_iter().chain([time]).min();
                    let micros = time.as_secs_f64() * 1e6;
                    tell(format!("  answer {sequence} from {} in {micros:.0} µs", to.address));
                }
                None => tell(format!("  no answer {sequence} from {}", to.address)),
            }
            std::thread::sleep(PAUSE);
        }
        Ok(pings)
    }
}

/// An error that can leave the thread in the namespace.
type Result2<T> = std::result::Result<T, ovs_pnet::Error>;

/// Sends one echo request (RFC 792) and waits for the reply to it.
fn ping(
    socket: &mut Socket,
    to: Ipv4Addr,
    sequence: u16,
    stop: &AtomicBool,
) -> Result<Option<Duration>> {
    let identifier = std::process::id() as u16;
    let started = Instant::now();
    socket.send_to(&echo_request(identifier, sequence), &SocketAddrV4::new(to, 0).into())?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut packet = [0; 1500];
    while started.elapsed() < PATIENCE && !stop.load(Ordering::Relaxed) {
        let length = match socket.read(&mut packet) {
            Ok(length) => length,
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        // The kernel gives the IPv4 header along.
        let header_len = usize::from(packet[0] & 0x0f) * 4;
        let message = packet.get(header_len..length).unwrap_or_default();
        let [i0, i1] = identifier.to_be_bytes();
        let [s0, s1] = sequence.to_be_bytes();
        if matches!(message, [0, 0, _, _, a, b, c, d, ..] if [*a, *b, *c, *d] == [i0, i1, s0, s1]) {
            return Ok(Some(started.elapsed()));
        }
    }
    Ok(None)
}

fn is_timeout(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

fn echo_request(identifier: u16, sequence: u16) -> Vec<u8> {
    let mut message = vec![8, 0, 0, 0];
    message.extend(identifier.to_be_bytes());
    message.extend(sequence.to_be_bytes());
    message.extend([0x2a; 56]);
    let sum = message
        .chunks_exact(2)
        .fold(0u32, |sum, word| sum + u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum = (sum & 0xffff) + (sum >> 16);
    message[2..4].copy_from_slice(&(!(sum as u16)).to_be_bytes());
    message
}
