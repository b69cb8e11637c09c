#![no_main]

use sapl_fuzz::targets::settings;

libfuzzer_sys::fuzz_target!(|data: &[u8]| settings(data));
