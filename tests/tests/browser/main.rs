//! The pages in a headless Chromium, where there is one: the DOM, the style, the script.
//!
//! With `WORKBEAT_SCREENSHOTS=docs/images` the pictures of the guides are made again.

mod chromium;
mod scene;
mod server;
mod status;
