//! Actions that send a packet somewhere.

use super::*;
use crate::codec::oxm;
use crate::codec::scalar::{port_from_u16, port_to_u16};
use alloc::boxed::Box;
use ovs_core::PortNo;
use ovs_core::action::{Controller, PacketInReason, Sample, SampleDirection};
use ovs_core::meter::MeterId;

pub(super) fn take(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    match subtype {
        OUTPUT_REG => {
            let (start, n_bits) = split_bits(body.u16()?);
            let source = oxm::take_subfield32(body, start, n_bits)?;
            let max_len = body.u16()?;
            body.zeros_of(6, ErrorCode::OFPBAC_BAD_ARGUMENT)?;
            body.end()?;
            Ok(Action::OutputField { source, max_len })
        }
        OUTPUT_REG2 => {
            let (start, n_bits) = split_bits(body.u16()?);
            let max_len = body.u16()?;
            let source = oxm::take_subfield(body, start, n_bits)?;
            body.zeros(ErrorCode::NXBRC_MUST_BE_ZERO)?;
            Ok(Action::OutputField { source, max_len })
        }
        OUTPUT_TRUNC => {
            let at = body.clone();
            let (port, max_len) = (port_from_u16(body.u16()?), body.u32()?);
            body.end()?;
            if max_len < 14 {
                return Err(at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
            }
            Ok(Action::OutputTruncated { port, max_len })
        }
        CONTROLLER => {
            let (max_len, id) = (body.u16()?, body.u16()?);
            let reason = PacketInReason(body.u8()?);
            body.skip(1)?;
            body.end()?;
            Ok(Action::Controller(Box::new(Controller {
                max_len,
                id,
                reason,
                ..Controller::default()
            })))
        }
        CONTROLLER2 => controller2(body),
        DEC_TTL_CNT_IDS => {
            let count = body.u16()?;
            body.zeros_of(4, ErrorCode::NXBRC_MUST_BE_ZERO)?;
            // An empty list stands for the action without one, which is for controller 0.
            if count == 0 {
                return Err(body.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT));
            }
            let bytes = body.slice(usize::from(count) * 2)?;
            let id = |bytes: &[u8]| bytes.iter().fold(0, |id, byte| id << 8 | u16::from(*byte));
            Ok(Action::DecIpTtl { controllers: bytes.chunks_exact(2).map(id).collect() })
        }
        _ => sample(subtype, body),
    }
}

const MAX_LEN: u16 = 0;
const CONTROLLER_ID: u16 = 1;
const REASON: u16 = 2;
const USERDATA: u16 = 3;
const PAUSE: u16 = 4;
const METER_ID: u16 = 5;

fn controller2(body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    body.zeros_of(6, ErrorCode::NXBRC_MUST_BE_ZERO)?;
    let mut controller = Controller::default();
    while !body.is_empty() {
        let at = body.clone();
        let (kind, property) = body.property()?;
        let mut property = property.named("nx_action_controller2_prop", ErrorCode::OFPBPC_BAD_LEN);
        match kind {
            // Behind small numbers there may be padding that the length counts.
            MAX_LEN => controller.max_len = property.u16()?,
            CONTROLLER_ID => controller.id = property.u16()?,
            REASON => controller.reason = PacketInReason(property.u8()?),
            USERDATA => controller.userdata = property.rest_slice().into(),
            PAUSE => {
                property.rest_slice();
                controller.pause = true;
            }
            METER_ID => {
                controller.meter = Some(MeterId(property.u32()?)).filter(|id| id.0 != 0);
                property.end()?;
            }
            _ => return Err(at.refuse(ErrorCode::OFPBPC_BAD_TYPE)),
        }
    }
    Ok(Action::Controller(Box::new(controller)))
}

fn sample(subtype: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
    let at = body.clone();
    let bad_argument = || at.refuse(ErrorCode::OFPBAC_BAD_ARGUMENT);
    let probability = body.u16()?;
    let (collector_set, observation_domain, observation_point) =
        (body.u32()?, body.u32()?, body.u32()?);
    let (mut port, mut direction) = (None, SampleDirection::Unsaid);
    if subtype != SAMPLE {
        port = Some(port_from_u16(body.u16()?));
        let said = body.u8()?;
        if subtype == SAMPLE3 {
            direction = match said {
                0 => SampleDirection::Unsaid,
                1 => SampleDirection::Ingress,
                2 => SampleDirection::Egress,
                _ => return Err(bad_argument()),
            };
            body.zeros_of(5, ErrorCode::NXBRC_MUST_BE_ZERO)?;
            // Where there is a direction, there is always a place for the port.
            if direction != SampleDirection::Unsaid {
                port = port.filter(|port| *port != PortNo::ANY);
            }
        } else {
            body.skip(5)?;
        }
    }
    body.end()?;
    if probability == 0 {
        return Err(bad_argument());
    }
    Ok(Action::Sample(Box::new(Sample {
        probability,
        collector_set,
        observation_domain,
        observation_point,
        port,
        direction,
    })))
}

pub(super) fn put(writer: &mut Writer<'_>, action: &Action) -> Result<(), EncodeError> {
    match action {
        Action::OutputField { source, max_len } => put_output_field(writer, *source, *max_len),
        Action::OutputTruncated { port, max_len } => put_nicira(writer, OUTPUT_TRUNC, |writer| {
            writer.u16(port_to_u16(*port)?);
            writer.u32(*max_len);
            Ok(())
        }),
        Action::Controller(controller) => put_controller(writer, controller),
        Action::DecIpTtl { controllers } => put_nicira(writer, DEC_TTL_CNT_IDS, |writer| {
            writer.u16(count(controllers)?);
            writer.zeros(4);
            controllers.iter().for_each(|id| writer.u16(*id));
            Ok(())
        }),
        Action::Sample(sample) => put_sample(writer, sample),
        _ => Ok(()),
    }
}

fn count(controllers: &[u16]) -> Result<u16, EncodeError> {
    u16::try_from(controllers.len()).map_err(|_| EncodeError::TooLarge {
        what: "number of controllers",
        value: controllers.len() as u64,
        max: u16::MAX.into(),
    })
}

fn put_output_field(
    writer: &mut Writer<'_>,
    source: Subfield,
    max_len: u16,
) -> Result<(), EncodeError> {
    let header = source.field().header(Version::OF10.0);
    if header.is_some_and(|header| header.class.experimenter().is_some()) {
        return put_nicira(writer, OUTPUT_REG2, |writer| {
            writer.u16(joined_bits(source)?);
            writer.u16(max_len);
            oxm::put_header(writer, source.field(), false, Version::OF10)?;
            writer.zeros(2);
            Ok(())
        });
    }
    put_nicira(writer, OUTPUT_REG, |writer| {
        writer.u16(joined_bits(source)?);
        oxm::put_header32(writer, source.field(), Version::OF10)?;
        writer.u16(max_len);
        writer.zeros(6);
        Ok(())
    })
}

fn put_controller(writer: &mut Writer<'_>, controller: &Controller) -> Result<(), EncodeError> {
    let Controller { max_len, id, reason, userdata, pause, meter } = controller;
    if userdata.is_empty() && !pause && meter.is_none() {
        return put_nicira(writer, CONTROLLER, |writer| {
            writer.u16(*max_len);
            writer.u16(*id);
            writer.u8(reason.0);
            writer.zeros(1);
            Ok(())
        });
    }
    // Properties of 16 bits have 32, of which the first half counts.
    let padded = |number: u16| (u32::from(number) << 16).to_be_bytes();
    let put = |writer: &mut Writer<'_>, kind, value: &[u8]| {
        writer.property(kind, value, "nx_action_controller2_prop")
    };
    put_nicira(writer, CONTROLLER2, |writer| {
        writer.zeros(6);
        if *max_len != u16::MAX {
            put(writer, MAX_LEN, &padded(*max_len))?;
        }
        if *id != 0 {
            put(writer, CONTROLLER_ID, &padded(*id))?;
        }
        if *reason != PacketInReason::ACTION {
            put(writer, REASON, &[reason.0])?;
        }
        if !userdata.is_empty() {
            put(writer, USERDATA, userdata)?;
        }
        if *pause {
            put(writer, PAUSE, &[])?;
        }
        meter.map_or(Ok(()), |meter| put(writer, METER_ID, &meter.0.to_be_bytes()))
    })
}

fn put_sample(writer: &mut Writer<'_>, sample: &Sample) -> Result<(), EncodeError> {
    let subtype = match (sample.direction, sample.port) {
        (SampleDirection::Unsaid, None) => SAMPLE,
        (SampleDirection::Unsaid, Some(_)) => SAMPLE2,
        _ => SAMPLE3,
    };
    put_nicira(writer, subtype, |writer| {
        writer.u16(sample.probability);
        writer.u32(sample.collector_set);
        writer.u32(sample.observation_domain);
        writer.u32(sample.observation_point);
        if subtype != SAMPLE {
            writer.u16(port_to_u16(sample.port.unwrap_or(PortNo::ANY))?);
            writer.u8(match sample.direction {
                SampleDirection::Unsaid => 0,
                SampleDirection::Ingress => 1,
                SampleDirection::Egress => 2,
            });
            writer.zeros(5);
        }
        Ok(())
    })
}
