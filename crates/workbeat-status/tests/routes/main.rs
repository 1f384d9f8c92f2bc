//! The routes, asked without a socket.

mod actions;
mod events;
mod health;
mod kit;
mod mounted;
mod services;
mod shown;
