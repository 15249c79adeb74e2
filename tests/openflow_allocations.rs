//! How often reading and writing a message asks for memory.

use bytes::Bytes;
use ovs_core::flow::FlowModCommand;
use ovs_openflow::message::{
    AsyncConfig, Hello, MultipartRequest, PortConfig, PortFeatures, PortMod, Role, RoleMessage,
    SwitchConfig, TableConfig, TableMod, VersionSet,
};
use ovs_openflow::{Message, Protocol, text};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is the system's allocator's, which is asked in addition to counting.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = COUNT.with(Cell::get);
    let done = work();
    (COUNT.with(Cell::get) - before, done)
}

/// Allocations to read a message, and to write it into a buffer that is large enough.
fn allocations(message: &Message, protocol: Protocol) -> (usize, usize) {
    let mut bytes = Vec::new();
    message.encode(protocol, 1, &mut bytes).unwrap();
    let shared = Bytes::from(bytes.clone());
    let (reading, envelope) = count(|| Message::decode(&shared).unwrap());
    assert_eq!(envelope.message, *message);
    bytes.clear();
    let (writing, written) = count(|| message.encode(protocol, 1, &mut bytes));
    written.unwrap();
    (reading, writing)
}

#[test]
fn a_flow_mod_takes_one_for_its_actions() {
    let flow = "priority=100,in_port=1,metadata=0x5,dl_vlan=7,dl_src=02:00:00:00:00:01,\
        dl_dst=02:00:00:00:00:02,tcp,nw_src=10.0.0.0/8,nw_dst=11.0.0.1,tp_dst=80,table=3,\
        actions=dec_ttl,set_field:02:00:00:00:00:03->eth_src,\
        set_field:02:00:00:00:00:04->eth_dst,output:2";
    let flow = Message::FlowMod(text::parse_flow(flow, FlowModCommand::Add).unwrap());
    assert_eq!(allocations(&flow, Protocol::OF13), (1, 0));
    let without = text::parse_flow("table=3,tcp,actions=drop", FlowModCommand::Add).unwrap();
    let mut without = Message::FlowMod(without);
    if let Message::FlowMod(flow) = &mut without {
        flow.instructions.apply = None;
    }
    assert_eq!(allocations(&without, Protocol::OF13), (0, 0));
}

#[test]
fn messages_of_fixed_size_take_none() {
    let masks = |n| ovs_openflow::message::AsyncMasks {
        packet_in: Some(n),
        port_status: Some(n),
        flow_removed: Some(n),
        ..Default::default()
    };
    for message in [
        Message::EchoRequest(Bytes::new()),
        Message::BarrierRequest,
        Message::BarrierReply,
        Message::FeaturesRequest,
        Message::GetConfigRequest,
        Message::SetConfig(SwitchConfig { flags: Default::default(), miss_send_len: 128 }),
        Message::RoleRequest(RoleMessage { role: Role::MASTER, generation_id: Some(7) }),
        Message::TableMod(TableMod { table: ovs_core::TableId(1), config: TableConfig(0) }),
        Message::SetAsync(AsyncConfig { master: masks(7), slave: masks(3) }),
        Message::SetControllerId(7),
        Message::PortMod(PortMod {
            number: ovs_core::PortNo(1),
            address: [2; 6].into(),
            config: PortConfig::PORT_DOWN,
            mask: PortConfig::PORT_DOWN,
            advertise: PortFeatures::empty(),
        }),
        Message::MultipartRequest { more: false, body: MultipartRequest::Desc },
        Message::MultipartRequest { more: false, body: MultipartRequest::Flow(Default::default()) },
    ] {
        assert_eq!(allocations(&message, Protocol::OF13), (0, 0), "{message:?}");
    }
    // A hello is a list.
    assert_eq!(allocations(&Message::Hello(Hello::new(VersionSet::ALL)), Protocol::OF13), (1, 0));
}
