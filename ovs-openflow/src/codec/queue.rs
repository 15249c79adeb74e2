//! `OFPT_QUEUE_GET_CONFIG_REQUEST` and its reply.

use super::scalar::{put_port, take_port};
use crate::error::{DecodeError, EncodeError};
use crate::error_code::ErrorCode;
use crate::message::{Message, QueueConfig, QueueProperty};
use crate::protocol::Version;
use crate::wire::{Reader, Writer};
use alloc::vec::Vec;
use ovs_core::{PortNo, QueueId};

const MIN_RATE: u16 = 1;
const MAX_RATE: u16 = 2;
const EXPERIMENTER: u16 = 0xffff;

pub(super) fn take_request(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<PortNo, DecodeError> {
    let at = reader.clone();
    let port = take_port(reader, version)?;
    reader.skip(if version == Version::OF10 { 2 } else { 4 })?;
    let all = version > Version::OF10 && port == PortNo::ANY;
    if port.0 >= 0xff00 && !all {
        return Err(at.refuse(ErrorCode::OFPQOFC_BAD_PORT));
    }
    Ok(port)
}

pub(super) fn put_request(
    writer: &mut Writer<'_>,
    port: PortNo,
    version: Version,
) -> Result<(), EncodeError> {
    if version == Version::OF10 && port == PortNo::ANY {
        return Err(EncodeError::NotInVersion { what: "question for the queues of all", version });
    }
    put_port(writer, port, version)?;
    writer.zeros(if version == Version::OF10 { 2 } else { 4 });
    Ok(())
}

pub(super) fn take_reply(
    reader: &mut Reader<'_>,
    version: Version,
) -> Result<Message, DecodeError> {
    let of10 = version == Version::OF10;
    let asked = take_port(reader, version)?;
    reader.skip(if of10 { 6 } else { 4 })?;
    let mut queues = Vec::new();
    while !reader.is_empty() {
        let (place, least) = if of10 { (4, 8) } else { (8, 16) };
        let mut queue =
            reader.element(place, least, "ofp_packet_queue", ErrorCode::OFPBRC_BAD_LEN)?;
        let number = QueueId(queue.u32()?);
        let port = if of10 { asked } else { PortNo(queue.u32()?) };
        queue.skip(if of10 { 4 } else { 8 })?;
        let mut properties = Vec::new();
        while !queue.is_empty() {
            properties.push(take_property(&mut queue)?);
        }
        queues.push(QueueConfig { queue: number, port, properties });
    }
    Ok(Message::QueueGetConfigReply { port: asked, queues })
}

fn take_property(queue: &mut Reader<'_>) -> Result<QueueProperty, DecodeError> {
    let mut property = queue.element(2, 8, "ofp_queue_prop_header", ErrorCode::OFPBRC_BAD_LEN)?;
    let kind = property.u16()?;
    property.skip(2)?;
    let whole = property.clone();
    property.skip(4)?;
    match kind {
        MIN_RATE | MAX_RATE => {
            let rate = property.u16()?;
            property.skip(6)?;
            property.end()?;
            let of = if kind == MIN_RATE { QueueProperty::MinRate } else { QueueProperty::MaxRate };
            Ok(of(rate))
        }
        EXPERIMENTER => {
            let experimenter = property.u32()?;
            property.skip(4)?;
            Ok(QueueProperty::Experimenter { experimenter, data: property.rest_bytes() })
        }
        _ => Ok(QueueProperty::Opaque { kind, data: whole.clone().rest_bytes() }),
    }
}

pub(super) fn put_reply(
    writer: &mut Writer<'_>,
    port: PortNo,
    queues: &[QueueConfig],
    version: Version,
) -> Result<(), EncodeError> {
    let of10 = version == Version::OF10;
    put_port(writer, port, version)?;
    writer.zeros(if of10 { 6 } else { 4 });
    for queue in queues {
        let begin = writer.len();
        writer.u32(queue.queue.0);
        if !of10 {
            writer.u32(queue.port.0);
        }
        let length = writer.open(begin);
        writer.zeros(if of10 { 2 } else { 6 });
        queue.properties.iter().try_for_each(|property| put_property(writer, property))?;
        writer.close(length, "ofp_packet_queue")?;
    }
    Ok(())
}

fn put_property(writer: &mut Writer<'_>, property: &QueueProperty) -> Result<(), EncodeError> {
    let begin = writer.len();
    writer.u16(match property {
        QueueProperty::MinRate(_) => MIN_RATE,
        QueueProperty::MaxRate(_) => MAX_RATE,
        QueueProperty::Experimenter { .. } => EXPERIMENTER,
        QueueProperty::Opaque { kind, .. } => *kind,
    });
    let length = writer.open(begin);
    match property {
        QueueProperty::MinRate(rate) | QueueProperty::MaxRate(rate) => {
            writer.zeros(4);
            writer.u16(*rate);
            writer.zeros(6);
        }
        QueueProperty::Experimenter { experimenter, data } => {
            writer.zeros(4);
            writer.u32(*experimenter);
            writer.zeros(4);
            writer.slice(data);
        }
        QueueProperty::Opaque { data, .. } => writer.slice(data),
    }
    writer.close(length, "ofp_queue_prop_header")
}
