//! Two hosts ping each other through a switch, all in one thread of one program: no root, no
//! device of the operating system, no runner.
//!
//! The hosts are TCP/IP stacks of smoltcp, each behind a port in memory. The switch is told
//! nothing: it floods the first frames and learns who is where. Frames are moved by hand, which
//! shows what a runner does: receive, process, send.
//!
//! `cargo run --example smoltcp_hosts`
//!
//! In a program of your own with smoltcp 0.13 or later, switch on its feature
//! `auto-icmp-echo-reply`: without it a host does not answer pings by itself.

use ovs_core::{
    Batch, Bridging, Config, Device, Forwarder, FramePool, Instant, Losses, Outbox, PortNo,
    PortSpec, SoftForwarder, SoftSwitch, Switch,
};
use ovs_pnet::memory::{self, MemoryPort};
use ovs_pnet::{Clock, SmoltcpDevice};
use smoltcp::iface::{self, Interface, SocketHandle, SocketSet};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::socket::icmp;
use smoltcp::wire::{EthernetAddress, Icmpv4Packet, Icmpv4Repr, IpCidr, Ipv4Address};
use std::error::Error;
use std::time::Duration;

/// Pings that each host sends.
const PINGS: u16 = 4;
/// From one ping to the next.
const INTERVAL: Duration = Duration::from_millis(250);

fn main() -> Result<(), Box<dyn Error>> {
    let clock = Clock::start();
    let mut cables = Cables::new();
    let mut alice = Host::new("alice", 1, &mut cables)?;
    let mut bob = Host::new("bob", 2, &mut cables)?;

    for seq in 1..=PINGS {
        let next = clock.now() + INTERVAL;
        alice.ping(bob.address, seq, clock.now())?;
        bob.ping(alice.address, seq, clock.now())?;
        while clock.now() < next {
            // Whoever has something to say says it, then the switch moves it on.
            alice.poll(clock.now());
            bob.poll(clock.now());
            if cables.move_frames(clock.now())? == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    print_switch(&cables.switch, clock.now())?;
    if (alice.answers, bob.answers) == (PINGS, PINGS) {
        Ok(())
    } else {
        Err("not all pings were answered".into())
    }
}

/// The switch, and what a runner would own: the devices of its ports and the buffers.
struct Cables {
    switch: SoftSwitch,
    forwarder: SoftForwarder,
    devices: Vec<(PortNo, MemoryPort)>,
    pool: FramePool,
    losses: Losses,
    out: Outbox,
}

impl Cables {
    fn new() -> Self {
        let switch = SoftSwitch::new(Config::default());
        Self {
            forwarder: switch.forwarder(),
            switch,
            devices: Vec::new(),
            pool: FramePool::default(),
            losses: Losses::default(),
            out: Outbox::new(),
        }
    }

    /// Adds a port; what is plugged into it gets the other end.
    fn add_port(&mut self, name: &str) -> Result<SmoltcpDevice, Box<dyn Error>> {
        let number = self.switch.add_port(PortSpec::named(name))?;
        let (port, end) = memory::pair()?;
        self.devices.push((number, port));
        Ok(SmoltcpDevice::new(end))
    }

    /// Takes what has come in by each port through the switch and out; how many frames came in.
    fn move_frames(&mut self, now: Instant) -> Result<usize, Box<dyn Error>> {
        let mut batch = Batch::new();
        let mut frames = 0;
        for (number, device) in &mut self.devices {
            device.receive(&mut batch, &mut self.pool, &mut self.losses)?;
            self.forwarder.not_received(*number, &mut self.losses);
            frames += batch.len();
            self.forwarder.process(now, *number, &mut batch, &mut self.out);
        }
        for (to, frame) in self.out.drain() {
            if let Some((_, device)) = self.devices.iter_mut().find(|(number, _)| *number == to) {
                device.send(&mut Batch::from([frame]), &mut self.losses)?;
                self.forwarder.not_sent(to, &mut self.losses);
            }
        }
        Ok(frames)
    }
}

/// A host: its stack, and one socket to ping by.
struct Host {
    name: &'static str,
    address: Ipv4Address,
    device: SmoltcpDevice,
    interface: Interface,
    sockets: SocketSet<'static>,
    socket: SocketHandle,
    /// Tells its pings from those of other hosts.
    ident: u16,
    answers: u16,
}

impl Host {
    fn new(name: &'static str, number: u8, cables: &mut Cables) -> Result<Self, Box<dyn Error>> {
        let mut device = cables.add_port(name)?;
        let mac = EthernetAddress([0x02, 0, 0, 0, 0, number]);
        let config = iface::Config::new(mac.into());
        let mut interface = Interface::new(config, &mut device, smoltcp::time::Instant::ZERO);
        let address = Ipv4Address::new(10, 0, 0, number);
        let mut full = false;
        interface.update_ip_addrs(|addresses| {
            full = addresses.push(IpCidr::new(address.into(), 24)).is_err();
        });
        if full {
            return Err("smoltcp has no room for an address".into());
        }

        let ident = number.into();
        let queue = || icmp::PacketBuffer::new(vec![icmp::PacketMetadata::EMPTY; 8], vec![0; 1024]);
        let mut socket = icmp::Socket::new(queue(), queue());
        socket.bind(icmp::Endpoint::Ident(ident))?;
        let mut sockets = SocketSet::new(Vec::new());
        let socket = sockets.add(socket);
        Ok(Self { name, address, device, interface, sockets, socket, ident, answers: 0 })
    }

    /// Queues an echo request that carries the time, so that the answer tells how long it took.
    fn ping(&mut self, to: Ipv4Address, seq: u16, now: Instant) -> Result<(), Box<dyn Error>> {
        let data = now.as_nanos().to_be_bytes();
        let request = Icmpv4Repr::EchoRequest { ident: self.ident, seq_no: seq, data: &data };
        let socket = self.sockets.get_mut::<icmp::Socket>(self.socket);
        let room = socket.send(request.buffer_len(), to.into())?;
        request.emit(&mut Icmpv4Packet::new_unchecked(room), &ChecksumCapabilities::default());
        Ok(())
    }

    /// Lets the stack work: it answers ARP and pings by itself. Prints the answers to ours.
    fn poll(&mut self, now: Instant) {
        let time = smoltcp::time::Instant::from_micros((now.as_nanos() / 1000) as i64);
        self.interface.poll(time, &mut self.device, &mut self.sockets);

        let socket = self.sockets.get_mut::<icmp::Socket>(self.socket);
        while let Ok((bytes, from)) = socket.recv() {
            if let Some((seq, sent)) = echo_reply(bytes) {
                let took = now.since(sent).as_secs_f64() * 1e3;
                println!("{}: answer from {from}: icmp_seq={seq} time={took:.3} ms", self.name);
                self.answers += 1;
            }
        }
    }
}

/// Sequence number and time of an answer to a ping.
fn echo_reply(bytes: &[u8]) -> Option<(u16, Instant)> {
    let packet = Icmpv4Packet::new_checked(bytes).ok()?;
    match Icmpv4Repr::parse(&packet, &ChecksumCapabilities::default()).ok()? {
        Icmpv4Repr::EchoReply { seq_no, data, .. } => {
            Some((seq_no, Instant::from_nanos(u64::from_be_bytes(data.try_into().ok()?))))
        }
        _ => None,
    }
}

/// What the switch counted, and whom it has learned.
fn print_switch(switch: &SoftSwitch, now: Instant) -> Result<(), ovs_core::Error> {
    println!("\nport name    received      sent");
    for port in switch.ports() {
        let stats = switch.port_stats(port.number)?;
        println!(
            "{:>4} {:<6} {:>9} {:>9}",
            port.number, port.name, stats.rx_frames, stats.tx_frames
        );
        for (reason, frames) in stats.rx_drops.iter().chain(stats.tx_drops.iter()) {
            println!("            {frames} dropped: {reason}");
        }
    }
    println!("\nport VLAN  MAC                age");
    for learned in switch.macs(now) {
        let age = learned.age.as_secs();
        println!("{:>4} {:>4}  {}  {age} s", learned.port, learned.vlan, learned.mac);
    }
    Ok(())
}
