#![no_main]

use sapl_fuzz::targets::format;

libfuzzer_sys::fuzz_target!(|data: &[u8]| format(data));
