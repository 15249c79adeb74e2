//! Stock Open vSwitch with two bridges, whose ports are sockets of this test.

use crate::differences::normal;
use crate::flows::Setup;
use crate::support::{Host, Running, wait_for};
use crate::{BRIDGES, Delivered, MARKER, Told, hex};
use bytes::Bytes;
use ovs_openflow::{Message, Protocol};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

pub const VSWITCHD: &str = "/usr/lib/openvswitch-switch/ovs-vswitchd";
pub const SCHEMA: &str = "/usr/share/openvswitch/vswitch.ovsschema";

pub struct Stock {
    pub ctl: Ctl,
    pub controllers: Vec<Controller>,
    ports: BTreeMap<(usize, u32), UnixStream>,
    markers: u32,
    has_groups: [bool; BRIDGES.len()],
    _switch: Running,
    _database: Running,
    pub folder: tempfile::TempDir,
    host: Host,
}

impl Stock {
    pub fn start() -> Self {
        let host = Host::quiet();
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().display();
        host.sh(&format!("ovsdb-tool create {at}/conf.db {SCHEMA}"));
        let environment = format!("env OVS_RUNDIR={at} OVS_LOGDIR={at} OVS_DBDIR={at}");
        let database = host.spawn(&format!(
            "{environment} ovsdb-server {at}/conf.db --remote=punix:{at}/db.sock \
             --unixctl={at}/db.ctl --log-file={at}/db.log"
        ));
        wait_for("a database", || folder.path().join("db.sock").exists());
        let switch = host.spawn(&format!(
            "{environment} {VSWITCHD} unix:{at}/db.sock --enable-dummy --disable-system \
             --unixctl={at}/switch.ctl --log-file={at}/switch.log"
        ));
        host.sh(&format!(
            "ovs-vsctl --timeout=10 --db=unix:{at}/db.sock {}",
            bridges(folder.path())
        ));
        let file = |name: String| folder.path().join(name);
        let mut ports = BTreeMap::new();
        for (bridge, (name, numbers)) in BRIDGES.iter().enumerate() {
            for number in *numbers {
                let path = file(format!("{name}-{number}.sock"));
                wait_for("a port", || path.exists());
                let stream = UnixStream::connect(path).expect("the port");
                stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
                ports.insert((bridge, *number), stream);
            }
        }
        let controllers =
            BRIDGES.iter().map(|(name, _)| Controller::connect(&file(format!("{name}.mgmt"))));
        let controllers = controllers.collect();
        let ctl = Ctl::connect(&file("switch.ctl".into()));
        Self {
            ctl,
            controllers,
            ports,
            markers: 0,
            has_groups: [false; BRIDGES.len()],
            _switch: switch,
            _database: database,
            folder,
            host,
        }
    }

    /// Does it still answer?
    pub fn is_alive(&self) -> bool {
        // A process that ended may take a moment to close its sockets.
        std::thread::sleep(Duration::from_millis(200));
        UnixStream::connect(self.folder.path().join("switch.ctl")).is_ok()
    }

    /// Puts these flows and groups in place of all that a bridge has; what is said against them.
    pub fn replace(&mut self, bridge: usize, setup: &Setup) -> Result<(), String> {
        let (name, numbers) = BRIDGES[bridge];
        self.ctl.call("fdb/flush", &[name]).expect("no addresses");
        let groups = &setup.groups[bridge];
        if !groups.is_empty() || self.has_groups[bridge] {
            // With the rules that use them still there, stock 3.1 would end itself.
            self.ofctl("--bundle replace-flows", bridge, Some(""))?;
            self.ofctl("del-groups", bridge, None)?;
            self.ofctl("-O OpenFlow15 add-groups", bridge, Some(&groups.join("\n")))?;
            self.has_groups[bridge] = !groups.is_empty();
        }
        let ports: String = numbers.iter().map(|number| format!(",output:{number}")).collect();
        let mut text = format!(
            "table=0,priority=65535,in_port=5,dl_type={MARKER:#x},actions=note:00{ports}\n\
             table=0,priority=65534,dl_type={MARKER:#x},actions=in_port{ports},output:5\n"
        );
        setup.flows[bridge].iter().for_each(|flow| writeln!(text, "{flow}").expect("room"));
        self.ofctl("--bundle replace-flows", bridge, Some(&text))
    }

    /// Runs `ovs-ofctl` with a file.
    fn ofctl(&self, command: &str, bridge: usize, text: Option<&str>) -> Result<(), String> {
        let at = self.folder.path().display();
        let name = BRIDGES[bridge].0;
        let mut line =
            format!("ovs-ofctl --timeout=10 -O OpenFlow13 {command} unix:{at}/{name}.mgmt");
        if let Some(text) = text {
            let file = self.folder.path().join("text");
            std::fs::write(&file, text).expect("a file");
            write!(line, " {}", file.display()).expect("room");
        }
        let output = self.host.output(&line);
        let complaint = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(format!("{complaint}{text:?}")) }
    }

    /// Forgets what it has cached, but for markers: of a batch, frames that no cached flow takes pass
    /// those that one takes, and no marker shall pass a frame.
    pub fn forget(&mut self) {
        self.ctl.call("revalidator/purge", &[]).expect("empty caches");
        let places: Vec<_> = self.ports.keys().copied().collect();
        for (bridge, port) in places {
            self.pass(bridge, port, None);
        }
    }

    /// What stock would do with a frame, as text. Controllers are told of this packet too.
    pub fn trace(&mut self, bridge: usize, port: u32, frame: &[u8]) -> String {
        let in_port = format!("in_port={port}");
        let result = self.ctl.call("ofproto/trace", &[BRIDGES[bridge].0, &in_port, &hex(frame)]);
        self.pass(bridge, port, None);
        self.controllers.iter_mut().for_each(|controller| drop(controller.told()));
        result.unwrap_or_else(|error| error)
    }

    /// Lets a frame in, and collects what leaves by the ports and what controllers are told.
    pub fn send(&mut self, bridge: usize, port: u32, frame: &[u8]) -> Delivered {
        let mut delivered = self.pass(bridge, port, Some(frame));
        for (bridge, controller) in self.controllers.iter_mut().enumerate() {
            delivered.told.extend(controller.told().into_iter().map(|told| (bridge, told)));
        }
        delivered
    }

    /// Lets a frame in and then a marker, which leaves by all ports, and waits for that.
    fn pass(&mut self, bridge: usize, port: u32, frame: Option<&[u8]>) -> Delivered {
        self.markers += 1;
        let mut marker = vec![0x02; 14];
        marker[12..14].copy_from_slice(&MARKER.to_be_bytes());
        marker.extend(self.markers.to_be_bytes());
        let mut bytes = Vec::new();
        for frame in frame.into_iter().chain([&marker[..]]) {
            bytes.extend((frame.len() as u16).to_be_bytes());
            bytes.extend(frame);
        }
        let stream = self.ports.get_mut(&(bridge, port)).expect("the port");
        stream.write_all(&bytes).expect("it is sent");
        let mut delivered = Delivered::default();
        for (place, stream) in &mut self.ports {
            loop {
                let frame = read_frame(stream);
                if frame == marker {
                    break;
                }
                delivered.sent.entry(*place).or_default().push(frame);
            }
        }
        delivered
    }
}

fn bridges(folder: &Path) -> String {
    let at = folder.display();
    let mut text = String::from("-- set Open_vSwitch . other_config:vlan-limit=2");
    for (name, numbers) in BRIDGES {
        write!(
            text,
            " -- add-br {name} -- set bridge {name} datapath_type=dummy fail-mode=secure \
             protocols=OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15 other_config:forward-bpdu=true"
        )
        .expect("room");
        for number in numbers {
            let port = format!("{name}-{number}");
            write!(
                text,
                " -- add-port {name} {port} -- set interface {port} type=dummy \
                 ofport_request={number} options:pstream=punix:{at}/{port}.sock"
            )
            .expect("room");
        }
        let peer = BRIDGES.iter().find(|(other, _)| *other != name).expect("the other").0;
        write!(
            text,
            " -- add-port {name} to-{peer} -- set interface to-{peer} type=patch \
             ofport_request=5 options:peer=to-{name}"
        )
        .expect("room");
    }
    text
}

fn read_frame(stream: &mut UnixStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut frame = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut frame).expect("a frame");
    frame
}

/// The control socket: JSON-RPC 1.0, one object after another.
pub struct Ctl(UnixStream);

impl Ctl {
    fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).expect("the control socket");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        Self(stream)
    }

    pub fn call(&mut self, method: &str, params: &[&str]) -> Result<String, String> {
        let request = json!({"method": method, "params": params, "id": 0}).to_string();
        self.0.write_all(request.as_bytes()).expect("it is sent");
        let mut values = serde_json::Deserializer::from_reader(&self.0).into_iter::<Value>();
        let reply = values.next().expect("a reply").expect("JSON");
        match (&reply["result"], &reply["error"]) {
            (Value::String(result), _) => Ok(result.clone()),
            (_, error) => Err(error.as_str().unwrap_or("?").to_string()),
        }
    }
}

/// A controller of a bridge, which is told packets.
pub struct Controller(UnixStream);

impl Controller {
    fn connect(path: &Path) -> Self {
        wait_for("a bridge", || path.exists());
        let stream = UnixStream::connect(path).expect("the bridge");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let mut controller = Self(stream);
        // OFPT_HELLO of OpenFlow 1.3; OFPT_SET_CONFIG, all bytes of packets; OFPT_SET_ASYNC, all
        // packets and nothing else, for each role.
        let mut messages = vec![4, 0, 0, 8, 0, 0, 0, 1];
        messages.extend([4, 9, 0, 12, 0, 0, 0, 2, 0, 0, 0xff, 0xff]);
        messages.extend([4, 28, 0, 32, 0, 0, 0, 3, 0, 0, 0, 0x3f, 0, 0, 0, 0x3f]);
        messages.extend([0; 16]);
        controller.0.write_all(&messages).expect("they are sent");
        assert_eq!(controller.read()[1], 0, "a hello");
        controller.told();
        controller
    }

    fn read(&mut self) -> Vec<u8> {
        let mut message = vec![0; 8];
        self.0.read_exact(&mut message).expect("a header");
        let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
        message.resize(length, 0);
        self.0.read_exact(&mut message[8..]).expect("a body");
        message
    }

    /// The packets that it has been told until now.
    fn told(&mut self) -> Vec<Told> {
        let mut barrier = Vec::new();
        Message::BarrierRequest.encode(Protocol::OF13, 9, &mut barrier).expect("a barrier");
        self.0.write_all(&barrier).expect("it is sent");
        let mut told = Vec::new();
        loop {
            let answer = Bytes::from(self.read());
            match Message::decode_in(&answer, Protocol::OF13).expect("an answer").message {
                Message::PacketIn(packet) => told.push(normal(Told {
                    data: packet.data.to_vec(),
                    reason: packet.reason,
                    table: packet.table,
                    cookie: packet.cookie,
                    metadata: packet.metadata,
                })),
                Message::BarrierReply => return told,
                Message::Error(error) => panic!("{error:?}"),
                _ => {}
            }
        }
    }
}
