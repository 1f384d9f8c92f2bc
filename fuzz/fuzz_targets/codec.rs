#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| workbeat_fuzz::codec(data));
