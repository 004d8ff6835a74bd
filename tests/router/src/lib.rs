//! A strict RouterOS simulator.
