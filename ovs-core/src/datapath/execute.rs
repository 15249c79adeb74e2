//! Ops done with a frame.

use crate::action::{Ct, Sample};
use crate::drops::DropReason;
use crate::edit::{Edit, Ipv4Fields, Ipv6Fields, Masked};
use crate::op::{Op, ToController};
use crate::pipeline::{Frozen, MeterState, Verdict};
use crate::{Egress, Frame, PortNo};
use alloc::sync::Arc;

/// What the execution of ops needs of its surroundings.
pub(crate) trait Surroundings {
    /// A frame is to leave by a port of the datapath; `false`: there is no such port.
    fn sends(&mut self, port: PortNo, frame: &Frame) -> bool;
    /// A copy for controllers.
    fn to_controller(&mut self, packet: &ToController, frame: &Frame);
    /// A copy for a collector.
    fn sample(&mut self, sample: &Sample, frame: &Frame);
    /// Through the connection tracker; `false`: it kept the packet.
    fn track(&mut self, ct: &Ct, frame: &mut Frame) -> bool;
    /// What the tracker said is forgotten.
    fn forget_connection(&mut self);
    /// Looks at the frame again.
    fn recirculate<E: Egress + ?Sized>(
        &mut self,
        frozen: &Arc<Frozen>,
        frame: Frame,
        egress: &mut E,
    );
    /// Through a meter.
    fn meter(&mut self, meter: &MeterState, frame: &Frame) -> Verdict;
    /// A frame is dropped.
    fn dropped(&mut self, reason: DropReason);
}

/// Does to a frame what its flow says. `reason` is why nothing leaves if there is nothing to do.
#[inline]
pub(crate) fn execute<S: Surroundings, E: Egress + ?Sized>(
    ops: &[Op],
    reason: DropReason,
    frame: Frame,
    surroundings: &mut S,
    egress: &mut E,
) {
    match ops {
        [] => {
            surroundings.dropped(reason);
            egress.recycle(frame);
        }
        [Op::Output(port)] => output(*port, frame, surroundings, egress),
        _ => run(ops, frame, surroundings, egress),
    }
}

fn run<S: Surroundings, E: Egress + ?Sized>(
    ops: &[Op],
    mut frame: Frame,
    surroundings: &mut S,
    egress: &mut E,
) {
    let mut rest = ops;
    while let Some((op, behind)) = rest.split_first() {
        rest = behind;
        match op {
            Op::Edit(edit) => edit.apply(&mut frame),
            Op::Output(port) if rest.is_empty() => {
                return output(*port, frame, surroundings, egress);
            }
            Op::Output(port) => {
                let copy = egress.copy(&frame);
                output(*port, copy, surroundings, egress);
            }
            Op::Clone(ops) => {
                let copy = egress.copy(&frame);
                run(ops, copy, surroundings, egress);
            }
            Op::Recirculate(frozen) => {
                return surroundings.recirculate(frozen, frame, egress);
            }
            Op::CheckLength { longer_than, yes, no } => {
                let longer = frame.len() > usize::from(*longer_than);
                return run(if longer { yes } else { no }, frame, surroundings, egress);
            }
            Op::Meter(_, meter) => {
                if !passes(meter, &mut frame, surroundings) {
                    surroundings.dropped(DropReason::Metered);
                    break;
                }
            }
            Op::Ct(ct) => {
                if !surroundings.track(ct, &mut frame) {
                    surroundings.dropped(DropReason::Untracked);
                    break;
                }
            }
            Op::CtClear => surroundings.forget_connection(),
            Op::Controller(packet) => surroundings.to_controller(packet, &frame),
            Op::Sample(sample) => surroundings.sample(sample, &frame),
            // For devices that have queues or tell marks apart; none does yet.
            Op::SetPriority(_) | Op::SetMark(_) => {}
        }
    }
    egress.recycle(frame);
}

/// Lets the packet through a meter, which may raise its drop precedence.
fn passes<S: Surroundings>(meter: &MeterState, frame: &mut Frame, surroundings: &mut S) -> bool {
    match surroundings.meter(meter, frame) {
        Verdict::Pass => true,
        Verdict::Drop => false,
        Verdict::Remark { precedence_level } => {
            remark(frame, precedence_level);
            true
        }
    }
}

/// Raises the drop precedence in the DSCP of an IP packet (RFC 2597 §6).
fn remark(frame: &mut Frame, precedence_level: u8) {
    let key = crate::FlowKey::of(0, frame.as_slice());
    let tos = crate::meter::remark(key.ip_tos, precedence_level);
    let mask = 0xfc;
    if tos == key.ip_tos {
        return;
    }
    let edit = if key.eth_type.get() == 0x0800 {
        let fields = |tos| Ipv4Fields { tos, ..Ipv4Fields::default() };
        Edit::Ipv4(Masked { value: fields(tos & mask), mask: fields(mask) })
    } else {
        let fields = |tos| Ipv6Fields { tos, ..Ipv6Fields::default() };
        Edit::Ipv6(Masked { value: fields(tos & mask), mask: fields(mask) })
    };
    edit.apply(frame);
}

#[inline]
fn output<S: Surroundings, E: Egress + ?Sized>(
    port: PortNo,
    frame: Frame,
    surroundings: &mut S,
    egress: &mut E,
) {
    if surroundings.sends(port, &frame) {
        egress.send(port, frame);
    } else {
        // Removed since the batch began.
        surroundings.dropped(DropReason::NoSuchOutput);
        egress.recycle(frame);
    }
}
