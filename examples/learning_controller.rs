//! A controller that makes learning switches of the OpenFlow switches that connect to it, such as
//! stock Open vSwitch: a thread for each, and a connection without a socket of its own.
//!
//! `cargo run --example learning_controller -- --help`

use ovs_core::action::Action;
use ovs_core::field::Field;
use ovs_core::flow::FlowMod;
use ovs_core::matching::Match;
use ovs_core::{Instant, Mac, PortNo};
use ovs_openflow::connection::{Config, Connection, Event, SendError};
use ovs_openflow::message::{PacketIn, PacketOut};
use ovs_openflow::{Message, Version};
use std::collections::HashMap;
use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const HELP: &str = "\
Makes learning switches of the OpenFlow 1.3 and 1.0 switches that connect.

usage: learning_controller [ADDRESS:PORT]      (127.0.0.1:6653 if none is given)

example, with Open vSwitch on the same machine:
  learning_controller 127.0.0.1:6653 &
  ovs-vsctl set bridge br0 protocols=OpenFlow13 -- set-controller br0 tcp:127.0.0.1:6653
  ovs-ofctl -O OpenFlow13 dump-flows br0       shows what was learned";

/// Addresses that one switch may have: more are not learned.
const MAX_ADDRESSES: usize = 4096;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:6653".to_string());
    if address.starts_with('-') {
        println!("{HELP}");
        std::process::exit(if matches!(&*address, "-h" | "--help") { 0 } else { 2 });
    }
    let listener = TcpListener::bind(&address).map_err(|error| format!("{address}: {error}"))?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || {
            let name = stream.peer_addr().map_or("?".to_string(), |peer| peer.to_string());
            if let Err(error) = serve(stream, &name) {
                println!("{name}: {error}");
            }
        });
    }
    Ok(())
}

/// Talks to one switch until the connection is over.
fn serve(mut stream: TcpStream, name: &str) -> Result<(), Error> {
    let start = std::time::Instant::now();
    let now = || Instant::ZERO + start.elapsed();
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let connection = Connection::new(Config::default(), now());
    let mut switch = Switch { name, connection, addresses: HashMap::new() };
    let mut buffer = [0; 16384];
    let mut received = 0..0; // what of the buffer is still to be handed in
    loop {
        received.start += switch.connection.receive(now(), &buffer[received.clone()]);
        switch.connection.tick(now());
        while let Some(event) = switch.connection.poll() {
            switch.handle(event)?;
        }
        stream.write_all(switch.connection.outgoing())?;
        switch.connection.sent(switch.connection.outgoing().len());
        let Some(deadline) = switch.connection.next_deadline() else { return Ok(()) };
        if received.is_empty() {
            let patience = deadline.since(now()).max(Duration::from_millis(1));
            stream.set_read_timeout(Some(patience))?;
            match stream.read(&mut buffer) {
                Ok(0) => switch.connection.end(),
                Ok(n) => received = 0..n,
                Err(error) if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

struct Switch<'a> {
    name: &'a str,
    connection: Connection,
    /// The port behind which each address was last seen.
    addresses: HashMap<Mac, PortNo>,
}

impl Switch<'_> {
    fn handle(&mut self, event: Event) -> Result<(), SendError> {
        let name = self.name;
        match event {
            Event::Established(version) => {
                println!("{name}: connected, {version}");
                if version == Version::OF13 {
                    // OpenFlow 1.0 does so without being told.
                    let miss = FlowMod::add().priority(0);
                    let miss = miss.apply([Action::output(PortNo::CONTROLLER)]);
                    self.connection.send(&Message::FlowMod(miss))?;
                }
                self.connection.send(&Message::FeaturesRequest)?;
            }
            Event::Message(envelope) => match envelope.message {
                Message::FeaturesReply(features) => {
                    println!("{name}: datapath {:016x}", features.datapath_id);
                }
                Message::PacketIn(packet) => self.packet_in(packet)?,
                Message::Error(error) => println!("{name}: refused: {}", error.code),
                _ => {}
            },
            Event::Undecodable { error, .. } => println!("{name}: not understood: {error}"),
            Event::Closed(reason) => println!("{name}: closed: {reason:?}"),
            _ => {}
        }
        Ok(())
    }

    /// Learns from where a packet comes, and sends it, and those like it, to where it goes.
    fn packet_in(&mut self, packet: PacketIn) -> Result<(), SendError> {
        let Some((port, _)) = packet.metadata.get(Field::InPort) else { return Ok(()) };
        let Some((&to, rest)) = packet.data.split_first_chunk() else { return Ok(()) };
        let Some(&from) = rest.first_chunk() else { return Ok(()) };
        let (in_port, to, from) = (PortNo(port as u32), Mac(to), Mac(from));
        let known = self.addresses.get(&from);
        let has_room = known.is_some() || self.addresses.len() < MAX_ADDRESSES;
        if known != Some(&in_port) && !from.is_multicast() && has_room {
            println!("{}: {from} is at port {in_port}", self.name);
            self.addresses.insert(from, in_port);
        }
        let out = self.addresses.get(&to).copied();
        if let Some(out) = out {
            let matching = Match::new().in_port(in_port).eth_src(from).eth_dst(to);
            let mut flow = FlowMod::add().matching(matching).priority(1);
            flow.idle_timeout = 60;
            println!("{}: flow {from} to {to} by port {out}", self.name);
            self.connection.send(&Message::FlowMod(flow.apply([Action::output(out)])))?;
        }
        let actions = vec![Action::output(out.unwrap_or(PortNo::FLOOD))];
        let out = PacketOut { buffer: packet.buffer, in_port, actions, data: packet.data };
        self.connection.send(&Message::PacketOut(out)).map(|_| ())
    }
}
