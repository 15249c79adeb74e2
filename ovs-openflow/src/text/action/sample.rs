//! `sample`.

use super::Read;
use crate::text::number;
use crate::text::piece::Piece;
use crate::text::syntax::Syntax;
use alloc::boxed::Box;
use core::fmt;
use ovs_core::PortNo;
use ovs_core::action::{Action, Sample, SampleDirection};

pub(super) fn read(syntax: Syntax<'_>, value: Piece<'_>) -> Read {
    let mut sample = Sample {
        probability: 0,
        collector_set: 0,
        observation_domain: 0,
        observation_point: 0,
        port: None,
        direction: SampleDirection::Unsaid,
    };
    for pair in value.pairs() {
        let text = pair.value;
        match pair.key.text {
            "probability" => match number::short(text)? {
                0 => return Err(text.refused("is no probability: of 65535 packets at least 1")),
                probability => sample.probability = probability,
            },
            "collector_set_id" => sample.collector_set = number::word(text)?,
            "obs_domain_id" => sample.observation_domain = number::word(text)?,
            "obs_point_id" => sample.observation_point = number::word(text)?,
            "sampling_port" => {
                let port = syntax.read_port(text)?;
                sample.port = (port != PortNo::ANY).then_some(port);
            }
            "ingress" => sample.direction = SampleDirection::Ingress,
            "egress" => sample.direction = SampleDirection::Egress,
            _ => return Err(pair.key.expected("an argument of `sample`")),
        }
    }
    match sample.probability {
        0 => Err(value.missing("`probability`")),
        _ => Ok(Action::Sample(Box::new(sample))),
    }
}

pub(super) fn show(f: &mut fmt::Formatter<'_>, syntax: Syntax<'_>, sample: &Sample) -> fmt::Result {
    let Sample { probability, collector_set, observation_domain, observation_point, .. } = sample;
    write!(
        f,
        "sample(probability={probability},collector_set_id={collector_set},\
         obs_domain_id={observation_domain},obs_point_id={observation_point}"
    )?;
    if let Some(port) = sample.port {
        write!(f, ",sampling_port={}", syntax.show_port(port))?;
    }
    f.write_str(match sample.direction {
        SampleDirection::Unsaid => ")",
        SampleDirection::Ingress => ",ingress)",
        SampleDirection::Egress => ",egress)",
    })
}
