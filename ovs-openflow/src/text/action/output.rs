//! Where packets go.

use super::{Context, Read};
use crate::text::error::ParseError;
use crate::text::field::{ShowSubfield, read_subfield};
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use core::fmt;
use ovs_core::PortNo;
use ovs_core::action::{Action, Controller, PacketInReason};
use ovs_core::group::GroupId;
use ovs_core::meter::MeterId;
use ovs_core::port::QueueId;

/// Bytes of an Ethernet header, which must remain of a packet.
const MIN_LEN: u32 = 14;
/// Ports from here on are reserved, and written without `output:`.
const RESERVED: PortNo = PortNo(0xffff_ff00);

pub(super) fn read(context: Context<'_>, name: &str, value: Piece<'_>) -> Option<Read> {
    let syntax = context.syntax;
    Some(match name {
        "output" | "output_reg" => read_output(syntax, value),
        "group" => number::word(value).map(|id| Action::Group(GroupId(id))),
        "controller" => read_controller(value),
        "enqueue" => read_enqueue(syntax, value),
        "sample" => super::sample::read(syntax, value),
        _ => return None,
    })
}

fn read_output(syntax: Syntax<'_>, value: Piece<'_>) -> Read {
    if value.text.contains("port") && value.text.contains("max_len") {
        return read_truncated(syntax, value);
    }
    if let Ok(port) = syntax.read_port(value) {
        return Ok(Action::output(port));
    }
    match read_subfield(value) {
        Ok(source) => Ok(Action::OutputField { source, max_len: u16::MAX }),
        Err(error) if value.text.contains('[') => Err(error),
        Err(_) => Err(value.expected("a port or a field")),
    }
}

fn read_truncated(syntax: Syntax<'_>, value: Piece<'_>) -> Read {
    let (mut port, mut max_len) = (None, None);
    for pair in value.pairs() {
        match pair.key.text {
            "port" => {
                let read = syntax.read_port(pair.value)?;
                let fits = read.0 < RESERVED.0 || matches!(read, PortNo::LOCAL | PortNo::IN_PORT);
                if !fits {
                    return Err(pair.value.refused("cannot be sent to with a part of a packet"));
                }
                port = Some(read);
            }
            "max_len" => match number::word(pair.value)? {
                0..MIN_LEN => {
                    return Err(pair.value.refused("is less than 14, an Ethernet header"));
                }
                length => max_len = Some(length),
            },
            _ => return Err(pair.key.expected("`port` or `max_len`")),
        }
    }
    match (port, max_len) {
        (Some(port), Some(max_len)) => Ok(Action::OutputTruncated { port, max_len }),
        _ => Err(value.expected("`port=PORT,max_len=BYTES`")),
    }
}

fn read_controller(value: Piece<'_>) -> Read {
    let mut controller = Controller::default();
    let mut userdata = None;
    if !value.is_empty() && value.text.bytes().all(|digit| digit.is_ascii_digit()) {
        controller.max_len = number::short(value)?;
        return Ok(controller_output(controller.max_len));
    }
    for pair in value.pairs() {
        let text = pair.value;
        match pair.key.text {
            "reason" => controller.reason = read_reason(text)?,
            "max_len" => controller.max_len = number::short(text)?,
            "id" => controller.id = number::short(text)?,
            "userdata" => userdata = Some(number::read_bytes(text)?),
            "pause" => controller.pause = true,
            "meter_id" => {
                let meter = MeterId(number::word(text)?);
                // What stands for none on the wire.
                controller.meter = (meter != MeterId(0)).then_some(meter);
            }
            _ => {
                let keys = "`reason`, `max_len`, `id`, `userdata`, `pause` or `meter_id`";
                return Err(pair.key.expected(keys));
            }
        }
    }
    controller.userdata = userdata.unwrap_or_default().into();
    if is_plain(&controller) {
        return Ok(controller_output(controller.max_len));
    }
    Ok(Action::Controller(Box::new(controller)))
}

fn controller_output(max_len: u16) -> Action {
    Action::Output { port: PortNo::CONTROLLER, max_len }
}

/// Does it say no more than an output to the controller could?
fn is_plain(controller: &Controller) -> bool {
    *controller == Controller { max_len: controller.max_len, ..Controller::default() }
}

fn read_reason(text: Piece<'_>) -> Result<PacketInReason, ParseError> {
    let named = |reason: &PacketInReason| {
        reason.name().is_some_and(|name| name.eq_ignore_ascii_case(text.text))
    };
    let reason = (0..=5).map(PacketInReason).find(named);
    reason.map_or_else(
        || number::byte(text).map(PacketInReason).map_err(|_| text.expected("a reason")),
        Ok,
    )
}

fn read_enqueue(syntax: Syntax<'_>, mut value: Piece<'_>) -> Read {
    let whole = value;
    let port = value.token(":q,");
    match port.filter(|_| !value.is_empty()) {
        Some(port) => Ok(Action::Enqueue {
            port: syntax.read_port(port)?,
            queue: QueueId(number::word(value)?),
        }),
        None => Err(whole.expected("`PORT:QUEUE`")),
    }
}

pub(super) fn show(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    action: &Action,
) -> Option<fmt::Result> {
    Some(match action {
        Action::Output { port, max_len } => show_output(f, syntax, *port, *max_len),
        Action::Group(group) => write!(f, "group:{}", group.0),
        Action::Controller(controller) => show_controller(f, controller),
        Action::Enqueue { port, queue } => {
            write!(f, "enqueue:{}:{}", syntax.show_port(*port), queue.0)
        }
        Action::OutputField { source, .. } => write!(f, "output:{}", ShowSubfield(*source)),
        Action::OutputTruncated { port, max_len } => {
            write!(f, "output(port={},max_len={max_len})", syntax.show_port(*port))
        }
        Action::Sample(sample) => super::sample::show(f, syntax, sample),
        _ => return None,
    })
}

fn show_output(
    f: &mut fmt::Formatter<'_>,
    syntax: Syntax<'_>,
    port: PortNo,
    max_len: u16,
) -> fmt::Result {
    if port < RESERVED {
        f.write_str("output:")?;
    }
    write!(f, "{}", syntax.show_port(port))?;
    if port == PortNo::CONTROLLER { write!(f, ":{max_len}") } else { Ok(()) }
}

fn show_controller(f: &mut fmt::Formatter<'_>, controller: &Controller) -> fmt::Result {
    if is_plain(controller) {
        return write!(f, "CONTROLLER:{}", controller.max_len);
    }
    f.write_str("controller(")?;
    let mut out = crate::text::matching::Commas::new(f);
    let Controller { max_len, id, reason, userdata, pause, meter } = controller;
    if *reason != PacketInReason::ACTION {
        out.put(format_args!("reason={reason}"))?;
    }
    if *max_len != u16::MAX {
        out.put(format_args!("max_len={max_len}"))?;
    }
    if *id != 0 {
        out.put(format_args!("id={id}"))?;
    }
    if !userdata.is_empty() {
        let f = out.next()?;
        f.write_str("userdata=")?;
        number::show_bytes(f, userdata)?;
    }
    if *pause {
        out.put(format_args!("pause"))?;
    }
    if let Some(meter) = meter {
        out.put(format_args!("meter_id={}", meter.0))?;
    }
    f.write_str(")")
}
