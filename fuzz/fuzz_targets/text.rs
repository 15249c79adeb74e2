//! Arbitrary text as a flow, a group and a meter: what can be read can be written, and is then
//! read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ovs_openflow::text;

fuzz_target!(|line: &str| {
    if let Ok(flow) = text::parse_flow_mod(line) {
        let shown = text::show_flow_mod(&flow).to_string();
        if let Err(error) = text::parse_flow_mod(&shown) {
            panic!("{line}\n{shown}\n{error}");
        }
    }
    if let Ok(group) = text::parse_group(line) {
        let _ = text::show_group(&group).to_string();
    }
    if let Ok(meter) = text::parse_meter(line) {
        let _ = text::show_meter(&meter).to_string();
    }
    if let Err(error) = text::parse_actions(line) {
        let _ = (error.to_string(), error.within(line).to_string());
    }
});
