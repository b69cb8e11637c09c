#![no_main]

use sapl_fuzz::jsonrpc::jsonrpc;

libfuzzer_sys::fuzz_target!(|data: &[u8]| jsonrpc(data));
